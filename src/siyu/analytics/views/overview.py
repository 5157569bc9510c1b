"""The loop today beside the same time last week, and how far the pool's goal is reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from siyu.analytics.model import COHORT
from siyu.analytics.views import figures
from siyu.kernel.sql import Conn, load
from siyu.staff.model import Goal

SQL = load("siyu.analytics")
WEEKS = 8  # back to which a week with customers is looked for
Figure = Literal["orders", "invited", "friends", "unmatched", "again"]


class Span(NamedTuple):
    """[since, until)."""

    since: datetime
    until: datetime


class Loop(NamedTuple):
    """What happened in a span. `buyers`, `befriended` and `rebuyers` are the distinct customers
    behind orders, new friends and further orders; `unmatched` friends count among `friends`."""

    orders: int
    buyers: int
    invited: int
    friends: int
    befriended: int
    unmatched: int
    again: int
    rebuyers: int


class Counted(NamedTuple):
    """One of those whom a figure counts: `id` is the row behind it, and the cursor of the list."""

    id: int
    customer_id: int | None
    shop: str
    order_no: str
    at: datetime


class Reached(NamedTuple):
    """How far a goal is reached: `hits` of `people`, those who began in `span`."""

    people: int
    hits: int
    span: Span


def today(now: datetime, zone: ZoneInfo) -> Span:
    """From the brand's midnight to now."""
    return Span(datetime.combine(now.astimezone(zone).date(), time(0), zone), now)


def last_week(now: datetime, zone: ZoneInfo) -> Span:
    """The same weekday a week ago, up to the same time by the brand's clocks."""
    local = now.astimezone(zone)
    day = local.date() - timedelta(days=7)
    clock = local.time()
    return Span(datetime.combine(day, time(0), zone), datetime.combine(day, clock, zone))


def loop(conn: Conn, span: Span) -> Loop:
    """The figures of a span."""
    return Loop(*conn.fetch(SQL.loop, span._asdict())[0])


def counted(
    conn: Conn, figure: Figure, span: Span, before: int | None, limit: int
) -> list[Counted]:
    """Exactly those whom a figure of `loop` counts, the newest first; `before`: after this row."""
    params = {**span._asdict(), "before": before, "limit": limit}
    return [Counted(*row) for row in conn.fetch(*_list(figure, params))]


def _list(figure: Figure, params: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
    match figure:
        case "orders":
            return SQL.loop_orders, params
        case "invited":
            return SQL.loop_invited, params
        case "friends":
            return SQL.loop_friends, {**params, "matched": None}
        case "unmatched":
            return SQL.loop_friends, {**params, "matched": False}
        case "again":
            return SQL.loop_again, params


def reached(conn: Conn, goal: Goal, now: datetime, zone: ZoneInfo) -> Reached | None:
    """The goal's rate as the domain defines it (add rate, repurchase rate), of the latest week of
    customers whose days are all over and in which there were any; None: nothing measures it."""
    if goal.days is None:
        return None
    window = timedelta(days=goal.days)
    last = now.astimezone(zone).date() - window
    weeks = [_week(last - timedelta(days=COHORT * back), zone) for back in range(WEEKS)]
    conn.execute(SQL.whole)
    found = Reached(0, 0, weeks[0])
    for span in weeks:
        if goal.kind == "growth":
            people, hits = figures.added(conn, span.since, span.until, window)
        else:
            params = {**span._asdict(), "window": window}
            ((people, hits),) = conn.fetch(SQL.repurchase, params)
        if people:
            return Reached(people, hits, span)
    return found


def _week(last: date, zone: ZoneInfo) -> Span:
    first = last - timedelta(days=COHORT)
    return Span(datetime.combine(first, time(0), zone), datetime.combine(last, time(0), zone))
