"""The first projection: who each event of the batch is about.

Fills `batch.customer`, `identity`, `new_customers` and `merges`; at most seven statements.
"""

from __future__ import annotations

from datetime import datetime

from siyu.events.model import EVERY_KIND, Batch, Key, Projection
from siyu.identities.decide import decide
from siyu.identities.model import Decision, Known
from siyu.kernel.sql import Conn, load

SQL = load("siyu.identities")


def project(conn: Conn, batch: Batch, now: datetime) -> None:
    """Resolve, join, merge."""
    wanted = sorted({key for event in batch.events for key in event.keys})
    if not wanted:
        return
    known = _find(conn, wanted)
    decision = decide(batch.events, known)
    customers = _new_customers(conn, decision)
    ids = {key: row.id for key, row in known.items()} | _add(conn, decision, customers, now)
    _use(conn, decision, ids)
    batch.merges += decision.merges
    _merge(conn, decision, known, now)
    for event_id, (number, is_new) in decision.customer.items():
        batch.customer[event_id] = customers[number] if is_new else number
        batch.identity[event_id] = ids[decision.came_by[event_id]]
    for place, event_id in enumerate(decision.new_customers):
        batch.new_customers[customers[place]] = event_id
    _set_subjects(conn, batch)


def _find(conn: Conn, wanted: list[Key]) -> dict[Key, Known]:
    rows = conn.fetch(
        SQL.find,
        {"kinds": [key.kind for key in wanted], "hashes": [key.hash for key in wanted]},
    )
    return {
        Key(kind, hashed): Known(id_, Key(kind, hashed), customer_id, used_by, written)
        for id_, kind, hashed, customer_id, used_by, written in rows
    }


def _new_customers(conn: Conn, decision: Decision) -> list[int]:
    if not decision.new_customers:
        return []
    rows = conn.fetch(SQL.new_customers, {"count": len(decision.new_customers)})
    return [row[0] for row in rows]


def _add(conn: Conn, decision: Decision, customers: list[int], now: datetime) -> dict[Key, int]:
    new = decision.new
    if not new:
        return {}
    rows = conn.fetch(
        SQL.add,
        {
            "kinds": [one.key.kind for one in new],
            "hashes": [one.key.hash for one in new],
            "customers": [customers[one.customer] if one.is_new else one.customer for one in new],
            "hows": [one.how for one in new],
            "events": [one.event_id for one in new],
            "now": now,
        },
    )
    return {Key(kind, hashed): id_ for kind, hashed, id_ in rows}


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


def _set_subjects(conn: Conn, batch: Batch) -> None:
    if not batch.identity:
        return
    events = sorted(batch.identity)
    conn.execute(
        SQL.set_subjects,
        {"events": events, "identities": [batch.identity[event] for event in events]},
    )


PROJECTION = Projection("identities", EVERY_KIND, project)
