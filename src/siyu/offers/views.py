"""What is promised, to whom, and what is left to give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from siyu.kernel.sql import Conn, load, paged
from siyu.offers.model import Offer, Promise, Stock

SQL = load("siyu.offers")


def open_promises(
    conn: Conn, customer_ids: Sequence[int], now: datetime | None = None
) -> dict[int, list[Promise]]:
    """What can still be kept for these customers (promised or claimable), eldest first."""
    found: dict[int, list[Promise]] = {}
    params = {"customers": list(customer_ids), "now": now}
    for row in conn.fetch(SQL.open_of, params):
        made = Promise(*row)
        found.setdefault(made.customer_id, []).append(made)
    return found


def of_customer(conn: Conn, customer_id: int) -> list[Promise]:
    """Every promise ever made to a customer, eldest first."""
    return [Promise(*row) for row in conn.fetch(SQL.of_customer, {"customer_id": customer_id})]


def by_id(conn: Conn, promise_ids: Sequence[int]) -> dict[int, Promise]:
    """Promises by their ids."""
    rows = conn.fetch(SQL.by_id, {"ids": list(promise_ids)})
    return {row[0]: Promise(*row) for row in rows}


def offers(conn: Conn) -> dict[str, Offer]:
    """The catalogue."""
    return {row[0]: Offer(*row) for row in conn.fetch(SQL.offers)}


def worth(conn: Conn, promise_ids: Sequence[int]) -> dict[int, tuple[Mapping[str, str], int]]:
    """Promise → the title of its offer, {zh, en}, and what it is worth to the customer."""
    rows = conn.fetch(SQL.worth, {"ids": list(promise_ids)}) if promise_ids else []
    return {promise: (title, value_minor) for promise, title, value_minor in rows}


def stock(conn: Conn) -> list[Stock]:
    """Every gift that is counted."""
    return [Stock(*row) for row in conn.fetch(SQL.all_stock)]


def counts(conn: Conn) -> dict[str, int]:
    """How many promises are in which state."""
    return dict(conn.fetch(SQL.counts))


def page(
    conn: Conn, after: int, limit: int, *, customer: int | None, state: str
) -> tuple[list[Promise], int]:
    """Promises with an id above `after`, in id order; and the id up to which was looked."""
    if customer is None:
        rows, end = paged(conn, SQL.page, SQL.page_end, after, limit, {"state": state})
    else:
        params = {"state": state, "after": after, "limit": limit, "customer": customer}
        rows = conn.fetch(SQL.page_of, params)
        end = int(rows[-1][0]) if rows else after
    return [Promise(*row) for row in rows], end
