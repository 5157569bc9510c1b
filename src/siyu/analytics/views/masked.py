"""What a list may show of the people in it: a part of each name, never the whole."""

from __future__ import annotations

from collections.abc import Iterable

from siyu.customers import views as customers
from siyu.kernel.sql import Conn
from siyu.vault import views as vault
from siyu.vault.model import Keys, mask_name


def names(conn: Conn, keys: Keys, customer_ids: Iterable[int]) -> dict[int, str]:
    """Customer → masked name; who has none, or was erased, is missing."""
    wanted = sorted(set(customer_ids))
    items = customers.names(conn, wanted) if wanted else {}
    opened = vault.open_items(conn, keys, list(items.values()))
    return {who: mask_name(opened[item]) for who, item in items.items() if item in opened}
