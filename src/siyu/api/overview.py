"""Home: the loop today, the pool's goal, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import AwareDatetime

from siyu.analytics.decide.ratios import FEWEST
from siyu.analytics.model import ATTENTION, MOST_SHOWN, Severity
from siyu.analytics.views import attention, overview
from siyu.analytics.views.masked import UNKNOWN, people
from siyu.analytics.views.overview import Counted, Figure, Loop, Reached, Span
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.kept import Kept
from siyu.api.language import TheLanguage
from siyu.api.paging import After, following, start
from siyu.api.words import Words
from siyu.app import App
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence, within
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone
from siyu.staff import actions, views
from siyu.staff.model import Goal as Declared
from siyu.staff.model import GoalKind
from siyu.worker.status import lags, workers

router = APIRouter(tags=["overview"])
MEASURED_FOR = timedelta(minutes=10)  # a cohort that is over hardly changes any more
LONGEST = timedelta(days=31)  # of a list
LATE = 60.0  # seconds that due work may have waited


@dataclass(frozen=True)
class Step:
    """A bend of the loop: `count` are the rows of its list, `people` the distinct customers in it.

    `count_before` and `people_before`: on the same weekday a week ago, up to the same time.
    """

    step: Literal["orders", "invited", "friends", "again"]
    count: int
    people: int
    count_before: int
    people_before: int


@dataclass(frozen=True)
class Today:
    """Today by the brand's day. The list behind a number: `/overview/{step}` with `since`, `until`.

    `orders`: paid, and not taken back since. `invited`: customers to whom the first invitation of
    a visit went out. `friends`: new to the brand; `unmatched` of them lead to no buyer yet.
    `again`: orders of customers who were friends at it and had bought before.
    """

    since: datetime
    until: datetime
    before_since: datetime
    before_until: datetime
    steps: list[Step]
    unmatched: int
    unmatched_before: int


@dataclass(frozen=True)
class Row:
    """One of those whom a number counts; a guest's order has no customer."""

    customer: str | None
    name_masked: str
    phone_masked: str
    shop: str
    order_no: str
    at: datetime


@dataclass(frozen=True)
class Rows:
    rows: list[Row]
    next: str


@dataclass(frozen=True)
class Rate:
    """`hits` of `people`: those who began in [since, until), each watched for the goal's days.
    `rate` null: of fewer than 30 people nothing can be said."""

    people: int
    hits: int
    rate: float | None
    since: datetime
    until: datetime
    measured_at: datetime


@dataclass(frozen=True)
class Goal:
    """What the pool is worked for. `measured` is null where no figure measures it, and as long as
    it is not known yet; `working`: it is being worked out, ask again."""

    kind: GoalKind
    target: float | None
    days: int | None
    since: datetime
    by: str
    measured: Rate | None
    working: bool


@dataclass(frozen=True)
class TheGoal:
    """`goal` is null before somebody has declared one."""

    goal: Goal | None


@dataclass(frozen=True)
class NewGoal:
    """growth: the add rate, repurchase: the repurchase rate, with `target` (0 to 1) and `days`;
    need and reputation have no figure: leave both out."""

    kind: GoalKind
    target: float | None = None
    days: int | None = None
    by: Words = ""


@dataclass(frozen=True)
class Need:
    """`about`: the channel, the article, the sweep, CHANNEL/MATERIAL or CONNECTOR/NAME, where there
    are several; `why`: what the vendor says of it, empty where nothing does.

    `count` is what waits, and `more` whether it is only the part that was counted. Of a provider it
    is failures in a row, of a gift that runs low what is left, of a late sweep seconds.
    """

    code: str
    about: str
    count: int
    more: bool
    since: datetime | None
    severity: Severity
    why: str


@dataclass(frozen=True)
class Needs:
    needs: list[Need]


class Cohorts:
    """What a goal's cohort came to, worked out beside the request and kept for a while; one per
    application."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._last: tuple[tuple[str, int | None, date], Reached | None, datetime] | None = None

    def of(self, app: App, goal: Declared, now: datetime) -> tuple[Rate | None, bool]:
        """The rate of the latest cohort that is over (None where nothing measures the goal, or it
        is not known yet), and whether it is being worked out."""
        place = zone(app.brand.time_zone)
        key = (goal.kind, goal.days, now.astimezone(place).date())
        last, working = self._last, False
        if last is None or last[0] != key or not now - MEASURED_FOR < last[2] <= now:
            asked = self._kept.ask(("goal", *key), lambda: self._measure(app, goal, now, key))
            last, working = self._last, asked.seconds is not None
        if last is None or last[0][:2] != key[:2]:
            return None, working
        _, found, at = last
        if found is None:
            return None, working
        rate = found.hits / found.people if found.people >= FEWEST else None
        return Rate(found.people, found.hits, rate, *found.span, at), working

    def _measure(
        self, app: App, goal: Declared, now: datetime, key: tuple[str, int | None, date]
    ) -> None:
        with app.db.transaction() as conn:
            found = overview.reached(conn, goal, now, zone(app.brand.time_zone))
        self._last = (key, found, now)


@router.get("/overview", **needs("overview.read"))
def overview_today(app: TheApp) -> Today:
    """The loop today: orders, invited, new friends, buyers again; and a week ago at this time."""
    place, now = zone(app.brand.time_zone), app.clock.now()
    span, before = overview.today(now, place), overview.last_week(now, place)
    with app.db.transaction() as conn:
        found, was = overview.loop(conn, span), overview.loop(conn, before)
    return Today(*span, *before, _steps(found, was), found.unmatched, was.unmatched)


def _steps(now: Loop, was: Loop) -> list[Step]:
    return [
        Step("orders", now.orders, now.buyers, was.orders, was.buyers),
        Step("invited", now.invited, now.invited, was.invited, was.invited),
        Step("friends", now.friends, now.befriended, was.friends, was.befriended),
        Step("again", now.again, now.rebuyers, was.again, was.rebuyers),
    ]


@router.get("/overview/{figure}", **needs("overview.read"))
def behind(
    app: TheApp,
    figure: Annotated[Figure, Path(description="The number whose list is asked for.")],
    since: Annotated[AwareDatetime, Query(description="As the overview says.")],
    until: Annotated[AwareDatetime, Query(description="As the overview says.")],
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=200, description="So many at most.")] = 50,
) -> Rows:
    """Exactly those whom a number of the overview counts, the newest first, masked."""
    if not since < until <= since + LONGEST:
        raise BadInput(
            Sentence(
                "`until` must come after `since`, at most 31 days.",
                "`until` 必须晚于 `since`，最多 31 天。",
            )
        )
    before = start(app, after) if after else None
    with app.db.transaction() as conn:
        found = overview.counted(conn, figure, Span(since, until), before, limit)
        rows = _masked(app, conn, found)
    return Rows(rows, following(app, found[-1].id) if found else after)


def _masked(app: App, conn: Conn, found: Sequence[Counted]) -> list[Row]:
    known = people(
        conn, app.keys, [one.customer_id for one in found if one.customer_id is not None]
    )
    return [
        Row(
            app.ids.encode("cus", one.customer_id) if one.customer_id is not None else None,
            *known.get(one.customer_id or 0, UNKNOWN),
            one.shop,
            one.order_no,
            one.at,
        )
        for one in found
    ]


@router.get("/goal", **needs("overview.read"))
def goal(app: TheApp, request: Request) -> TheGoal:
    """What the pool is worked for, and how far that is reached: by the latest week of customers
    whom the goal's days have all passed."""
    cohorts: Cohorts = request.app.state.cohorts
    with app.db.transaction() as conn:
        found = views.goal(conn)
    if found is None:
        return TheGoal(None)
    measured, working = cohorts.of(app, found, app.clock.now())
    return TheGoal(Goal(**found._asdict(), measured=measured, working=working))


@router.put("/goal", **needs("goal.write"))
def declare(
    app: TheApp, caller: TheCaller, request: Request, new: Annotated[NewGoal, Body()]
) -> TheGoal:
    """One goal at a time: this one from now on."""
    with app.db.transaction() as conn:
        by, now = caller.actor(new.by), app.clock.now()
        actions.set_goal(conn, new.kind, new.target, new.days, by, now)
    return goal(app, request)


@router.get("/attention", **needs("overview.read"))
def attend(app: TheApp, locale: TheLanguage) -> Needs:
    """What waits for somebody, the worst first; empty: nothing does."""
    now, real = app.clock.now(), app.clock.real()
    with app.db.transaction() as conn:
        found = [_need(*one[:4], within(locale, one.why)) for one in attention.needs(conn, now)]
        found += _work(app, conn, now, real)
    order = list(ATTENTION)
    return Needs(sorted(found, key=lambda one: order.index(one.code)))


def _work(app: App, conn: Conn, now: datetime, real: datetime) -> list[Need]:
    if not any(one.alive for one in workers(conn, real)):
        return [_need("nobody_works", "", 1, None)]
    late = {name: by for name, by in lags(conn, app.channels, now).items() if by > LATE}
    return [
        _need("sweep_late", name, round(by), now - timedelta(seconds=by))
        for name, by in sorted(late.items())
        if name != "apply"  # events_waiting says it
    ]


def _need(code: str, about: str, count: int, since: datetime | None, why: str = "") -> Need:
    more = count >= MOST_SHOWN
    return Need(code, about, min(count, MOST_SHOWN - 1), more, since, ATTENTION[code], why)
