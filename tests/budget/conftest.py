"""Customers with phones and consents, and wishes for them; no provider is needed for a ruling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import pytest

from siyu.budget import actions, sweep, views
from siyu.budget.project import PROJECTION as BUDGET
from siyu.customers.project import PROJECTION as CUSTOMERS
from siyu.db.pool import Pool
from siyu.events import actions as events
from siyu.events import sweep as applying
from siyu.events.model import Incoming
from siyu.identities import views as identities
from siyu.identities.project import PROJECTION as IDENTITIES
from siyu.kernel.ids import PublicIds
from siyu.kernel.time import zone
from siyu.outbox import actions as outbox
from siyu.outbox import views as touches
from siyu.outbox.model import Wish
from siyu.outbox.project import projection
from siyu.staff import actions as staff
from siyu.staff.model import Brand
from siyu.vault.model import Keys, key_hash

KEYS = Keys(b"m" * 32, b"l" * 32)
IDS = PublicIds(b"p" * 32)
EVERYTHING = {
    "channels": ["sms", "voice", "wecom"],
    "purposes": ["order_invitation", "promotion", "service"],
    "basis": "consent",
    "evidence": "form 1",
}


class Bureau:
    """The budget with what lies below it, real."""

    def __init__(self, db: Pool, clock: Any) -> None:
        self.db = db
        self.clock = clock
        self.ids = IDS
        self.zone = zone("Asia/Shanghai")
        self._number = 0

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def tell(self, *told: tuple[str, dict[str, Any], dict[str, str]]) -> None:
        incoming: list[Incoming] = []
        for kind, data, keys in told:
            self._number += 1
            raw = msgspec.Raw(msgspec.json.encode(data))
            at = self.now.isoformat()
            name = f"e{self._number}"
            incoming.append(
                Incoming(source="test", id=name, kind=kind, occurred_at=at, keys=keys, data=raw)
            )
        with self.db.transaction() as conn:
            answers = events.accept(conn, KEYS, "CN", incoming, self.now)
        assert {answer.status for answer in answers} == {"accepted"}, answers
        projections = (IDENTITIES, CUSTOMERS, projection(IDS), BUDGET)
        assert applying.apply(self.db, projections, self.now).parked == 0

    def phone(self, number: int) -> str:
        return f"+86138{number:08}"

    def buyers(self, many: int, *, first: int = 1) -> list[int]:
        numbers = range(first, first + many)
        self.tell(*[("consent.given", EVERYTHING, {"phone": self.phone(n)}) for n in numbers])
        return [self.customer(n) for n in numbers]

    def customer(self, number: int) -> int:
        hashed = key_hash(KEYS, "phone", self.phone(number))
        with self.db.transaction() as conn:
            return identities.resolve(conn, [("phone", hashed)])["phone", hashed]

    def marry(self, one: int, other: int) -> None:
        """Prove that two phones are one person's."""
        for number in (one, other):
            keys = {"phone": self.phone(number), "buyer": "b/1"}
            self.tell(("customer.identified", {}, keys))

    def wish(self, customers: Sequence[int], **words: Any) -> list[int]:
        with self.db.transaction() as conn:
            outbox.wish(conn, self.wishes(customers, **words), self.now)
            return [touches.of_customer(conn, customer)[-1].id for customer in customers]

    def wishes(self, customers: Sequence[int], **words: Any) -> list[Wish]:
        base = Wish(
            1, "n", 0, 1, "cascade", "sms", "sms", "order_invitation", "now", 0, "s", "T1",
            "invite", "zh", None, "", self.now, None,
        )  # fmt: skip
        return [
            base._replace(**({"visit_id": customer, "customer_id": customer} | words))
            for customer in customers
        ]

    def rule(self) -> sweep.Ruled:
        with self.db.transaction() as conn:
            return sweep.rule(conn, self.zone, self.now)

    def rule_new(self, customers: Sequence[int], **words: Any) -> list[int | None]:
        """Wishes as journeys make them: ruled before they are written."""
        with self.db.transaction() as conn:
            wishes = self.wishes(customers, **words)
            stands, note = sweep.rule_new(conn, wishes, zone=self.zone, now=self.now)
            written = outbox.wish(conn, wishes, self.now, stands)
            note(written)
        return written

    def touch(self, touch: int) -> touches.Touch:
        with self.db.transaction() as conn:
            return touches.facts(conn, [touch])[touch]

    def reasons(self, touch: int) -> list[tuple[str, str]]:
        with self.db.transaction() as conn:
            said = views.rulings(conn, [touch])[touch]
        return [(ruling.verdict, ruling.reason) for ruling in said]


@pytest.fixture
def bureau(db: Pool, clock: Any) -> Bureau:
    """Open at noon, with the rules that a new brand starts with."""
    with db.transaction() as conn:
        staff.seed(conn, Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh"))
        actions.set_defaults(conn)
    return Bureau(db, clock)
