"""Promises: what customers were promised, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter

from siyu.api.auth import TheApp, needs
from siyu.api.paging import After, Customer, Limit, following, start, whose
from siyu.offers import views
from siyu.offers.model import State

router = APIRouter(tags=["offers"])
PREFIX = "prm"


@dataclass(frozen=True)
class Promise:
    """`given_sku` is the gift, or its substitute, that was set aside or sent."""

    id: str
    offer: str
    customer: str
    shop: str
    order_no: str
    state: str
    given_sku: str | None
    reason: str
    promised_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Promises:
    promises: list[Promise]
    next: str


@router.get("/promises", **needs("customers.read"))
def promises(
    app: TheApp,
    customer: Customer = "",
    state: State | None = None,
    after: After = "",
    limit: Limit = 200,
) -> Promises:
    """Every promise in the order of promising, with what was given and why not."""
    with app.db.transaction() as conn:
        rows, end = views.page(
            conn,
            start(app, after, PREFIX),
            limit,
            customer=whose(app, conn, customer),
            state=state or "",
        )
    found = [
        Promise(
            id=app.ids.encode(PREFIX, row.id),
            offer=row.offer,
            customer=app.ids.encode("cus", row.customer_id),
            shop=row.shop,
            order_no=row.order_no,
            state=row.state,
            given_sku=row.given_sku,
            reason=row.reason,
            promised_at=row.promised_at,
            expires_at=row.expires_at,
        )
        for row in rows
    ]
    return Promises(found, following(app, end, PREFIX))
