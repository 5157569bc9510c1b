"""Promises at risk: what we owe, with no parcel to travel in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from siyu.analytics.views import masked
from siyu.kernel.sql import Conn, load
from siyu.vault.model import Keys

SQL = load("siyu.analytics")


class OwedPromise(NamedTuple):
    """A promise whose own parcel went without it; the buyer is masked."""

    id: int
    offer: str
    title: Mapping[str, str]
    customer_id: int
    buyer: str
    shop: str
    order_no: str
    reason: str
    promised_at: datetime
    expires_at: datetime


def owed(
    conn: Conn, keys: Keys, by: datetime | None, after: int, limit: int, *, all_open: bool = False
) -> list[OwedPromise]:
    """Behind a promise (0: from the first), the first to lapse first; `by`: that lapse before;
    `all_open`: also those whose own parcel may still come."""
    params = {"after": after or None, "by": by, "limit": limit}
    rows = conn.fetch(SQL.open_promises if all_open else SQL.owed_promises, params)
    names = masked.names(conn, keys, (row[3] for row in rows))
    return [
        OwedPromise(number, offer, title or {}, customer, names.get(customer, ""), *rest)
        for number, offer, title, customer, *rest in rows
    ]
