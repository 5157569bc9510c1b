"""Places in what all touches share: a carrier's quota, a guide's day.

The budget takes them for what it allows. Who ends a touch before it left frees them in the same
transaction, and the next lock on their account takes them off it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from siyu.kernel.sql import Conn, load

SQL = load("siyu.outbox")
Account = tuple[str, str, datetime]  # what is shared, its period, when that starts


def lock(conn: Conn, accounts: Sequence[Account], touch_ids: Sequence[int]) -> dict[Account, int]:
    """What is taken of each now, locked until this transaction ends; customers are locked before.

    What these touches took at an earlier ruling is given back.
    """
    params = {"touches": list(touch_ids), **columns(sorted(accounts))}
    return {row[:3]: row[3] for row in conn.fetch(SQL.lock_places, params)}


def take(conn: Conn, taken: Sequence[tuple[int, Account]]) -> None:
    """(touch, account): counted there from now on, under the lock."""
    if taken:
        touches, accounts = zip(*taken, strict=True)
        conn.execute(SQL.take_places, {"touches": list(touches), **columns(accounts)})


def free(conn: Conn, touch_ids: Sequence[int]) -> None:
    """These touches ended before they left. No account is locked: who ends a touch may lock
    customers yet, and they come before accounts."""
    if touch_ids:
        conn.execute(SQL.free_places, {"touches": sorted(touch_ids)})


def columns(accounts: Sequence[Account]) -> dict[str, list[Any]]:
    """Accounts as statements take them."""
    return {
        "names": [name for name, _, _ in accounts],
        "periods": [period for _, period, _ in accounts],
        "starts": [starts for _, _, starts in accounts],
    }
