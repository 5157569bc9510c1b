"""Touches that are owed to people, made without the rooms above; tasks need no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from siyu.db.pool import Pool
from siyu.events import actions as events
from siyu.events import sweep as applying
from siyu.events.model import Incoming
from siyu.identities.project import PROJECTION as IDENTITIES
from siyu.kernel.ids import PublicIds
from siyu.ledger import actions as ledger
from siyu.outbox.model import Message
from siyu.outbox.project import projection as outbox_projection
from siyu.staff import actions as staff
from siyu.staff.model import Brand, Member
from siyu.tasks import views
from siyu.tasks.actions.channel import TaskChannel
from siyu.tasks.model import Task
from siyu.tasks.project import projection
from siyu.vault.model import Keys

IDS = PublicIds(b"p" * 32)
TOUCH = """
insert into touch (node, round, customer_id, identity_id, journey, step, channel, purpose, lane,
  priority, shop, order_no, material, locale, state, wished_at, due_at, valid_until, attempts)
overriding system value
select 'n', n, n, 70 + n, 'cascade', 'human', %(channel)s, 'order_invitation', 'now', 0, 's',
  'T' || n, 'm', 'zh', 'awaiting_staff', %(now)s, %(now)s, %(valid_until)s, 1
from generate_series(%(first)s::int, %(last)s::int) as n order by n
returning id
"""


class Desk:
    """Guides at their desks, and the outbox's way to them."""

    def __init__(self, db: Pool, clock: Any) -> None:
        self.db = db
        self.clock = clock
        self.ids = IDS
        self.channel = TaskChannel(db, IDS, clock)
        self._next = 1

    def open(self, *guides: str) -> None:
        with self.db.transaction() as conn:
            members = [Member(code, code, "guide") for code in guides]
            brand = Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh")
            staff.seed(conn, brand, [], [*members, Member("boss", "boss", "owner")])
            ledger.set_prices(conn, [ledger.Price("staff_minute", 80, "CNY")])

    def touches(self, many: int = 1, channel: str = "voice_human", valid: Any = None) -> list[int]:
        first, self._next = self._next, self._next + many
        params = {"channel": channel, "now": self.clock.now(), "valid_until": valid}
        params |= {"first": first, "last": first + many - 1}
        with self.db.transaction() as conn:
            return [touch for (touch,) in conn.fetch(TOUCH, params)]

    def message(self, touch: int, **words: Any) -> Message:
        base = Message(
            self.token(touch), "voice_human", "", "{name}，您好", "m", "human", "cascade", "T1",
            "s", "cus_1", "", None, "",
        )  # fmt: skip
        return base._replace(**words)

    def send(self, touches: Sequence[int], **words: Any) -> list[str]:
        results = self.channel.send([self.message(touch, **words) for touch in touches])
        return [result.status for result in results]

    def token(self, touch: int) -> str:
        return IDS.encode("tch", touch)

    def tasks(self) -> list[Task]:
        with self.db.transaction() as conn:
            return [
                task for state in ("open", "done", "cancelled") for task in views.page(conn, state)
            ]

    def task(self, touch: int) -> Task:
        return next(task for task in self.tasks() if task.touch_id == touch)

    def report(self, touch: int, outcome: str, minutes: int = 3, later: int = 0) -> Incoming:
        data = {"touch": self.token(touch), "outcome": outcome, "minutes": minutes}
        at = self.clock.now() + timedelta(minutes=later)
        return Incoming(
            source="desk",
            id=f"{touch}/{outcome}",
            kind="task.done",
            occurred_at=at.isoformat(),
            data=msgspec.Raw(msgspec.json.encode(data)),
        )

    def tell(self, *reports: Incoming) -> None:
        keys = Keys(b"m" * 32, b"l" * 32)
        with self.db.transaction() as conn:
            events.accept(conn, keys, "CN", list(reports), self.clock.now())
        assert self.apply() == 0

    def apply(self) -> int:
        """How many were parked."""
        projections = (IDENTITIES, outbox_projection(IDS), projection(IDS))
        return applying.apply(self.db, projections, self.clock.now()).parked

    def spent(self) -> int:
        with self.db.transaction() as conn:
            sql = "select coalesce(sum(amount_minor), 0)::bigint from ledger_entry"
            return conn.fetch(sql)[0][0]


@pytest.fixture
def desk(db: Pool, clock: Any) -> Desk:
    """Two guides."""
    desk = Desk(db, clock)
    desk.open("guide-1", "guide-2")
    return desk
