"""Register pointers: what leads to a customer whom another room knows."""

from __future__ import annotations

from collections.abc import Sequence
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
