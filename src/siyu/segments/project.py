"""What events do to live segments: whoever they may have moved is looked at again, in one go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.events.model import KINDS, Batch, Event, Projection, survivors
from siyu.kernel.sql import Conn, load
from siyu.segments.actions.members import Cause, settle_all, watched
from siyu.segments.decide.heard import MEMBERSHIP
from siyu.segments.decide.live import Plan
from siyu.segments.model import Family

SQL = load("siyu.segments")


def projection(families: Sequence[Family]) -> Projection:
    """Behind all facts that conditions read. However many segments are live, a batch costs the same
    few statements."""

    def project(conn: Conn, batch: Batch, now: datetime) -> None:
        live = watched(conn, families)
        if live is None:
            return
        if batch.splits:
            conn.execute(SQL.part_members, batch.moved)
        if batch.merges:
            winners = survivors((one.loser, one.winner) for one in batch.merges)
            losers = sorted(winners)
            names = {"losers": losers, "winners": [winners[loser] for loser in losers]}
            conn.execute(SQL.unite_members, names)
        batch.told += settle_all(conn, live, _moved(conn, batch, live.plan), now)

    return Projection("segments", frozenset(KINDS) - MEMBERSHIP, project)


def _moved(conn: Conn, batch: Batch, plan: Plan) -> dict[int, Cause]:
    """Whom the batch may have moved, each with the latest event that says so: by a kind that a
    segment listens to, by a merge, a split, a claim of a guest's order, or being new."""
    by_id = {event.id: event for event in batch.events}
    people = {who: by_id[event] for who, event in batch.new_customers.items()}
    people |= {who: by_id[one.event_id] for one in batch.splits for who in (one.before, one.after)}
    people |= {one.winner: by_id[one.event_id] for one in batch.merges}
    people |= {who: by_id[event] for who, event in batch.claimed.items()}
    heard = [event for event in batch.events if event.kind in plan.kinds]
    others = _others(conn, batch, heard)
    for event in heard:
        subjects = {batch.customer.get(event.id), *others.get(event.id, ())}
        people |= {who: event for who in subjects if who is not None}
    gone = {one.loser for one in batch.merges}
    return {who: _cause(event) for who, event in people.items() if who not in gone}


def _cause(event: Event) -> Cause:
    return Cause(f"event/{event.id}", event.occurred_at, event.backfill)


def _others(conn: Conn, batch: Batch, heard: Sequence[Event]) -> dict[int, set[int]]:
    """Whose the order or the touch is that an event names: not always who the event came by."""
    named: list[tuple[int, str, str]] = [
        (event.id, event.data.shop, event.data.order_no)  # pyright: ignore[reportAttributeAccessIssue,reportUnknownMemberType]
        for event in heard
        if event.kind != "order.paid" and getattr(event.data, "order_no", None)
    ]
    touched = [(event.id, touch) for event in heard if (touch := (batch.touch or {}).get(event.id))]
    if not named and not touched:
        return {}
    params = {
        "order_events": [one for one, _, _ in named],
        "shops": [shop for _, shop, _ in named],
        "order_nos": [number for _, _, number in named],
        "touch_events": [one for one, _ in touched],
        "touches": [touch for _, touch in touched],
    }
    found: dict[int, set[int]] = {}
    for event_id, customer_id in conn.fetch(SQL.whose, params):
        found.setdefault(event_id, set()).add(customer_id)
    return found
