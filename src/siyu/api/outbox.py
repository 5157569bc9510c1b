"""Touches: every one with its state and reason; and the stop button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.paging import After, Code, Customer, Limit, Since, following, start, whose
from siyu.api.words import Words
from siyu.app import App
from siyu.outbox import actions, views
from siyu.outbox.views import Touch as Row

router = APIRouter(tags=["touches"])
State = Literal[
    "wished", "owed", "leased", "sent", "awaiting_staff", "delivered", "read", "replied",
    "failed", "unknown", "withheld", "withdrawn",
]  # fmt: skip


@dataclass(frozen=True)
class Touch:
    """A touch, sent or not. `reason` says why it was withheld or withdrawn."""

    id: str
    customer: str
    journey: str
    step: str
    channel: str
    purpose: str
    shop: str
    order_no: str
    state: str
    reason: str
    wished_at: datetime
    due_at: datetime
    valid_until: datetime | None
    sent_at: datetime | None
    finished_at: datetime | None
    outcome: str
    intent: str
    seconds: int


@dataclass(frozen=True)
class Touches:
    touches: list[Touch]
    next: str


@dataclass(frozen=True)
class By:
    """Who stops or resumes."""

    scope: Words = "all"
    by: Words = ""


@dataclass(frozen=True)
class Stopped:
    scope: str
    since: datetime
    by: str


@dataclass(frozen=True)
class Stops:
    stopped: list[Stopped]


@router.get("/touches", **needs("touches.read"))
def touches(
    app: TheApp,
    customer: Customer = "",
    journey: Code = "",
    state: State | None = None,
    since: Since = None,
    after: After = "",
    limit: Limit = 200,
) -> Touches:
    """Every touch in the order of wishing, sent or not, with the reason; `since`: wished then."""
    with app.db.transaction() as conn:
        rows, end = views.page(
            conn,
            start(app, after, "tch"),
            limit,
            customer=whose(app, conn, customer),
            journey=journey,
            state=state or "",
            since=since,
        )
    return Touches([_shown(app, row) for row in rows], following(app, end, "tch"))


def _shown(app: App, row: Row) -> Touch:
    return Touch(
        id=app.ids.encode("tch", row.id),
        customer=app.ids.encode("cus", row.customer_id),
        journey=row.journey,
        step=row.step,
        channel=row.channel,
        purpose=row.purpose,
        shop=row.shop,
        order_no=row.order_no,
        state=row.state,
        reason=row.reason,
        wished_at=row.wished_at,
        due_at=row.due_at,
        valid_until=row.valid_until,
        sent_at=row.sent_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        intent=row.intent,
        seconds=row.seconds,
    )


@router.get("/stops", **needs("touches.read"))
def stopped(app: TheApp) -> Stops:
    """What is paused, since when and by whom."""
    with app.db.transaction() as conn:
        return Stops([Stopped(**one._asdict()) for one in views.stops(conn)])


@router.post("/pause", **needs("touches.stop"))
def pause(app: TheApp, caller: TheCaller, who: Annotated[By, Body()]) -> Stops:
    """Nothing more goes out. What is owed stays owed, and is ruled again after `resume`.

    Calls and tasks that are with a provider or a person are asked back; again asks again.
    """
    with app.db.transaction() as conn:
        actions.pause(conn, who.scope, caller.actor(who.by), app.clock.now())
        actions.recall(conn, who.scope, app.clock.now())
    app.wake()
    return stopped(app)


@router.post("/resume", **needs("touches.stop"))
def resume(app: TheApp, caller: TheCaller, who: Annotated[By, Body()]) -> Stops:
    """Go on. What is no longer true or no longer in its hours is not sent."""
    with app.db.transaction() as conn:
        actions.resume(conn, who.scope, caller.actor(who.by), app.clock.now())
    app.wake()
    return stopped(app)
