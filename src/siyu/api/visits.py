"""Visits: each customer's walk through a journey, where it stands and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import APIRouter

from siyu.api.auth import TheApp, needs
from siyu.api.paging import After, Code, Customer, Limit, following, start, whose
from siyu.journeys import views

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
