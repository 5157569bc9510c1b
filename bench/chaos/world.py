"""What happens to a brand in one run: a seed makes it, so that two runs hear the same facts.

Every fact has its moment and its id from the start; what differs between runs is only when, how
often and in whose company it arrives.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from siyu.app import PREDICATES, App
from siyu.budget import actions as budget
from siyu.commerce.actions import seed_shop
from siyu.commerce.model import Shop
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.journeys import actions as journeys
from siyu.ledger import actions as ledger
from siyu.ledger.model import Price
from siyu.offers import actions as offers
from siyu.playbooks import actions as playbooks
from siyu.staff.actions import seed as seed_staff
from siyu.staff.model import Brand, Member, Store

START = datetime(2026, 11, 20, 4, tzinfo=UTC)  # a Friday, noon in Shanghai
CUTOFF = START + timedelta(hours=3)
SHOP = "tmall-flagship"
PRICES = ("sms_segment", "call_minute", "staff_minute", "gift", "card", "shipping_extra")
STOCK = 10_000_000

# Waits of seconds, so that a run of minutes sees many of them end.
SHORT = """
journey: short
title: {zh: 短等待, en: Short waits}
enter: {on: order.paid, max_age: 2h}
reenter: each
concurrent: one per order
ends_when: {order: gone}
steps:
  - {id: pause, wait: 3s}
  - id: say
    send: {channel: sms, material: thanks, purpose: service, lane: now, priority: 5}
  - {id: again, wait: 4s}
  - id: more
    send: {channel: sms, material: thanks, purpose: service, lane: now, priority: 4}
  - {id: end, exit: done}
"""

THANKS = "【{{ brand }}】谢谢您的订单，拒收请回复R"

Event = dict[str, Any]


class Buyer(NamedTuple):
    """Somebody who buys, and what they will do."""

    number: int
    consents: bool
    friend_before: bool
    adds_by_link: bool
    adds_by_phone: bool
    cancels: bool
    refunds: bool
    orders: int
    call_intent: str

    @property
    def phone(self) -> str:
        """As shops tell it."""
        return f"139{self.number:08}"

    @property
    def steady(self) -> bool:
        """Nothing of theirs can come before or after a timer: all they get is known beforehand."""
        return not (self.adds_by_link or self.adds_by_phone or self.cancels)

    def order(self, which: int = 0) -> str:
        """Their orders' numbers."""
        return f"A{self.number}" if which == 0 else f"A{self.number}-{which}"


class World:
    """So many orders, and all that comes of them."""

    def __init__(self, seed: str, orders: int) -> None:
        self.seed = seed
        self.buyers: list[Buyer] = []
        left = orders
        while left > 0:
            buyer = _buyer(seed, len(self.buyers), left)
            self.buyers.append(buyer)
            left -= buyer.orders
        self.by_phone = {f"+86{buyer.phone}": buyer for buyer in self.buyers}

    def orders(self, of: Callable[[Buyer], bool]) -> set[str]:
        """The order numbers of these buyers."""
        mine = filter(of, self.buyers)
        return {buyer.order(which) for buyer in mine for which in range(buyer.orders)}

    def chance(self, *words: object) -> random.Random:
        """Draws that hang on these words alone."""
        return random.Random("/".join([self.seed, *map(str, words)]))

    def facts(self, lanes: int) -> list[list[Event]]:
        """What shops and WeCom tell, in so many lanes; of one buyer all in order, in one lane."""
        told: list[list[Event]] = []
        for lane in range(lanes):
            mine = [buyer for buyer in self.buyers if buyer.number % lanes == lane]
            told.append(self._interleaved(lane, mine))
        return told

    def _interleaved(self, lane: int, buyers: list[Buyer]) -> list[Event]:
        """Of each buyer the later facts some places behind the first; a few of all come twice."""
        chance = self.chance("lane", lane)
        behind = len(buyers) / 3
        placed: list[tuple[float, Event]] = []
        for place, buyer in enumerate(buyers):
            placed += [(place, event) for event in _at_first(buyer)]
            later = place + behind * (0.2 + chance.random())
            placed += [(later, event) for event in _later(buyer)]
        placed += [
            (place + behind * chance.random(), event)
            for place, event in placed
            if chance.random() < 0.03
        ]
        return [event for _, event in sorted(placed, key=lambda one: one[0])]

    def receipts(self, message: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What the provider reports of a message: some twice, in any order, some never."""
        buyer = self.by_phone[message["to"]]
        about = message["reference"]
        name = f"{message['channel']}/{about['journey']}/{about['order_no']}/{about['step']}"
        chance = self.chance("receipt", name)
        at = (START + timedelta(minutes=1)).isoformat()
        head = {"id": message["id"], "at": at}
        if message["channel"] == "voice_ai":
            answered = buyer.call_intent != ""
            found = [
                {
                    **head, "kind": "call", "receipt_id": f"call/{name}", "answered": answered,
                    "seconds": 30 if answered else 0, "intent": buyer.call_intent,
                }
            ]  # fmt: skip
        else:
            kinds = ["delivered", *(["read"] if chance.random() < 0.3 else [])]
            found = [{**head, "kind": kind, "receipt_id": f"{kind}/{name}"} for kind in kinds]
            found = [one for one in found if chance.random() >= 0.1]
            chance.shuffle(found)
        found += [one for one in found if chance.random() < 0.05]
        yield from found

    def answer(self, message: dict[str, Any]) -> Event | None:
        """The friend whom an invitation makes."""
        buyer = self.by_phone[message["to"]]
        if not (buyer.adds_by_link and message["link"]):
            return None
        state = message["link"].rpartition("/")[2]
        keys = {"external_userid": f"wm{buyer.number}", "state": state}
        return _event("friend.added", f"add/{buyer.number}", 90, {"staff": "guide-1"}, keys)


def _buyer(seed: str, number: int, left: int) -> Buyer:
    chance = random.Random(f"{seed}/buyer/{number}")
    fate = chance.random()
    again = 0.45 <= fate < 0.57 and left > 1
    return Buyer(
        number=number,
        consents=chance.random() >= 0.07,
        friend_before=fate < 0.05,
        adds_by_link=0.05 <= fate < 0.25,
        adds_by_phone=0.25 <= fate < 0.31,
        cancels=0.31 <= fate < 0.37,
        refunds=0.37 <= fate < 0.45,
        orders=2 if again else 1,
        call_intent=chance.choice(["", "", "A", "B", "C"]),
    )


def _event(
    kind: str, name: str, second: float, data: dict[str, Any], keys: dict[str, str]
) -> Event:
    at = START + timedelta(seconds=second)
    return {
        "source": "shop", "id": name, "kind": kind, "occurred_at": at.isoformat(), "data": data,
        "keys": keys, "person": {"name": "林小雨"} if kind == "order.paid" else {},
    }  # fmt: skip


def _at_first(buyer: Buyer) -> Iterator[Event]:
    keys = {"phone": buyer.phone}
    if buyer.friend_before:
        friend = {**keys, "external_userid": f"wm{buyer.number}"}
        yield _event("friend.added", f"add/{buyer.number}", -300, {"staff": "guide-1"}, friend)
    if buyer.consents:
        agreed = {
            "channels": ["sms", "voice", "wecom"], "purposes": ["order_invitation", "service"],
            "basis": "consent", "evidence": "checkout form 3, box 2",
        }  # fmt: skip
        yield _event("consent.given", f"consent/{buyer.number}", -60, agreed, keys)
    yield from _order(buyer, 0)


def _order(buyer: Buyer, which: int) -> Iterator[Event]:
    order = buyer.order(which)
    data = {
        "shop": SHOP, "order_no": order, "currency": "CNY", "total_minor": 19900,
        "lines": [{
            "sku": "SERUM", "title": "精华", "category": "护肤", "quantity": 1,
            "unit_minor": 19900, "amount_minor": 19900,
        }],
    }  # fmt: skip
    keys = {"phone": buyer.phone, "buyer": f"tmall/{buyer.number}"}
    second = buyer.number / 1000 + 10 * which
    yield _event("order.paid", f"order/{order}", second, data, keys)
    planned = {
        "parcel_no": f"P{order}", "shop": SHOP, "orders": [order], "main_order": order,
        "cutoff_at": CUTOFF.isoformat(),
    }  # fmt: skip
    yield _event("parcel.planned", f"parcel/{order}", second + 1, planned, {})


def _later(buyer: Buyer) -> Iterator[Event]:
    number, order = buyer.number, buyer.order()
    if buyer.adds_by_phone:
        keys = {"external_userid": f"wm{number}", "phone": buyer.phone}
        yield _event("friend.added", f"add/{number}", 60, {"staff": "guide-1"}, keys)
    if buyer.cancels:
        data = {"shop": SHOP, "order_no": order}
        yield _event("order.cancelled", f"cancel/{number}", 60, data, {})
    if buyer.refunds:
        data = {"shop": SHOP, "order_no": order, "refund_no": f"R{order}", "currency": "CNY"}
        yield _event("order.refunded", f"refund/{number}", 60, {**data, "amount_minor": 500}, {})
    for which in range(1, buyer.orders):
        yield from _order(buyer, which)


def install(app: App) -> None:
    """What the brand sets up before its first order."""
    with app.db.transaction() as conn:
        seed_staff(
            conn,
            Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh"),
            [Store("hz-1", "杭州湖滨店", "华东")],
            [Member(f"guide-{n}", f"{n} 号顾问", "guide", "hz-1") for n in (1, 2, 3)],
        )
        seed_shop(conn, [Shop(SHOP, "花间旗舰店", "tmall", True)])
        ledger.set_prices(conn, [Price(kind, 5, "CNY") for kind in PRICES])
        budget.set_defaults(conn)
        cascade = playbooks.read("cascade")
        playbooks.install(conn, cascade, "CNY", PREDICATES, START)
        for one in cascade.manifest.offers:
            offers.stock(conn, one.sku, STOCK)
        content.install(conn, [Material("thanks", "zh", "sms", THANKS, {"brand": "text"})], "chaos")
        journeys.publish(conn, SHORT, None, PREDICATES, "chaos", START)
