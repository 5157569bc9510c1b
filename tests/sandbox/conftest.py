"""A small ideal engine behind the real wire, so that the world can be tried without a database."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from siyu.connectors.webhook.fake import Provider
from siyu.kernel import signature
from siyu.kernel.time import Hours
from siyu.sandbox.client import Api
from siyu.sandbox.measure import Account, Measure, Rules
from siyu.sandbox.parameters import World as Parameters
from siyu.sandbox.run import Run, run
from siyu.sandbox.server import Served
from siyu.sandbox.shop import GeneratedShop, Shop
from siyu.sandbox.world import World

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 2, tzinfo=ZONE).astimezone(UTC)
SECRET = "sixteen letters at least"
PROMISE = "【花间】价值¥15.00的补水面膜随本包裹寄出！加企业微信即可"
CARDS = {
    "card-gift": "每个订单都多送2片面膜（价值30元），或抽1–99元红包，个个有奖！",
    "card-services": "扫码添加客服企业微信，售后咨询、使用指导，专属服务。",
}
SMS_HOURS = Hours(time(8), time(22))
VOICE_HOURS = Hours(time(9), time(21))


@dataclass
class Customer:
    phone: str
    order: tuple[str, str]
    consents: set[str] = field(default_factory=set)
    friend: bool = False
    entered: bool = False
    gone: bool = False


class IdealEngine:
    """The cascade in memory. `messages=False` is the card-only policy; a careless engine leaves
    tasks open when their customer has added."""

    def __init__(
        self, *, messages: bool = True, card: str = "card-gift", careless: bool = False
    ) -> None:
        self.messages, self.card, self.careless = messages, card, careless
        self.provider_url = ""
        self.pending: list[dict[str, Any]] = []
        self.seen: set[tuple[str, str]] = set()
        self.kinds: list[str] = []
        self.customers: dict[str, Customer] = {}
        self.by_order: dict[str, Customer] = {}
        self.timers: list[tuple[datetime, int, Any]] = []
        self.count = 0
        self.planned: dict[str, dict[str, Any]] = {}
        self.decisions: list[dict[str, Any]] = []
        self.tasks: dict[str, dict[str, Any]] = {}
        self.step_of: dict[str, tuple[Customer, str]] = {}
        self.now = START
        self.app = Starlette(
            routes=[
                Route("/api/v1/events", self._events, methods=["POST"]),
                Route("/hooks/webhook/receipts", self._receipts, methods=["POST"]),
                Route("/api/v1/parcels", self._parcels),
                Route("/api/v1/tasks", self._tasks),
                Route("/api/v1/tasks/{id}/reveal", self._reveal, methods=["POST"]),
                Route("/api/v1/tasks/{id}/done", self._done, methods=["POST"]),
            ]
        )

    # ── HTTP ──

    async def _events(self, request: Request) -> Response:
        body = await request.body()
        stamp, signed = (request.headers[n] for n in (signature.TIMESTAMP, signature.SIGNATURE))
        signature.verify(SECRET, stamp, signed, body, datetime.now(UTC))
        answers = []
        for event in msgspec.json.decode(body)["events"]:
            key = (event["source"], event["id"])
            fresh = key not in self.seen
            self.seen.add(key)
            if fresh:
                self.pending.append(event)
            answers.append(
                {"id": "evt", "status": "accepted" if fresh else "duplicate", "reason": ""}
            )
        return JSONResponse({"answers": answers})

    async def _receipts(self, request: Request) -> Response:
        receipts = msgspec.json.decode(await request.body())
        for receipt in receipts:
            if receipt["kind"] == "call":
                self.pending.append(
                    {"kind": "call", "keys": {}, "data": receipt, "occurred_at": receipt["at"]}
                )
        accepted = {"id": "evt", "status": "accepted", "reason": ""}
        return JSONResponse({"answers": [accepted] * len(receipts)})

    async def _parcels(self, request: Request) -> Response:
        after = int(request.query_params.get("after", "0"))
        page = self.decisions[after : after + int(request.query_params["limit"])]
        return JSONResponse({"parcels": page, "next": str(after + len(page))})

    async def _tasks(self, _: Request) -> Response:
        return JSONResponse({"tasks": [t["shown"] for t in self.tasks.values() if t["open"]]})

    async def _reveal(self, request: Request) -> Response:
        task = self.tasks[request.path_params["id"]]
        if not task["open"]:
            return JSONResponse({"detail": "closed"}, status_code=409)
        return JSONResponse({"phone": task["customer"].phone, "name": "x"})

    async def _done(self, request: Request) -> Response:
        task = self.tasks[request.path_params["id"]]
        task["open"] = False
        if task["shown"]["kind"] == "friend_request":
            self._at(self.now + timedelta(hours=4), lambda: self._task(task["customer"], "call"))
        return JSONResponse({})

    # ── the engine ──

    def next_due(self, now: datetime) -> datetime | None:
        if self.pending:
            return now
        return self.timers[0][0] if self.timers else None

    def tick(self, now: datetime) -> None:
        self.now = now
        self.outgoing: list[dict[str, Any]] = []
        batch, self.pending = self.pending, []
        for event in sorted(batch, key=lambda event: event["occurred_at"]):
            self.kinds.append(event["kind"])
            self._apply(event, event.get("keys", {}), event["data"])
        while self.timers and self.timers[0][0] <= now:
            heapq.heappop(self.timers)[2]()
        if self.outgoing:
            self._send({"messages": self.outgoing})

    def _at(self, at: datetime, act: Any) -> None:
        self.count += 1
        heapq.heappush(self.timers, (at, self.count, act))

    def _apply(self, event: dict[str, Any], keys: dict[str, str], data: dict[str, Any]) -> None:
        match event["kind"]:
            case "consent.given":
                self._of(keys).consents.update(data["channels"])
            case "consent.withdrawn":
                self._of(keys).consents.difference_update(data["channels"])
            case "friend.added":
                self._friend(keys)
            case "order.paid" if keys:
                self._paid(event, self._of(keys), (data["shop"], data["order_no"]))
            case "order.cancelled" if keys:
                self.by_order[keys["order"]].gone = True
            case "parcel.planned":
                if data["parcel_no"] not in self.planned:
                    at = datetime.fromisoformat(data["cutoff_at"])
                    self._at(at, lambda: self._freeze(data["parcel_no"]))
                self.planned[data["parcel_no"]] = data
            case "call":
                customer, _ = self.step_of[data["id"]]
                if data["intent"] in {"A", "B"}:
                    self._task(customer, "friend_request")

    def _of(self, keys: dict[str, str]) -> Customer:
        phone = "+86" + keys["phone"]
        return self.customers.setdefault(phone, Customer(phone, ("", "")))

    def _friend(self, keys: dict[str, str]) -> None:
        if "phone" in keys:
            customer = self._of(keys)
        elif "state" in keys:
            customer = self.step_of[keys["state"]][0]
        else:
            return
        customer.friend = True
        for task in self.tasks.values():
            if task["customer"] is customer and not self.careless:
                task["open"] = False

    def _paid(self, event: dict[str, Any], customer: Customer, order: tuple[str, str]) -> None:
        self.by_order["/".join(order)] = customer
        if customer.friend or customer.entered or not self.messages:
            return
        customer.entered, customer.order = True, order
        paid = datetime.fromisoformat(event["occurred_at"])
        self._at(SMS_HOURS.next(paid, ZONE)[0], lambda: self._message(customer, "sms", "sms"))
        at = VOICE_HOURS.next(paid + timedelta(minutes=5), ZONE)[0]
        self._at(at, lambda: self._message(customer, "voice_ai", "call"))

    def _message(self, customer: Customer, channel: str, step: str) -> None:
        consent = "sms" if channel == "sms" else "voice"
        if customer.friend or customer.gone or consent not in customer.consents:
            return
        token = self._token(customer, step)
        about = {
            "shop": customer.order[0],
            "order_no": customer.order[1],
            "journey": "x",
            "step": step,
        }
        link = f"https://a.example/f/{token}"
        self.outgoing.append(
            {"id": token, "channel": channel, "to": customer.phone, "text": PROMISE, "link": link}
            | {"reference": about, "template": "t"}
        )

    def _task(self, customer: Customer, kind: str) -> None:
        if customer.friend or customer.gone or "voice" not in customer.consents:
            return
        token = self._token(customer, kind)
        shown = {"id": token, "kind": kind, "staff": "guide-2", "script": PROMISE, "touch": token}
        shown |= {"shop": customer.order[0], "order_no": customer.order[1]}
        shown |= {"link": f"https://a.example/?state={token}", "due_at": self.now.isoformat()}
        self.tasks[token] = {"open": True, "customer": customer, "shown": shown}

    def _token(self, customer: Customer, step: str) -> str:
        token = f"t{len(self.step_of)}"
        self.step_of[token] = (customer, step)
        return token

    def _freeze(self, parcel_no: str) -> None:
        parcel = self.planned[parcel_no]
        found = {"parcel_no": parcel_no, "content": "none", "gift": "", "card": "", "card_link": ""}
        customer = self.by_order.get(f"{parcel['shop']}/{parcel['main_order']}")
        if parcel["main_order"] is None:
            found["reason"] = "split_child"
        elif customer is None:
            found["reason"] = "guest"
        elif customer.friend:
            found |= {"content": "gift", "gift": "GIFT-MASK", "reason": "friend"}
        else:
            link = f"https://a.example/f/{self._token(customer, 'card')}"
            found |= {
                "content": "card",
                "card": self.card,
                "card_link": link,
                "reason": "not_friend",
            }
        self.decisions.append(found)

    def _send(self, document: dict[str, Any]) -> None:
        body = msgspec.json.encode(document)
        parts = urlsplit(self.provider_url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        connection.request(
            "POST", "/messages", body, signature.headers(SECRET, body, datetime.now(UTC))
        )
        assert connection.getresponse().status == 200
        connection.close()


@dataclass
class Played:
    world: World
    engine: IdealEngine
    provider: Provider
    run: Run
    figures: dict[str, Any]


@contextmanager
def _stage(parameters: Parameters, seed: str, shop: Shop, engine: IdealEngine) -> Iterator[Any]:
    with ExitStack() as stack:
        url = stack.enter_context(Served(engine.app)).url
        api = Api(url, "key", SECRET, SECRET)
        stack.callback(api.close)
        world = World(
            parameters, seed, shop, api, zone=ZONE, region="CN", start=START,
            end=START + timedelta(days=28), cards=CARDS,
        )  # fmt: skip
        provider = Provider(SECRET, world.on_messages, world.on_cancel)
        engine.provider_url = stack.enter_context(Served(provider.app)).url
        yield world, provider


@pytest.fixture(scope="session")
def play() -> Any:
    """Play a generated shop through the ideal engine; what came of it."""

    def played(
        parameters: Parameters,
        seed: str = "1",
        orders: int = 300,
        **engine: Any,
    ) -> Played:
        ideal = IdealEngine(**engine)
        shop = GeneratedShop(parameters.shop, seed, START, 14, orders, ZONE)
        with _stage(parameters, seed, shop, ideal) as (world, provider):
            found = run(world, ideal, lambda _: None, START)
        account = Account("CNY")
        rules = Rules(ZONE, SMS_HOURS, ideal.messages, world.agreed("sms"))
        figures = Measure(world.records, account, rules).figures()
        return Played(world, ideal, provider, found, figures)

    return played
