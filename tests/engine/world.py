"""What happens outside the engine, and what the brand does: the rules that bring things about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)
from tests.conftest import NOON, WIPE, TestClock
from tests.engine.carrier import Carrier
from tests.engine.plan import OTHER, PLAN
from tests.engine.reference import TOTAL, Fact, Model
from tests.journeys.conftest import IDS, KEYS, House

from siyu.budget import actions as budget
from siyu.budget.model import Cap
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.events import actions as events
from siyu.events.model import Incoming
from siyu.kernel.time import zone
from siyu.offers import actions as offers
from siyu.outbox import actions as outbox
from siyu.outbox.model import Context, Message

PEOPLE = 4
CAP = Cap("sms", "*", 1, 2)

ANSWERS = st.lists(
    st.sampled_from(
        ("accepted", "accepted", "rejected", "retry", "broken", "no answer", "taken, no answer",
         "killed", "taken, killed")
    ),
    min_size=1, max_size=3,
)  # fmt: skip
WHO = st.integers(0, PEOPLE - 1)
AGES = st.sampled_from((0, 0, 0, 1, 20, 119, 121, 3000))  # minutes
LIMITS = st.sampled_from((1, 2, 2000))


class World(RuleBasedStateMachine):
    """Events in at random; the model beside them waits to be told what is applied."""

    def __init__(self, db: Any) -> None:
        super().__init__()
        self.db = db
        with db.transaction() as conn:
            conn.execute(WIPE)
        self.clock = TestClock(NOON)
        self.house = House(db, self.clock)
        self.house.set_up()
        with db.transaction() as conn:
            content.install(
                conn,
                [Material("plain", "zh", "sms", "【{{ brand }}】你好", {"brand": "text"})],
                "t",
            )
            offers.stock(conn, "M", 2)
        self.house.publish(PLAN)
        self.ctx = Context(KEYS, IDS, "https://l/{state}", zone("Asia/Shanghai"), "CNY", "花研")
        self.model = Model()
        self.carrier = Carrier(self.looked_at, self.rang)
        self.channels: dict[str, Any] = {"sms": self.carrier}
        self.number = 0
        self.told: list[tuple[Fact, Incoming]] = []  # ever
        self.waiting: list[Fact] = []  # accepted, not applied
        self.had: dict[str, tuple[int, datetime]] = {}  # by token: whose phone rang, and when
        self.reported: list[tuple[str, str, str]] = []  # receipts, not applied: (event, how, token)
        self.reached: set[str] = set()  # tokens of what is known to have been received
        self.mixed: dict[frozenset[int], datetime] = {}  # since when they are one
        self.paused: set[str] = set()
        self.cap = CAP

    @property
    def now(self) -> datetime:
        return self.clock.now()

    # ── what happens outside ────────────────────────────────────────────────────────────────

    def hear(self, kind: str, who: int, age: int, data: dict[str, Any], **words: Any) -> None:
        self.number += 1
        at, name = self.now - timedelta(minutes=age), f"e{self.number:05}"
        keys = {"phone": f"+86138{who:08}"} | words.pop("keys", {})
        self.keep(
            Fact(at, name, kind, who, **words),
            self.house.event(kind, data, at=at, id=name, keys=keys),
        )

    def keep(self, fact: Fact, incoming: Incoming) -> None:
        self.told.append((fact, incoming))
        self.hand_in([(fact, incoming)])

    def hand_in(self, told: Sequence[tuple[Fact, Incoming]]) -> None:
        with self.db.transaction() as conn:
            answers = events.accept(conn, KEYS, "CN", [incoming for _, incoming in told], self.now)
        for (fact, _), answer in zip(told, answers, strict=True):
            assert answer.status in ("accepted", "duplicate"), answer
            if answer.status == "accepted":
                self.waiting.append(fact)

    @initialize(
        unwilling=st.sets(WHO, max_size=1), buyers=st.sets(WHO, min_size=1), most=st.integers(1, 2)
    )
    def some_agree_and_some_buy(self, unwilling: set[int], buyers: set[int], most: int) -> None:
        self.cap = CAP._replace(most=most)
        with self.db.transaction() as conn:
            budget.set_caps(conn, [self.cap])
        for who in set(range(PEOPLE)) - unwilling:
            self.consent(who, 60, "given")
        for who in sorted(buyers):
            self.order(who, 0, (), 0)
        self.apply(2000)

    @rule(who=WHO, age=AGES, answers=ANSWERS, limit=st.sampled_from((0, 1, 2000)))
    def order(self, who: int, age: int, answers: Sequence[str], limit: int) -> None:
        order = f"T{self.number + 1}"
        data = {"shop": "s", "order_no": order, "currency": "CNY", "total_minor": TOTAL}
        self.hear("order.paid", who, age, data, about=order)
        if limit:
            self.all_sweeps(answers, limit)

    @rule(who=WHO, age=AGES, is_now=st.sampled_from(("added", "deleted_by_customer")))
    def friend(self, who: int, age: int, is_now: str) -> None:
        keys = {"external_userid": f"wm{who}"}
        self.hear(f"friend.{is_now}", who, age, {"staff": "guide-1"}, keys=keys)

    @rule(who=WHO, age=AGES, is_now=st.sampled_from(("given", "withdrawn")))
    def consent(self, who: int, age: int, is_now: str) -> None:
        said = {"channels": ["sms"], "purposes": ["service"], "evidence": "form"}
        data = said | ({"basis": "consent"} if is_now == "given" else {})
        self.hear(f"consent.{is_now}", who, age, data)

    @precondition(lambda self: self.orders())
    @rule(data=st.data(), age=AGES, minor=st.sampled_from((4, TOTAL, None)))
    def order_is_given_back(self, data: Any, age: int, minor: int | None) -> None:
        order, who = data.draw(st.sampled_from(self.orders()))
        self.give_back(order, who, age, minor)

    def give_back(self, order: str, who: int, age: int, minor: int | None) -> None:
        said: dict[str, Any] = {"shop": "s", "order_no": order}
        if minor is None:
            self.hear("order.cancelled", who, age, said, about=order, amount=TOTAL)
        else:
            said |= {"refund_no": f"R{self.number}", "currency": "CNY", "amount_minor": minor}
            self.hear("order.refunded", who, age, said, about=order, amount=minor)

    def orders(self) -> list[tuple[str, int]]:
        return [(fact.about, fact.who) for fact, _ in self.told if fact.kind == "order.paid"]

    @rule(one=WHO, other=WHO, age=AGES)
    def a_key_is_shared(self, one: int, other: int, age: int) -> None:
        member = f"m{min(one, other)}{max(one, other)}"
        for who in {one, other}:
            self.hear("customer.identified", who, age, {}, about=member, keys={"member": member})

    @rule(
        who=WHO,
        what=st.sampled_from(("friend", "no", "gone")),
        ruled=st.booleans(),
        rounds=st.sampled_from((0, 0, 0, 1, 5)),
    )
    def a_word_before_the_sending(self, who: int, what: str, ruled: bool, rounds: int) -> None:
        """Wished and ruled, then something is heard that forbids it, then the outbox is sent.

        After five rounds in which nothing was sent the visits are over, with all still to say.
        """
        self.all_sweeps((), 2000)
        for _ in range(rounds):
            self.clock.advance(minutes=400)
            self.all_sweeps((), 2000)
        if what == "friend":
            self.friend(who, 0, "added")
        elif what == "no":
            self.consent(who, 0, "withdrawn")
        else:
            for order, buyer in self.orders():
                if buyer == who:
                    self.give_back(order, who, 0, TOTAL)
        self.apply(2000)
        if ruled:
            self.rule_wishes(2000)
        self.send(("accepted",), 2000)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def told_again(self, data: Any) -> None:
        self.hand_in(data.draw(st.lists(st.sampled_from(self.told), max_size=3)))

    @precondition(lambda self: self.orders())
    @rule(data=st.data(), minutes=st.sampled_from((5, 60, 2000)))
    def a_parcel_is_planned(self, data: Any, minutes: int) -> None:
        order, _ = data.draw(st.sampled_from(self.orders()))
        cutoff = (self.now + timedelta(minutes=minutes)).isoformat()
        said = {"parcel_no": f"P{order}", "shop": "s", "orders": [order], "main_order": order}
        self.number += 1
        incoming = self.house.event("parcel.planned", said | {"cutoff_at": cutoff})
        with self.db.transaction() as conn:
            events.accept(conn, KEYS, "CN", [incoming], self.now)

    @precondition(lambda self: self.carrier.rang)
    @rule(data=st.data(), age=AGES, how=st.sampled_from(("delivered", "failed", "read")))
    def a_receipt_comes(self, data: Any, age: int, how: str) -> None:
        token = data.draw(st.sampled_from(sorted(self.carrier.rang)))
        at = self.now - timedelta(minutes=age)
        self.number += 1
        name = f"e{self.number:05}"
        incoming = self.house.event(f"touch.{how}", {"touch": token}, at=at, id=name)
        with self.db.transaction() as conn:
            events.accept(conn, KEYS, "CN", [incoming], self.now)
        self.reported.append((name, how, token))

    # ── what the brand does ─────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.model.version == 1)
    @rule()
    def another_version_is_published(self) -> None:
        assert self.house.publish(OTHER).version == 2
        self.model.version = 2

    @rule(scope=st.sampled_from(("all", "channel:sms", "journey:plan")))
    def pause_or_resume(self, scope: str) -> None:
        with self.db.transaction() as conn:
            if scope in self.paused:
                outbox.resume(conn, scope, "t", self.now)
            else:
                outbox.pause(conn, scope, "t", self.now)
        self.paused ^= {scope}

    @rule(
        minutes=st.sampled_from((1, 3, 9, 10, 15, 25, 60, 360, 600, 960, 1440, 3000)),
        answers=ANSWERS,
        limit=st.sampled_from((0, 0, 1, 2000)),
    )
    def time_passes(self, minutes: int, answers: Sequence[str], limit: int) -> None:
        """Often with a worker that does its rounds: so a run comes far within few steps."""
        self.clock.advance(minutes=minutes)
        if limit:
            self.all_sweeps(answers, limit)

    # ── what the engine does: said in test_model.py ─────────────────────────────────────────

    def apply(self, limit: int) -> object:
        raise NotImplementedError

    def all_sweeps(self, answers: Sequence[str], limit: int) -> object:
        raise NotImplementedError

    def rule_wishes(self, limit: int) -> object:
        raise NotImplementedError

    def send(self, answers: Sequence[str], limit: int) -> object:
        raise NotImplementedError

    def looked_at(self, message: Message) -> None:
        raise NotImplementedError

    def rang(self, message: Message) -> None:
        raise NotImplementedError
