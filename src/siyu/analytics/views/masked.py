"""What a list may show of the people in it: a part of each name, never the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from siyu.customers import views as customers
from siyu.identities import views as identities
from siyu.kernel.sql import Conn
from siyu.vault import views as vault
from siyu.vault.model import Keys, mask_name, mask_phone


class Masked(NamedTuple):
    """What a list shows of somebody; '' : not known."""

    name: str
    phone: str


UNKNOWN = Masked("", "")


def names(conn: Conn, keys: Keys, customer_ids: Iterable[int]) -> dict[int, str]:
    """Customer → masked name; who has none, or was erased, is missing."""
    wanted = sorted(set(customer_ids))
    items = customers.names(conn, wanted) if wanted else {}
    opened = vault.open_items(conn, keys, list(items.values()))
    return {who: mask_name(opened[item]) for who, item in items.items() if item in opened}


def people(conn: Conn, keys: Keys, customer_ids: Iterable[int]) -> dict[int, Masked]:
    """Customer → masked name and phone."""
    wanted = sorted(set(customer_ids))
    called = names(conn, keys, wanted)
    phones = {one: got[0][1] for one, got in identities.reach(conn, wanted, "phone").items()}
    clear = vault.open_field(conn, keys, list(phones.values()), "phone")
    shown = {one: mask_phone(clear[item]) for one, item in phones.items() if item in clear}
    return {one: Masked(called.get(one, ""), shown.get(one, "")) for one in wanted}
