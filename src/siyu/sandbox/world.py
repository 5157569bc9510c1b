"""One world on its virtual clock: what happens next, and one step of it over HTTP.

The loop that drives it (run.py): `next_at` → set the clock → `step` → the engine's tick →
`after_tick`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from siyu.sandbox.carrier import Carrier, Heard
from siyu.sandbox.client import Api
from siyu.sandbox.crowd import Buyer, Crowd
from siyu.sandbox.doors import Doors, OwnDoors
from siyu.sandbox.parameters import World as Parameters
from siyu.sandbox.phones import Paid, Records
from siyu.sandbox.shop import Fact, Sale, Shop, aftermath
from siyu.sandbox.staff import Guides, Served
from siyu.sandbox.stage import Stage
from siyu.sandbox.warehouse import Packing, Warehouse

# How soon a shop's system tells what happened there.
_ORDER_SLACK = timedelta(seconds=40)
_CANCEL_SLACK = timedelta(minutes=5)
_REFUND_SLACK = timedelta(hours=1)
_QUIET_AFTER = timedelta(days=2)


class World:
    """Buyers, shop, carrier, warehouse and guides of one seed.

    `cards` are the printed texts by card code, `guides` the staff account behind each step's code,
    `inserts` the shops' own rule; `synthetic` labels what is invented for a replayed file. `doors`:
    how the engine learns of it all; `warehouse`: who packs; `steps`: the step of a channel, where a
    message names none; `heard` is told what reached whom, `served` serves
    whom guides have to do with; `slack`: how late anything may be.
    """

    def __init__(  # noqa: PLR0913 - everything that makes one run
        self,
        parameters: Parameters,
        seed: str,
        shop: Shop,
        api: Api,
        *,
        zone: ZoneInfo,
        region: str,
        start: datetime,
        end: datetime,
        cards: Mapping[str, str],
        guides: Mapping[str, str] | None = None,
        inserts: Mapping[str, bool] | None = None,
        synthetic: bool = False,
        doors: Callable[[Stage], Doors] = OwnDoors,
        warehouse: Callable[..., Packing] = Warehouse,
        steps: Mapping[str, str] | None = None,
        heard: Heard | None = None,
        served: Served | None = None,
        slack: timedelta = timedelta(0),
    ) -> None:
        self._stage = Stage(
            parameters, seed, zone, start, end, api, synthetic=synthetic, slack=slack
        )
        self._doors = doors(self._stage)
        self._crowd = Crowd(self._stage, self._doors, region, guides or {})
        self._carrier = Carrier(self._stage, self._crowd, self._doors, steps or {}, heard)
        self._warehouse = warehouse(self._stage, self._crowd, cards, inserts or {})
        self._guides = Guides(self._stage, self._crowd, served)
        for item in shop.stream():
            if isinstance(item, Sale) and item.buyer is not None:
                self._crowd.buyer(item.buyer)
        self._stage.agenda.add(start, "", self._crowd.tell_old_friends)
        self._stream: Iterator[Sale | Fact] = shop.stream()
        self._closed: datetime | None = None  # when the shop had told its last
        self._plan_next()

    # ── the driver's side ──

    @property
    def records(self) -> Records:
        """What people, phones and parcels really received."""
        return self._stage.records

    @property
    def doors(self) -> Doors:
        """How the engine learns of what people do."""
        return self._doors

    def agreed(self, channel: str) -> frozenset[str]:
        """The buyers who agreed to a channel at checkout, by natural key."""
        return self._crowd.agreed(channel)

    @property
    def start(self) -> datetime:
        return self._stage.start

    @property
    def end(self) -> datetime:
        return self._stage.end

    def go_on(self, end: datetime, shop: Shop | None = None, *, guides: bool = False) -> None:
        """Live until then, with the orders of this shop from now on; `guides` work again."""
        begins, self._stage.end = self._stage.end, end
        if shop is not None:
            self._stream, self._closed = shop.stream(), None
            self._plan_next()
        if guides:
            self._guides.look_again(begins)

    def speak_to(self, api: Api) -> None:
        """From now on the engine is there."""
        self._stage.api = api

    def quiet(self, now: datetime) -> bool:
        """Whether the shop's last order is days ago: what is left waits for days, not minutes."""
        return self._closed is not None and now - self._closed > _QUIET_AFTER

    def next_at(self) -> datetime | None:
        """When the next step must be made; None when nothing more happens in this period."""
        waiting = [self._stage.agenda.next_at(), self._stage.receipts_by, self._doors.next_at()]
        found = min((at for at in waiting if at is not None), default=self._stage.end)
        return found if found < self._stage.end else None

    def step(self, now: datetime) -> int:
        """Everything up to `now` happens and is told; how many things happened."""
        self._stage.now = now
        count = self._stage.agenda.run(now)
        self._stage.flush()
        self._doors.deliver(now)
        return count

    def applied(self, now: datetime) -> None:
        """The engine has committed the apply of everything that was told so far."""
        self._stage.records.applied(now)

    def after_tick(self, now: datetime, *, applied: bool) -> None:
        """The tick is over: applies have committed, and phones get what was handed over."""
        if applied:
            self.applied(now)
        self._carrier.drain(now)

    # ── the provider's side ──

    def on_messages(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """The provider took these; called from its server's thread."""
        self._carrier.take(messages)

    def on_texts(self, texts: Sequence[tuple[str, str, str, str]]) -> None:
        """A carrier took these texts: (batch, number, text, our id)."""
        self._carrier.take_texts(texts)

    def on_calls(
        self, contacts: Sequence[Mapping[str, Any]], spoken: Callable[[Mapping[str, str]], str]
    ) -> None:
        """A provider of calls took these contacts; `spoken`: what its dialogue says to one."""
        self._carrier.take_calls(contacts, spoken)

    def on_cancel(self, tokens: Sequence[str]) -> list[str]:
        """The engine wants these back; which of them could still be stopped."""
        return self._carrier.cancel(tokens)

    # ── the shop ──

    def _plan_next(self) -> None:
        item = next(self._stream, None)
        if item is None:
            self._closed = self._stage.now
            return

        def act(_: datetime) -> None:
            if isinstance(item, Sale):
                self._order(item)
            else:
                self._stage.pass_on(item.event)
            self._plan_next()

        name = item.order_no if isinstance(item, Sale) else str(item.event["id"])
        self._stage.agenda.add(item.at, f"order/{name}", act, slack=_ORDER_SLACK)

    def _order(self, sale: Sale) -> None:
        paid = Paid(sale.shop, sale.order_no, sale.buyer, sale.at)
        self._stage.records.orders[sale.shop, sale.order_no] = paid
        buyer = self._crowd.introduce(sale)
        if sale.event is not None:
            self._stage.pass_on(sale.event)
        else:
            self._tell_order(sale, buyer)
            self._plan_aftermath(sale, paid)
        self._warehouse.ordered(sale)

    def _tell_order(self, sale: Sale, buyer: Buyer | None) -> None:
        keys: dict[str, str] = {}
        person: dict[str, str] = {}
        if buyer is not None:
            order = f"{sale.shop}/{sale.order_no}"
            keys = {"phone": buyer.contact.dialled, "buyer": buyer.key, "order": order}
            person = {"name": buyer.contact.name, "address": buyer.contact.address}
        data: dict[str, object] = {
            "shop": sale.shop,
            "order_no": sale.order_no,
            "currency": sale.currency,
            "total_minor": sale.total_minor,
            "lines": [line._asdict() for line in sale.lines],
        }
        self._stage.tell("order.paid", f"order/{sale.order_no}", sale.at, data, keys, person)

    def _plan_aftermath(self, sale: Sale, paid: Paid) -> None:
        found = aftermath(self._stage.world.shop, self._stage.seed, sale)
        if found is None:
            return
        keys = {"order": f"{sale.shop}/{sale.order_no}"} if sale.buyer else {}

        def cancel(at: datetime) -> None:
            parcels = self._stage.records.parcels.values()
            if any(sale.order_no in parcel.orders and parcel.packed_at for parcel in parcels):
                return  # too late: it is packed
            paid.cancelled_at = at
            data = {
                "shop": sale.shop,
                "order_no": sale.order_no,
                "reason": "changed their mind",
            }
            self._stage.tell("order.cancelled", f"cancel/{sale.order_no}", at, data, keys)
            self._warehouse.cancelled(sale.shop, sale.order_no, at)

        def refund(at: datetime) -> None:
            line = sale.lines[0]
            back = {"sku": line.sku, "quantity": 1, "amount_minor": line.unit_minor}
            data: dict[str, object] = {
                "shop": sale.shop,
                "refund_no": f"R{sale.order_no}",
                "order_no": sale.order_no,
                "currency": sale.currency,
                "amount_minor": line.unit_minor,
                "lines": [back],
            }
            self._stage.tell("order.refunded", f"refund/{sale.order_no}", at, data, keys)

        act = cancel if found.kind == "cancelled" else refund
        slack = _CANCEL_SLACK if found.kind == "cancelled" else _REFUND_SLACK
        name = f"{found.kind}/{sale.order_no}"
        self._stage.agenda.add(sale.at + found.after, name, act, slack)
