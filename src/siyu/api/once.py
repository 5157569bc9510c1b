"""`Idempotency-Key`: the same write asked twice is done once, and answers the same again.

The answer is kept in the transaction of the write, so neither is ever there without the other. A
refusal is not kept: it has changed nothing, and the same key may try again. Routes know nothing of
this: the application that they are given works inside the open transaction.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from hashlib import blake2b
from typing import Any, NamedTuple, cast

import anyio
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from siyu.api.errors import siyu_error
from siyu.app import App, within
from siyu.kernel.errors import BadInput, KeyReused, SiyuError, UnderWay
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load

SQL = load("siyu.api")
HEADER = "Idempotency-Key"
AGAIN = "Idempotency-Replayed"
LONGEST = 200
# A request under a key holds a connection from its start: never so many that others find none.
AT_ONCE = 4
OPENAPI: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": (
        "A name for this write, made by you (a UUID will do). Asked again with the same key and "
        f"body, it is not done again and answers the same, with `{AGAIN}: true`. Another body "
        "under the key is refused with 422, a key under way with 409. A refusal is not kept."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
    "example": "5f0c7a52-order-import-17",
}


class Kept(NamedTuple):
    """An answer as it was given the first time."""

    status: int
    body: bytes


class Told(Exception):
    """Was done before: this is what was answered."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept


class _Undone(Exception):
    """Makes a transaction roll back; never leaves this file."""


class Once:
    """One write under its key, from the look whether it was done to its commit."""

    def __init__(self, app: App, key: bytes, request: bytes) -> None:
        self._app = app
        self._key = key
        self._request = request
        self._open: AbstractContextManager[Conn] | None = None
        self._conn: Conn | None = None

    def begin(self) -> App:
        """Take the key and open the transaction; Told if the write was done before."""
        opened = self._app.db.transaction()
        conn = self._conn = opened.__enter__()
        self._open = opened
        lock = int.from_bytes(self._key[:8], signed=True)
        if not conn.fetch(SQL.lock_key, {"lock": lock})[0][0]:
            raise UnderWay
        known = {"key": self._key, "now": self._app.clock.real()}
        for request, status, body in conn.fetch(SQL.kept, known):
            if request != self._request:
                raise KeyReused
            raise Told(Kept(status, body))
        return within(self._app, conn)

    def end(self, answer: Kept | None) -> None:
        """Commit the write with its answer; without one, undo it."""
        opened, conn, self._open = self._open, self._conn, None
        if opened is None or conn is None:
            return
        try:
            self._keep(conn, answer)
        except BaseException as error:
            opened.__exit__(type(error), error, error.__traceback__)
            if not isinstance(error, _Undone):
                raise
        else:
            opened.__exit__(None, None, None)
            self._app.wake()  # again: when the route rang, nothing was there to be seen

    def _keep(self, conn: Conn, answer: Kept | None) -> None:
        if answer is None:
            raise _Undone
        now = self._app.clock.real()
        until = now + timedelta(hours=self._app.settings.idempotency_hours)
        kept = {"key": self._key, "request": self._request, **answer._asdict()}
        conn.execute(SQL.keep, {**kept, "until": until, "now": now})


class Slot:
    """What the middleware and the route of one request share."""

    def __init__(self, limit: anyio.Semaphore) -> None:
        self._limit = limit
        self._once: Once | None = None

    async def begin(self, once: Once) -> App:
        """Wait for a turn, then take the key."""
        await self._limit.acquire()
        self._once = once
        return await run_in_threadpool(once.begin)

    async def end(self, answer: Kept | None) -> None:
        """Commit or undo what was begun, whatever happens to the request meanwhile."""
        once, self._once = self._once, None
        if once is None:
            return
        try:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(once.end, answer)
        finally:
            self._limit.release()


class Keeping:
    """Around the routes: holds an answer back until its write is committed with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._limit = anyio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or HEADER not in Headers(scope=scope):
            await self._app(scope, receive, send)
            return
        slot = Slot(self._limit)
        scope.setdefault("state", {})["slot"] = slot
        said: list[Message] = []

        async def collect(message: Message) -> None:
            said.append(message)

        try:
            await self._app(scope, receive, collect)
            await slot.end(_answer(said))
        except SiyuError as error:  # the commit itself failed: what was to be said is not true
            await siyu_error(error)(scope, receive, send)
            return
        finally:
            await slot.end(None)
        for message in said:
            await send(message)


def _answer(said: list[Message]) -> Kept | None:
    """What is worth keeping: an answer that is no refusal."""
    status = int(said[0]["status"]) if said else 500
    body = b"".join(message.get("body", b"") for message in said[1:])
    return Kept(status, body) if status < 400 else None


async def begin(request: Request, app: App, *, may_keep: bool) -> App:
    """The application for this request: inside its own transaction if it has a key."""
    slot: Slot | None = getattr(request.state, "slot", None)
    if slot is None or request.method in {"GET", "HEAD"}:
        return app
    if not may_keep:
        raise BadInput(
            Sentence(
                f"What this route answers is not kept for later: send it without {HEADER}.",
                f"这个接口的答复不会保留：请去掉 {HEADER} 再发。",
            )
        )
    key = request.headers.get(HEADER, "")
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        raise BadInput(
            Sentence(
                f"{HEADER} must have 1 to {LONGEST} printable characters.",
                f"{HEADER} 必须有 1 到 {LONGEST} 个可显示的字符。",
            )
        )
    # An account's sessions are one and the same asker; no key is written like this.
    code = request.state.caller.code
    who = f"account\x1f{code}" if code else request.headers.get("Authorization", "")
    asked = f"{request.method} {request.url.path}?{request.url.query}"
    secret = app.settings.derived("idempotency keys")
    named = blake2b(f"{who}\x1f{asked}\x1f{key}".encode(), key=secret, digest_size=16)
    whole = named.copy()  # keyed as well: a body may hold a phone, and those can be tried through
    whole.update(b"\x1f" + await request.body())
    return await slot.begin(Once(app, named.digest(), whole.digest()))


def install(api: FastAPI) -> None:
    """Answers that were given before are given again."""

    async def again(_: Request, error: Exception) -> Response:
        kept = cast("Told", error).kept
        return Response(kept.body, kept.status, {AGAIN: "true"}, "application/json")

    api.add_exception_handler(Told, again)
    api.add_middleware(Keeping)
