"""An installation whose time goes on at the real pace from noon, its channels in our hands."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from siyu.app import PREDICATES, App, goes_on, open_app, virtual
from siyu.budget import actions as budget
from siyu.commerce.actions import seed_shop
from siyu.commerce.model import Shop
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.db.pool import Pool
from siyu.events.actions import accept
from siyu.events.sweep import apply
from siyu.ledger import actions as ledger
from siyu.ledger.model import Price
from siyu.outbox.model import Asked, Found, Message, Result, Stopped
from siyu.playbooks import actions as playbooks
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import Brand, Member, Store
from siyu.worker.worker import Worker

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # a Friday, noon in Shanghai
SHOP = "tmall-flagship"
PRICES = {
    "sms_segment": 5, "call_minute": 12, "staff_minute": 60, "gift": 250, "card": 12,
    "shipping_extra": 0,
}  # fmt: skip


class Line:
    """A channel: takes messages at once; while it is stuck, only when it is let go."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.asked = 0
        self.going = threading.Event()
        self.going.set()
        self.broken = False
        self.room: int | None = None  # for so many tasks, where people are to do it

    def send(self, messages: Sequence[Message]) -> list[Result]:
        self.asked += 1
        self.going.wait(30)
        if self.broken:
            return [Result(message.token, "retry", reason="busy") for message in messages]
        if self.room is not None:
            return [
                Result(message.token, "awaiting_staff" if place < self.room else "retry")
                for place, message in enumerate(messages)
            ]
        self.got += [message.step for message in messages]
        return [Result(message.token, "accepted", vendor_id=message.token) for message in messages]

    def cancel(self, _: Sequence[Asked]) -> list[Stopped]:
        return []

    def reconcile(self, _: Sequence[Asked]) -> list[Found]:
        return []


def eventually(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


class House:
    """An application, the channels it sends on, and facts that come in."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.lines = {"sms": Line(), "voice_ai": Line()}
        self.connect(app)
        self._number = count(1)

    def connect(self, app: App) -> None:
        app.wired.__dict__["channels"] = self.lines  # where the cached property keeps it

    def event(self) -> dict[str, object]:
        number = next(self._number)
        return {
            "source": "shop", "id": f"T{number}", "kind": "consent.given",
            "occurred_at": (self.app.clock.now() - timedelta(seconds=1)).isoformat(),
            "keys": {"phone": f"138{number:08}"},
            "data": {
                "channels": ["sms"], "purposes": ["service"], "basis": "consent",
                "evidence": "form",
            },
        }  # fmt: skip

    def accept(self, *events: object) -> None:
        app = self.app
        with app.db.transaction() as conn:
            answers = accept(conn, app.keys, "CN", events, app.clock.now())
        assert {answer.status for answer in answers} == {"accepted"}, answers

    def owe(self, channel: str, lane: str, many: int = 1, *, step: str = "hand") -> None:
        """Touches that are to go out now, as a ruling leaves them."""
        with self.app.db.transaction() as conn:
            conn.execute(
                """
                insert into touch (node, round, customer_id, journey, step, channel, purpose, lane,
                  priority, shop, order_no, material, locale, state, wished_at, due_at, visit_id)
                select 'n', 1, (select min(id) from customer), 'hand', %(step)s, %(channel)s,
                  'service', %(lane)s, 5, '', '', %(material)s, 'zh', 'owed', %(now)s, %(now)s,
                  nextval('event_id_seq')
                from generate_series(1, %(many)s)
                """,
                {
                    "step": step, "channel": channel, "lane": lane, "many": many,
                    "material": "plain", "now": self.app.clock.now(),
                },
            )  # fmt: skip

    eventually = staticmethod(eventually)

    def count(self, what: str) -> int:
        return self.app.db.fetch(f"select count(*) from {what}")[0][0]


def install(app: App, now: datetime) -> None:
    """What a brand sets up, and one customer with a phone."""
    with app.db.transaction() as conn:
        seed(
            conn,
            Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh"),
            [Store("hz-1", "杭州湖滨店", "华东")],
            [Member("guide-1", "周顾问", "guide", "hz-1")],
        )
        seed_shop(conn, [Shop(SHOP, "花间旗舰店", "tmall", True)])
        ledger.set_prices(conn, [Price(kind, unit, "CNY") for kind, unit in PRICES.items()])
        budget.set_defaults(conn)
        playbooks.install(conn, playbooks.read("cascade"), "CNY", PREDICATES, now)
        content.install(conn, [Material("plain", "zh", "sms", "【花间】你好", {})], "hand")


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def opens(tmp_path: Path, db: Pool, held: ExitStack) -> Callable[[], App]:
    """Opens the installation, as another process would."""

    def open_one() -> App:
        settings = load({}, home=tmp_path / "home", database_url=db.url, sweep_run_days=9)
        return held.enter_context(open_app(settings))

    return open_one


@pytest.fixture
def house(opens: Callable[[], App]) -> House:
    app = virtual(opens(), NOON)
    install(app, NOON)
    house = House(goes_on(app))
    house.accept(house.event())
    assert apply(app.db, app.projections, NOON).applied == 1
    return house


@pytest.fixture
def working(house: House, held: ExitStack) -> Callable[..., Worker]:
    """Starts workers, which end with the test."""

    def start(app: App | None = None, **words: object) -> Worker:
        worker = Worker(app or house.app, **words)  # type: ignore[arg-type]
        worker.start()
        held.callback(worker.stop)
        return worker

    return start
