"""Moves what is due: claim → facts → decide → apply → commit.

facts.py loads once per batch what the decisions need · apply.py writes one statement per kind of
move. A crash at any line leaves nothing half done: what is wished for carries a unique key.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from siyu.events.sweep import describe
from siyu.journeys import decide
from siyu.journeys.model import End, Facts, Move, Park, Rest, Visit
from siyu.journeys.sweep import apply, facts
from siyu.journeys.sweep.apply import Context, Known, Rule, Unwritable
from siyu.kernel.sql import Conn, Db, Row, load

SQL = load("siyu.journeys")


class Swept(NamedTuple):
    """What a sweep did."""

    claimed: int = 0
    decided: int = 0
    moved: int = 0
    ended: int = 0
    parked: int = 0
    wished: int = 0


def sweep(
    db: Db, context: Context, now: datetime, *, limit: int = 2000, rule: Rule | None = None
) -> Swept:
    """One batch of due visits, in one transaction; any number of sweeps may run at once.

    `rule` says how each wish stands before it is written, in the same transaction; without it they
    wait to be ruled. A batch that can't be written is given up and halved until the poison visit
    is alone; it is parked, the rest goes on. A ruling that fails is nobody's poison.
    """
    work = _Work(db, context, rule, now)
    try:
        with db.transaction() as conn:
            return _batch(conn, work, conn.fetch(SQL.claim, {"now": now, "limit": limit}))
    except Unwritable as failed:
        return _split(work, failed)


class _Work(NamedTuple):
    """What all attempts at a batch have in common."""

    db: Db
    context: Context
    rule: Rule | None
    now: datetime


def _split(work: _Work, failed: Unwritable) -> Swept:
    """Each half of what failed on its own; a single one is the poison."""
    if len(failed.visits) == 1:
        with work.db.transaction() as conn:
            parked = [Visit(*row) for row in _claim_again(conn, work, failed.visits)]
            if parked:
                apply.park(conn, parked, failed.why, work.now)
        return Swept(claimed=len(parked), decided=len(parked), parked=len(parked))
    middle = len(failed.visits) // 2
    halves = (_retry(work, half) for half in (failed.visits[:middle], failed.visits[middle:]))
    return Swept(*map(sum, zip(*halves, strict=True)))


def _retry(work: _Work, ids: list[int]) -> Swept:
    try:
        with work.db.transaction() as conn:
            return _batch(conn, work, _claim_again(conn, work, ids))
    except Unwritable as failed:
        return _split(work, failed)


def _claim_again(conn: Conn, work: _Work, ids: list[int]) -> list[Row]:
    return conn.fetch(SQL.claim_these, {"ids": ids, "now": work.now})


def _batch(conn: Conn, work: _Work, rows: list[Row]) -> Swept:
    visits = [Visit(*row) for row in rows]
    if not visits:
        return Swept()
    context, now = work.context, work.now
    journeys = facts.journeys(conn, context.families, context.versions, visits)
    ours = Facts(context.zone, context.locale)
    known = Known(journeys, facts.known(conn, journeys, visits, ours, now))
    moves = [(visit, _decide(known, visit, now)) for visit in visits]
    wishes = apply.apply(conn, context, known, moves, now)
    apply.wish(conn, moves, wishes, work.rule, now)
    return Swept(
        claimed=len(visits),
        decided=len(moves),
        moved=sum(isinstance(move, Rest) and move.why != "" for _, move in moves),
        ended=sum(isinstance(move, End) and not visit.over for visit, move in moves),
        parked=sum(isinstance(move, Park) for _, move in moves),
        wished=len(wishes),
    )


def _decide(known: Known, visit: Visit, now: datetime) -> Move:
    journey = known.journeys.get((visit.journey_id, visit.version))
    if journey is None:
        return Park(f"version {visit.version} of its journey can't be read by this release")
    try:
        return decide.step(journey, visit, known.facts[visit.id], now)
    except Exception as error:  # noqa: BLE001 - a poison visit stops nobody else
        return Park(describe(error))
