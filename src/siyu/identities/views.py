"""The keys of customers, and the customers of keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from siyu.events import check
from siyu.events.model import (
    OURS,
    POINTERS,
    CustomerMerged,
    CustomerSplit,
    Event,
    Key,
    Split,
)
from siyu.identities.decide import moved, settle, strongest
from siyu.identities.model import Conflict, Held, Identity, Merged
from siyu.kernel.sql import Conn, load

SQL = load("siyu.identities")


def reach(conn: Conn, customer_ids: Sequence[int], kind: str) -> dict[int, list[tuple[int, bytes]]]:
    """Customer → its identities of a kind (id, hash), the newest first; without any: missing."""
    found: dict[int, list[tuple[int, bytes]]] = {}
    if customer_ids:
        wanted = {"customers": sorted(set(customer_ids)), "kind": kind}
        for customer_id, identity_id, hashed in conn.fetch(SQL.reach, wanted):
            found.setdefault(customer_id, []).append((identity_id, hashed))
    return found


def kinds(
    conn: Conn, customer_ids: Collection[int], wanted: Collection[str]
) -> dict[int, set[str]]:
    """Customer → which of these kinds of keys it has; without any: missing."""
    found: dict[int, set[str]] = {}
    if customer_ids and wanted:
        params = {"customers": sorted(set(customer_ids)), "kinds": sorted(set(wanted))}
        for customer_id, kind in conn.fetch(SQL.kinds, params):
            found.setdefault(customer_id, set()).add(kind)
    return found


def of_customer(conn: Conn, customer_id: int) -> list[Identity]:
    """How we know a customer: each key, and the event that said so."""
    return [Identity(*row) for row in conn.fetch(SQL.of_customer, {"customer_id": customer_id})]


def resolve(conn: Conn, pairs: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], int]:
    """(kind, hash) → customer, merges followed; unknown ones are missing."""
    if not pairs:
        return {}
    wanted = sorted(set(pairs))
    rows = conn.fetch(
        SQL.find, {"kinds": [pair[0] for pair in wanted], "hashes": [pair[1] for pair in wanted]}
    )
    return {(kind, hashed): customer_id for _, kind, hashed, customer_id, *_ in rows}


def hashes(conn: Conn, identity_ids: Sequence[int]) -> dict[int, bytes]:
    """Identity → its hash, which is its vault subject."""
    if not identity_ids:
        return {}
    return dict(conn.fetch(SQL.hashes, {"ids": sorted(set(identity_ids))}))


def survivor(conn: Conn, ids: Sequence[int]) -> dict[int, int]:
    """Each customer id → the one that stands for it today: itself, unless it was merged."""
    if not ids:
        return {}
    return dict(conn.fetch(SQL.survivors, {"ids": sorted(set(ids))}))


def merges_of(conn: Conn, customer_id: int) -> list[Merged]:
    """Every merge that a customer had a part in, undone ones too."""
    return [Merged(*row) for row in conn.fetch(SQL.merges_of, {"customer_id": customer_id})]


def splits_of(conn: Conn, customer_id: int) -> list[tuple[Split, datetime]]:
    """Every key that left this customer by a split, or came to it by one, and when."""
    rows = conn.fetch(SQL.splits_of, {"customer_id": customer_id})
    return [(Split(*row[:4]), row[4]) for row in rows]


def conflicts(conn: Conn, customer_id: int) -> list[Conflict]:
    """The events that name keys of this customer and of somebody who was split from it."""
    rows, past = _knot(conn, customer_id)
    owner = {row.key: row.customer_id for row in rows}
    found: list[Conflict] = []
    for event in past:
        keys = [key for key in event.keys if key in owner and key.kind not in POINTERS]
        whose = {owner[key] for key in keys}
        by_hand = isinstance(event.data, CustomerMerged | CustomerSplit)
        if len(whose) > 1 and customer_id in whose and not by_hand:
            about = owner[strongest(event.kind, keys)]
            found.append(Conflict(event, about, sorted(whose - {about})))
    return found


def would_split(
    conn: Conn, customer_id: int, off: Sequence[Identity], stay: Sequence[Identity], now: datetime
) -> list[Split]:
    """What would go where, said of these keys; 0 stands for a new customer."""
    rows, past = _knot(conn, customer_id, anyway=True)
    keys = tuple(Key(one.kind, one.hash) for one in (*off, *stay))
    said = CustomerSplit(off=len(off), by="")
    event = Event(0, OURS, "split/~", "customer.split", now, now, False, keys, {}, said)
    found = settle([event], past, rows)
    after = {key: 0 if is_new else number for key, (number, is_new) in found.after.items()}
    return moved(rows, after, 0)[0]


def _knot(conn: Conn, customer_id: int, *, anyway: bool = False) -> tuple[list[Held], list[Event]]:
    """Who shares a knot with this customer, and all that was heard of them; `anyway`: of this
    customer too, who was never split from anybody."""
    knots = [row[0] for row in conn.fetch(SQL.knot_of, {"customer_id": customer_id})]
    if not knots and not anyway:
        return [], []
    found = conn.fetch(SQL.held, {"customers": [customer_id], "knots": knots})
    rows = [Held(id_, Key(kind, hashed), *rest) for id_, kind, hashed, *rest in found]
    heard = conn.fetch(SQL.past, {"ids": [row.id for row in rows]})
    return rows, sorted(map(check.read, heard), key=lambda event: event.order)


def of_events(conn: Conn, event_ids: Sequence[int]) -> dict[int, int]:
    """Fact → the customer whom it is about today; about nobody: missing."""
    if not event_ids:
        return {}
    return dict(conn.fetch(SQL.of_events, {"events": sorted(set(event_ids))}))


def eldest(conn: Conn, customer_id: int) -> int | None:
    """An identity that names this customer; None: there is no such customer."""
    rows = conn.fetch(SQL.eldest, {"customer": customer_id})
    return rows[0][0] if rows else None


def still_of(conn: Conn, identity_id: int, since: datetime) -> int | None:
    """Whose an identity is today; None: there is none such, or its customer was split since then,
    and nobody can say any more which of the two was meant."""
    rows = conn.fetch(SQL.still_of, {"id": identity_id, "since": since})
    return survivor(conn, [rows[0][0]]).get(rows[0][0]) if rows else None
