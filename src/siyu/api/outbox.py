"""Touches: every one with its state and reason; and the stop button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query

from siyu.api.auth import TheApp, needs
from siyu.api.words import Words
from siyu.app import App
from siyu.kernel.errors import BadInput
from siyu.outbox import actions, views
from siyu.outbox.views import Touch as Row

router = APIRouter(tags=["touches"])


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

    by: Words
    scope: Words = "all"


@dataclass(frozen=True)
class Stopped:
    scope: str
    since: datetime
    by: str


@dataclass(frozen=True)
class Stops:
    stopped: list[Stopped]


@router.get("/touches", **needs("touches.read"))
def page(
    app: TheApp,
    after: Annotated[str, Query(max_length=30)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Touches:
    """Every touch in the order of wishing, sent or not; pull again with `after=next`."""
    start = app.ids.decode("tch", after) if after else 0
    if start is None:
        raise BadInput("`after` is no cursor of ours; use the `next` of the page before")
    with app.db.transaction() as conn:
        rows = views.page(conn, start, limit)
    found = [_shown(app, row) for row in rows]
    return Touches(found, found[-1].id if found else after)


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
def pause(app: TheApp, who: Annotated[By, Body()]) -> Stops:
    """Nothing more goes out. What is owed stays owed, and is ruled again after `resume`."""
    with app.db.transaction() as conn:
        actions.pause(conn, who.scope, who.by, app.clock.now())
    return stopped(app)


@router.post("/resume", **needs("touches.stop"))
def resume(app: TheApp, who: Annotated[By, Body()]) -> Stops:
    """Go on. What is no longer true or no longer in its hours is not sent."""
    with app.db.transaction() as conn:
        actions.resume(conn, who.scope)
    app.wake()
    return stopped(app)
