"""A corp with two guides, its WeCom on loopback, and us beside it; one virtual clock for both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.connectors.bench import Sounded
from tests.connectors.wecom.bench import AES, CORP, QUICK, SECRET, TOKEN, Memory, config
from tests.connectors.wecom.both import ANNA, Both
from tests.connectors.wecom.installed import CONSOLE, NOON, House

from siyu.api.hooks import _query
from siyu.app import open_app, virtual
from siyu.connectors.manifest import Called, Tools
from siyu.connectors.wecom.channel import WeComChannel
from siyu.connectors.wecom.client import Client
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.fake import AUTHORIZE, BY_QR, App, WeCom
from siyu.connectors.wecom.webhook import receive
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.events.sweep import APPLIER
from siyu.kernel.errors import SiyuError
from siyu.ledger.actions import Price, set_prices
from siyu.outbox.model import Message
from siyu.sandbox.server import Served
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import Brand, Member
from siyu.worker import plan


class Ours:
    """Our side of the callbacks, as `api/hooks.py` calls it. `broken`: how it answers instead."""

    def __init__(self) -> None:
        self.events: list[Incoming] = []
        self.due: list[str] = []
        self.broken: list[int | None] = []  # a status; None: hangs up without an answer
        self.corp: Corp | None = None
        self.app = Starlette(
            routes=[Route("/hooks/wecom/{rest:path}", self._hear, methods=["GET", "POST"])]
        )

    async def _hear(self, request: Request) -> Response:
        assert self.corp is not None
        if self.broken and (status := self.broken.pop(0)) is not None:
            return Response(status_code=status)
        now = self.corp.clock.now()
        called = Called(
            request.method, request.path_params["rest"], _query(request.url.query),
            request.headers, await request.body(), now, now,
        )  # fmt: skip
        try:
            heard = await run_in_threadpool(receive, self.corp.config, called, self.corp.tools)
        except SiyuError as error:
            return Response(str(error), status_code=400)
        assert heard.reply is not None
        self.events += cast("list[Incoming]", heard.events)
        self.due += heard.due
        return Response(heard.reply.body, heard.reply.status, media_type=heard.reply.media_type)

    def told(self) -> list[tuple[str, dict[str, str], dict[str, Any]]]:
        """What was heard, each id once: kind, keys, data."""
        once = {one.id: one for one in self.events}
        return [(one.kind, one.keys, msgspec.json.decode(one.data)) for one in once.values()]


@dataclass
class Corp:
    """WeCom, where it is, what we were told of it, and what we remember."""

    fake: WeCom
    url: str
    clock: Any
    config: Config
    tools: Tools
    apps: list[App]
    ours: Ours

    def deliver(self) -> int:
        return self.fake.deliver(self.clock.now())

    def client(self, config: Config | None = None) -> Client:
        return Client(config or self.config, self.tools, timeout=QUICK)


class Door:
    """A port that stays open from test to test; whoever answers changes."""

    def __init__(self) -> None:
        self.answers: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.answers(scope, receive, send)


@pytest.fixture(scope="module")
def doors() -> Iterator[tuple[Door, str, Door, str]]:
    """WeCom's and ours: two servers for a whole file, since starting them takes longest."""
    theirs, ours = Door(), Door()
    with Served(theirs) as one, Served(ours) as other:
        yield theirs, one.url, ours, other.url


@pytest.fixture
def corp(clock, doors) -> Corp:
    theirs, url, door, our_url = doors
    ours = Ours()
    app = App(1000002, SECRET, TOKEN, AES, f"{our_url}/hooks/wecom/app")
    fake = WeCom(CORP, [app], clock.now, ["zhangsan", "lisi"])
    theirs.answers, door.answers = fake.app, ours.app
    ours.corp = Corp(
        fake, url, clock, config(url), Tools(clock, Memory(clock), alarms=Sounded()), [app], ours
    )
    return ours.corp


@pytest.fixture
def both(corp, db: Pool) -> Both:
    """Anna is a friend of both guides, from before, and was looked at."""
    found = Both(corp, db)
    for userid in ("zhangsan", "lisi"):
        corp.fake.existing(userid, ANNA, found.now - timedelta(days=9), "", "安娜")
    found.look()
    return found


@pytest.fixture
def message():
    """A touch as the outbox hands it over."""

    def make(number: int = 0, **words: Any) -> Message:
        standard: dict[str, Any] = {
            "token": f"tch_{number}", "channel": "wecom_welcome", "to": "wm",
            "text": "您好，我是小张",
            "material": "m", "step": "s", "journey": "j", "order_no": "", "shop": "",
            "customer": "cus_1", "staff": "", "valid_until": None, "link": "",
        }  # fmt: skip
        return Message(**{**standard, **words})

    return make


@pytest.fixture
def channel(corp) -> WeComChannel:
    return WeComChannel(corp.config, corp.tools, timeout=QUICK)


@pytest.fixture
def house(tmp_path: Path, new_db, street) -> Iterator[House]:
    with ExitStack() as held:
        clock: list[Any] = []
        built = App(1000002, SECRET, TOKEN, AES)
        fake = WeCom(CORP, [built], lambda: clock[0].now() if clock else NOON, ["lisi"])
        theirs = street.at(fake.app, held)
        wecom = {
            "corpid": CORP, "agent_id": 1000002, "secret": SECRET, "token": TOKEN, "aes_key": AES,
            "figures": True,
            "base_url": theirs, "link_users": ["lisi"], "payments": True, "groups": True,
            "sign_in": True,
            "authorize_url": f"{theirs}/{AUTHORIZE}", "login_url": f"{theirs}/{BY_QR}",
        }  # fmt: skip
        given = {"database_url": new_db().url, "console_url": CONSOLE, "wecom": wecom}
        settings = load({}, home=tmp_path / "home", **given)
        app = virtual(held.enter_context(open_app(settings)), NOON)
        clock.append(app.clock)
        with app.db.transaction() as conn:
            brand = Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh")
            seed(conn, brand, [], [Member("lisi", "李", "guide")])
            set_prices(conn, [Price("staff_minute", 80, "CNY")])
        plan(app)
        url = street.api(app, held)
        fake.calls_back(f"{url}/hooks/wecom/app")
        lock = app.db.try_lock(APPLIER)
        assert lock is not None
        held.callback(lock.release)
        yield House(app, fake, lock, url)
