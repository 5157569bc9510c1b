"""Subscribers that really listen, on loopback, and facts that were applied."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest

from siyu.connectors.post import Poster
from siyu.customers.project import PROJECTION as CUSTOMERS
from siyu.db.pool import Pool
from siyu.events.actions import accept
from siyu.events.sweep import apply
from siyu.identities.project import PROJECTION as IDENTITIES
from siyu.kernel import signature
from siyu.kernel.ids import PublicIds
from siyu.subscribers import actions, views
from siyu.subscribers.model import Subscriber
from siyu.subscribers.sweep import Context, sweep
from siyu.vault.model import Keys

KEYS = Keys(master=bytes(32), lookup=bytes(range(32)))
IDS = PublicIds(b"k" * 32)
LONG_AGO = datetime(2026, 11, 19, tzinfo=UTC)


class Got(NamedTuple):
    """A request that arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def events(self) -> list[dict[str, Any]]:
        return json.loads(self.body)["events"]


class Listener:
    """A door on loopback; `answers` maps a path to the status that it gives, 200 by default."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: dict[str, int] = {}
        self.holds: dict[str, threading.Event] = {}
        self.reached = threading.Semaphore(0)
        listener = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.got.append(Got(self.path, dict(self.headers), body))
                listener.reached.release()
                if (held := listener.holds.get(self.path)) is not None:
                    held.wait(20)
                self.send_response(listener.answers.get(self.path, 200))
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def at(self, path: str) -> list[Got]:
        return [one for one in self.got if one.path == path]

    def ids(self, path: str) -> list[str]:
        return [event["id"] for one in self.at(path) for event in one.events]

    def close(self) -> None:
        for held in self.holds.values():
            held.set()
        self._server.shutdown()
        self._server.server_close()


class Room:
    """Subscribers, the sweep that tells them, and facts."""

    def __init__(self, db: Pool, clock: Any, listener: Listener) -> None:
        self.db = db
        self.clock = clock
        self.listener = listener
        self.threads = ThreadPoolExecutor(8)
        self.poster = Poster(private=True)
        self.context = Context(
            self.poster, IDS, clock, lambda number: f"secret-{number}", timedelta(days=3)
        )
        self.projections = [IDENTITIES, CUSTOMERS]
        self._names = 0

    def add(self, path: str, *kinds: str) -> int:
        with self.db.transaction() as conn:
            return actions.add(
                conn, self.listener.url + path, kinds, "ana", self.clock.now(), private=True
            )

    def facts(self, count: int, kind: str = "tag.set", **data: object) -> None:
        """So many facts, accepted and applied."""
        batch: list[object] = []
        data = data or {"name": "vip"}
        for _ in range(count):
            self._names += 1
            batch.append(
                {
                    "source": "shop", "id": f"e{self._names}", "kind": kind,
                    "occurred_at": LONG_AGO.isoformat(), "data": data,
                    "keys": {"phone": "13800000001", "buyer": f"tmall/{self._names}"},
                    "person": {"name": "林小雨"},
                }
            )  # fmt: skip
        with self.db.transaction() as conn:
            answers = accept(conn, KEYS, "CN", batch, self.clock.now())
        assert {one.status for one in answers} == {"accepted"}
        while apply(self.db, self.projections, self.clock.now()).claimed:
            pass

    def paid(self, count: int) -> None:
        for _ in range(count):
            name = f"T{self._names + 1}"
            self.facts(1, "order.paid", shop="s", order_no=name, currency="CNY", total_minor=1)

    def begin(self) -> list[Any]:
        return sweep(self.db, self.context, self.clock.now(), self.threads)

    def sweep(self) -> int:
        """Tell whoever is due, and wait for them; how many facts were taken."""
        begun = self.begin()
        wait(begun, 30)
        return sum(one.result() for one in begun)

    def get(self, number: int) -> Subscriber:
        with self.db.transaction() as conn:
            return views.get(conn, number)

    def signed(self, one: Got, number: int) -> None:
        """Raises unless this came from us."""
        signature.verify(
            f"secret-{number}",
            one.headers[signature.TIMESTAMP],
            one.headers[signature.SIGNATURE],
            one.body,
            self.clock.real(),
        )


@pytest.fixture
def room(db: Pool, clock: Any) -> Iterator[Room]:
    listener = Listener()
    made = Room(db, clock, listener)
    yield made
    listener.close()
    made.threads.shutdown()
    made.poster.close()


@pytest.fixture
def listen() -> Iterator[Callable[[], Listener]]:
    made: list[Listener] = []

    def new() -> Listener:
        made.append(Listener())
        return made[-1]

    yield new
    for one in made:
        one.close()
