"""The API over real HTTP, for a whole file of tests: what it refuses leaves nothing behind."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from siyu.api.http import make
from siyu.app import App, open_app
from siyu.budget import actions as budget
from siyu.commerce.actions import seed_shop
from siyu.commerce.model import Shop
from siyu.kernel import signature
from siyu.sandbox.server import Served
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import Brand

HOOK_SECRET = "what-the-provider-and-we-know"


class Door:
    """An installation as strangers see it."""

    def __init__(self, app: App, made: FastAPI, url: str) -> None:
        self.app = app
        self.made = made
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=30)

    @property
    def key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.app.settings.api_key}"}

    def signed(self, body: bytes, secret: str = "", late: timedelta | None = None) -> Any:
        """The headers of a signed body; `late`: signed so long ago."""
        when = datetime.now(UTC) - (late or timedelta())
        return signature.headers(secret or self.app.settings.ingest_secret, body, when)

    def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """A body at the door for events, signed unless the headers are given."""
        sent = self.signed(body) if headers is None else headers
        return self.http.post("/api/v1/events", content=body, headers=dict(sent))

    def hook(self, body: bytes, secret: str = HOOK_SECRET) -> httpx.Response:
        """A body at the door for receipts."""
        signed = self.signed(body, secret)
        return self.http.post("/hooks/webhook/receipts", content=body, headers=signed)

    def events(self) -> int:
        """How many facts are stored."""
        with self.app.db.transaction() as conn:
            return conn.fetch("select count(*) from event")[0][0]


@contextmanager
def _installed(databases: Any, **settings: object) -> Iterator[Door]:
    """An installation with these settings, served."""
    name = databases.take()
    home = Path(tempfile.mkdtemp(prefix="siyu-api-", dir="/tmp"))
    with ExitStack() as held:
        held.callback(shutil.rmtree, home, ignore_errors=True)
        held.callback(databases.give_back, name)
        webhook = {"url": "http://127.0.0.1:9", "secret": HOOK_SECRET}
        given = {"database_url": databases.url(name), "webhook": webhook, **settings}
        app = held.enter_context(open_app(load({}, home=home, **given)))
        with app.db.transaction() as conn:
            seed(conn, Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh"), [], [])
            seed_shop(conn, [Shop("s", "店", "tmall", True)])
            budget.set_defaults(conn)
        made = make(app)
        found = Door(app, made, held.enter_context(Served(made)).url)
        held.callback(found.http.close)
        yield found


@pytest.fixture
def installed(databases: Any) -> Callable[..., AbstractContextManager[Door]]:
    """Makes installations with settings of their own."""
    return partial(_installed, databases)


@pytest.fixture(scope="module")
def door(databases: Any) -> Iterator[Door]:
    with _installed(databases, idempotency_hours=6) as found:
        yield found


@pytest.fixture
def narrow(databases: Any) -> Iterator[Door]:
    """A door that little goes through at once."""
    with _installed(databases, ingest_memory=8, ingest_waiting=3) as found:
        yield found


@pytest.fixture
def unchanged(door: Door) -> Iterator[Callable[[], int]]:
    """No fact may have been stored when the test ends."""
    before = door.events()
    yield door.events
    assert door.events() == before
