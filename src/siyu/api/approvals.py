"""What waits for a second person, what became of it, and above which size it has to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.words import Amount, Number, Words
from siyu.journeys import views
from siyu.staff import actions as staff
from siyu.staff import views as people

router = APIRouter(prefix="/approvals", tags=["journeys"])


@dataclass(frozen=True)
class Waiting:
    """A version above the limits: whom it reaches in thirty days, and what that costs."""

    code: str
    version: int
    pilot: int | None
    people: int
    cost_minor: int
    currency: str
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True)
class Decision:
    """What became of one that waited; a stop refuses it with the reason `stopped`."""

    code: str
    version: int
    pilot: int | None
    people: int
    asked_by: str
    asked_at: datetime
    state: Literal["approved", "refused"]
    decided_by: str
    decided_at: datetime
    reason: str


@dataclass(frozen=True)
class Approvals:
    """`decided` are the latest, the last one first."""

    above_people: int | None
    above_minor: int | None
    waiting: list[Waiting]
    decided: list[Decision]


@dataclass(frozen=True)
class Limits:
    """null: no limit."""

    above_people: Number | None = None
    above_minor: Amount | None = None
    by: Words = ""


@router.get("", **needs("journeys.read"))
def waiting(app: TheApp) -> Approvals:
    """What waits for a second person, what became of the latest, and above which size it has to."""
    with app.db.transaction() as conn:
        limits = people.approval(conn)
        rows = [Waiting(**one._asdict()) for one in views.waiting(conn)]
        decided = [Decision(**one._asdict()) for one in views.decided(conn)]
    return Approvals(limits.above_people, limits.above_minor, rows, decided)


@router.put("/limits", **needs("journeys.approve"))
def limited(app: TheApp, caller: TheCaller, limits: Annotated[Limits, Body()]) -> Approvals:
    """Above how many people, or which amount in minor units, a second person has to approve."""
    with app.db.transaction() as conn:
        by, now = caller.actor(limits.by), app.clock.now()
        staff.set_approval(conn, limits.above_people, limits.above_minor, by, now)
    return waiting(app)
