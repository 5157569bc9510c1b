"""How many reservations a second, with kill -9 meanwhile. `bench/reserve.py --json`.

50,000 asks of 40,000 customers for 10,000 pieces, by 8 clients over HTTP at several server
processes on one database; one process after the other is killed and, but for the last, started
again. A client that hears no answer asks again with the same keys. What is judged: exactly as many
succeed as there are pieces, nobody gets two, and every answer that was heard is what is kept.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import door
import house
import uvicorn

import engine
from siyu.api.http import make
from siyu.app import App, open_app
from siyu.offers import actions as offers
from siyu.offers.model import Offer, Terms
from siyu.settings import load

PATH = "/api/v1/offers/sample/reservations"
_CONTEXT = get_context("fork")  # what is imported by now need not be read again


class Size(NamedTuple):
    """How much is asked of it."""

    asks: int = 50_000
    pieces: int = 10_000
    clients: int = 8
    servers: int = 2
    batch: int = 20
    kills: int = 4


def main() -> None:
    """Run and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--json", action="store_true")
    for name, size in Size()._asdict().items():
        asked.add_argument(f"--{name}", type=int, default=size)
    given = vars(asked.parse_args())
    as_json = given.pop("json")
    with engine.home() as app:
        found = {**house.machine(), **measure(app, Size(**given))}
    found["load_after"] = round(os.getloadavg()[0], 2)
    print(
        json.dumps(found, indent=2) if as_json else "\n".join(f"{k:20} {found[k]}" for k in found)
    )
    if found["offences"]:
        sys.exit(1)


def measure(app: App, size: Size, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """The figures of one run, and every promise that it broke."""
    customers = size.asks * 4 // 5
    _scene(app, size.pieces, customers)
    house.settle(app)
    with _servers(app, size.servers, environment) as servers, house.metered(app) as spent:
        run = _Run(app, servers, size, _asks(app, size.asks, customers))
        mine = time.process_time()
        run.go()
        mine = time.process_time() - mine
    items = size.asks + run.again
    by = {"client": mine, "servers": sum(one.cpu for one in servers), "database": spent[0].database}
    return {
        "asks": size.asks,
        "clients": size.clients,
        "servers": size.servers,
        "batch": size.batch,
        "kills": run.kills,
        "asked_again": run.again,
        **run.rates(),
        "cpu_ms_each": round(sum(by.values()) / items * 1e3, 3),
        "cpu_ms_by": {name: round(seconds / items * 1e3, 3) for name, seconds in by.items()},
        "offences": _judge(app, size, run.heard),
    }


def _scene(app: App, pieces: int, customers: int) -> None:
    sample = Offer(
        "sample", {"zh": "小样", "en": "sample"}, 900, "S", None, "sample", Terms(pieces=pieces)
    )
    with app.db.transaction() as conn:
        offers.install(conn, [sample], "bench")
        conn.execute(
            "insert into customer (id, created_at)"
            " select n, %(now)s from generate_series(1, %(many)s::bigint) as g (n)",
            {"many": customers, "now": house.NOW},
        )


def _asks(app: App, count: int, customers: int) -> list[dict[str, str]]:
    """Every customer once, some a second time with another key, shuffled."""
    asks = [
        {"key": f"a{number}", "customer": app.ids.encode("cus", number % customers + 1)}
        for number in range(count)
    ]
    random.Random(7).shuffle(asks)
    return asks


# ── Servers ──────────────────────────────────────────────────────────────────────────────────────


class Server:
    """A process with the API on a port of its own."""

    def __init__(self, home: Path, environment: dict[str, str] | None) -> None:
        self.port = door.free_port()
        self._about = home, environment, self.port
        self._process: Any = None
        self._cpu = 0.0

    def start(self) -> None:
        """Start it; `wait` until it answers."""
        self._process = _CONTEXT.Process(target=_serve, args=self._about, daemon=True)
        self._process.start()

    def wait(self) -> None:
        """Until it answers. What it spends from then on counts."""
        while not self._answers():
            time.sleep(0.02)
        self._cpu -= self._used()

    def kill(self) -> None:
        """As a crash does."""
        if self._process.is_alive():
            self._cpu += self._used()
            self._process.kill()
            self._process.join()

    @property
    def cpu(self) -> float:
        """Seconds of CPU of all its lives that are over, their starts left out."""
        return self._cpu

    def _used(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(value) for value in fields[11:13]) / house.CPU_TICK

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("POST", PATH)  # its routes are put together when one is asked for
            return connection.getresponse().status == 401
        except OSError:
            return False
        finally:
            connection.close()


def _serve(home: Path, environment: dict[str, str] | None, port: int) -> None:
    with open_app(load(environment, home=home)) as app:
        uvicorn.run(make(app), port=port, log_level="warning", access_log=False)


@contextmanager
def _servers(app: App, many: int, environment: dict[str, str] | None) -> Iterator[list[Server]]:
    servers = [Server(app.settings.home, environment) for _ in range(many)]
    for one in servers:
        one.start()
    try:
        for one in servers:
            one.wait()
        yield servers
    finally:
        for one in servers:
            one.kill()


# ── Clients ──────────────────────────────────────────────────────────────────────────────────────


class _Run:
    """All that is asked and heard."""

    def __init__(
        self, app: App, servers: list[Server], size: Size, asks: Sequence[dict[str, str]]
    ) -> None:
        self.heard: dict[str, dict[str, Any]] = {}
        self.again = 0
        self.kills = 0
        self._servers = servers
        self._size = size
        self._key = app.settings.api_key
        self._left: SimpleQueue[Sequence[dict[str, str]]] = SimpleQueue()
        for at in range(0, len(asks), size.batch):
            self._left.put(asks[at : at + size.batch])
        self._lock = threading.Lock()
        self._times: list[tuple[float, int, int]] = []  # when, reserved, refused

    def go(self) -> None:
        """Ask all; somebody kills servers meanwhile."""
        clients = [threading.Thread(target=self._ask, args=(n,)) for n in range(self._size.clients)]
        killer = threading.Thread(target=self._kill)
        self._began = time.monotonic()
        for thread in (*clients, killer):
            thread.start()
        for thread in (*clients, killer):
            thread.join()

    def rates(self) -> dict[str, Any]:
        """Successes a second until the last of them; refusals a second after it."""
        last = max(at for at, reserved, _ in self._times if reserved)
        end = max(at for at, _, _ in self._times)
        reserved = sum(many for _, many, _ in self._times)
        late = sum(refused for at, _, refused in self._times if at > last)
        return {
            "reserved": reserved,
            "refused": sum(many for _, _, many in self._times),
            "reserved_per_s": round(reserved / (last - self._began)),
            "refused_per_s": round(late / (end - last)) if end > last else None,
            "seconds": round(end - self._began, 2),
        }

    def _ask(self, number: int) -> None:
        turn, connection = number, self._connection(number)
        while True:
            try:
                asks = self._left.get_nowait()
            except Empty:
                return connection.close()
            body = json.dumps({"asks": asks}).encode()
            while (answers := self._post(connection, body)) is None:
                turn += 1
                connection = self._connection(turn)
                with self._lock:
                    self.again += len(asks)
                time.sleep(0.02)
            self._note(answers)

    def _connection(self, turn: int) -> http.client.HTTPConnection:
        server = self._servers[turn % len(self._servers)]
        return http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def _post(
        self, connection: http.client.HTTPConnection, body: bytes
    ) -> list[dict[str, Any]] | None:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", PATH, body, headers)
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return None
        assert answer.status == 200, said[:500]
        return json.loads(said)["answers"]

    def _note(self, answers: Sequence[dict[str, Any]]) -> None:
        states = Counter(one["status"] for one in answers)
        with self._lock:
            self.heard.update({one["key"]: one for one in answers})
            self._times.append((time.monotonic(), states["reserved"], states["refused"]))

    def _kill(self) -> None:
        """At even steps on the way to the last piece; all who are killed but the last come back."""
        for turn in range(self._size.kills):
            goal = self._size.pieces * (turn + 1) // (self._size.kills + 1)
            while sum(reserved for _, reserved, _ in list(self._times)) < goal:
                time.sleep(0.001)
            one = self._servers[turn % len(self._servers)]
            one.kill()
            self.kills += 1
            if self.kills < self._size.kills:
                one.start()
                one.wait()


# ── The judge ────────────────────────────────────────────────────────────────────────────────────


def _judge(app: App, size: Size, heard: dict[str, dict[str, Any]]) -> list[str]:
    rows = app.db.fetch(
        "select id, key, customer_id from promise where allotted and state = 'held'"
    )
    ((taken,),) = app.db.fetch("select taken from allotment where offer = 'sample'")
    told = {key: one["id"] for key, one in heard.items() if one["status"] == "reserved"}
    kept = {key.rpartition(":")[2]: app.ids.encode("prm", id_) for id_, key, _ in rows}
    wrong = [
        (len(rows) != size.pieces, f"{len(rows)} reservations of {size.pieces} pieces"),
        (taken != size.pieces, f"{taken} taken of {size.pieces}"),
        (len({who for *_, who in rows}) != len(rows), "a customer has two"),
        (len(heard) != size.asks, f"{len(heard)} answers to {size.asks} asks"),
        (told != kept, "what was answered is not what is kept"),
    ]
    return [said for broken, said in wrong if broken]


if __name__ == "__main__":
    main()
