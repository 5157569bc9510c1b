"""Welcomes: how many new friends were welcomed within the carrier's seconds, by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter

from siyu.analytics.views import reports
from siyu.api.auth import TheApp, needs
from siyu.api.figures import Period
from siyu.api.reports import Question
from siyu.outbox.model import WELCOME_WITHIN
from siyu.outbox.views import Welcomes

router = APIRouter(prefix="/reports", tags=["reports"])


@dataclass(frozen=True)
class Quick:
    """Seconds of the welcomes that were sent; null where none was measured."""

    p50: float | None
    p95: float | None
    longest: float | None


@dataclass(frozen=True)
class WelcomeDay:
    """`due` = `sent` + `late` + `no_code` + `otherwise` + `open`. `measured` of those sent have
    their seconds; `within`, of these, went out in the carrier's time. `late`: the code's time was
    over; `no_code`: the carrier gave none; `otherwise`: refused, withheld or asked back; `open`:
    under way or in doubt. `heard`: from the receipt of the callback on; `added`: from the add on,
    by the carrier's clock (whole seconds)."""

    due: int
    sent: int
    measured: int
    within: int
    share: float | None
    late: int
    no_code: int
    otherwise: int
    open: int
    heard: Quick
    added: Quick


@dataclass(frozen=True)
class WelcomesOfDay:
    day: date
    welcomes: WelcomeDay


@dataclass(frozen=True)
class WelcomeReport:
    """`limit_seconds` is the carrier's. Friends of whom nobody told in time (the add was heard of a
    minute late or more) were never to be welcomed, and are not in it."""

    period: Period
    limit_seconds: float
    all: WelcomeDay
    days: list[WelcomesOfDay]


@router.get("/welcome", **needs("reports.read"))
def welcome(app: TheApp, asked: Question) -> WelcomeReport:
    """How many welcomes were sent, how quickly, and what came too late: by day, and in all."""
    with app.db.transaction() as conn:
        *days, total = reports.welcome(conn, asked, app.brand.time_zone)
    return WelcomeReport(
        Period(asked.first, asked.last, app.brand.time_zone),
        WELCOME_WITHIN.total_seconds(),
        _day(total),
        [WelcomesOfDay(one.day, _day(one)) for one in days if one.day is not None],
    )


def _day(one: Welcomes) -> WelcomeDay:
    return WelcomeDay(
        one.wished,
        one.sent,
        one.measured,
        one.within,
        one.share,
        one.late,
        one.no_code,
        one.otherwise,
        one.open,
        Quick(one.heard_p50, one.heard_p95, one.heard_max),
        Quick(one.added_p50, one.added_p95, one.added_max),
    )
