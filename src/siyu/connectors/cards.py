"""What the connector of a carrier may know of its friends: read, never written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from siyu.commerce import views as commerce
from siyu.connectors.known import Card, CardNews, Person
from siyu.customers import views
from siyu.identities import views as identities
from siyu.kernel.sql import Db
from siyu.vault.model import Keys
from siyu.vault.views import open_field

ACCOUNT = "external_userid"
NAMED_BY = ("phone", "buyer", "member")  # a carrier's account is named as its owner likes


class CardsOf:
    """The friends that an installation has on one carrier."""

    def __init__(self, db: Db, keys: Keys, carrier: str) -> None:
        self._db = db
        self._keys = keys
        self._carrier = carrier

    def news(self, after: int, limit: int) -> Sequence[CardNews]:
        """Whoever has changed behind this `seq`; five statements, however many they are."""
        with self._db.transaction() as conn:
            found = views.news(conn, after, self._carrier, ACCOUNT, limit)
            accounts = [card.account for one in found for card in one.cards]
            opened = open_field(conn, self._keys, accounts, ACCOUNT) if accounts else {}
        return [
            CardNews(
                one.seq,
                one.customer_id,
                tuple(
                    Card(card.staff, opened[card.account], card.parted_at)
                    for card in one.cards
                    if card.account in opened  # else it was erased
                ),
                one.words,
            )
            for one in found
        ]

    def people(self, customers: Collection[int]) -> Mapping[int, Person]:
        """Name and phone from the vault, shop from the last order."""
        wanted = sorted(customers)
        with self._db.transaction() as conn:
            keys = {kind: identities.reach(conn, wanted, kind) for kind in NAMED_BY}
            hashes = {
                one: [mark for kind in NAMED_BY for _, mark in keys[kind].get(one, ())]
                for one in wanted
            }
            subjects = [mark for marks in hashes.values() for mark in marks]
            names = open_field(conn, self._keys, subjects, "name") if subjects else {}
            phones = open_field(conn, self._keys, subjects, "phone") if subjects else {}
            shops = commerce.last_shops(conn, wanted)
            called = {code: shop.name for code, shop in commerce.shops(conn).items()}
        return {
            one: Person(
                next((names[mark] for mark in hashes[one] if mark in names), ""),
                next((phones[mark] for mark in hashes[one] if mark in phones), ""),
                called.get(shops.get(one, ""), ""),
            )
            for one in wanted
        }
