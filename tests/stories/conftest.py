"""A small installation on a virtual clock, its API over real HTTP, and what phones really got."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest
from tests.served import PLAIN, Street
from typer.testing import CliRunner, Result

from siyu.app import PREDICATES, App, open_app, virtual
from siyu.budget import actions as budget
from siyu.cli.main import app as cli
from siyu.commerce.actions import seed_shop
from siyu.commerce.model import Shop
from siyu.connectors.webhook.fake import Provider
from siyu.db.pool import Pool
from siyu.events.sweep import APPLIER
from siyu.kernel import signature
from siyu.kernel.ids import share
from siyu.ledger import actions as ledger
from siyu.ledger.model import Price
from siyu.offers import actions as offers
from siyu.playbooks import actions as playbooks
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import Brand, Member, Store
from siyu.worker import next_at, tick

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # a Friday, noon in Shanghai
SHOP = "tmall-flagship"
BARE = "bare-shop"  # its parcels may carry nothing
PRICES = {
    "sms_segment": 5, "call_minute": 12, "staff_minute": 60, "gift": 250, "card": 12,
    "shipping_extra": 0,
}  # fmt: skip
MOST_ASKED = 400  # times: the API waits a moment at each, so it is a minute
HOOK_SECRET = "what-the-provider-and-we-know"


class Got(NamedTuple):
    """Something that the provider was given for a phone."""

    at: datetime
    to: str
    channel: str
    step: str
    text: str
    link: str
    order_no: str
    token: str


class Story:
    """What a story is told with: facts go in over HTTP, time goes on, phones get messages."""

    def __init__(self, app: App, url: str, provider: Provider) -> None:
        self.app = app
        self.provider = provider
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=60, verify=PLAIN)
        self.received: list[Got] = []
        self.called_back: list[str] = []
        provider.listen(self._receive, self._call_back)
        lock = app.db.try_lock(APPLIER)
        assert lock is not None
        self.applier = lock
        self._number = count(1)
        self._orders = count(1)

    # ── HTTP ──

    def ask(self, method: str, path: str, json: object = None, **headers: str) -> httpx.Response:
        """A call with the API key."""
        bearer = {"Authorization": f"Bearer {self.app.settings.api_key}", **headers}
        return self.http.request(method, path, json=json, headers=bearer)

    def read(self, path: str) -> Any:
        """What a GET answers; a refusal is a failure. A report that is worked on is waited for."""
        for _ in range(MOST_ASKED):
            answer = self.ask("GET", path)
            assert answer.status_code == 200, answer.text
            told = answer.json()
            if not isinstance(told, dict) or told.get("state") != "working":
                return told
        raise AssertionError(f"{path} is never ready")

    def post(
        self, path: str, body: bytes, secret: str | None = None, **headers: str
    ) -> httpx.Response:
        """A signed body."""
        signed = signature.headers(
            self.app.settings.ingest_secret if secret is None else secret, body, datetime.now(UTC)
        )
        return self.http.post(path, content=body, headers={**signed, **headers})

    def send(self, events: Sequence[object]) -> list[dict[str, str]]:
        """These events in one POST; the answers."""
        answer = self.post("/api/v1/events", msgspec.json.encode({"events": events}))
        assert answer.status_code == 200, answer.text
        return answer.json()["answers"]

    def receipts(self, receipts: Sequence[object]) -> list[dict[str, str]]:
        """The provider's reports in one POST; the answers."""
        body = msgspec.json.encode(receipts)
        answer = self.post("/hooks/webhook/receipts", body, HOOK_SECRET)
        assert answer.status_code == 200, answer.text
        return answer.json()["answers"]

    # ── facts ──

    @property
    def now(self) -> datetime:
        return self.app.clock.now()

    def order(self, *, held: bool = False) -> str:
        """A new order number; its buyer's draw says whether they are in the hold-out."""
        names = (f"A{number}" for number in self._orders)
        return next(n for n in names if (share("holdout", "cascade", f"{SHOP}/{n}") < 0.05) is held)

    def event(
        self,
        kind: str,
        data: Mapping[str, object],
        keys: Mapping[str, str] | None = None,
        *,
        name: str = "",
        at: datetime | None = None,
        person: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """An event as a shop's system sends it."""
        return {
            "source": "shop", "id": name or f"{kind}/{next(self._number)}", "kind": kind,
            "occurred_at": (at or self.now).isoformat(), "data": data, "keys": keys or {},
            "person": person or {},
        }  # fmt: skip

    def tell(self, *args: Any, **more: Any) -> dict[str, Any]:
        """Send one event, which must be accepted; the event."""
        event = self.event(*args, **more)
        (answer,) = self.send([event])
        assert answer["status"] == "accepted", answer
        return event

    def agreed(self, phone: str) -> dict[str, Any]:
        """What a buyer ticks at checkout."""
        return self.event(
            "consent.given",
            {
                "channels": ["sms", "voice", "wecom"], "purposes": ["order_invitation", "service"],
                "basis": "consent", "evidence": "checkout form 3, box 2",
            },
            {"phone": phone},
            at=self.now - timedelta(seconds=1),
        )  # fmt: skip

    def paid(
        self, order: str, phone: str, *, at: datetime | None = None, shop: str = SHOP
    ) -> dict[str, Any]:
        """A paid order."""
        return self.event(
            "order.paid",
            {
                "shop": shop, "order_no": order, "currency": "CNY", "total_minor": 19900,
                "lines": [{
                    "sku": "SERUM", "title": "精华", "category": "护肤", "quantity": 1,
                    "unit_minor": 19900, "amount_minor": 19900,
                }],
            },
            {"phone": phone, "buyer": f"tmall/{phone[-4:]}"},
            name=f"order/{order}",
            at=at,
            person={"name": "林小雨"},
        )  # fmt: skip

    def pay(
        self, order: str, phone: str, *, consent: bool = True, shop: str = SHOP
    ) -> dict[str, Any]:
        """Somebody pays: the order comes in, with what they agreed to; the order's event."""
        paid = self.paid(order, phone, shop=shop)
        answers = self.send([*([self.agreed(phone)] if consent else []), paid])
        assert {answer["status"] for answer in answers} == {"accepted"}, answers
        return paid

    def cancel(self, order: str) -> None:
        self.tell("order.cancelled", {"shop": SHOP, "order_no": order})

    def refund(self, order: str, amount_minor: int) -> None:
        data = {"shop": SHOP, "order_no": order, "refund_no": f"R{order}", "currency": "CNY"}
        self.tell("order.refunded", {**data, "amount_minor": amount_minor})

    def added(self, account: str, *, link: str = "", phone: str = "") -> dict[str, Any]:
        """The event of somebody who becomes a friend: by a link, by a noted phone, or unknown."""
        keys = {"external_userid": account}
        if link:
            keys["state"] = link.rpartition("/")[2]
        if phone:
            keys["phone"] = phone
        return self.event("friend.added", {"staff": "guide-1"}, keys)

    def add(self, account: str, *, link: str = "", phone: str = "") -> None:
        """Somebody becomes a friend."""
        (answer,) = self.send([self.added(account, link=link, phone=phone)])
        assert answer["status"] == "accepted", answer

    def plan(
        self, parcel: str, orders: Sequence[str], cutoff: datetime, *, shop: str = SHOP
    ) -> None:
        """The warehouse plans a parcel."""
        self.tell(
            "parcel.planned",
            {
                "parcel_no": parcel, "shop": shop, "orders": list(orders),
                "main_order": orders[0], "cutoff_at": cutoff.isoformat(),
            },
        )  # fmt: skip

    def decision(self, parcel: str) -> dict[str, Any]:
        """What the warehouse is told to put in."""
        page = self.read("/api/v1/parcels?limit=1000")
        return next(one for one in page["parcels"] if one["parcel_no"] == parcel)

    def pack(self, parcel: str) -> None:
        """The packer does as told."""
        told = self.decision(parcel)
        self.tell(
            "parcel.packed", {"parcel_no": parcel, "gift": told["gift"], "card": told["card"]}
        )

    def call_ends(self, call: Got, intent: str = "", *, answered: bool = True) -> None:
        """The provider reports an AI call."""
        (answer,) = self.receipts(
            [
                {
                    "id": call.token, "kind": "call", "at": self.now.isoformat(),
                    "receipt_id": f"call/{call.token}", "answered": answered,
                    "seconds": 35 if answered else 0, "intent": intent,
                }
            ]
        )  # fmt: skip
        assert answer["status"] == "accepted", answer

    def task_ends(self, task: Mapping[str, Any], outcome: str, minutes: int = 2) -> None:
        """A guide reports."""
        body = {"outcome": outcome, "minutes": minutes, "staff": task["staff"]}
        answer = self.ask("POST", f"/api/v1/tasks/{task['id']}/done", body)
        assert answer.status_code == 200, answer.text

    # ── time ──

    def tick(self, *, without: Collection[str] = ()) -> None:
        """Do everything that is due now."""
        tick(self.app, self.now, applier=self.applier, without=without)

    def go(self, *, without: Collection[str] = (), **span: float) -> None:
        """Let time go on, from one due time to the next: `story.go(minutes=5)`."""
        end = self.now + timedelta(**span)
        while True:
            ticked = tick(self.app, self.now, applier=self.applier, without=without)
            upcoming = next_at(ticked.times, self.now)
            if self.now >= end:
                return
            self._set(min(upcoming, end) if upcoming is not None else end)

    def until(self, moment: datetime, *, without: Collection[str] = ()) -> None:
        """Let time go on until then."""
        self.go(seconds=(moment - self.now).total_seconds(), without=without)

    def _set(self, now: datetime) -> None:
        clock: Any = self.app.clock
        clock.set(now)

    # ── what people got ──

    def got(self, phone: str) -> list[Got]:
        """What this phone got, in order."""
        return [one for one in self.received if one.to.endswith(phone)]

    def steps(self, phone: str) -> list[str]:
        """The steps of what this phone got."""
        return [one.step for one in self.got(phone)]

    def tasks(self) -> list[dict[str, Any]]:
        """What is on the guides' lists."""
        return self.read("/api/v1/tasks")["tasks"]

    def customers(self, value: str, by: str = "phone") -> list[str]:
        answer = self.ask("POST", "/api/v1/customers/search", {"by": by, "value": value})
        assert answer.status_code == 200, answer.text
        return answer.json()["customers"]

    def explain(self, phone: str) -> dict[str, Any]:
        """What the product says of the one customer with this phone."""
        (customer,) = self.customers(phone)
        return self.read(f"/api/v1/customers/{customer}/explain")

    def touches(self) -> list[dict[str, Any]]:
        """Every touch, sent or not."""
        return self.read("/api/v1/touches?limit=1000")["touches"]

    def withheld(self) -> dict[str, str]:
        """Step → reason, of what was not sent."""
        return {one["step"]: one["reason"] for one in self.touches() if one["state"] == "withheld"}

    def siyu(self, *words: object) -> Result:
        """What a command says on this installation."""
        where = ("--home", self.app.settings.home)
        env = {"SIYU_DATABASE_URL": self.app.settings.database_url}
        return CliRunner().invoke(cli, [str(word) for word in (*words, *where)], env=env)

    def facts(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the database, for what no route shows."""
        with self.app.db.transaction() as conn:
            return conn.fetch(query)

    def _receive(self, messages: Sequence[Mapping[str, Any]]) -> None:
        for one in messages:
            about = one["reference"]
            self.received.append(
                Got(
                    self.now, one["to"], one["channel"], about["step"], one["text"], one["link"],
                    about["order_no"], one["id"],
                )
            )  # fmt: skip

    def _call_back(self, tokens: Sequence[str]) -> list[str]:
        self.called_back += tokens
        return list(tokens)


def install(app: App, now: datetime, *, stock: int = 100) -> None:
    """What a brand sets up before its first order."""
    with app.db.transaction() as conn:
        seed(
            conn,
            Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh"),
            [Store("hz-1", "杭州湖滨店", "华东")],
            [Member("guide-1", "周顾问", "guide", "hz-1")],
        )
        seed_shop(
            conn, [Shop(SHOP, "花间旗舰店", "tmall", True), Shop(BARE, "花间分店", "jd", False)]
        )
        ledger.set_prices(conn, [Price(kind, unit, "CNY") for kind, unit in PRICES.items()])
        budget.set_defaults(conn)
        cascade = playbooks.read("cascade")
        playbooks.install(conn, cascade, "CNY", PREDICATES, now)
        for sku in filter(None, (one.sku for one in cascade.manifest.offers)):
            offers.stock(conn, sku, stock)


def begin(home: Path, db: Pool, street: Street, held: ExitStack) -> Story:
    """An installation on this database, served."""
    provider = Provider(HOOK_SECRET)
    webhook = {"url": street.at(provider.app, held), "secret": HOOK_SECRET}
    settings = load(
        {}, home=home, database_url=db.url, webhook=webhook, short_links="https://s.example"
    )
    app = virtual(held.enter_context(open_app(settings)), NOON)
    install(app, NOON)
    story = Story(app, street.api(app, held), provider)
    held.callback(story.http.close)
    held.callback(story.applier.release)
    return story


@pytest.fixture
def begun(
    tmp_path: Path, new_db: Callable[[], Pool], street: Street
) -> Iterator[Callable[[], Story]]:
    """Begins installations: each on a database of its own, all with the same keys."""
    with ExitStack() as held:
        yield lambda: begin(tmp_path / "home", new_db(), street, held)


@pytest.fixture
def story(begun: Callable[[], Story]) -> Story:
    """A story begins at noon."""
    return begun()
