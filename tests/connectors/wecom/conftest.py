"""A corp with two guides, its WeCom on loopback, and us beside it; one virtual clock for both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import pytest

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.client import Client
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.fake import App, WeCom
from siyu.sandbox.server import Served

CORP, SECRET = "ww0123456789abcdef", "the-secret-of-the-app"
TOKEN, AES = "SandboxToken01", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFE"
QUICK = httpx.Timeout(0.5, connect=3.0)


class Memory:
    """A `Store` that forgets with the test."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._held: dict[str, tuple[str, datetime | None]] = {}
        self._locks: dict[str, threading.RLock] = {}
        self._lock = threading.RLock()

    def get(self, key: str) -> str | None:
        with self._lock:
            value, until = self._held.get(key, (None, None))
            over = until is not None and until <= self._clock.now()
            return None if over else value

    def put(self, key: str, value: str, until: datetime | None = None) -> None:
        with self._lock:
            self._held[key] = value, until

    def take(self, key: str) -> str | None:
        with self._lock:
            found = self.get(key)
            self._held.pop(key, None)
            return found

    def keys(self, prefix: str) -> list[str]:
        with self._lock:
            return sorted(one for one in self._held if one.startswith(prefix) and self.get(one))

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        with self._lock:
            lock = self._locks.setdefault(key, threading.RLock())
        with lock:
            yield


@dataclass
class Corp:
    """WeCom, where it is, what we were told of it, and what we remember."""

    fake: WeCom
    url: str
    clock: Any
    config: Config
    tools: Tools
    apps: list[App] = field(default_factory=list)

    def client(self, config: Config | None = None) -> Client:
        return Client(config or self.config, self.tools, timeout=QUICK)


def config(url: str, **more: Any) -> Config:
    return Config(
        **{
            "corpid": CORP, "agent_id": 1000002, "secret": SECRET, "token": TOKEN, "aes_key": AES,
            "base_url": url, "accounts": {"g-zhang": "zhangsan"}, **more,
        }
    )  # fmt: skip


@pytest.fixture
def corp(clock) -> Iterator[Corp]:
    app = App(1000002, SECRET, TOKEN, AES)
    fake = WeCom(CORP, [app], clock.now, ["zhangsan", "lisi"])
    with Served(fake.app) as served:
        tools = Tools(clock, Memory(clock))
        yield Corp(fake, served.url, clock, config(served.url), tools, [app])
