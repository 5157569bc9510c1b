"""Whom people mean: an order, a phone or a customer's public id, as somebody to let in by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from siyu.commerce import views as commerce
from siyu.customers import views as customers
from siyu.identities import views as identities
from siyu.journeys.actions import Entrant
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.sql import Conn
from siyu.vault.model import Keys, key_hash, normalise

NamedBy = Literal["order", "phone", "customer"]


class Named(NamedTuple):
    """Somebody: SHOP/ORDER, a phone, or cus_…"""

    by: NamedBy
    value: str


class Book(NamedTuple):
    """What people are looked up with; days are those of the brand's clocks."""

    keys: Keys
    ids: PublicIds
    region: str
    zone: ZoneInfo


def find(conn: Conn, book: Book, named: Sequence[Named], now: datetime) -> list[Entrant | None]:
    """Who that is, one for one; None: nobody is known by it.

    An order is what the visit is about, as if it had come in now. Without one it is the day, so
    that who is named twice on a day comes in once.
    """
    day = f"hand/{now.astimezone(book.zone):%Y-%m-%d}"
    orders = _orders(conn, named)
    phones = _phones(conn, book, named)
    ids = _ids(conn, book, named)
    found: list[Entrant | None] = []
    for place, (by, value) in enumerate(named):
        if by == "order":
            found.append(orders.get(value))
            continue
        customer, identity = (phones if by == "phone" else ids).get(place, (None, None))
        found.append(Entrant(customer, identity, day) if customer is not None else None)
    return found


Whose = Mapping[int, tuple[int, int | None]]  # place → customer, and the key that they hang on


def _orders(conn: Conn, named: Sequence[Named]) -> dict[str, Entrant]:
    parts = [value.partition("/") for by, value in named if by == "order"]
    rows = commerce.orders(conn, [(shop, number) for shop, _, number in parts]) if parts else {}
    return {
        f"{shop}/{number}": Entrant(
            one.customer_id, one.identity_id, f"{shop}/{number}", shop, number
        )
        for (shop, number), one in rows.items()
        if one.customer_id is not None
    }


def _phones(conn: Conn, book: Book, named: Sequence[Named]) -> Whose:
    hashes: dict[int, bytes] = {}
    problems: list[Problem] = []
    for place, (by, value) in enumerate(named):
        if by == "phone":
            try:
                phone = normalise("phone", value, book.region)
                hashes[place] = key_hash(book.keys, "phone", phone)
            except ValueError as error:
                problems.append(Problem(f"person {place + 1}", wording(error)))
    if problems:
        raise BadInput(
            Sentence(
                "Not everybody can be looked up, so nobody was let in.",
                "不是每一位都查得到，所以没有让任何人进入。",
            ),
            tuple(problems),
        )
    known = identities.resolve(conn, [("phone", one) for one in hashes.values()])
    rows = identities.reach(conn, list(known.values()), "phone")
    keys = {hashed: number for some in rows.values() for number, hashed in some}
    return {
        place: (known["phone", hashed], keys.get(hashed))
        for place, hashed in hashes.items()
        if ("phone", hashed) in known
    }


def _ids(conn: Conn, book: Book, named: Sequence[Named]) -> Whose:
    said = {
        place: number
        for place, (by, value) in enumerate(named)
        if by == "customer" and (number := book.ids.decode("cus", value)) is not None
    }
    today = identities.survivor(conn, list(said.values()))
    there = customers.there(conn, today.values()) if today else set[int]()
    return {place: (today[one], None) for place, one in said.items() if today.get(one) in there}
