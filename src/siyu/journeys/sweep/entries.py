"""Entries that no event makes: a schedule, a date of the customer's, a set that time moves.

Nothing polls everybody: a schedule and a first look go through the customers page by page, a date
asks an index, and a set is asked again for those alone whom time moves, when it does. A page is one
transaction that also writes how far it came: nothing is left out, and nobody comes in twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.customers import views as customers
from siyu.journeys import views
from siyu.journeys.actions.entry import Open, came_in, let_in, miss
from siyu.journeys.decide import Candidate
from siyu.journeys.model import Facts
from siyu.journeys.model.enter import (
    EnterEvery,
    EnterOnChild,
    EnterOnDate,
    EnterSegment,
    EnterWaves,
)
from siyu.journeys.sweep import waves
from siyu.journeys.sweep.apply import Context
from siyu.journeys.views import Published
from siyu.kernel.calendar import falling_on
from siyu.kernel.months import month_of
from siyu.kernel.sql import Conn, Db, load
from siyu.kernel.time import next_time
from siyu.segments import views as segments
from siyu.segments.compile import compile_tree
from siyu.segments.model import Form
from siyu.segments.predicates import FAMILIES
from siyu.segments.views.stored import looked_up

SQL = load("siyu.journeys")
ALL = 2**63 - 1  # behind every customer's id
LATER = timedelta(hours=1)  # when a journey that nobody may enter now is looked at again


class Watch(NamedTuple):
    """How far a journey's entries have come."""

    journey_id: int
    due_at: datetime
    occurrence: datetime | None
    after: int


class Person(NamedTuple):
    """Somebody who could come in, since when, and by which identity if that is known."""

    customer_id: int
    identity_id: int | None
    at: datetime


def enter(db: Db, context: Context, now: datetime, *, limit: int = 2000) -> int:
    """One page of whatever is due; how many customers were looked at, and at least 1 for a turn."""
    with db.transaction() as conn:
        rows = conn.fetch(SQL.next_watch, {"now": now})
        if not rows:
            return _recheck(conn, context, now, limit)
        watch = Watch(*rows[0])
        listening = views.published(conn, context.families)
        one = next((one for one in listening if one.id == watch.journey_id), None)
        match one.journey.enter if one is not None else None:
            case EnterSegment() as entry:
                moved = _first_look(conn, watch, entry, now, limit)
            case (EnterEvery() | EnterOnDate() | EnterOnChild()) as entry if one is not None:
                moved = _occurrence(conn, context, (watch, one, entry), now, limit)
            case EnterWaves() as entry if one is not None:
                moved = _wave(conn, context, (watch, one, entry), now, limit)
            case _:  # unpublished, or not readable by this release
                moved = watch._replace(due_at=now + LATER)
        conn.execute(SQL.go_on, _row(moved))
        return 1


def _row(watch: Watch) -> dict[str, object]:
    """ALL with nothing to do but wait for events has no time."""
    done = watch.after == ALL
    return {
        "journey": watch.journey_id,
        "due_at": None if done else watch.due_at,
        "occurrence": watch.occurrence,
        "after": watch.after,
    }


# ── Waves ────────────────────────────────────────────────────────────────────────────────────────


def _wave(
    conn: Conn,
    context: Context,
    due: tuple[Watch, Published, EnterWaves],
    now: datetime,
    limit: int,
) -> Watch:
    """A turn; who decides on stopped waves has them looked at again."""
    watch, one, entry = due
    turn = waves.Turn(conn, one, entry, Facts(context.zone, context.locale), now)
    at = waves.go_on(turn, limit)
    return watch._replace(after=ALL) if at is None else watch._replace(due_at=at, after=0)


# ── Sets ─────────────────────────────────────────────────────────────────────────────────────────


def _first_look(conn: Conn, watch: Watch, entry: EnterSegment, now: datetime, limit: int) -> Watch:
    """Who is in the set already was there before: written down, not let in."""
    page = _page(conn, watch.after, limit)
    came_in(conn, watch.journey_id, entry.segment, page, now)
    return watch._replace(after=page[-1] if len(page) == limit else ALL)


def _recheck(conn: Conn, context: Context, now: datetime, limit: int) -> int:
    """Those whom time may have moved, of one journey."""
    rows = conn.fetch(SQL.next_recheck, {"now": now})
    if not rows:
        return 0
    journey_id: int = rows[0][0]
    conn.fetch(SQL.hold_watch, {"journey": journey_id})
    asked = {"journey": journey_id, "now": now, "limit": limit}
    moments: dict[int, datetime] = dict(conn.fetch(SQL.rechecks, asked))
    listening = views.published(conn, context.families)
    one = next((one for one in listening if one.id == journey_id), None)
    entry = one.journey.enter if one is not None else None
    if one is None or not isinstance(entry, EnterSegment):
        conn.execute(SQL.forget_members, {"journey": journey_id, "customers": sorted(moments)})
        return len(moments)
    inside = came_in(conn, journey_id, entry.segment, moments, now)
    people = [Person(customer_id, None, moments[customer_id]) for customer_id in inside]
    key = f"set/{now.isoformat()}"
    _let_in(conn, one, people, key, "came into the set by time", now)
    return len(moments)


# ── Dates and schedules ──────────────────────────────────────────────────────────────────────────

Dated = EnterEvery | EnterOnDate | EnterOnChild
Due = tuple[Watch, Published, Dated]


def _occurrence(conn: Conn, context: Context, due: Due, now: datetime, limit: int) -> Watch:
    """One page of the occurrence that is due, or the next one once it is through."""
    watch, one, entry = due
    at = watch.occurrence
    if at is None:  # it begins to be looked for
        return _next(watch, entry, watch.due_at, context.zone)
    if now - at > entry.max_age:
        miss(conn, watch.journey_id, _cause(entry, at, context.zone), now)
        return _next(watch, entry, at, context.zone)
    page, people = _invited(conn, watch, entry, at.astimezone(context.zone), (now, limit))
    key = _cause(entry, at, context.zone)
    _let_in(conn, one, people, key, key, now)
    if len(page) < limit:
        return _next(watch, entry, at, context.zone)
    return watch._replace(after=page[-1])


def _invited(
    conn: Conn,
    watch: Watch,
    entry: Dated,
    local: datetime,
    of: tuple[datetime, int],
) -> tuple[list[int], list[Person]]:
    """A page of customers, and those of them for whom this is the day."""
    now, limit = of
    match entry:
        case EnterEvery():
            page = _page(conn, watch.after, limit)
            (tree,) = looked_up(conn, [entry.segment], FAMILIES)
            inside = segments.matching(conn, compile_tree(tree), page, now)
            return page, [Person(customer_id, None, now) for customer_id in sorted(inside)]
        case EnterOnDate():
            days = falling_on(local.date() + entry.less)
            found = customers.falling_on(conn, entry.date, days, watch.after, limit)
            people = [Person(id_, identity, now) for id_, identity in found]
            return [person.customer_id for person in people], people
        case EnterOnChild():
            day = local.date() + entry.less
            months = [month_of(day, age) for age in entry.child_turns] if day.day == 1 else []
            page = customers.born_in(conn, months, watch.after, limit) if months else []
            return page, [Person(customer_id, None, now) for customer_id in page]


def _next(watch: Watch, entry: Dated, behind: datetime, zone: ZoneInfo) -> Watch:
    weekday, at = entry.every if isinstance(entry, EnterEvery) else (None, entry.at)
    following = next_time(at, behind, zone, weekday)
    return watch._replace(due_at=following, occurrence=following, after=0)


def _cause(entry: Dated, at: datetime, zone: ZoneInfo) -> str:
    """What an occurrence is called: the key of its visits, so that it lets nobody in twice."""
    local = at.astimezone(zone)
    if isinstance(entry, EnterEvery):
        return f"every/{local:%Y-%m-%dT%H:%M}"
    # of a child the day alone: which month it was born in is in no key
    name = entry.date if isinstance(entry, EnterOnDate) else "child"
    return f"{name}/{local.date() + entry.less}"


# ── Coming in ────────────────────────────────────────────────────────────────────────────────────


def _page(conn: Conn, after: int, limit: int) -> list[int]:
    return [row[0] for row in conn.fetch(SQL.everybody, {"after": after, "limit": limit})]


def _let_in(
    conn: Conn, one: Published, people: Sequence[Person], key: str, cause: str, now: datetime
) -> None:
    if not people:
        return
    ids = {person.customer_id for person in people}
    true = views.truths(conn, one.journey.ends, ids, now)
    candidates = [_candidate(person, key, cause, true) for person in people]
    let_in(conn, [Open(*one, candidates)], now)


def _candidate(
    person: Person, key: str, cause: str, true: Mapping[int, frozenset[Form]]
) -> Candidate:
    return Candidate(
        event_id=None,
        customer_id=person.customer_id,
        identity_id=person.identity_id,
        occurred_at=person.at,
        backfill=False,
        key=key,
        shop="",
        order_no="",
        facts=Facts(ZoneInfo("UTC"), "", true=true[person.customer_id]),
        cause=cause,
    )
