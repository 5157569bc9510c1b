"""Shops are made known; everything else about commerce comes as events."""

from __future__ import annotations

from collections.abc import Iterable

from siyu.commerce.model import Shop
from siyu.kernel.sql import Conn, load

SQL = load("siyu.commerce")


def seed_shop(conn: Conn, shops: Iterable[Shop]) -> None:
    """Make these shops known, or change what is known of them."""
    rows = sorted({shop.code: shop for shop in shops}.values())
    if rows:
        conn.execute(
            SQL.seed_shops,
            {
                "codes": [shop.code for shop in rows],
                "names": [shop.name for shop in rows],
                "platforms": [shop.platform for shop in rows],
                "inserts": [shop.inserts for shop in rows],
                "synthetic": [shop.synthetic for shop in rows],
            },
        )
