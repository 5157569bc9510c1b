"""Back-pressure at the doors for facts: who sends more than can be held is told to come again."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from siyu.app import App
from siyu.events import views
from siyu.kernel.errors import Busy, TooLarge
from siyu.kernel.sentence import Sentence

MOST_BYTES = 8 * 1024 * 1024
LOOK_EVERY = 1.0  # seconds between two looks at the queue


class Held:
    """The bytes of one body."""

    def __init__(self, gate: Gate, most: int) -> None:
        self._gate = gate
        self._most = most
        self._size = 0

    async def body(self, request: Request) -> bytes:
        """The raw body, refused while it is still being read if it is too large."""
        chunks: list[bytes] = []
        told = request.headers.get("content-length", "")
        if len(told) > len(str(MOST_BYTES)) or (told.isdigit() and int(told) > MOST_BYTES):
            raise _too_large()  # before a byte of it is read
        async for chunk in request.stream():
            self._size += len(chunk)
            self._gate.bytes += len(chunk)
            if self._size > MOST_BYTES:
                raise _too_large()
            if self._gate.bytes > self._most:
                raise Busy(
                    Sentence(
                        "Too many bodies come in at once; send this one again in a moment.",
                        "同时传来的内容太多；请稍后再发。",
                    )
                )
            chunks.append(chunk)
        return b"".join(chunks)

    def release(self) -> None:
        """The body was dealt with."""
        self._gate.bytes -= self._size


def _too_large() -> TooLarge:
    return TooLarge(
        Sentence(
            f"a body may have at most {MOST_BYTES >> 20} MiB; send less at once",
            f"内容最多 {MOST_BYTES >> 20} MiB；请分次发送",
        )
    )


class Gate:
    """One per application; lives on its event loop, so that counting needs no lock."""

    def __init__(self) -> None:
        self.bytes = 0
        self._looked = -LOOK_EVERY
        self._full = False

    @contextmanager
    def holding(self, app: App) -> Generator[Held]:
        """Room for one body until it is dealt with; only bytes that really came are counted."""
        held = Held(self, app.settings.ingest_memory * 1024 * 1024)
        try:
            yield held
        finally:
            held.release()

    async def queue(self, app: App) -> None:
        """Busy while too many events wait. One request a second looks, all others are told."""
        if time.monotonic() - self._looked >= LOOK_EVERY:
            self._looked = time.monotonic()
            self._full = await run_in_threadpool(_crowded, app)
        if self._full:
            raise Busy(
                Sentence(
                    "Too many events wait to be applied; send this again in a moment.",
                    "等待处理的事件太多；请稍后再发。",
                )
            )


def _crowded(app: App) -> bool:
    with app.db.transaction() as conn:
        return views.crowded(conn, app.settings.ingest_waiting)


def the_gate(request: Request) -> Gate:
    """The gate of this application."""
    gate: Gate = request.app.state.gate
    return gate
