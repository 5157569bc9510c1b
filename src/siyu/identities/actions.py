"""Register pointers to customers whom another room knows; say which keys reach a stranger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from siyu.identities.model import Pointer
from siyu.kernel.sql import Conn, load

SQL = load("siyu.identities")


def register(conn: Conn, pointers: Sequence[Pointer], now: datetime) -> None:
    """From now on an event with this pointer is about this customer. Again changes nothing."""
    if pointers:
        conn.execute(
            SQL.register,
            {
                "kinds": [pointer.kind for pointer in pointers],
                "hashes": [pointer.hash for pointer in pointers],
                "customers": [pointer.customer_id for pointer in pointers],
                "hows": [pointer.how for pointer in pointers],
                "now": now,
            },
        )


def mark_wrong(conn: Conn, wrong: Mapping[int, datetime | None]) -> None:
    """Identity → since when somebody else answers there; None: it is theirs after all.

    It stays a key that finds the customer; it is no way to reach them any more.
    """
    if wrong:
        ids = sorted(wrong)
        conn.execute(SQL.mark, {"ids": ids, "sinces": [wrong[one] for one in ids]})
