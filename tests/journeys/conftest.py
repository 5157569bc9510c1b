"""A brand with the flagship cascade, every lower room real, and events as its only way in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from siyu.acquisition import actions as acquisition
from siyu.acquisition.model import ChannelCode, Source
from siyu.acquisition.project import PROJECTION as ACQUISITION
from siyu.budget import actions as budget
from siyu.budget import sweep as ruling
from siyu.budget.project import PROJECTION as BUDGET
from siyu.commerce.project import PROJECTION as COMMERCE
from siyu.customers.actions.children import ChildTold, tell_child
from siyu.customers.project import PROJECTION as CUSTOMERS
from siyu.db.pool import Pool
from siyu.events import actions as events
from siyu.events import sweep as applying
from siyu.events.model import Incoming
from siyu.identities import views as identities
from siyu.identities.project import PROJECTION as IDENTITIES
from siyu.journeys import actions, sweep, views
from siyu.journeys.actions import Publication
from siyu.journeys.project import projection as journeys
from siyu.journeys.project import waking
from siyu.journeys.sweep import Swept
from siyu.journeys.sweep.apply import Context
from siyu.journeys.views import Entered, Whereabouts
from siyu.kernel.ids import PublicIds
from siyu.kernel.time import zone
from siyu.ledger import actions as ledger
from siyu.ledger.project import PROJECTION as LEDGER
from siyu.offers import actions as offers
from siyu.offers import views as promises
from siyu.offers.model import Offer, Promise
from siyu.offers.project import projection as offers_projection
from siyu.outbox import views as outbox
from siyu.outbox.project import projection as outbox_projection
from siyu.outbox.views import Touch
from siyu.segments.predicates import FAMILIES
from siyu.segments.project import projection as segments
from siyu.staff import actions as staff
from siyu.staff.model import Brand, Member
from siyu.tasks.project import projection as tasks_projection
from siyu.vault.model import Keys, key_hash

KEYS = Keys(b"m" * 32, b"l" * 32)
IDS = PublicIds(b"p" * 32)
STEPS = ("sms", "call", "request", "human", "card")
CASCADE = (
    files("siyu.playbooks").joinpath("cascade/journeys/cascade.yaml").read_text("utf-8")
).replace("holdout: 0.05", "holdout: 0")


class House:
    """Orders go in, visits come out: `tell` applies, `sweep` moves, `rule` lets the budget rule."""

    cascade = CASCADE

    def __init__(self, db: Pool, clock: Any) -> None:
        self.db = db
        self.clock = clock
        self.context = Context(KEYS, IDS, FAMILIES, zone("Asia/Shanghai"), "zh", {})
        self.projections = (
            IDENTITIES, waking(IDS), CUSTOMERS, COMMERCE, LEDGER, offers_projection(IDS),
            outbox_projection(IDS), tasks_projection(IDS), BUDGET, ACQUISITION, segments(FAMILIES),
            journeys(FAMILIES),
        )  # fmt: skip
        self._number = 0

    def set_up(self) -> None:
        with self.db.transaction() as conn:
            brand = Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh")
            staff.seed(conn, brand, [], [Member("guide-1", "a", "guide")])
            budget.set_defaults(conn)
            kinds = ("sms_segment", "call_minute", "staff_minute", "gift", "card", "shipping_extra")
            ledger.set_prices(conn, [ledger.Price(kind, 5, "CNY") for kind in kinds])
            offers.install(conn, [Offer("face-mask", {"zh": "面膜", "en": "mask"}, 1500, "M")], "t")
            source = Source(
                "new-orders", {"zh": "新", "en": "new"}, {"everybody": True}, shops=("s",)
            )
            codes = [ChannelCode("new-orders", step, "guide-1") for step in STEPS]
            acquisition.install(conn, [source], codes, "t")

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def publish(self, text: str = CASCADE) -> Publication:
        with self.db.transaction() as conn:
            return actions.publish(conn, text, None, FAMILIES, "t", self.now)

    # ── what happens outside ────────────────────────────────────────────────────────────────

    def event(self, kind: str, data: dict[str, Any], **words: Any) -> Incoming:
        self._number += 1
        at = words.pop("at", self.now).isoformat()
        named = {"source": "test", "id": f"e{self._number}", "occurred_at": at} | words
        return Incoming(kind=kind, data=msgspec.Raw(json.dumps(data).encode()), **named)

    def keys(self, number: int) -> dict[str, str]:
        return {"phone": f"+86138{number:08}"}

    def order(self, number: int, order_no: str = "", **words: Any) -> Incoming:
        data = {
            "shop": "s",
            "order_no": order_no or f"T{number}",
            "currency": "CNY",
            "total_minor": 9,
        }
        return self.event(
            "order.paid", data | words.pop("data", {}), keys=self.keys(number), **words
        )

    def cancelled(self, number: int, order_no: str = "", **words: Any) -> Incoming:
        data = {"shop": "s", "order_no": order_no or f"T{number}"}
        return self.event("order.cancelled", data, keys=self.keys(number), **words)

    def friend(self, number: int, **words: Any) -> Incoming:
        keys = self.keys(number) | {"external_userid": f"wm{number}"}
        return self.event("friend.added", {"staff": "guide-1"}, keys=keys, **words)

    def planned(self, number: int, cutoff_at: datetime, **data: Any) -> Incoming:
        orders = [f"T{number}"]
        said = {"parcel_no": f"P{number}", "shop": "s", "orders": orders, "main_order": orders[0]}
        return self.event("parcel.planned", said | {"cutoff_at": cutoff_at.isoformat()} | data)

    def member_buys(self) -> None:
        """Customer 1, known by a phone, too; a visit that came by its member's key is under way."""
        keys = self.keys(1) | {"member": "m"}
        self.tell(self.event("customer.identified", {}, keys=keys))
        data = {"shop": "s", "order_no": "T1", "currency": "CNY", "total_minor": 9}
        self.tell(self.event("order.paid", data, keys={"member": "m"}))
        self.sweep()

    def customer(self, number: int) -> int:
        hashed = key_hash(KEYS, "phone", self.keys(number)["phone"])
        return self.query(identities.resolve, [("phone", hashed)])["phone", hashed]

    def child(self, number: int, month: str, evidence: str, child: int = 1) -> None:
        """What a parent tells of a child; applied."""
        told = ChildTold(child, month, evidence, self.now.date())
        with self.db.transaction() as conn:
            tell_child(conn, IDS, self.customer(number), told, "t", self.now)
        self.apply()

    def done(self, touch: Touch, outcome: str) -> Incoming:
        """A task that a guide has done."""
        data = {"touch": IDS.encode("tch", touch.id), "outcome": outcome, "minutes": 2}
        given = "update touch set state = 'awaiting_staff', attempts = 1"
        self.rows(f"{given} where id = {touch.id} returning id")
        return self.event("task.done", data)

    def call(self, touch: Touch, intent: str = "A") -> Incoming:
        """A call that went out, and how it ended."""
        sent = "update touch set state = 'sent', attempts = 1, sent_at = wished_at"
        self.rows(f"{sent} where id = {touch.id} returning id")
        data = {"touch": IDS.encode("tch", touch.id), "answered": True, "intent": intent}
        return self.event("call.finished", data | {"seconds": 30})

    def tell(self, *incoming: Incoming, backfill: bool = False) -> None:
        with self.db.transaction() as conn:
            answers = events.accept(conn, KEYS, "CN", list(incoming), self.now, backfill=backfill)
        assert {answer.status for answer in answers} <= {"accepted", "duplicate"}, answers
        self.apply()

    def apply(self) -> None:
        while (done := applying.apply(self.db, self.projections, self.now)).claimed:
            with self.db.transaction() as conn:
                parked = conn.fetch("select error from event_pending where error is not null")
            assert done.parked == 0, parked

    # ── what the engine does ────────────────────────────────────────────────────────────────

    def sweep(self, **after: float) -> Swept:
        if after:
            self.clock.advance(**after)
        return sweep.sweep(self.db, self.context, self.now)

    def rule(self) -> None:
        with self.db.transaction() as conn:
            ruling.rule(conn, self.context.zone, self.now)
        self.apply()

    # ── what can be seen ────────────────────────────────────────────────────────────────────

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.db.transaction() as conn:
            return conn.fetch(sql)

    def visits(self) -> list[Whereabouts]:
        ids = [row[0] for row in self.rows("select id from visit")]
        with self.db.transaction() as conn:
            return views.visits(conn, ids)

    def visit(self) -> Whereabouts:
        (visit,) = self.visits()
        return visit

    def touches(self) -> list[Touch]:
        with self.db.transaction() as conn:
            return outbox.page(conn, 0, 10_000)[0]

    def touch(self, step: str) -> Touch:
        return next(touch for touch in self.touches() if touch.step == step)

    def entries(self) -> list[str]:
        rows = self.rows("select outcome, reason from journey_entry order by event_id")
        return [" ".join(row).strip() for row in rows]

    def promises(self) -> list[Promise]:
        with self.db.transaction() as conn:
            return promises.page(conn, 0, 1000, customer=None, state="")[0]

    def entered(self, customer_id: int) -> list[Entered]:
        with self.db.transaction() as conn:
            return views.entries(conn, customer_id)

    def query(self, read: Callable[..., Any], *words: Any, **named: Any) -> Any:
        with self.db.transaction() as conn:
            return read(conn, *words, **named)


@pytest.fixture
def house(db: Pool, clock: Any) -> House:
    found = House(db, clock)
    found.set_up()
    return found


@pytest.fixture
def cascade(house: House) -> House:
    """With the flagship cascade published, hold-out zero."""
    house.publish()
    return house


@pytest.fixture
def minutes() -> Callable[[float], timedelta]:
    return lambda many: timedelta(minutes=many)
