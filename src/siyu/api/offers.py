"""Promises: what customers were promised, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from siyu.analytics.views.masked import names
from siyu.analytics.views.promises import owed as promises_owed
from siyu.api.auth import TheApp, needs
from siyu.api.paging import After, Code, Customer, Limit, Until, following, start, whose
from siyu.offers import views
from siyu.offers.model import State

router = APIRouter(tags=["offers"])
PREFIX = "prm"


@dataclass(frozen=True)
class Promise:
    """`given_sku` is the gift, or its substitute, that was set aside or sent. `part`: the store or
    the prize of what was reserved; `amount_minor`: what is in a red packet. `buyer` is masked."""

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
    kind: str
    part: str
    amount_minor: int | None
    buyer: str


@dataclass(frozen=True)
class Promises:
    promises: list[Promise]
    next: str


@dataclass(frozen=True)
class OwedPromise:
    """What a customer is owed and no parcel carries yet; `buyer` is masked, `title` in both
    languages, `reason` why its own parcel went without."""

    id: str
    offer: str
    title: Mapping[str, str]
    customer: str
    buyer: str
    shop: str
    order_no: str
    reason: str
    promised_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Owed:
    promises: list[OwedPromise]
    next: str


@router.get("/promises/owed", **needs("customers.read"))
def owed(
    app: TheApp,
    until: Until = None,
    open: Annotated[  # noqa: A002 - the word of the URL
        bool, Query(description="Also those whose own parcel may still come.")
    ] = False,
    after: After = "",
    limit: Limit = 50,
) -> Owed:
    """Promises at risk: owed, with no parcel to travel in; the first to lapse first. `until`: only
    those that lapse before."""
    begun = start(app, after, PREFIX)
    with app.db.transaction() as conn:
        rows = promises_owed(conn, app.keys, until, begun, limit, all_open=open)
    found = [
        OwedPromise(
            app.ids.encode(PREFIX, one.id),
            one.offer,
            one.title,
            app.ids.encode("cus", one.customer_id),
            one.buyer,
            *one[5:],
        )
        for one in rows
    ]
    return Owed(found, following(app, rows[-1].id if rows else begun, PREFIX))


@router.get("/promises", **needs("customers.read"))
def promises(
    app: TheApp,
    customer: Customer = "",
    state: State | None = None,
    offer: Annotated[Code, Query(description="Only of this offer; empty: of all.")] = "",
    after: After = "",
    limit: Limit = 200,
) -> Promises:
    """Every promise and reservation, in their order, with what was given and why not."""
    with app.db.transaction() as conn:
        rows, end = views.page(
            conn,
            start(app, after, PREFIX),
            limit,
            customer=whose(app, conn, customer),
            state=state or "",
            offer=offer,
        )
        called = names(conn, app.keys, (row.customer_id for row in rows))
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
            kind=row.kind,
            part=row.part,
            amount_minor=row.amount_minor,
            buyer=called.get(row.customer_id, ""),
        )
        for row in rows
    ]
    return Promises(found, following(app, end, PREFIX))
