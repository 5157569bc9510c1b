"""How late messages are at the real pace. `bench/realtime.py --json`; `--rate 200` for less.

Signed batches over HTTP to `siyu serve` with workers beside it: a tenth of the events are paid
orders of new buyers, the rest clicks, receipts, adds and parcels. What counts is the provider's own
record: from the payment to the moment at which it has the text. `--flood 10` goes on at ten times
the rate: how many batches were put off with 429 and Retry-After, and what that does to the rest.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

import door
import house
import msgspec

from siyu.app import App, goes_on, open_app, stop_database, virtual
from siyu.connectors.webhook.fake import Provider
from siyu.kernel import signature
from siyu.kernel.ids import share
from siyu.sandbox.server import Served
from siyu.settings import load

SECRET = "what-the-provider-and-we-know"  # noqa: S105 - of a run that lasts minutes
EVENTS, RECEIPTS = "/api/v1/events", "/hooks/webhook/receipts"
BATCHES = 10  # a second
SENDERS = 4
PROMISED = 60.0  # seconds from payment to SMS
LOOK = 0.05
DRAIN = 90.0  # seconds that what was told is given at the end
HELD = 0.05
Event = dict[str, Any]


class Post(NamedTuple):
    """A batch on its way; again after it was put off."""

    path: str
    items: list[Event]


class Phones:
    """When the provider had which text."""

    def __init__(self) -> None:
        self.got: dict[str, float] = {}  # order → wall clock
        self.tokens: list[str] = []
        self.twice = 0
        self.provider = Provider(SECRET, self._take)

    def _take(self, messages: Sequence[Mapping[str, Any]]) -> None:
        now = time.time()
        for message in messages:
            self.tokens.append(message["id"])
            if message["reference"]["step"] == "sms":
                order = message["reference"]["order_no"]
                self.twice += order in self.got
                self.got[order] = now


class Tellers:
    """Threads that post what they are given, and do as a 429 says."""

    def __init__(self, port: int, secret: str) -> None:
        self._port = port
        self._secret = secret
        self._queue: SimpleQueue[Post | None] = SimpleQueue()
        self.statuses: Counter[int] = Counter()
        self.waits: list[float] = []  # what Retry-After asked for
        self.refused: Counter[str] = Counter()
        self.seconds: list[float] = []
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def post(self, path: str, items: list[Event]) -> None:
        """Soon."""
        if items:
            self._queue.put(Post(path, items))

    @property
    def behind(self) -> int:
        """Batches that nobody has posted yet: then this machine, not the engine, is slow."""
        return self._queue.qsize()

    def end(self) -> None:
        """When all is told."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(DRAIN)

    def _work(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while (post := self._queue.get()) is not None:
            body = msgspec.json.encode(
                {"events": post.items} if post.path == EVENTS else post.items
            )
            secret = self._secret if post.path == EVENTS else SECRET
            while not self._told(connection, post.path, secret, body):
                pass
        connection.close()

    def _told(
        self, connection: http.client.HTTPConnection, path: str, secret: str, body: bytes
    ) -> bool:
        began = time.monotonic()
        headers = signature.headers(secret, body, datetime.now(UTC))
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        self.statuses[answer.status] += 1
        self.seconds.append(time.monotonic() - began)
        if answer.status == 429:
            wait = float(answer.headers.get("Retry-After") or 1)
            self.waits.append(wait)
            time.sleep(wait)
            return False
        if answer.status != 200:
            self.refused[f"{answer.status} {said[:200]!r}"] += 1
            return True
        for one in msgspec.json.decode(said)["answers"]:
            if one["status"] == "rejected":
                self.refused[one["reason"]] += 1
        return True


class Day:
    """What happens, second by second."""

    def __init__(self, begun: float, phones: Phones) -> None:
        self._begun = begun
        self._phones = phones
        self._number = 0
        self.paid: dict[str, float] = {}  # order → wall clock of the payment

    def consents(self, count: int) -> list[Event]:
        """Of the buyers who will come."""
        data = {
            "channels": ["sms", "voice", "wecom"], "purposes": ["order_invitation", "service"],
            "basis": "consent", "evidence": "form 1",
        }  # fmt: skip
        return [
            self._event("consent.given", f"consent/{n}", data, {"phone": _phone(n)})
            for n in range(count)
        ]

    def batch(self, size: int) -> tuple[list[Event], list[Event]]:
        """(events, receipts): a tenth are orders, of the rest each kind has its share."""
        events: list[Event] = []
        receipts: list[Event] = []
        for place in range(size):
            self._number += 1
            number, kind = self._number, place % 10
            if kind == 0:
                events.append(self._order(len(self.paid)))
            elif kind in (1, 2):
                events.append(self._parcel(number))
            elif kind == 3 or not self._phones.tokens:
                keys = {"external_userid": f"wx{number}"}
                events.append(self._event("friend.added", f"add/{number}", {"staff": "g"}, keys))
            else:
                receipts.append(self._receipt(number, "clicked" if kind < 7 else "delivered"))
        return events, receipts

    def _order(self, number: int) -> Event:
        order = house.order(str(number))
        self.paid[order["order_no"]] = time.time()
        keys = {"phone": _phone(number), "buyer": f"s/{number}"}
        paid = self._event("order.paid", f"order/{number}", order, keys)
        return paid | {"person": {"name": "某人"}}

    def _parcel(self, number: int) -> Event:
        order = f"n{number % max(len(self.paid), 1)}"
        cutoff = self._now() + timedelta(hours=6)
        data = {
            "parcel_no": f"p{number}", "shop": "s", "orders": [order], "main_order": order,
            "cutoff_at": cutoff.isoformat(),
        }  # fmt: skip
        return self._event("parcel.planned", f"parcel/{number}", data, {})

    def _receipt(self, number: int, kind: str) -> Event:
        token = self._phones.tokens[number % len(self._phones.tokens)]
        at = self._now().isoformat()
        return {"id": token, "kind": kind, "at": at, "receipt_id": f"{kind}/{number}"}

    def _event(self, kind: str, name: str, data: Event, keys: dict[str, str]) -> Event:
        at = self._now().isoformat()
        return {
            "source": "bench", "id": name, "kind": kind, "occurred_at": at, "data": data,
            "keys": keys,
        }  # fmt: skip

    def _now(self) -> datetime:
        return house.NOW + timedelta(seconds=time.time() - self._begun)


def _phone(number: int) -> str:
    return f"137{number:08}"


class Watch:
    """Looks what is applied by when, and how much memory all processes take."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._ending = threading.Event()
        self.seen: list[tuple[int, float]] = []  # (applied so far, wall clock)
        self.waiting: list[int] = []
        self.memory: list[int] = []
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._applied, self._weigh)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Enough seen."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _applied(self) -> None:
        sql = "select coalesce(max(applied_seq), 0) from event_applied"
        while not self._ending.wait(LOOK):
            ((applied,),) = self._app.db.fetch(sql)
            self.seen.append((applied, time.time()))

    def _weigh(self) -> None:
        home = self._app.settings.home
        while not self._ending.wait(1.0):
            found = {*house.processes(home), *_ours(home)}
            self.memory.append(sum(house.pss(folder) for folder in found))
            ((waiting,),) = self._app.db.fetch("select count(*) from event_pending")
            self.waiting.append(waiting)

    def lags(self, begun: float) -> list[float]:
        """From accept to apply, of each event since we look; never less than it was."""
        reached = [applied for applied, _ in self.seen]
        sql = "select applied_seq, received_at from event_applied where applied_seq > %(first)s"
        rows = self._app.db.fetch(sql, {"first": reached[0]})
        found: list[float] = []
        for seq, received in rows:
            place = bisect_left(reached, seq)
            if place < len(reached):
                at = begun + (received - house.NOW).total_seconds()
                found.append(self.seen[place][1] - at)
        return found


def _ours(home: Path) -> list[Path]:
    found: list[Path] = []
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
        except OSError:
            continue  # it has just ended
        if b"siyu" in words and os.fsencode(home) in words.split(b"\0"):
            found.append(folder)
    return found


@contextmanager
def _serving(home: Path, provider: str, port: int, workers: int) -> Iterator[None]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SIYU_")}
    environ |= {"SIYU_WEBHOOK_URL": provider, "SIYU_WEBHOOK_SECRET": SECRET}
    environ["SIYU_LOG_LEVEL"] = "warning"
    program = "from siyu.cli.main import main; main()"
    words = ["serve", "--port", str(port), "--workers", str(workers), "--home", str(home)]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words], env=environ, stdout=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 90
        while not door._answers(port):  # noqa: SLF001 - a script beside this one
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("siyu serve did not come up")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def measure(home: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Set a brand up, let the time go on, tell."""
    phones = Phones()
    port = door.free_port()
    with Served(phones.provider.app) as outside, open_app(load({}, home=home)) as opened:
        app = virtual(opened, house.NOW)
        house.install(app)
        app = goes_on(app)
        begun = time.time() - (app.clock.now() - house.NOW).total_seconds()
        with _serving(home, outside.url, port, given.workers):
            day = Day(begun, phones)
            stretches = [(given.rate, given.seconds), (given.rate * given.flood, given.flooded)]
            stretches = [one for one in stretches if one[0] * one[1]]
            buyers = sum(int(rate * seconds) // 10 + BATCHES for rate, seconds in stretches)
            _before(day, port, app, buyers)
            watch = Watch(app)
            told = [_tell(day, port, app, *stretch) for stretch in stretches]
            _drain(app, day, phones)
            watch.end()
            found = [said | _late(day, phones, orders) for said, orders in told]
            lags = watch.lags(begun)
    return {
        "machine": {"cores": os.cpu_count(), "load": [round(one, 2) for one in os.getloadavg()]},
        "stretches": found,
        "accept_to_apply_s": _spread(lags),
        "events": len(lags),
        "memory_mb": {
            "first": watch.memory[0] >> 20, "most": max(watch.memory) >> 20,
            "last": watch.memory[-1] >> 20,
        },
        "most_events_waiting": max(watch.waiting),
        "texts_twice": phones.twice,
    }  # fmt: skip


def _before(day: Day, port: int, app: App, buyers: int) -> None:
    """What the buyers agreed to, applied before the clock counts."""
    tellers = Tellers(port, app.settings.ingest_secret)
    agreed = day.consents(buyers)
    for at in range(0, len(agreed), 1000):
        tellers.post(EVENTS, agreed[at : at + 1000])
    tellers.end()
    while app.db.fetch("select from event_pending limit 1"):
        time.sleep(0.1)


def _tell(
    day: Day, port: int, app: App, rate: int, seconds: float
) -> tuple[dict[str, Any], set[str]]:
    """What came of it, and the orders of this stretch."""
    tellers = Tellers(port, app.settings.ingest_secret)
    before, began, most = set(day.paid), time.monotonic(), 0
    for turn in range(int(seconds * BATCHES)):
        time.sleep(max(0.0, began + turn / BATCHES - time.monotonic()))
        events, receipts = day.batch(rate // BATCHES)
        tellers.post(EVENTS, events)
        tellers.post(RECEIPTS, receipts)
        most = max(most, tellers.behind)
    took = time.monotonic() - began
    tellers.end()
    orders = set(day.paid) - before
    figures = {
        "rate_per_s": rate,
        "told_in_s": round(took, 1),
        "orders": len(orders),
        "answers": dict(tellers.statuses),
        "retry_after_s": _spread(tellers.waits),
        "answer_s": _spread(tellers.seconds),
        "most_batches_behind": most,
        "refused": dict(tellers.refused),
    }
    return figures, orders


def _drain(app: App, day: Day, phones: Phones) -> None:
    deadline = time.monotonic() + DRAIN
    wanted = {order for order in day.paid if _invited(order)}
    while time.monotonic() < deadline and (
        app.db.fetch("select from event_pending limit 1") or not wanted <= set(phones.got)
    ):
        time.sleep(0.2)


def _invited(order: str) -> bool:
    return share("holdout", "cascade", f"s/{order}") >= HELD


def _late(day: Day, phones: Phones, orders: set[str]) -> dict[str, Any]:
    """From payment to the provider, of each buyer outside the hold-out; who got none is late."""
    invited = [order for order in orders if _invited(order)]
    took = [phones.got[order] - day.paid[order] for order in invited if order in phones.got]
    in_time = sum(one <= PROMISED for one in took)
    return {
        "invited": len(invited),
        "never": len(invited) - len(took),
        "in_time": round(in_time / max(len(invited), 1), 5),
        "payment_to_sms_s": _spread(took),
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    listed = list(values)
    if not listed:
        return {}
    points = {"p50": 50, "p99": 99, "p99.9": 99.9}
    found = {name: round(house.at_percent(listed, at), 3) for name, at in points.items()}
    return found | {"most": round(max(listed), 3)}


def main() -> None:
    """Run and print."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--rate", type=int, default=2_000, help="events a second")
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--workers", type=int, default=1, help="besides `siyu serve`")
    asked.add_argument("--flood", type=int, default=0, help="afterwards so many times the rate")
    asked.add_argument("--flooded", type=float, default=20, help="for so many seconds")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="siyu-realtime-", dir="/tmp") as folder:
        home = Path(folder) / "home"
        Path(folder).chmod(0o755)
        home.mkdir()
        try:
            found = measure(home, given)
        finally:
            stop_database(home)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    for stretch in found.pop("stretches"):
        print(*(f"{name}: {value}" for name, value in stretch.items()), sep="\n")
    print(*(f"{name}: {value}" for name, value in found.items()), sep="\n")


if __name__ == "__main__":
    main()
