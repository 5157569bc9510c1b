"""The warehouse: plans parcels in waves, packs what the engine decided, and ships them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from siyu.kernel.ids import share
from siyu.kernel.time import duration
from siyu.sandbox.crowd import Crowd, Received
from siyu.sandbox.phones import Parcel
from siyu.sandbox.shop import Sale
from siyu.sandbox.stage import Stage, stamp
from siyu.sandbox.waves import Round, next_round

_PULL_AFTER = timedelta(minutes=2)
_PULL_AGAIN = timedelta(minutes=5)
_PULLS = 3
_CARD_SLACK = timedelta(hours=2)


class Packing(Protocol):
    """Whoever packs, as a shop has to do with it."""

    def ordered(self, sale: Sale) -> None:
        """An order came in."""
        ...

    def cancelled(self, shop: str, order_no: str, at: datetime) -> None:
        """An order was cancelled, and nothing of it is packed."""
        ...


class Warehouse:
    """`cards` are the texts that were printed, by the code that decisions name."""

    def __init__(
        self, stage: Stage, crowd: Crowd, cards: Mapping[str, str], inserts: Mapping[str, bool]
    ) -> None:
        self._stage = stage
        self._inserts = inserts
        self._waiting: dict[Round, list[Sale]] = {}
        self._parcel_of: dict[tuple[str, str], list[Parcel]] = defaultdict(list)
        self._versions: dict[str, int] = defaultdict(int)
        self._cursor: str | None = None
        self._courier = Courier(stage, crowd, cards)

    def ordered(self, sale: Sale) -> None:
        """An order came in: it goes with the next wave."""
        waves = self._stage.world.warehouse.waves
        found = next_round(waves, sale.at, self._stage.zone)
        if found not in self._waiting:
            self._waiting[found] = []
            self._stage.agenda.add(found.plan, "plan", lambda _: self._plan(found))
        self._waiting[found].append(sale)

    def cancelled(self, shop: str, order_no: str, at: datetime) -> None:
        """Take a cancelled order out: of the waiting ones, or of its parcel if not yet packed."""
        for sales in self._waiting.values():
            sales[:] = [sale for sale in sales if (sale.shop, sale.order_no) != (shop, order_no)]
        for parcel in self._parcel_of[shop, order_no]:
            if parcel.packed_at is not None or parcel.void:
                continue
            parcel.orders.remove(order_no)
            if not parcel.orders:
                parcel.void = True
            else:
                # What was a parcel of two orders now stands for the one that is left.
                parcel.main_order = parcel.orders[0]
                self._tell_planned(parcel, at)

    def _plan(self, round_: Round) -> None:
        """Orders of one buyer and shop share a parcel; a few large ones need a second."""
        groups: dict[tuple[str, str], list[Sale]] = defaultdict(list)
        for sale in self._waiting.pop(round_):
            groups[sale.shop, sale.buyer or f"guest {sale.order_no}"].append(sale)
        parcels: list[Parcel] = []
        for (shop, _), sales in groups.items():
            main = sales[0]
            orders = [sale.order_no for sale in sales]
            parcels.append(self._parcel(round_, f"P{main.order_no}", main, orders, main.order_no))
            if share("split", self._stage.seed, shop, main.order_no) < self._split:
                child = self._parcel(round_, f"P{main.order_no}-2", main, [main.order_no], None)
                parcels.append(child)
        for parcel in parcels:
            self._tell_planned(parcel, round_.plan)
        self._stage.agenda.add(
            round_.cutoff + _PULL_AFTER, "pack", lambda at: self._pack(round_, parcels, 1, at)
        )

    @property
    def _split(self) -> float:
        return self._stage.world.warehouse.split

    def _parcel(
        self, round_: Round, parcel_no: str, sale: Sale, orders: list[str], main: str | None
    ) -> Parcel:
        inserts = self._inserts.get(sale.shop, True)
        parcel = Parcel(parcel_no, sale.shop, orders, main, sale.buyer, round_.cutoff, inserts)
        self._stage.records.parcels[parcel_no] = parcel
        for order_no in orders:
            self._parcel_of[sale.shop, order_no].append(parcel)
        return parcel

    def _tell_planned(self, parcel: Parcel, at: datetime) -> None:
        self._versions[parcel.parcel_no] += 1
        data: dict[str, object] = {
            "parcel_no": parcel.parcel_no,
            "shop": parcel.shop,
            "orders": list(parcel.orders),
            "main_order": parcel.main_order,
            "cutoff_at": stamp(parcel.cutoff),
            "synthetic": self._stage.synthetic,
        }
        name = f"planned/{parcel.parcel_no}/{self._versions[parcel.parcel_no]}"
        self._stage.tell("parcel.planned", name, at, data, self._keys(parcel))

    def _keys(self, parcel: Parcel) -> dict[str, str]:
        if parcel.buyer is None:
            return {}
        return {"order": f"{parcel.shop}/{parcel.main_order or parcel.orders[0]}"}

    def _pack(self, round_: Round, parcels: list[Parcel], pull: int, at: datetime) -> None:
        """Ask what goes in; without an answer ask again, and at last leave it empty."""
        decisions, self._cursor = self._stage.api.parcels(self._cursor)
        for decision in decisions:
            known = self._stage.records.parcels.get(decision.parcel_no)
            if known is not None:
                known.decision = decision
        late: list[Parcel] = []
        packed: list[Parcel] = []
        for parcel in parcels:
            if parcel.void:
                continue
            if parcel.decision is None and pull < _PULLS:
                late.append(parcel)
                continue
            self._fill(parcel, at)
            packed.append(parcel)
        if late:
            self._stage.agenda.add(
                at + _PULL_AGAIN, "pack", lambda when: self._pack(round_, late, pull + 1, when)
            )
        if packed:
            ships = max(round_.ships, at + _PULL_AGAIN)
            self._stage.agenda.add(ships, "ship", lambda when: self._ship(packed, when))

    def _fill(self, parcel: Parcel, at: datetime) -> None:
        wanted = parcel.decision
        parcel.packed_at = at
        if wanted is not None:
            parcel.gift = (wanted.gift or "") if wanted.content == "gift" else ""
            parcel.card = (wanted.card or "") if wanted.content == "card" else ""
        data = {"parcel_no": parcel.parcel_no, "gift": parcel.gift, "card": parcel.card}
        name = f"packed/{parcel.parcel_no}"
        self._stage.tell("parcel.packed", name, at, data, self._keys(parcel))

    def _ship(self, parcels: list[Parcel], at: datetime) -> None:
        for parcel in parcels:
            data = {"parcel_no": parcel.parcel_no}
            name = f"shipped/{parcel.parcel_no}"
            self._stage.tell("parcel.shipped", name, at, data, self._keys(parcel))
            self._courier.takes(parcel, at)


class Courier:
    """Brings parcels: the card in one is in the person's hands some days later."""

    def __init__(self, stage: Stage, crowd: Crowd, cards: Mapping[str, str]) -> None:
        self._stage = stage
        self._crowd = crowd
        self._cards = cards
        first, last = (duration(span) for span in stage.world.warehouse.arrives)
        self._arrives = first, last - first

    def takes(self, parcel: Parcel, at: datetime) -> None:
        """On its way. Nothing goes over the wire as it arrives, so a step may be late."""
        if not parcel.card or parcel.buyer is None:
            return
        buyer = self._crowd.buyer(parcel.buyer)
        first, more = self._arrives
        arrives = at + first + more * buyer.person.draw("parcel", parcel.parcel_no)

        def act(when: datetime) -> None:
            link = parcel.decision.card_link if parcel.decision is not None else None
            if not link:
                return  # packed by mistake: nothing on it leads anywhere
            text = self._cards.get(parcel.card, "")
            about = (parcel.shop, parcel.main_order or parcel.orders[0])
            received = Received("parcel_insert", "card", text, link, about)
            self._crowd.receive(buyer, received, when)

        self._stage.agenda.add(arrives, f"arrives/{parcel.parcel_no}", act, slack=_CARD_SLACK)
