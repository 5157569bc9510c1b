"""Visits that lead into other journeys: those journeys' own rules decide, here as for an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from siyu.journeys import actions, views
from siyu.journeys.actions.entry import Open, let_in
from siyu.journeys.decide import Candidate
from siyu.journeys.model import Facts, Started, Visit
from siyu.kernel.sql import Conn
from siyu.segments.model import Family

Starts = Sequence[tuple[Visit, Started]]


def start(
    conn: Conn,
    families: Sequence[Family],
    known: Mapping[int, Facts],
    starts: Starts,
    now: datetime,
) -> None:
    """Let these customers in; what is refused stands in the history of the visit that asked."""
    wanted = {one.journey for _, one in starts}
    listening = [one for one in views.published(conn, families) if one.journey.journey in wanted]
    customers = {visit.customer_id for visit, _ in starts}
    trees = [tree for one in listening for tree in one.journey.ends]
    true = views.truths(conn, trees, customers, now)
    doors: list[Open] = []
    asked: list[list[Visit]] = []
    for published in listening:
        mine = [(visit, one) for visit, one in starts if one.journey == published.journey.journey]
        asked.append([visit for visit, _ in mine])
        facts = [known[visit.id]._replace(true=true[visit.customer_id]) for visit, _ in mine]
        candidates = [_candidate(*pair, facts[place], now) for place, pair in enumerate(mine)]
        doors.append(Open(*published, candidates))
    entries = let_in(conn, doors, now)
    visits = [visit for group in asked for visit in group]
    notes = [
        (visit.id, visit.node, f"start {door.journey.journey}: refused, {entry.reason}")
        for visit, (door, entry) in zip(visits, entries, strict=True)
        if entry.outcome == "refused"
    ]
    there = {one.journey.journey for one in listening}
    notes += [
        (visit.id, visit.node, f"start {one.journey}: refused, not_published")
        for visit, one in starts
        if one.journey not in there
    ]
    actions.note(conn, notes, now)


def _candidate(visit: Visit, started: Started, facts: Facts, now: datetime) -> Candidate:
    return Candidate(
        event_id=None,
        customer_id=visit.customer_id,
        identity_id=visit.identity_id,
        occurred_at=now,
        backfill=False,
        key=started.key,
        shop=visit.shop,
        order_no=visit.order_no,
        facts=facts,
        cause=f"start by visit {visit.id}",
    )
