"""Addresses that stay while what answers there changes with each test: to begin and end a server
takes longer than most tests, and to put the routes of the API together longer still."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from fastapi import FastAPI

from siyu.api.http import around, routed
from siyu.app import App
from siyu.sandbox.server import Served

PATIENCE = 2.0  # seconds for requests under way, as a server has when it stops
# No address of ours speaks TLS; to load the machine's certificates takes each client 25 ms.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def nobody(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError(f"nobody lives here any more: {scope['path']}")


class Address:
    """A server on loopback for one after the other."""

    def __init__(self, held: ExitStack) -> None:
        self._app: Any = nobody
        self._api: FastAPI | None = None
        self._asked: set[asyncio.Task[Any]] = set()
        self.url = held.enter_context(Served(self)).url

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._asked.add(task)
        try:
            await self._app(scope, receive, send)
        finally:
            self._asked.discard(task)

    def enter(self, app: Any) -> None:
        self._app = app

    def serve(self, app: App) -> None:
        """The API around this installation."""
        self._api = self._api or routed()
        self._app = around(app, self._api)

    def leave(self) -> None:
        """Requests under way end, or are ended; nobody answers any more."""
        since = time.monotonic()
        while self._asked and time.monotonic() - since < PATIENCE:
            time.sleep(0.002)
        for task in list(self._asked):
            task.get_loop().call_soon_threadsafe(task.cancel)
        self._app = nobody


class Street:
    """Addresses of this process; a new one where all are lived in."""

    def __init__(self, held: ExitStack) -> None:
        self._held = held
        self._free: dict[str, list[Address]] = {"api": [], "other": []}

    def at(self, app: Any, held: ExitStack) -> str:
        """Where this application answers until `held` ends."""
        address = held.enter_context(self._lent("other"))
        address.enter(app)
        return address.url

    def api(self, app: App, held: ExitStack) -> str:
        """Where the API of this installation answers until `held` ends."""
        address = held.enter_context(self._lent("api"))
        address.serve(app)
        return address.url

    @contextmanager
    def _lent(self, kind: str) -> Iterator[Address]:
        free = self._free[kind]
        address = free.pop() if free else Address(self._held)
        try:
            yield address
        finally:
            address.leave()
            free.append(address)
