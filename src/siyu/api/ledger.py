"""The ledger: what was spent, one entry per cause, in whole minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter

from siyu.api.auth import TheApp, needs
from siyu.api.paging import After, Code, Customer, Limit, following, start, whose
from siyu.ledger import views

router = APIRouter(tags=["ledger"])


@dataclass(frozen=True)
class Entry:
    """`amount_minor` in minor units of `currency`; reversed: it never happened, and is 0."""

    customer: str
    cause: str
    kind: str
    journey: str
    step: str
    shop: str
    variant: str
    quantity: int
    unit_minor: int
    amount_minor: int
    currency: str
    occurred_at: datetime
    reversed_at: datetime | None


@dataclass(frozen=True)
class Entries:
    entries: list[Entry]
    next: str


@router.get("/ledger/entries", **needs("ledger.read"))
def entries(
    app: TheApp,
    customer: Customer = "",
    kind: Code = "",
    journey: Code = "",
    after: After = "",
    limit: Limit = 200,
) -> Entries:
    """Every cost in the order of posting: `kind` sms_segment, call_minute, gift, card, …"""
    with app.db.transaction() as conn:
        rows, end = views.page(
            conn,
            start(app, after),
            limit,
            customer=whose(app, conn, customer),
            kind=kind,
            journey=journey,
        )
    found = [
        Entry(
            customer="" if row.customer_id is None else app.ids.encode("cus", row.customer_id),
            cause=row.cause,
            kind=row.kind,
            journey=row.journey,
            step=row.step,
            shop=row.shop,
            variant=row.variant,
            quantity=row.quantity,
            unit_minor=row.unit_minor,
            amount_minor=row.amount_minor,
            currency=row.currency,
            occurred_at=row.occurred_at,
            reversed_at=row.reversed_at,
        )
        for row in rows
    ]
    return Entries(found, following(app, end))
