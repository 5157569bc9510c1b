"""Orders: found, listed newest first, and one with all that hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from siyu.analytics.views import orders
from siyu.api import parcels
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.credit import CreditedTo, of_orders
from siyu.api.paging import After, Code, Customer, Limit, Since, Until, following, start, whose
from siyu.app import App
from siyu.commerce.model import OrderState
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence

router = APIRouter(prefix="/orders", tags=["orders"])
PREFIX = "ord"
Number = Annotated[
    str,
    Query(
        max_length=120,
        pattern=r"^[^\x00]*$",
        description="An order's number, exactly; only `shop` filters it further.",
    ),
]
VisitState = Literal["under_way", "ended", "parked"]
VISIT_STATES: tuple[VisitState, ...] = ("under_way", "ended", "parked")


@dataclass(frozen=True)
class PromisedFor:
    """Something promised for the order; `title` in both languages."""

    id: str
    offer: str
    title: Mapping[str, str]
    state: str
    given_sku: str | None
    reason: str
    promised_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Order:
    """An order with its parcels and promises; `buyer` is masked. No customer: a guest's."""

    id: str
    shop: str
    order_no: str
    customer: str
    buyer: str
    state: OrderState
    paid_at: datetime
    total_minor: int
    refunded_minor: int
    currency: str
    parcels: list[parcels.ParcelRow]
    promises: list[PromisedFor]


@dataclass(frozen=True)
class Orders:
    orders: list[Order]
    next: str


@dataclass(frozen=True)
class OrderItem:
    line: int
    sku: str
    title: str
    category: str
    quantity: int
    unit_minor: int
    amount_minor: int


@dataclass(frozen=True)
class OrderRefund:
    """`whole`: the order was cancelled. `named`: the refund names the order, else it was matched
    to it."""

    refund_no: str
    line: int
    whole: bool
    sku: str
    quantity: int
    amount_minor: int
    currency: str
    refunded_at: datetime
    named: bool


@dataclass(frozen=True)
class OrderVisit:
    """A visit that the order began or joined."""

    id: str
    journey: str
    version: int
    node: str
    state: VisitState
    due_at: datetime | None
    entered_at: datetime
    ended_at: datetime | None
    outcome: str
    held_out: bool


@dataclass(frozen=True)
class OrderTouch:
    """A touch about the order, sent or not, in short."""

    id: str
    journey: str
    step: str
    channel: str
    state: str
    reason: str
    wished_at: datetime
    sent_at: datetime | None
    outcome: str


@dataclass(frozen=True)
class OrderWhole:
    """`credited`: to whom of us, by the rule that holds now; empty: to nobody."""

    order: Order
    items: list[OrderItem]
    refunds: list[OrderRefund]
    visits: list[OrderVisit]
    touches: list[OrderTouch]
    credited: list[CreditedTo]


@dataclass(frozen=True)
class Filters:
    """What a list of orders is narrowed to."""

    order_no: Number = ""
    shop: Code = ""
    state: OrderState | None = None
    customer: Customer = ""
    since: Since = None
    until: Until = None


@router.get("", **needs("customers.read", scoped=True))
def listed(
    app: TheApp,
    caller: TheCaller,
    only: Annotated[Filters, Depends()],
    after: After = "",
    limit: Limit = 50,
) -> Orders:
    """Orders, the latest first; of the customers whom the caller may see."""
    begun, scope = start(app, after, PREFIX), caller.scope
    with app.db.transaction() as conn:
        if only.order_no:
            named = orders.named(conn, app.keys, scope, only.order_no.strip(), only.shop)
            return Orders([shown(app, one) for one in named], after)
        whom = whose(app, conn, only.customer)
        wanted = orders.Wanted(only.shop, only.state, only.since, only.until, whom)
        found, end = orders.page(conn, app.keys, scope, wanted, begun, limit)
    return Orders([shown(app, one) for one in found], following(app, end, PREFIX))


@router.get("/{order}", **needs("customers.read", scoped=True))
def one(app: TheApp, caller: TheCaller, order: str) -> OrderWhole:
    """What was bought and given back, its parcels and promises, and what was said about it."""
    number = app.ids.decode(PREFIX, order)
    with app.db.transaction() as conn:
        found = number and orders.one(conn, app.keys, caller.scope, number)
        credited = of_orders(app, conn, [number])[number] if number and found else []
    if not found:
        raise NotFound(
            Sentence(
                "There is no such order; an order looks like ord_…",
                "没有这个订单；订单的编号像 ord_…",
            )
        )
    return OrderWhole(
        shown(app, found.order),
        [OrderItem(*item) for item in found.items],
        [OrderRefund(*refund) for refund in found.refunds],
        [
            OrderVisit(
                app.ids.encode("vis", visit.id),
                *visit[1:4],
                VISIT_STATES[visit.state],
                *visit[5:],
            )
            for visit in found.visits
        ],
        [OrderTouch(app.ids.encode("tch", touch.id), *touch[1:]) for touch in found.touches],
        credited,
    )


def shown(app: App, one: orders.Order) -> Order:
    """An order as it is shown: public ids, the buyer masked."""
    return Order(
        id=app.ids.encode(PREFIX, one.id),
        shop=one.shop,
        order_no=one.order_no,
        customer="" if one.customer_id is None else app.ids.encode("cus", one.customer_id),
        buyer=one.buyer,
        state=one.state,
        paid_at=one.paid_at,
        total_minor=one.total_minor,
        refunded_minor=one.refunded_minor,
        currency=one.currency,
        parcels=[parcels.shown(app, parcel) for parcel in one.parcels],
        promises=[PromisedFor(app.ids.encode("prm", made.id), *made[1:]) for made in one.promises],
    )
