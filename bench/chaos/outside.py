"""The outside world: who tells facts, and says again what was not answered; the provider."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
from world import Event, World

from siyu.connectors.webhook.fake import Fault, Provider
from siyu.kernel import signature

SECRET = "what-the-provider-and-we-know"  # noqa: S105 - of a run that lasts minutes
EVENTS = "/api/v1/events"
RECEIPTS = "/hooks/webhook/receipts"
# A batch that is refused for good is an answer, and a right one; here nothing may be refused.
FAULTS: tuple[Fault, ...] = tuple(fault for fault in get_args(Fault) if fault != "refuse")
SLOW = ("silent", "silent after effect")  # each holds a lane of a worker for ten seconds
ANSWER_SECONDS = 30


class Phones:
    """What the provider really sent out, and what people did about it."""

    def __init__(self, world: World, feeder: Feeder) -> None:
        self._world = world
        self._feeder = feeder
        self.effects: list[Mapping[str, Any]] = []
        self.at: list[float] = []
        self.provider = Provider(SECRET, self._take, _rung)
        self.faults: Counter[str] = Counter()
        self.ambush: Callable[[], None] | None = None  # with the next batch in hand, not answered

    def _take(self, messages: Sequence[Mapping[str, Any]]) -> None:
        ambush, self.ambush = self.ambush, None
        if ambush is not None:
            ambush()
        self.effects += messages
        self.at += [time.time()] * len(messages)
        for message in map(dict, messages):
            self._feeder.report(list(self._world.receipts(message)))
            if friend := self._world.answer(message):
                self._feeder.tell(friend)

    def trouble(self, chance: random.Random, *, slow: bool) -> None:
        """The next request meets a fault."""
        fault = chance.choice([one for one in FAULTS if slow or one not in SLOW])
        self.faults[fault] += 1
        self.provider.faults.append(fault)

    def well(self) -> None:
        """No further trouble: the provider is in order, and nobody lies in wait."""
        self.provider.faults.clear()
        self.ambush = None


def _rung(_: Sequence[str]) -> list[str]:
    """Whatever is called back: it has rung already."""
    return []


class Feeder:
    """Lanes that post signed batches, each again and again until it is answered."""

    def __init__(self, world: World, lanes: int, secret: str) -> None:
        self._world = world
        self._secret = secret
        self._later: deque[tuple[str, list[Any]]] = deque()
        self._facts = [deque(facts) for facts in world.facts(lanes)]
        self._busy = 0
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []
        self.open = threading.Event()
        self.total = sum(len(facts) for facts in self._facts)
        self.told: set[str] = set()  # ids at their sources
        self.answers: Counter[str] = Counter()
        self.again = 0  # batches that were posted once more
        self.refused: list[str] = []

    # ── what comes of the world ──

    def tell(self, event: Event) -> None:
        """A fact that nobody knew before."""
        self._later.append((EVENTS, [event]))

    def report(self, receipts: list[dict[str, Any]]) -> None:
        """What the provider has to say."""
        if receipts:
            self._later.append((RECEIPTS, receipts))

    @property
    def left(self) -> int:
        """How much is not told yet."""
        with self._lock:
            return sum(map(len, self._facts)) + len(self._later) + self._busy

    # ── at work ──

    def start(self, url: str, seconds: float) -> None:
        """Tell all in about so many seconds."""
        self.open.set()
        for lane, facts in enumerate(self._facts):
            pace = seconds / max(len(facts), 1)
            thread = threading.Thread(target=self._work, args=(url, lane, pace), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """No further batch."""
        self._ending.set()
        for thread in self._threads:
            thread.join(ANSWER_SECONDS)

    def _work(self, url: str, lane: int, pace: float) -> None:
        chance = self._world.chance("feeder", lane)
        host = url.partition("://")[2]
        facts = self._facts[lane]
        began, told = time.monotonic(), 0
        while not self._ending.is_set():
            path, items = self._next(facts, chance, allowed=time.monotonic() - began >= told * pace)
            if not items:
                self._ending.wait(0.02)
                continue
            told += len(items) if path == EVENTS else 0
            self._post(host, path, items)
            with self._lock:
                self._busy -= 1

    def _next(
        self, facts: deque[Event], chance: random.Random, *, allowed: bool
    ) -> tuple[str, list[Any]]:
        with self._lock:
            if self._later:
                self._busy += 1
                path, items = self._later.popleft()
                while self._later and self._later[0][0] == path and len(items) < 200:
                    items = items + self._later.popleft()[1]
                return path, items
            items = [facts.popleft() for _ in range(min(chance.randint(1, 40), len(facts)))]
            if not allowed:
                facts.extendleft(reversed(items))
                return EVENTS, []
            self._busy += 1 if items else 0
            return EVENTS, items

    def _post(self, host: str, path: str, items: list[Any]) -> None:
        body = msgspec.json.encode({"events": items} if path == EVENTS else items)
        secret = self._secret if path == EVENTS else SECRET
        while not self._ending.is_set():
            status, said = self._once(host, path, secret, body)
            if status == 200:
                self._heard(path, items, msgspec.json.decode(said)["answers"])
                return
            if status not in (0, 429, 500, 503):
                self.refused.append(f"{path}: {status} {said[:300]!r}")
                return
            self.again += 1
            self._ending.wait(0.1)

    def _once(self, host: str, path: str, secret: str, body: bytes) -> tuple[int, bytes]:
        self.open.wait()
        connection = http.client.HTTPConnection(host, timeout=ANSWER_SECONDS)
        try:
            connection.request("POST", path, body, signature.headers(secret, body, _now()))
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def _heard(self, path: str, items: list[Any], answers: list[dict[str, str]]) -> None:
        with self._lock:
            self.answers.update(answer["status"] for answer in answers)
            self.refused += [f"{path}: {a}" for a in answers if a["status"] == "rejected"]
            source, name = ("shop", "id") if path == EVENTS else ("webhook", "receipt_id")
            self.told.update(f"{source}:{item[name]}" for item in items)


def _now() -> datetime:
    return datetime.now(UTC)
