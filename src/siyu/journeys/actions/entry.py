"""Who comes in: the one way for events, starts, dates, schedules and sets; and who is in a set."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.acquisition import views as acquisition
from siyu.acquisition.model import Source
from siyu.journeys.actions import TURNED_AWAY, Entrant, Start, begin, join
from siyu.journeys.decide import Candidate, Entry, Known, enter
from siyu.journeys.model import Journey
from siyu.kernel.sql import Conn, load
from siyu.segments import views as segments
from siyu.segments.compile import compile_tree
from siyu.segments.model import Tree

SQL = load("siyu.journeys")


class Open(NamedTuple):
    """A journey and who could enter it now, in the order of their facts."""

    journey_id: int
    version: int
    journey: Journey
    candidates: Sequence[Candidate]


def let_in(
    conn: Conn, doors: Sequence[Open], now: datetime, *, strangers: Collection[int] = ()
) -> list[tuple[Open, Entry]]:
    """Decide on every candidate, begin what begins, and write down what became of each.

    `strangers` are customers of whom it is known that they have no visits.
    """
    known = _known(conn, doors, strangers)
    sources = acquisition.sources(conn) if any(door.journey.source for door in doors) else {}
    entries: list[tuple[Open, Entry]] = []
    for door in doors:
        source = sources.get(door.journey.source or "")
        admitted = _admitted(conn, source, door.candidates, now)
        mine = known.get(door.journey_id, [])
        found = enter(door.journey, door.candidates, mine, admitted, now)
        entries += [(door, entry) for entry in found]
    _store(conn, entries, now)
    return entries


def _known(conn: Conn, doors: Sequence[Open], strangers: Collection[int]) -> dict[int, list[Known]]:
    people = {
        one.customer_id
        for door in doors
        for one in door.candidates
        if one.customer_id is not None and not one.backfill and one.customer_id not in strangers
    }
    params = {"journeys": [door.journey_id for door in doors], "customers": sorted(people)}
    known: dict[int, list[Known]] = {}
    for journey_id, *rest in conn.fetch(SQL.known, params) if people else []:
        known.setdefault(journey_id, []).append(Known(*rest))
    return known


def _admitted(
    conn: Conn, source: Source | None, candidates: Sequence[Candidate], now: datetime
) -> set[tuple[int, str]]:
    """The customers whom the journey's source admits, each with a shop that it covers.

    Whoever comes without an order comes from no shop: only the admission is asked then.
    """
    if source is None:
        return set()
    covered = {
        (one.customer_id, one.shop)
        for one in candidates
        if one.customer_id is not None and (not one.order_no or source.covers(one.shop))
    }
    good = acquisition.admitted(conn, source, {customer_id for customer_id, _ in covered}, now)
    return {pair for pair in covered if pair[0] in good}


def miss(conn: Conn, journey_id: int, cause: str, now: datetime) -> None:
    """Write down that a whole occurrence came too late to let anybody in."""
    row = (journey_id, None, cause, "", "", None, None, "refused", "too_old", now)
    conn.copy(SQL.copy_entries, [row])


def _store(conn: Conn, entries: Sequence[tuple[Open, Entry]], now: datetime) -> None:
    starts = [
        Start(door.journey_id, door.version, door.journey, _entrant(entry.candidate))
        for door, entry in entries
        if entry.outcome == "enrolled"
    ]
    begun = begin(conn, starts, now)
    rows = [(door, *_settled(entry, _visit(door, entry, begun))) for door, entry in entries]
    joined = [
        (visit_id, entry.candidate.shop, entry.candidate.order_no)
        for _, entry, visit_id in rows
        if entry.outcome == "joined" and visit_id is not None
    ]
    join(conn, joined, now)
    if rows:
        at = now.isoformat()  # written once: it is the same in every row
        conn.copy(SQL.copy_entries, [_row(*one, at) for one in rows])


def _row(door: Open, entry: Entry, visit_id: int | None, at: str) -> tuple[object, ...]:
    one = entry.candidate
    who = one.shop, one.order_no, one.customer_id
    return door.journey_id, one.event_id, one.cause, *who, visit_id, entry.outcome, entry.reason, at


def _settled(entry: Entry, visit_id: int | None) -> tuple[Entry, int | None]:
    """Only a pilot takes customers in, and it is full; or its playbook can't pay for more."""
    if visit_id in TURNED_AWAY:
        return entry._replace(outcome="refused", reason=TURNED_AWAY[visit_id], visit=None), None
    return entry, visit_id


def _entrant(candidate: Candidate) -> Entrant:
    return Entrant(
        candidate.customer_id or 0,
        candidate.identity_id,
        candidate.key,
        candidate.shop,
        candidate.order_no,
    )


def _visit(door: Open, entry: Entry, begun: Mapping[tuple[int, int, str], int]) -> int | None:
    """The visit that began, or the one that was joined, perhaps begun in this very batch."""
    candidate, joined = entry.candidate, entry.visit
    if joined is not None and joined.id:
        return joined.id
    key = joined.key if joined is not None else candidate.key
    return begun.get((door.journey_id, candidate.customer_id or 0, key))


# ── Who is in the set whose newcomers a journey takes ────────────────────────────────────────────


def came_in(
    conn: Conn, journey_id: int, segment: Tree, customer_ids: Collection[int], now: datetime
) -> list[int]:
    """Those of these customers who were not in the set when it was last asked, and are now.

    Who is in it, and when time alone may change that, is written down for the next time. The
    caller holds the journey's watch: nobody else asks at the same time.
    """
    rows = conn.fetch(SQL.members, {"journey": journey_id, "customers": sorted(customer_ids)})
    before = {customer_id: (since, at) for customer_id, since, at in rows}
    inside = segments.matching(conn, compile_tree(segment), customer_ids, now)
    moments = segments.flips(conn, segment, customer_ids, now)
    keep: dict[int, tuple[datetime | None, datetime | None]] = {}
    for customer_id in sorted(customer_ids):
        since, at = before.get(customer_id, (None, None))
        stands = (since or now) if customer_id in inside else None, moments.get(customer_id)
        if stands != (since, at):
            keep[customer_id] = stands
    gone = [customer_id for customer_id, stands in keep.items() if stands == (None, None)]
    if gone:
        conn.execute(SQL.forget_members, {"journey": journey_id, "customers": gone})
    kept = {customer_id: keep[customer_id] for customer_id in keep if customer_id not in set(gone)}
    if kept:
        stood = {
            "customers": list(kept),
            "since": [since for since, _ in kept.values()],
            "rechecks": [at for _, at in kept.values()],
        }
        conn.execute(SQL.keep_members, {"journey": journey_id, **stood})
    return [one for one in sorted(inside) if before.get(one, (None, None))[0] is None]
