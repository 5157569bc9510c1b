"""The first projection: who each event of the batch is about.

Fills `batch.customer`, `identity`, `new_customers`, `merges` and `splits`; at most seven
statements, and more only where an event is about customers who were once split from one another.
"""

from __future__ import annotations

from datetime import datetime

from siyu.events import check
from siyu.events.model import (
    EVERY_KIND,
    Batch,
    CustomerMerged,
    CustomerSplit,
    Event,
    Key,
    Projection,
)
from siyu.identities.decide import decide, moved, settle, tangled
from siyu.identities.model import Decision, Held, Known, New, Settled
from siyu.kernel.sql import Conn, load

SQL = load("siyu.identities")
BY_HAND = (CustomerMerged, CustomerSplit)


def project(conn: Conn, batch: Batch, now: datetime) -> None:
    """Resolve, join, merge."""
    wanted = list({key for event in batch.events for key in event.keys})
    if not wanted:
        return
    known = _find(conn, wanted)
    knotty = tangled(batch.events, known)
    if knotty:
        decision, settled, rows = _with_history(conn, batch.events, knotty, known)
    else:
        decision, settled, rows = decide(batch.events, known), None, list[Held]()
    customers, added = _give_out(conn, decision)
    ids = {key: row.id for key, row in known.items()} | {row.key: row.id for row in rows} | added
    for event_id, (number, is_new) in decision.customer.items():
        batch.customer[event_id] = customers[number] if is_new else number
        batch.identity[event_id] = ids[decision.came_by[event_id]]
    if batch.identity:  # before anything is sent ahead, since COPY waits for that
        conn.copy(SQL.copy_subjects, sorted(batch.identity.items()))
    _add(conn, decision, customers, added, now)
    _use(conn, decision, ids)
    batch.merges += decision.merges
    _merge(conn, decision, known, now)
    if settled is not None:
        _part(conn, batch, settled, rows, customers, _cause(knotty), now)
    for place, event_id in enumerate(decision.new_customers):
        batch.new_customers[customers[place]] = event_id


def _find(conn: Conn, wanted: list[Key]) -> dict[Key, Known]:
    rows = conn.fetch(
        SQL.find,
        {"kinds": [key.kind for key in wanted], "hashes": [key.hash for key in wanted]},
    )
    return {
        Key(kind, hashed): Known(id_, Key(kind, hashed), *known)
        for id_, kind, hashed, *known in rows
    }


def _give_out(conn: Conn, decision: Decision) -> tuple[list[int], dict[Key, int]]:
    """The ids of the new customers, and of the new keys."""
    if not decision.new and not decision.new_customers:
        return [], {}
    count = {"customers": len(decision.new_customers), "identities": len(decision.new)}
    ((customers, identities),) = conn.fetch(SQL.give_out, count)
    return customers or [], {
        one.key: id_ for one, id_ in zip(decision.new, identities or [], strict=True)
    }


def _add(
    conn: Conn, decision: Decision, customers: list[int], ids: dict[Key, int], now: datetime
) -> None:
    new = decision.new
    if new:
        conn.send(
            SQL.add,
            {
                "ids": [ids[one.key] for one in new],
                "kinds": [one.key.kind for one in new],
                "hashes": [one.key.hash for one in new],
                "customers": [
                    customers[one.customer] if one.is_new else one.customer for one in new
                ],
                "hows": [one.how for one in new],
                "events": [one.event_id for one in new],
                "now": now,
            },
        )


def _use(conn: Conn, decision: Decision, ids: dict[Key, int]) -> None:
    if not decision.used:
        return
    pairs = sorted((ids[pointer], ids[account]) for pointer, account in decision.used.items())
    conn.execute(
        SQL.use, {"ids": [pair[0] for pair in pairs], "used_by": [pair[1] for pair in pairs]}
    )


def _merge(conn: Conn, decision: Decision, known: dict[Key, Known], now: datetime) -> None:
    winner = {merge.loser: merge.winner for merge in decision.merges}
    gone = {
        row.written: row.customer_id for row in known.values() if row.written != row.customer_id
    }
    moves = sorted(({old: winner.get(new, new) for old, new in gone.items()} | winner).items())
    if moves:
        conn.execute(
            SQL.hand_over,
            {"losers": [move[0] for move in moves], "winners": [move[1] for move in moves]},
        )
    if decision.merges:
        conn.execute(
            SQL.record_merges,
            {
                "losers": [merge.loser for merge in decision.merges],
                "winners": [merge.winner for merge in decision.merges],
                "events": [merge.event_id for merge in decision.merges],
                "now": now,
            },
        )


def _with_history(
    conn: Conn, events: list[Event], knotty: list[Event], known: dict[Key, Known]
) -> tuple[Decision, Settled, list[Held]]:
    """The events of knots settled with all that came before; the others decided as ever."""
    keys = {key for event in knotty for key in event.keys}
    mine = [row for key, row in known.items() if key in keys]
    wanted = {
        "customers": sorted({row.customer_id for row in mine}),
        "knots": sorted({row.knot for row in mine if row.knot is not None}),
    }
    rows = [
        Held(id_, Key(kind, hashed), *rest)
        for id_, kind, hashed, *rest in conn.fetch(SQL.held, wanted)
    ]
    fresh = {event.id for event in knotty}
    heard = map(check.read, conn.fetch(SQL.past, {"ids": [row.id for row in rows]}))
    settled = settle(knotty, [event for event in heard if event.id not in fresh], rows)
    one = decide([event for event in events if event.id not in fresh], known)
    return _both(one, settled.decision), settled, rows


def _cause(knotty: list[Event]) -> int:
    """The event that history names: what a person said, else the first."""
    return max(knotty, key=lambda event: isinstance(event.data, BY_HAND)).id


def _both(one: Decision, other: Decision) -> Decision:
    """Two decisions about different people; the new customers of the other are counted on."""
    before = len(one.new_customers)

    def on(number: int, *, is_new: bool) -> int:
        return number + before if is_new else number

    new = [New(n.key, on(n.customer, is_new=n.is_new), *n[2:]) for n in other.new]
    return Decision(
        one.new + new,
        one.new_customers + other.new_customers,
        one.customer | {e: (on(n, is_new=new), new) for e, (n, new) in other.customer.items()},
        one.came_by | other.came_by,
        one.merges + other.merges,
        one.used | other.used,
    )


def _part(
    conn: Conn,
    batch: Batch,
    settled: Settled,
    rows: list[Held],
    customers: list[int],
    event_id: int,
    now: datetime,
) -> None:
    """What settling a knot moved: keys that go elsewhere, customers who go whole or live again."""
    fresh = customers[len(customers) - len(settled.decision.new_customers) :]
    after = {
        identity: fresh[number] if is_new else number
        for identity, (number, is_new) in settled.after.items()
    }
    splits, merges, ways = moved(rows, after, event_id)
    gone = [row for row in rows if after[row.id] != row.customer_id]
    if gone:
        conn.execute(
            SQL.move,
            {
                "ids": [row.id for row in gone],
                "afters": [after[row.id] for row in gone],
                "own": [settled.after[row.id][1] for row in gone],
            },
        )
        away = {"losers": sorted(ways), "winners": [ways[who] for who in sorted(ways)]}
        conn.execute(SQL.redirect, {**away, "event": event_id, "now": now})
        conn.execute(
            SQL.record_splits,
            {
                "identities": [split.identity_id for split in splits],
                "befores": [split.before for split in splits],
                "afters": [split.after for split in splits],
                "events": [split.event_id for split in splits],
                "now": now,
            },
        )
    if merges:
        losers = [merge.loser for merge in merges]
        winners = [merge.winner for merge in merges]
        events = [merge.event_id for merge in merges]
        conn.execute(
            SQL.record_merges, {"losers": losers, "winners": winners, "events": events, "now": now}
        )
        conn.execute(SQL.unknot, {"customers": losers})
    knots = {fresh[n] if is_new else n: knot for (n, is_new), knot in settled.knots}
    conn.execute(SQL.knot, {"customers": sorted(knots), "knots": [knots[n] for n in sorted(knots)]})
    batch.splits += splits
    batch.merges += merges


PROJECTION = Projection("identities", EVERY_KIND, project)
