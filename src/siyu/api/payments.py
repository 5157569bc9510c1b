"""What customers are asked to pay in chats, credited to who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.customers import mine
from siyu.api.paging import Limit
from siyu.api.words import Amount, Who, Words
from siyu.app import App
from siyu.commerce import views
from siyu.commerce.actions import payments as actions
from siyu.commerce.actions.payments import PREFIX
from siyu.commerce.model.payments import NewRequest, Request, RequestState
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.staff.model import Scope

router = APIRouter(prefix="/payments", tags=["tasks"])


@dataclass(frozen=True)
class NewPayment:
    """What a customer is asked to pay; `about`: what for, in at most 60 letters that name nobody.
    With `shop` and `order_no` it pays that order. `staff`: who asks, with the API key."""

    customer: Words
    amount_minor: Amount
    about: Words
    shop: Words = ""
    order_no: Words = ""
    staff: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class PaymentRequest:
    """Put `description` into the carrier's form: its record then names the request, and what is
    paid is credited to `staff`. `paid_minor` less `refunded_minor` is what is left of it."""

    request: str
    state: RequestState
    customer: str
    staff: str
    amount_minor: int
    currency: str
    about: str
    description: str
    shop: str
    order_no: str
    asked_at: datetime
    until: datetime
    paid_minor: int
    refunded_minor: int
    paid_at: datetime | None


@dataclass(frozen=True)
class PaymentRequests:
    requests: list[PaymentRequest]


@router.post("/requests", **needs("tasks.work", scoped=True))
def ask(app: TheApp, caller: TheCaller, new: Annotated[NewPayment, Body()]) -> PaymentRequest:
    """Ask a customer to pay in the chat. It stands for a week; audited."""
    with app.db.transaction() as conn:
        by, now = caller.actor(new.by), app.clock.now()
        wish = NewRequest(
            mine(app, conn, caller, new.customer), new.staff or by, new.amount_minor,
            app.brand.currency, new.about, new.shop, new.order_no,
        )  # fmt: skip
        made = actions.request(conn, app.ids, wish, by, now)
        return listed(app, conn, Scope(), number=made).requests[0]


@router.get("/requests", **needs("tasks.read", scoped=True))
def requests(
    app: TheApp,
    caller: TheCaller,
    staff: Annotated[Words, Query(max_length=120, description="Only hers; empty: all.")] = "",
    limit: Limit = 200,
) -> PaymentRequests:
    """What was asked for, the newest first, and what came of it."""
    with app.db.transaction() as conn:
        return listed(app, conn, caller.scope, staff=staff, limit=limit)


@router.post("/requests/{request}/withdraw", **needs("tasks.work", scoped=True))
def withdraw(
    app: TheApp, caller: TheCaller, request: Words, who: Annotated[Who, Body()]
) -> PaymentRequest:
    """Not asked for any more; refused once it is paid. Audited."""
    with app.db.transaction() as conn:
        number = app.ids.decode(PREFIX, request)
        if number is None or not views.requests(conn, caller.scope, number=number):
            raise NotFound(Sentence(f"There is no request {request}.", f"没有收款单 {request}。"))
        actions.withdraw(conn, number, request, caller.actor(who.by), app.clock.now())
        return listed(app, conn, Scope(), number=number).requests[0]


def listed(
    app: App,
    conn: Conn,
    scope: Scope,
    *,
    number: int | None = None,
    staff: str = "",
    limit: int = 200,
) -> PaymentRequests:
    """The same for the command."""
    found = views.requests(conn, scope, number=number, staff=staff, limit=limit)
    return PaymentRequests([_shown(app, one) for one in found])


def _shown(app: App, one: Request) -> PaymentRequest:
    return PaymentRequest(
        request=one.request,
        state=one.state(app.clock.now()),
        customer=app.ids.encode("cus", one.customer_id),
        staff=one.staff,
        amount_minor=one.amount_minor,
        currency=one.currency,
        about=one.about,
        description=f"{one.about} {one.request}",
        shop=one.shop,
        order_no=one.order_no,
        asked_at=one.asked_at,
        until=one.until,
        paid_minor=one.paid_minor,
        refunded_minor=one.refunded_minor,
        paid_at=one.paid_at,
    )
