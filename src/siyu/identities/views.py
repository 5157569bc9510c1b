"""The keys of customers, and the customers of keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from siyu.identities.model import Identity
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
    return {(kind, hashed): customer_id for _, kind, hashed, customer_id, _, _ in rows}


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


def of_events(conn: Conn, event_ids: Sequence[int]) -> dict[int, int]:
    """Fact → the customer whom it is about today; about nobody: missing."""
    if not event_ids:
        return {}
    return dict(conn.fetch(SQL.of_events, {"events": sorted(set(event_ids))}))
