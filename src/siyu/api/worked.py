"""What carriers count of our staff: chats, answers, new friends, group chats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.app import App
from siyu.kernel.time import zone
from siyu.staff.model import Scope

router = APIRouter(tags=["staff"])
MOST_DAYS = 366
Days = Annotated[int, Query(ge=1, le=MOST_DAYS, description="So many days, up to yesterday.")]


@dataclass(frozen=True)
class WorkedFigures:
    """`days` of the span are known. What is null the carrier does not say: it is not 0.

    `reply_share` (of chats that customers began) and `reply_minutes` are the days' own, weighted by
    their chats; `lost` deleted or blocked them, `asked` are friend requests that they sent, `added`
    new customers; `groups` and `members` of their group chats are those of the last known day.
    """

    code: str
    days: int
    chats: int | None
    messages: int | None
    reply_share: float | None
    reply_minutes: float | None
    lost: int | None
    asked: int | None
    added: int | None
    groups: int | None
    new_groups: int | None
    members: int | None
    new_members: int | None
    group_messages: int | None


@dataclass(frozen=True)
class StaffFigures:
    """From `first` to `last`, both included; only those of whom anything is known."""

    first: date
    last: date
    staff: list[WorkedFigures]


@router.get("/staff/figures", **needs("staff.read", scoped=True))
def worked(app: TheApp, caller: TheCaller, days: Days = 28) -> StaffFigures:
    """What carriers counted of us in these days; else of who is at one's own stores."""
    return counted(app, days, caller.scope)


def counted(app: App, days: int, scope: Scope) -> StaffFigures:
    """Of those within this scope."""
    first, last = span(app.clock.now(), days, app.brand.time_zone)
    found = [
        WorkedFigures(*one) for one in app.connections.figures(first, last) if scope.sees(one.staff)
    ]
    return StaffFigures(first, last, found)


def span(now: datetime, days: int, time_zone: str) -> tuple[date, date]:
    """So many days up to yesterday."""
    last = now.astimezone(zone(time_zone)).date() - timedelta(days=1)
    return last - timedelta(days=days - 1), last
