"""What was spent, on what, on whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.kernel.sql import Conn, load, paged
from siyu.ledger.model import GoodsCost, GoodsShare, Posted, Price, Spending, StepCost, Tool
from siyu.staff.views import brand_zone

SQL = load("siyu.ledger")


def prices(conn: Conn, now: datetime) -> dict[str, Price]:
    """By kind, what holds at that moment for what has no price of its own."""
    return {row[0]: Price(*row) for row in conn.fetch(SQL.prices, {"now": now})}


def price_list(conn: Conn) -> list[Price]:
    """All prices there are, by kind, variant and day."""
    return [Price(*row) for row in conn.fetch(SQL.price_list)]


def spendings(conn: Conn, now: datetime) -> list[Spending]:
    """Every playbook that has a cap, with what of it is spent."""
    params = {"now": now, "zone": str(brand_zone(conn))}
    return [Spending(*row) for row in conn.fetch(SQL.caps, params)]


def paid_by(conn: Conn, promises: Sequence[tuple[str, int | None]]) -> list[str | None]:
    """(offer, visit) of each promise → the playbook with a cap that pays it; None: none does."""
    offers, visits = [offer for offer, _ in promises], [visit for _, visit in promises]
    params = {"places": list(range(len(promises))), "offers": offers, "visits": visits}
    found: dict[int, str] = dict(conn.fetch(SQL.paid_by, params)) if promises else {}
    return [found.get(place) for place in range(len(promises))]


def tools(conn: Conn) -> list[Tool]:
    """What is paid for by the month."""
    return [Tool(*row) for row in conn.fetch(SQL.tools)]


def costs(conn: Conn, after: GoodsCost | None, limit: int) -> list[GoodsCost]:
    """What goods cost, by sku, currency and day, behind this one."""
    sku, _, currency, day = after or GoodsCost("", 0, "")
    params = {"sku": sku, "currency": currency, "day": day, "limit": limit}
    return [GoodsCost(*row) for row in conn.fetch(SQL.costs, params)]


def count_costs(conn: Conn) -> tuple[int, int]:
    """How many costs of goods are known, and of how many skus."""
    ((rows, skus),) = conn.fetch(SQL.count_costs)
    return rows, skus


def shares(conn: Conn) -> list[GoodsShare]:
    """What goods of unknown cost are taken to cost, by category and day."""
    return [GoodsShare(*row) for row in conn.fetch(SQL.shares)]


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
    variant: str
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
