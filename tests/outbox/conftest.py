"""A house with customers who can be reached, and a provider that counts each phone's texts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from siyu.budget import actions as budget
from siyu.budget import sweep as ruling
from siyu.budget.project import PROJECTION as BUDGET
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.customers.project import PROJECTION as CUSTOMERS
from siyu.db.pool import Pool
from siyu.events import actions as events
from siyu.events import sweep as applying
from siyu.events.model import Incoming, Projection
from siyu.identities import views as identities
from siyu.identities.project import PROJECTION as IDENTITIES
from siyu.kernel.ids import PublicIds
from siyu.kernel.time import zone
from siyu.ledger import actions as ledger
from siyu.ledger.project import PROJECTION as LEDGER
from siyu.offers import actions as offers
from siyu.offers.model import NewPromise, Offer
from siyu.outbox import actions, sweep, views
from siyu.outbox.model import Asked, Context, Found, Message, Result, Stopped, Wish
from siyu.outbox.project import projection as outbox_projection
from siyu.staff import actions as staff
from siyu.staff.model import Brand, Member
from siyu.tasks.project import projection as tasks_projection
from siyu.vault.model import Keys, key_hash

KEYS = Keys(b"m" * 32, b"l" * 32)
IDS = PublicIds(b"p" * 32)
TEXTS: tuple[Material, ...] = (
    Material(
        "invite", "zh", "sms", "【{{ brand }}】{{ name }}，{{ link }}",
        {"brand": "text", "name": "text", "link": "link"},
    ),
    Material(
        "gift", "zh", "sms",
        "【{{ brand }}】{{ name }}，{{ offer_title }}（{{ offer_value }}）{{ link }}",
        {"brand": "text", "name": "text", "link": "link"}
        | {"offer_title": "text", "offer_value": "money"},
    ),
)  # fmt: skip


class Provider:
    """A provider with idempotency tokens, and the phones behind it."""

    def __init__(self) -> None:
        self.calls: list[list[Message]] = []
        self.phone: dict[str, Counter[str]] = {}  # phone → texts
        self.known: dict[str, Message] = {}
        self.cancelled: list[str] = []
        self.asked: list[Asked] = []
        self.answer: Callable[[Message], Result | None] = lambda m: Result(m.token, "accepted", "v")
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.found: Callable[[str], Found | None] = lambda token: Found(
            token, "accepted" if token in self.known else "absent"
        )

    def send(self, messages: Sequence[Message]) -> list[Result]:
        self.calls.append(list(messages))
        self.before()
        results = [result for message in messages if (result := self.answer(message))]
        taken = {result.token for result in results if result.status == "accepted"}
        for message in messages:
            if message.token in taken and message.token not in self.known:
                self.known[message.token] = message
                self.phone.setdefault(message.to, Counter())[message.text] += 1
        self.after()
        return results

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        self.cancelled += [one.token for one in asked]
        return [Stopped(one.token) for one in asked]

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        self.asked += asked
        return [found for one in asked if (found := self.found(one.token)) is not None]

    @property
    def messages(self) -> list[Message]:
        return [message for call in self.calls for message in call]


class House:
    """Everything around the outbox, real, on one database."""

    def __init__(self, db: Pool, clock: Any) -> None:
        self.db = db
        self.clock = clock
        self.ids = IDS
        self.ctx = Context(
            KEYS, IDS, "https://l.example/{state}", zone("Asia/Shanghai"), "CNY", "花研"
        )
        self.sms = Provider()
        self.voice = Provider()
        self.channels: dict[str, Any] = {"sms": self.sms, "voice_ai": self.voice}
        self.projections: tuple[Projection, ...] = (
            IDENTITIES, CUSTOMERS, LEDGER, outbox_projection(IDS), tasks_projection(IDS), BUDGET,
        )  # fmt: skip
        self._number = 0

    def set_up(self) -> None:
        with self.db.transaction() as conn:
            brand = Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh")
            staff.seed(
                conn, brand, [], [Member("guide-1", "a", "guide"), Member("g2", "b", "guide")]
            )
            budget.set_defaults(conn)
            ledger.set_prices(
                conn,
                [
                    ledger.Price(kind, 5, "CNY")
                    for kind in ("sms_segment", "call_minute", "staff_minute")
                ],
            )
            offers.install(conn, [Offer("face-mask", {"zh": "面膜", "en": "mask"}, 1500, "M")], "t")
            content.install(conn, TEXTS, "t")

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def accept(self, *incoming: Incoming) -> None:
        with self.db.transaction() as conn:
            answers = events.accept(conn, KEYS, "CN", list(incoming), self.now)
        assert {answer.status for answer in answers} <= {"accepted", "duplicate"}, answers

    def apply(self) -> applying.Applied:
        return applying.apply(self.db, self.projections, self.now)

    def event(self, kind: str, data: dict[str, Any] | None = None, **words: Any) -> Incoming:
        self._number += 1
        text = msgspec.Raw(json.dumps(data or {}).encode())
        at = words.pop("at", self.now).isoformat()
        named = {"source": "test", "id": f"e{self._number}", "occurred_at": at} | words
        return Incoming(kind=kind, data=text, **named)

    def tell(self, *incoming: Incoming) -> None:
        self.accept(*incoming)
        assert self.apply().parked == 0

    def phone(self, number: int) -> str:
        return f"+86138{number:08}"

    def buyers(self, many: int, *, first: int = 1) -> list[int]:
        """So many customers with a phone, a name and every consent."""
        told: list[Incoming] = []
        for number in range(first, first + many):
            keys = {"phone": self.phone(number)}
            consent = {
                "channels": ["sms", "voice", "wecom"],
                "purposes": ["order_invitation", "promotion", "service"],
                "basis": "consent",
                "evidence": "form 1",
            }
            order = {"shop": "s", "order_no": f"T{number}", "currency": "CNY", "total_minor": 1}
            told += [
                self.event("consent.given", consent, keys=keys),
                self.event("order.paid", order, keys=keys, person={"name": f"客户{number}"}),
            ]
        self.tell(*told)
        return [self.customer(number) for number in range(first, first + many)]

    def customer(self, number: int) -> int:
        hashed = key_hash(KEYS, "phone", self.phone(number))
        with self.db.transaction() as conn:
            return identities.resolve(conn, [("phone", hashed)])["phone", hashed]

    def wish(self, customers: Sequence[int], **words: Any) -> list[int]:
        """One wish each, of a visit of the same number."""
        base = Wish(
            1, "n", 0, 1, "cascade", "sms", "sms", "order_invitation", "now", 0, "s", "T1",
            "invite", "zh", None, "abc", self.now, None,
        )  # fmt: skip
        wishes = [
            base._replace(**({"visit_id": c, "customer_id": c, "order_no": f"T{c}"} | words))
            for c in customers
        ]
        with self.db.transaction() as conn:
            actions.wish(conn, wishes, self.now)
        return [touch.id for c in customers for touch in self.touches(c)[-1:]]

    def owed(self, many: int = 1, *, first: int = 1, **words: Any) -> list[int]:
        """Touches that the budget has allowed."""
        touches = self.wish(self.buyers(many, first=first), **words)
        self.rule()
        assert {self.touch(touch).state for touch in touches} == {"owed"}
        return touches

    def promise(self, customer: int) -> int:
        expires = self.now + timedelta(days=30)
        made = NewPromise(f"p{customer}", "face-mask", customer, None, "s", "T1", None, expires)
        with self.db.transaction() as conn:
            return offers.promise(conn, [made], self.now)[made.key]

    def rule(self) -> ruling.Ruled:
        with self.db.transaction() as conn:
            return ruling.rule(conn, self.ctx.zone, self.now)

    def send(self, **words: Any) -> sweep.Sent:
        real = words.pop("real", self.clock.real())
        return sweep.send(self.db, self.channels, self.ctx, self.now, real, **words)

    def reclaim(self, real: datetime | None = None) -> int:
        return sweep.reclaim(self.db, self.now, real or self.clock.real())

    def cancel(self) -> int:
        return sweep.cancel(self.db, self.channels, self.ctx, self.now)

    def reconcile(self) -> int:
        return sweep.reconcile(self.db, self.channels, self.ctx, self.now)

    def touches(self, customer: int) -> list[views.Touch]:
        with self.db.transaction() as conn:
            return views.of_customer(conn, customer)

    def touch(self, touch: int) -> views.Touch:
        with self.db.transaction() as conn:
            return views.facts(conn, [touch])[touch]

    def token(self, touch: int) -> str:
        return IDS.encode("tch", touch)

    def spent(self) -> int:
        return self.one("select coalesce(sum(amount_minor), 0) from ledger_entry")

    def own_events(self) -> list[str]:
        """Kinds of our own events, in the order in which they were told."""
        return [
            kind
            for (kind,) in self.rows("select kind from event where source = 'siyu' order by id")
        ]

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def rows(self, sql: str) -> list[Any]:
        with self.db.transaction() as conn:
            return conn.fetch(sql)


@pytest.fixture
def house(db: Pool, clock: Any) -> House:
    """Open at noon."""
    house = House(db, clock)
    house.set_up()
    return house
