"""What the connectors of warehouses may know of parcels: read, never written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from siyu.acquisition import views
from siyu.acquisition.model import Decided, KnownParcel
from siyu.commerce.decide import gift_deadline, warehouse_of
from siyu.commerce.model import Warehouse
from siyu.commerce.views import warehouses
from siyu.kernel.sql import Conn, Db


class ParcelsOf:
    """The parcels of an installation. `link`: where a card leads, with `{state}`."""

    def __init__(self, db: Db, link: str) -> None:
        self._db = db
        self._link = link

    def decisions(self, after: int, limit: int) -> Sequence[Decided]:
        """Frozen decisions behind this `seq`, each with its warehouse's own code."""
        with self._db.transaction() as conn:
            found = views.decisions(conn, after, limit)
            theirs = {house.code: house.items for house in warehouses(conn)}
        told: list[Decided] = []
        for one in found:
            code = one.gift if one.content == "gift" else one.card
            item = theirs.get(one.warehouse, {}).get(code, code)
            link = self._link.format(state=one.state_code) if one.state_code else ""
            told.append(
                Decided(
                    one.seq, one.parcel_no, one.shop, one.order_no, one.content, code, item, link
                )
            )
        return told

    def deadline(self, shop: str, paid_at: datetime) -> datetime | None:
        """Until when what a parcel of this shop carries can be changed."""
        with self._db.transaction() as conn:
            house = _serving(conn, shop)
        return None if house is None else gift_deadline(paid_at, house)

    def codes(self, shop: str) -> Mapping[str, tuple[str, str]]:
        """What of ours the codes of the shop's warehouse mean."""
        with self._db.transaction() as conn:
            return views.own_codes(conn, _serving(conn, shop))

    def known(self, numbers: Collection[str]) -> Mapping[str, KnownParcel]:
        """Those of these parcels that are planned."""
        with self._db.transaction() as conn:
            return views.known_parcels(conn, numbers)


def _serving(conn: Conn, shop: str) -> Warehouse | None:
    return warehouse_of(shop, warehouses(conn))
