"""Whatever order facts come in, however often and in whatever batches: the same facts result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.kernel.sql import parse

TABLES = (
    "event_key event event_pending event_applied identity event_subject identity_merge vault_key "
    "vault_item vault_lookup customer friendship tag tag_cleared consent orders order_item refund "
    "correction payment parcel parcel_order order_itemised"
)
WIPE = ";".join(f"delete from {table}" for table in TABLES.split())  # quicker than truncate here
NAMES, *FACTS = parse(Path(__file__).with_name("facts.sql").read_text("utf-8")).items()


def facts(db: Pool) -> dict[str, list[Any]]:
    with db.transaction() as conn:
        conn.execute(NAMES[1])
        return {table: sorted(map(repr, conn.fetch(query))) for table, query in FACTS}


PHONE, BUYER = {"phone": "13800000001"}, {"buyer": "s/1"}
PEOPLE = (PHONE, BUYER, {"phone": "13800000002", "buyer": "s/2"})
ACCOUNTS = (
    {"external_userid": "wm1"},
    {"external_userid": "wm1"} | PHONE,
    {"external_userid": "wm2"},
)
SHOP = "paid paid paid itemised refunded refunded cancelled claimed joined corrected"
RELATION = (
    "tagged tagged tagged chatted unchatted joined added deleted dropped wrote agreed refused"
)
PARCEL = "planned planned packed shipped"


class History:
    """Few people, orders and days, so that facts collide (hypothesis's own lists hardly do)."""

    def __init__(self, random: Random, event: Callable[..., Incoming]) -> None:
        self.random = random
        self.event = event

    def events(self) -> list[Incoming]:
        words = self.random.choice([SHOP, RELATION, f"{SHOP} {RELATION} {PARCEL}"]).split()
        kinds = self.random.choices(words, k=self.random.randint(2, 14))
        return [getattr(self, kind)(f"e{place}") for place, kind in enumerate(kinds)]

    def tell(self, kind: str, number: str, keys: dict[str, str], **data: Any) -> Incoming:
        person = data.pop("person", {}) if keys else {}
        at = self.random.randint(0, 4)
        return self.event(kind, source_id=number, at=at, keys=keys, person=person, **data)

    def one_of(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def order_no(self) -> str:
        return self.one_of("1", "2")

    def lines(self, most: int) -> list[dict[str, Any]]:
        quantities = self.random.choices([1, 1, 2, 3], k=self.random.randint(0, most))
        return [
            {"sku": self.one_of("a", "a", "b"), "quantity": one, "amount_minor": 100 * one}
            for one in quantities
        ]

    def paid(self, number: str) -> Incoming:
        lines = [line | {"unit_minor": 100} for line in self.lines(3)]
        return self.tell("order.paid", number, self.one_of(*PEOPLE, {}), order_no=self.order_no(),
                         total_minor=100 * self.random.randint(1, 6), lines=lines)  # fmt: skip

    def itemised(self, number: str) -> Incoming:
        lines = [line | {"unit_minor": 100} for line in self.lines(2) or self.lines(2)]
        lines = lines or [{"sku": "c", "quantity": 1, "unit_minor": 1, "amount_minor": 1}]
        return self.tell("order.itemised", number, {}, order_no=self.order_no(), lines=lines)

    def refunded(self, number: str) -> Incoming:
        lines = self.lines(2)
        amount = sum(line["amount_minor"] for line in lines) + self.one_of(0, 0, 100)
        return self.tell("order.refunded", number, self.one_of(*PEOPLE, {}), lines=lines,
                         refund_no=self.one_of("r1", "r2", "r3"), amount_minor=amount,
                         order_no=self.one_of(None, None, self.order_no()))  # fmt: skip

    def cancelled(self, number: str) -> Incoming:
        return self.tell("order.cancelled", number, {}, order_no=self.order_no())

    def corrected(self, number: str) -> Incoming:
        return self.tell(
            "order.corrected",
            number,
            {},
            correction_no=self.order_no(),
            amount_minor=self.random.randint(-3, 3),
        )

    def claimed(self, number: str) -> Incoming:
        keys = self.one_of(*PEOPLE) | {"order": f"s/{self.order_no()}"}
        return self.tell("customer.identified", number, keys)

    def joined(self, number: str) -> Incoming:
        return self.tell("customer.identified", number, PHONE | BUYER)

    def planned(self, number: str) -> Incoming:
        orders = [self.order_no(), self.order_no()]
        return self.tell("parcel.planned", number, {}, parcel_no=self.order_no(), orders=orders,
                         main_order=self.one_of(None, orders[0]),
                         cutoff_at=self.one_of("2026-11-09T08:00:00Z", "2026-11-09T16:00:00+08:00",
                                               "2026-11-10T08:00:00Z"))  # fmt: skip

    def packed(self, number: str) -> Incoming:
        gift = self.one_of("", "mask")
        return self.tell("parcel.packed", number, {}, parcel_no=self.order_no(), gift=gift)

    def shipped(self, number: str) -> Incoming:
        return self.tell("parcel.shipped", number, {}, parcel_no=self.order_no())

    def added(self, number: str) -> Incoming:
        way = self.one_of("", "search")
        person = self.one_of({}, {"name": "王芳"}, {"name": "李雷"})
        return self.tell("friend.added", number, self.one_of(*ACCOUNTS), person=person, way=way)

    def deleted(self, number: str) -> Incoming:
        return self.tell("friend.deleted_by_customer", number, self.one_of(*ACCOUNTS))

    def dropped(self, number: str) -> Incoming:
        return self.tell("friend.deleted_by_staff", number, self.one_of(*ACCOUNTS))

    def wrote(self, number: str) -> Incoming:
        return self.tell("message.received", number, self.one_of(*ACCOUNTS))

    def chatted(self, number: str) -> Incoming:
        return self.tell("payment.received", number, self.one_of(*ACCOUNTS, *PEOPLE, {}),
                         staff=self.one_of("a", "b"), trade_no=self.order_no(), currency="CNY",
                         amount_minor=self.random.randint(1, 9))  # fmt: skip

    def unchatted(self, number: str) -> Incoming:
        return self.tell("payment.refunded", number, self.one_of(*ACCOUNTS, {}), staff="a",
                         trade_no=self.order_no(), refund_no=self.one_of("r1", "r2"),
                         currency="CNY", amount_minor=self.random.randint(1, 9))  # fmt: skip

    def agreed(self, number: str) -> Incoming:
        person = self.one_of({}, {"name": "王芳"}, {"name": "韩梅"})
        return self.tell("consent.given", number, self.one_of(*PEOPLE), person=person,
                         channels=self.one_of(["sms"], ["sms", "voice"]))  # fmt: skip

    def refused(self, number: str) -> Incoming:
        return self.tell("consent.withdrawn", number, self.one_of(*PEOPLE))

    def tagged(self, number: str) -> Incoming:
        keys = self.one_of(*PEOPLE, *ACCOUNTS)
        return self.tell("tag.set", number, keys, name="vip", on=self.one_of(True, False))


@settings(max_examples=200)
@given(st.integers(0, 2**40))
def test_any_order_repetition_and_split_of_a_history_ends_in_the_same_facts(
    db: Pool, event: Callable[..., Incoming], tell: Callable[..., None], seed: int
) -> None:
    random = Random(seed)
    events = History(random, event).events()
    again = [*events, *random.sample(events, random.randint(0, len(events)))]
    random.shuffle(again)
    size = random.choice([1, 1, 2, 4])

    _wipe(db)
    tell(db, events)
    at_once = facts(db)
    _wipe(db)
    for start in range(0, len(again), size):
        tell(db, again[start : start + size])

    assert facts(db) == at_once


def _wipe(db: Pool) -> None:
    with db.transaction() as conn:
        conn.execute(WIPE)
