"""What was spent, on what, on whom."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from siyu.kernel.sql import Conn, load, paged
from siyu.ledger.model import Posted, Price, StepCost

SQL = load("siyu.ledger")


def prices(conn: Conn) -> dict[str, Price]:
    """The price list by kind."""
    return {row[0]: Price(*row) for row in conn.fetch(SQL.prices)}


def total(conn: Conn) -> dict[str, int]:
    """Minor units spent, per currency."""
    return {currency: amount for currency, amount in conn.fetch(SQL.total)}  # noqa: C416


def by_step(conn: Conn) -> list[StepCost]:
    """What each step of each journey has cost, by kind."""
    return [StepCost(*row) for row in conn.fetch(SQL.by_step)]


def of_customer(conn: Conn, customer_id: int) -> list[Posted]:
    """All entries of one customer, in the order of their time."""
    return [Posted(*row) for row in conn.fetch(SQL.of_customer, {"customer_id": customer_id})]


class Listed(NamedTuple):
    """An entry in a list. Reversed: it provably never happened, and its amount is 0."""

    id: int
    customer_id: int | None
    cause: str
    kind: str
    journey: str
    step: str
    shop: str
    quantity: int
    unit_minor: int
    amount_minor: int
    currency: str
    occurred_at: datetime
    reversed_at: datetime | None


def page(
    conn: Conn, after: int, limit: int, *, customer: int | None, kind: str, journey: str
) -> tuple[list[Listed], int]:
    """Entries with an id above `after`, in id order; and the id up to which was looked."""
    filters = {"kind": kind, "journey": journey}
    if customer is None:
        rows, end = paged(conn, SQL.page, SQL.page_end, after, limit, filters)
    else:
        params = {**filters, "after": after, "limit": limit, "customer": customer}
        rows = conn.fetch(SQL.page_of, params)
        end = int(rows[-1][0]) if rows else after
    return [Listed(*row) for row in rows], end
