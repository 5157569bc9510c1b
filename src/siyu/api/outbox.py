"""Touches: every one with its state and reason; and the stop button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.paging import After, Code, Customer, Limit, Since, following, start, whose
from siyu.api.words import Words
from siyu.app import App
from siyu.kernel.sentence import unkept
from siyu.kernel.sql import Conn
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


@dataclass(frozen=True)
class Held:
    """A channel's part. `waiting`: wished for or owed; `untrue` ones among them are past what they
    promise and are not sent. `back`: with a provider or a person, and asked back by a pause.
    `in_hand`: just being handed over, or in doubt."""

    channel: str
    waiting: int
    untrue: int
    back: int
    in_hand: int


@dataclass(frozen=True)
class Preview:
    """What a pause of this scope holds, or would hold; `more`: only a part of it was counted."""

    scope: str
    channels: list[Held]
    more: bool


@dataclass(frozen=True)
class Changed:
    """What was done. `was`: it was paused before. `asked_back`: calls and tasks under way."""

    scope: str
    was: bool
    asked_back: int
    waiting: int
    untrue: int
    in_hand: int
    more: bool
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
        reason=unkept(row.reason)[:],  # a code, or words of ours in English
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


@router.get("/stops/preview", **needs("touches.read"))
def preview(
    app: TheApp,
    scope: Annotated[
        str,
        Query(
            max_length=200, pattern=r"^[^\x00]*$", description="all, channel:NAME, journey:CODE."
        ),
    ] = "all",
) -> Preview:
    """What a pause would hold and ask back; while paused: what `resume` lets go, what is past."""
    with app.db.transaction() as conn:
        actions.known(conn, scope)
        found = views.held(conn, scope, app.clock.now())
    return Preview(scope, [Held(**one._asdict()) for one in found], _more(found))


@router.post("/pause", **needs("touches.stop"))
def pause(app: TheApp, caller: TheCaller, who: Annotated[By, Body()]) -> Changed:
    """Nothing more goes out. What is owed stays owed, and is ruled again after `resume`.

    Calls and tasks that are with a provider or a person are asked back; again asks again.
    """
    with app.db.transaction() as conn:
        now = app.clock.now()
        fresh = actions.pause(conn, who.scope, caller.actor(who.by), now)
        back = actions.recall(conn, who.scope, now)
        done = _changed(conn, who.scope, not fresh, back, now)
    app.wake()
    return done


@router.post("/resume", **needs("touches.stop"))
def resume(app: TheApp, caller: TheCaller, who: Annotated[By, Body()]) -> Changed:
    """Go on. What is no longer true or no longer in its hours is not sent."""
    with app.db.transaction() as conn:
        now = app.clock.now()
        was = actions.resume(conn, who.scope, caller.actor(who.by), now)
        done = _changed(conn, who.scope, was, 0, now)
    app.wake()
    return done


def _changed(conn: Conn, scope: str, was: bool, back: int, now: datetime) -> Changed:
    found = views.held(conn, scope, now)
    return Changed(
        scope,
        was,
        back,
        sum(one.waiting for one in found),
        sum(one.untrue for one in found),
        sum(one.in_hand for one in found),
        _more(found),
        [Stopped(**one._asdict()) for one in views.stops(conn)],
    )


def _more(found: Sequence[views.Held]) -> bool:
    parts = ([one.waiting for one in found], [one.back for one in found])
    return any(sum(part) >= views.MOST_SHOWN for part in (*parts, [one.in_hand for one in found]))
