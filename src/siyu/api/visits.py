"""Visits: each customer's walk through a journey, where it stands and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.paging import After, Code, Customer, Limit, following, start, whose
from siyu.api.words import Words
from siyu.app import App
from siyu.journeys import views
from siyu.journeys.actions import unpark
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence

router = APIRouter(tags=["journeys"])
PREFIX = "vis"


@dataclass(frozen=True)
class Visit:
    """`key` is what it is about (SHOP/ORDER); `step` where it stands; `error` why it is parked."""

    id: str
    journey: str
    version: int
    customer: str
    key: str
    step: str
    state: str
    since: datetime
    entered_at: datetime
    ended_at: datetime | None
    due_at: datetime | None
    outcome: str
    held_out: bool
    error: str | None


@dataclass(frozen=True)
class Visits:
    visits: list[Visit]
    next: str


@dataclass(frozen=True)
class Retry:
    """Which parked visits: these, or null: all; `journey`: only of this one."""

    visits: Annotated[list[Words], Field(max_length=1000)] | None = None
    journey: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Retried:
    retried: int


@router.post("/visits/retry", **needs("journeys.publish"))
def retry(app: TheApp, caller: TheCaller, which: Annotated[Retry, Body()]) -> Retried:
    """Take parked visits up again, after the cause is gone. Audited."""
    ids = None if which.visits is None else [_number(app, one) for one in which.visits]
    with app.db.transaction() as conn:
        by, now = caller.actor(which.by), app.clock.now()
        count = unpark(conn, by, now, visit_ids=ids, journey=which.journey)
    app.wake()
    return Retried(count)


def _number(app: App, visit: str) -> int:
    found = app.ids.decode(PREFIX, visit)
    if found is None:
        raise NotFound(
            Sentence(
                "This is no visit of ours; a visit looks like vis_…",
                "这不是我们的旅程记录；编号像 vis_…",
            )
        )
    return found


@router.get("/visits", **needs("journeys.read"))
def visits(
    app: TheApp,
    customer: Customer = "",
    journey: Code = "",
    state: Literal["under_way", "ended", "parked"] | None = None,
    after: After = "",
    limit: Limit = 200,
) -> Visits:
    """Every visit in the order of entering: where it stands, since when, how it ended."""
    with app.db.transaction() as conn:
        rows, end = views.page(
            conn,
            start(app, after, PREFIX),
            limit,
            customer=whose(app, conn, customer),
            journey=journey,
            state=state or "",
        )
    found = [
        Visit(
            id=app.ids.encode(PREFIX, row.visit_id),
            journey=row.journey,
            version=row.version,
            customer=app.ids.encode("cus", row.customer_id),
            key=row.key,
            step=row.node,
            state=row.state,
            since=row.since,
            entered_at=row.entered_at,
            ended_at=row.ended_at,
            due_at=row.due_at,
            outcome=row.outcome,
            held_out=row.held_out,
            error=row.error,
        )
        for row in rows
    ]
    return Visits(found, following(app, end, PREFIX))
