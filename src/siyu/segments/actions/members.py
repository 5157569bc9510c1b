"""Write down who is in which live segment, and tell who came in and who left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.events import actions as events
from siyu.events.model import POINTERS, Key, SegmentEntered, SegmentLeft
from siyu.kernel.sql import Conn, load
from siyu.segments.compile import brands_zone, needs_zone, told
from siyu.segments.compile.live import Asked, compile_forms
from siyu.segments.decide.live import OUT, Answers, Change, Live, Plan, Stands, changes
from siyu.segments.decide.stock import Filled, Stock, stored
from siyu.segments.model import Family

SQL = load("siyu.segments")
AT_ONCE = 120  # conditions in one statement: its columns are numbered
KEPT = 16
_plans: dict[tuple[tuple[int, str], ...], Plan] = {}


class Cause(NamedTuple):
    """Why a customer is looked at: a name that is never used again, and when the fact was."""

    name: str
    at: datetime
    backfill: bool = False


class Watched(NamedTuple):
    """The live segments, and how far everybody has been looked at for each."""

    plan: Plan
    filled: Mapping[int, Filled]


def watched(conn: Conn, families: Sequence[Family]) -> Watched | None:
    """The live segments now; None where there are none. Whoever settles memberships comes one
    after the other from here on, so that nobody is seen to come in twice."""
    if not conn.fetch(SQL.any_live):
        return None
    conn.fetch(SQL.hold)
    rows = conn.fetch(SQL.live)
    filled = {id_: Filled(*far) for id_, _, *far in rows}
    return Watched(_plan(conn, tuple((row[0], row[1]) for row in rows), families), filled)


def _plan(conn: Conn, key: tuple[tuple[int, str], ...], families: Sequence[Family]) -> Plan:
    """Parsed once per process, until a segment says something else."""
    found = _plans.get(key)
    if found is None:
        known = Stock([stored(row) for row in conn.fetch(SQL.all)])
        codes = {one.id: one.code for one in known.every}
        trees = {id_: known.tree(codes[id_], families) for id_, _ in key}
        found = Plan([Live(id_, codes[id_], tree) for id_, tree in trees.items() if tree])
        if len(_plans) >= KEPT:
            _plans.clear()
        _plans[key] = found
    return found


def settle(conn: Conn, watched: Watched, causes: Mapping[int, Cause], now: datetime) -> list[int]:
    """Look at these customers again, write down how they stand, and tell who came in and who left:
    the events.

    Silent of those whom the first look at everybody has not reached: they were there before.
    """
    if not causes:
        return []
    ids = sorted(causes)
    answers = ask(conn, watched.plan, ids, now)
    rows = conn.fetch(SQL.members, {"customers": ids})
    before = {(segment, who): Stands(since, at) for segment, who, since, at in rows}
    found = changes(watched.plan, answers, before, now)
    there = set(answers.ids)  # not: who was merged; what no live segment is is nobody's
    stale = [pair for pair in before if pair[0] not in watched.filled or pair[1] not in there]
    _write(conn, found, stale)
    return _tell(conn, [one for one in found if one.turned and _loud(watched, one)], causes, now)


def settle_all(
    conn: Conn, watched: Watched, causes: Mapping[int, Cause], now: datetime
) -> list[int]:
    """The same of every live segment: what sweeps have changed by now is looked at with it."""
    if causes and watched.plan.swept:
        conn.execute(SQL.forget_news, {"customers": sorted(causes)})
    return settle(conn, watched, causes, now)


def look_again(conn: Conn, customer_ids: Sequence[int]) -> None:
    """What conditions read of these has changed, and no event told: the next sweep looks at them
    for every live segment."""
    if customer_ids:
        conn.execute(SQL.add_news, {"customers": sorted(set(customer_ids))})


def prepare(conn: Conn, families: Sequence[Family]) -> None:
    """Make the statements now, which takes seconds where segments are many: no event waits then."""
    rows = conn.fetch(SQL.live)
    if rows:
        list(_statements(_plan(conn, tuple((row[0], row[1]) for row in rows), families)))


def _statements(plan: Plan) -> Iterator[Asked]:
    for start in range(0, len(plan.forms) or 1, AT_ONCE):
        yield compile_forms(plan.forms[start : start + AT_ONCE])


def ask(conn: Conn, plan: Plan, ids: Sequence[int], now: datetime) -> Answers:
    """Every condition of every segment: one statement for each `AT_ONCE` of them, whoever asks."""
    answers: Answers | None = None
    for asked in _statements(plan):
        zone = _zone(conn) if needs_zone(asked.params) else ZoneInfo("UTC")
        rows = conn.fetch(asked.sql, {**told(asked.params, now, zone), "now": now, "ids": ids})
        rows.sort(key=lambda row: row[0])
        nobody = [()] * (1 + len(asked.forms) + len(asked.timed))
        there, *columns = zip(*rows, strict=True) if rows else nobody
        answers = answers or Answers(there)
        answers.add(asked.forms, asked.timed, columns)
    return answers or Answers(())


def _zone(conn: Conn) -> ZoneInfo:
    rows = conn.fetch(brands_zone())
    return ZoneInfo(str(rows[0][0]) if rows else "UTC")


def _loud(watched: Watched, change: Change) -> bool:
    far = watched.filled[change.segment.id]
    return not far.under_way or change.customer_id <= far.after or change.customer_id > far.upto


def _write(conn: Conn, found: Sequence[Change], stale: Sequence[tuple[int, int]]) -> None:
    kept = [one for one in found if one.now != OUT]
    gone = [(one.segment.id, one.customer_id) for one in found if one.now == OUT]
    gone = sorted({*gone, *stale})
    if gone:
        pairs = {"segments": [one for one, _ in gone], "customers": [who for _, who in gone]}
        conn.execute(SQL.forget_members, pairs)
    if kept:
        columns = {
            "segments": [one.segment.id for one in kept],
            "customers": [one.customer_id for one in kept],
            "since": [one.now.since for one in kept],
            "rechecks": [one.now.recheck_at for one in kept],
        }
        conn.execute(SQL.keep_members, columns)


def _tell(
    conn: Conn, turned: Sequence[Change], causes: Mapping[int, Cause], now: datetime
) -> list[int]:
    """As facts of our own, under the customer's first key."""
    told: list[int] = []
    if not turned:
        return told
    people = sorted({one.customer_id for one in turned})
    rows = conn.fetch(SQL.first_key, {"customers": people, "pointers": sorted(POINTERS)})
    keys = {who: Key(kind, hashed) for who, kind, hashed in rows}
    for backfill in (False, True):
        facts = [
            _fact(one, causes[one.customer_id], keys[one.customer_id])
            for one in turned
            if one.customer_id in keys and causes[one.customer_id].backfill is backfill
        ]
        if facts:
            told += events.own(conn, facts, now, backfill=backfill)
    return told


def _fact(change: Change, cause: Cause, key: Key) -> events.Own:
    code = change.segment.code
    entered = change.now.since is not None
    payload = SegmentEntered(segment=code) if entered else SegmentLeft(segment=code)
    word = "in" if entered else "out"
    name = f"segment/{change.segment.id}/{change.customer_id}/{word}/{cause.name}"
    return events.Own(payload, name, cause.at, (key,))
