"""A warehouse that works by its ERP: what a packer puts in is what the order there says.

The engine hears of it by the ERP alone: orders waiting for audit, what left, and what each carried.
Only the code on a card is asked of the engine, by whoever prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from secrets import token_hex
from typing import Any

from starlette.types import Receive, Scope, Send

from siyu.acquisition.model import mark
from siyu.commerce.model import Warehouse as Figures
from siyu.connectors.erp_jushuitan.fake import Jushuitan
from siyu.kernel.ids import share
from siyu.kernel.time import duration, next_time
from siyu.sandbox.crowd import Crowd
from siyu.sandbox.parameters import World
from siyu.sandbox.phones import Parcel
from siyu.sandbox.shop import Sale
from siyu.sandbox.stage import Stage
from siyu.sandbox.warehouse import Courier

CONNECTOR = "erp_jushuitan"
READ_BEFORE = timedelta(minutes=20)  # the engine has the day's orders so long before its decisions
TOLD_AFTER = timedelta(minutes=1)  # … and tells these so long after them
LEFT_AFTER = timedelta(minutes=5)
A_DAY = timedelta(days=1)
Look = Callable[[str], None]


class Erp:
    """The vendor: one company, whose shops are numbered as `shops` are listed. `out`: it does not
    answer, so nobody there can work."""

    def __init__(
        self,
        shops: Collection[str],
        clock: Callable[[], datetime | None],
        out: Callable[[], bool],
    ) -> None:
        self.out = out
        self._secret = token_hex(16)
        self._clock = clock
        self._moment: datetime | None = None
        self._shops = {shop: place for place, shop in enumerate(shops, 1)}
        self.company = Jushuitan("sandbox", self._secret, self._now, lambda: datetime.now(UTC))

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.company.app(scope, receive, send)

    def settings(self, url: str) -> dict[str, Mapping[str, Any]]:
        """What the brand enters."""
        shops = {str(place): shop for shop, place in self._shops.items()}
        given = {"base_url": url, "app_key": "sandbox", "app_secret": self._secret}
        return {CONNECTOR: {**given, "shops": shops}}

    def pay(self, sale: Sale, skus: Sequence[str]) -> int:
        """An order as of when it was paid; the ERP's number of it."""
        self._moment = sale.at
        try:
            shop, amount = self._shops[sale.shop], sale.total_minor / 100
            return self.company.pay(shop, sale.order_no, skus, amount=amount)
        finally:
            self._moment = None

    def _now(self) -> datetime:
        return self._moment or self._clock() or datetime(1970, 1, 1, tzinfo=UTC)


def house_of(world: World, zone: str) -> Figures:
    """Until when the engine may say what goes in."""
    erp = world.warehouse.erp
    return Figures(
        code="main", shops=(), time_zone=zone, download_lag=duration(erp.lag), audit_delay=None,
        ship_cutoff=time.fromisoformat(erp.audits), margin=duration(erp.margin), plans=False,
        items={},
    )  # fmt: skip


class ErpWarehouse:
    """`gifts` and `cards`: what lies on its shelves; of a card, what is printed on it. `look` has
    the engine ask for something: on a clock that jumps it does not ask every other minute."""

    def __init__(
        self,
        stage: Stage,
        crowd: Crowd,
        cards: Mapping[str, str],
        inserts: Mapping[str, bool],
        *,
        erp: Erp,
        gifts: Collection[str],
        look: Look,
    ) -> None:
        self._stage = stage
        self._courier = Courier(stage, crowd, cards)
        self._inserts = inserts
        self._erp = erp
        self._look = look
        rules = {mark("card", code): code for code in cards}
        erp.company.rules = {**rules, **{mark("gift", sku): sku for sku in gifts}}
        self._gifts, self._cards = set(gifts), set(cards)
        self._times = stage.world.warehouse.erp
        self._open: dict[datetime, dict[tuple[str, str], Parcel]] = {}  # by audit, shop and buyer
        self._lines: dict[str, int] = {}  # parcel → how many things are in it
        self._of: dict[tuple[str, str], Parcel] = {}
        self._numbers: dict[str, int] = {}  # parcel → what the ERP calls it
        self._cursor: str | None = None

    def ordered(self, sale: Sale) -> None:
        """The ERP has it at once; with what its buyer ordered before the same audit it shares a
        parcel."""
        skus = [line.sku for line in sale.lines] or ["GOODS"]
        number = self._erp.pay(sale, skus)
        audit = self._audit_of(sale.at)
        waiting = self._waiting(audit)
        key = sale.shop, sale.buyer or f"guest {sale.order_no}"
        parcel = waiting.get(key)
        if parcel is not None and not parcel.void:
            self._erp.company.merge(self._numbers[parcel.parcel_no], number)
            parcel.orders.append(sale.order_no)
        else:
            cutoff = audit - duration(self._times.margin)
            parcel = self._parcel(sale, f"{sale.shop}/{sale.order_no}", sale.order_no, cutoff)
            waiting[key] = parcel
            self._numbers[parcel.parcel_no] = number
        self._lines[parcel.parcel_no] = self._lines.get(parcel.parcel_no, 0) + len(skus)
        self._of[sale.shop, sale.order_no] = parcel

    def cancelled(self, shop: str, order_no: str, at: datetime) -> None:  # noqa: ARG002 - now
        """A parcel of several goes on with those that are left."""
        parcel = self._of.get((shop, order_no))
        if parcel is None or parcel.packed_at is not None or order_no not in parcel.orders:
            return
        parcel.orders.remove(order_no)
        if not parcel.orders:
            parcel.void = True
            self._erp.company.cancel(self._numbers[parcel.parcel_no])

    def _audit_of(self, paid: datetime) -> datetime:
        seen = paid + duration(self._times.lag)
        return next_time(time.fromisoformat(self._times.audits), seen, self._stage.zone)

    def _waiting(self, audit: datetime) -> dict[tuple[str, str], Parcel]:
        if audit not in self._open:
            self._open[audit] = {}
            cutoff = audit - duration(self._times.margin)
            plan = self._stage.agenda.add
            plan(cutoff - READ_BEFORE, "erp/orders", lambda _: self._read(audit))
            plan(cutoff, "erp/late", lambda _: self._look("orders"))  # then the engine decides
            plan(cutoff + TOLD_AFTER, "erp/decisions", lambda _: self._look("decisions"))
            plan(audit, "erp/audit", lambda at: self._audit(audit, at))
        return self._open[audit]

    def _parcel(self, sale: Sale, name: str, main: str | None, cutoff: datetime) -> Parcel:
        inserts = self._inserts.get(sale.shop, True)
        orders = [sale.order_no]
        parcel = Parcel(name, sale.shop, orders, main, sale.buyer, cutoff, inserts)
        self._stage.records.parcels[name] = parcel
        return parcel

    def _read(self, audit: datetime) -> None:
        """A few orders of several things are split before anybody decides."""
        for parcel in list(self._open[audit].values()):
            one = len(parcel.orders) == 1 and not parcel.void
            if one and self._lines[parcel.parcel_no] > 1 and self._splits(parcel):
                self._split(parcel)
        self._look("orders")

    def _splits(self, parcel: Parcel) -> bool:
        drawn = share("split", self._stage.seed, parcel.shop, parcel.orders[0])
        return drawn < self._stage.world.warehouse.split

    def _split(self, parcel: Parcel) -> None:
        """The child whose goods are worth most stands for the order; here all cost the same."""
        (order_no,) = parcel.orders
        first, *others = self._erp.company.split(self._numbers[parcel.parcel_no])
        self._numbers[parcel.parcel_no] = first
        audit = next(at for at, found in self._open.items() if parcel in found.values())
        for number in others:
            name = f"{parcel.shop}/{order_no}#{number}"
            child = Parcel(
                name, parcel.shop, [order_no], None, parcel.buyer, parcel.cutoff, parcel.inserts
            )
            self._stage.records.parcels[name] = child
            self._numbers[name] = number
            self._open[audit][parcel.shop, name] = child

    def _audit(self, audit: datetime, at: datetime) -> None:
        """What the marks say is on the packers' lists, and they put it in; out, all of it waits for
        the next day's audit."""
        if self._erp.out():
            self._stage.agenda.add(at + A_DAY, "erp/audit", lambda when: self._audit(audit, when))
            return
        parcels = [one for one in self._open.pop(audit).values() if not one.void]
        self._print()
        for parcel in parcels:
            self._erp.company.audit(self._numbers[parcel.parcel_no])
        packed = {parcel.parcel_no: self._pack(parcel, at) for parcel in parcels}
        ships = next_time(time.fromisoformat(self._times.ships), at, self._stage.zone)
        self._stage.agenda.add(ships, "erp/ships", lambda when: self._ship(parcels, packed, when))

    def _print(self) -> None:
        """Each card's own code, as it was decided; and why a parcel carries nothing."""
        decisions, self._cursor = self._stage.api.parcels(self._cursor)
        for decision in decisions:
            known = self._stage.records.parcels.get(decision.parcel_no)
            if known is not None:
                known.decision = decision

    def _pack(self, parcel: Parcel, at: datetime) -> dict[str, str]:
        """What is taken instead of what the list says: a few times a card for a gift, or a gift for
        a card."""
        parcel.packed_at = at
        order = self._erp.company.orders[self._numbers[parcel.parcel_no]]
        listed = [str(item["sku_id"]) for item in order["items"] if item["is_gift"]]
        instead: dict[str, str] = {}
        if share("packs", self._stage.seed, parcel.parcel_no) < self._stage.world.warehouse.errors:
            instead = {one: self._other(one) for one in listed}
            self._stage.records.mispacked += bool(instead)
        inside = {instead.get(one, one) for one in listed}
        parcel.gift = next(iter(sorted(inside & self._gifts)), "")
        parcel.card = next(iter(sorted(inside & self._cards)), "")
        return instead

    def _other(self, item: str) -> str:
        return min(self._cards if item in self._gifts else self._gifts, default=item)

    def _ship(
        self, parcels: list[Parcel], packed: Mapping[str, Mapping[str, str]], at: datetime
    ) -> None:
        for parcel in parcels:
            number = self._numbers[parcel.parcel_no]
            self._erp.company.send(number, instead=packed[parcel.parcel_no])
            self._courier.takes(parcel, at)
        self._stage.agenda.add(at + LEFT_AFTER, "erp/out", lambda _: self._look("out"))
