"""What was spent, on what, on whom."""

from __future__ import annotations

from siyu.kernel.sql import Conn, load
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
