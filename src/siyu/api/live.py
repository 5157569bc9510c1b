"""Server-sent events: which topics have changed, and that this server is there. Nobody polls lists.

One look at the database a second while anybody listens, however many do; none otherwise. A look
reads ends of indexes and counters of the server's own, so it costs the same in any base. Messages
name topics and nothing else: what has changed, each asks by the routes that know their scope.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

import msgspec
import structlog
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from siyu.api.auth import TheCaller, needs
from siyu.app import App
from siyu.kernel.errors import Busy
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import load

router = APIRouter(tags=["overview"])
log = structlog.get_logger(__name__)
SQL = load("siyu.api")

TOPICS = (
    "stops", "events", "touches", "tasks", "journeys", "dry_runs", "imports", "matches",
    "attention", "audit",
)  # fmt: skip
LOOK_EVERY = 1.0  # seconds
BEAT_EVERY = 5.0
LASTS = 600.0  # then the browser comes again, and its session is looked at again
EACH = 12  # streams of one account: a browser's windows
ALL = 1_000  # of one process
MOST_WAITING = 10_001

_encode = msgspec.json.Encoder().encode


class Seen(NamedTuple):
    """One look: a version of each topic, how many events wait and for how long, what time it is."""

    versions: Mapping[str, object]
    waiting: int
    late: float
    now: datetime


class Listener:
    """One open stream. What it has not been sent yet is a set of topics: it never grows."""

    def __init__(self, who: str) -> None:
        self.who = who
        self.new = True  # has not heard a beat yet
        self._changed: set[str] = set()
        self._beat: bytes | None = None
        self._over = False
        self._something = asyncio.Event()

    def tell(self, topics: set[str], beat: bytes | None) -> None:
        """To be sent as soon as the other side takes it."""
        self._changed |= topics
        self._beat = beat or self._beat
        if self._changed or self._beat:
            self._something.set()

    def end(self) -> None:
        """Nothing more comes."""
        self._over = True
        self._something.set()

    async def next(self) -> bytes | None:
        """What is to be sent now; None at the end."""
        await self._something.wait()
        self._something.clear()
        if self._over:
            return None
        said = b""
        if self._changed:
            said = _message("changed", {"topics": sorted(self._changed)})
            self._changed = set()
        if self._beat:
            said, self._beat = said + self._beat, None
        return said


class Live:
    """Who listens, and the one who looks for them. Lives on the event loop of its application."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._listeners: set[Listener] = set()
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    def join(self, who: str) -> Listener:
        """A new listener, who must `leave`; refused when this account or everybody has enough."""
        mine = sum(one.who == who for one in self._listeners)
        if self._closed or mine >= EACH or len(self._listeners) >= ALL:
            raise Busy(
                Sentence(
                    "Too many windows listen for changes already; close one of them.",
                    "已有太多窗口在接收变化；请关掉一个。",
                )
            )
        listener = Listener(who)
        self._listeners.add(listener)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return listener

    def leave(self, listener: Listener) -> None:
        """It has gone; the last one takes the looking along."""
        self._listeners.discard(listener)
        if not self._listeners and self._looking is not None:
            self._looking.cancel()

    def close(self) -> None:
        """End every stream, so that a server that stops waits for none."""
        self._closed = True
        for listener in self._listeners:
            listener.end()

    @property
    def listening(self) -> int:
        """How many streams are open."""
        return len(self._listeners)

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        before: Seen | None = None
        beaten = loop.time() - BEAT_EVERY
        while self._listeners:
            try:
                seen = await run_in_threadpool(_seen, self._app)
            except Exception as error:  # noqa: BLE001 - the database is away: no beat says so
                log.warning("nothing to tell listeners", error=type(error).__name__)
                await asyncio.sleep(LOOK_EVERY)
                continue
            changed = _changed(before, seen)
            before = seen
            fresh = loop.time() - beaten >= BEAT_EVERY
            beaten = loop.time() if fresh else beaten
            beat = _beat(seen)
            for listener in list(self._listeners):
                listener.tell(changed, beat if fresh or listener.new else None)
                listener.new = False
            await asyncio.sleep(LOOK_EVERY)


def _changed(before: Seen | None, seen: Seen) -> set[str]:
    if before is None:
        return set()
    return {one for one in TOPICS if before.versions[one] != seen.versions[one]}


def _seen(app: App) -> Seen:
    now = app.clock.now()
    with app.db.transaction() as conn:
        ((*versions, waiting, oldest),) = conn.fetch(SQL.versions, {"most": MOST_WAITING})
    late = max((now - oldest).total_seconds(), 0.0) if oldest is not None else 0.0
    return Seen(dict(zip(TOPICS, versions, strict=True)), waiting, late, now)


def _beat(seen: Seen) -> bytes:
    return _message("beat", {"now": seen.now, "waiting": seen.waiting, "late": round(seen.late, 1)})


def _message(name: str, data: Mapping[str, object]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), _encode(data))


class Stream(StreamingResponse):
    """`text/event-stream`; proxies that would hold it back are asked not to."""

    media_type = "text/event-stream"


@router.get("/live", **needs("live.read", once=False, scoped=True), response_class=Stream)
async def live(request: Request, caller: TheCaller) -> Stream:
    """What has changed, as it changes: `changed` names topics, `beat` comes every five seconds.

    A beat has the server's time, how many accepted events wait (10,001: that or more) and for how
    many seconds. Ask again for what you show of a topic. A stream ends after ten minutes, or with
    the server: come again, and take everything as changed.
    """
    hub: Live = request.app.state.live
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(_told(hub, hub.join(caller.code)), headers=headers)


async def _told(hub: Live, listener: Listener) -> AsyncGenerator[bytes]:
    try:
        yield b"retry: 2000\n\n"
        with suppress(TimeoutError):
            async with asyncio.timeout(LASTS):
                while (said := await listener.next()) is not None:
                    yield said
    finally:
        hub.leave(listener)
