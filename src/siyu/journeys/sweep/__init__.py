"""Moves what is due: claim → facts → decide → apply; the commit is the caller's.

facts.py loads once per batch what the decisions need · apply.py writes one statement per kind of
move. A crash at any line leaves nothing half done: what is wished for carries a unique key.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from siyu.events.sweep import describe
from siyu.journeys import decide
from siyu.journeys.model import End, Move, Park, Rest, Visit
from siyu.journeys.sweep import apply, facts
from siyu.journeys.sweep.apply import Context, Known
from siyu.kernel.sql import Conn, load

SQL = load("siyu.journeys")


class Swept(NamedTuple):
    """What a sweep did."""

    claimed: int = 0
    decided: int = 0
    moved: int = 0
    ended: int = 0
    parked: int = 0


def sweep(conn: Conn, context: Context, now: datetime, *, limit: int = 2000) -> Swept:
    """One batch of due visits, in one transaction; any number of sweeps may run at once."""
    visits = [Visit(*row) for row in conn.fetch(SQL.claim, {"now": now, "limit": limit})]
    if not visits:
        return Swept()
    journeys = facts.journeys(conn, context.families, visits)
    known = Known(journeys, facts.known(conn, journeys, visits, now))
    moves = [(visit, _decide(known, visit, now)) for visit in visits]
    done = apply.apply(conn, context, known, moves, now)
    return Swept(
        claimed=len(visits),
        decided=len(moves),
        moved=sum(isinstance(move, Rest) and move.why != "" for _, move in done),
        ended=sum(isinstance(move, End) for _, move in done),
        parked=sum(isinstance(move, Park) for _, move in done),
    )


def _decide(known: Known, visit: Visit, now: datetime) -> Move:
    journey = known.journeys.get((visit.journey_id, visit.version))
    if journey is None:
        return Park(f"version {visit.version} of its journey can't be read by this release")
    try:
        return decide.step(journey, visit, known.facts[visit.id], now)
    except Exception as error:  # noqa: BLE001 - a poison visit stops nobody else
        return Park(describe(error))
