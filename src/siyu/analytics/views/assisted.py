"""To whom of us orders are credited, and why: worked out by the rule that holds now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from siyu.analytics.decide.assisted import Deed, Share, shares
from siyu.kernel.sql import Conn, load
from siyu.staff.model import Credit

SQL = load("siyu.analytics")


def credited(conn: Conn, orders: Sequence[int], credit: Credit) -> dict[int, list[Share]]:
    """Each of these orders, handed out; nobody's has no share."""
    params = {"ids": list(orders), "span": timedelta(days=credit.days)}
    deeds: dict[int, list[Deed]] = {}
    for order, *deed in conn.fetch(SQL.order_deeds, params):
        deeds.setdefault(order, []).append(Deed(*deed))
    return {order: shares(deeds.get(order, ()), credit.rule) for order in orders}


def numbered(conn: Conn, shop: str, order_no: str) -> list[int]:
    """The orders of this number; several shops may use the same."""
    rows = conn.fetch(SQL.order_numbers, {"shop": shop, "order_no": order_no})
    return [row[0] for row in rows]
