"""A connector, its fake on loopback, and everything that can go wrong between the two."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from siyu.connectors.manifest import Tools
from siyu.connectors.webhook.channel import WebhookChannel
from siyu.connectors.webhook.config import Config
from siyu.connectors.webhook.fake import Provider
from siyu.db.clock import RealClock
from siyu.outbox.channel import Channel
from siyu.outbox.model import Message
from siyu.sandbox.server import Served

SECRET = "what only both of us know"
PHONE = "+8613800138000"
WORDS = "【肌初】小林，您的面膜在路上"


class Remembered:
    """A `Store` in memory, for what needs no database; times are not kept."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.known.get(key)

    def put(self, key: str, value: str, until: datetime | None = None) -> None:  # noqa: ARG002 - as above
        self.known[key] = value

    def put_all(self, values: Mapping[str, str], until: datetime | None = None) -> None:  # noqa: ARG002 - as above
        self.known |= values

    def take(self, key: str) -> str | None:
        return self.known.pop(key, None)

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.known if key.startswith(prefix))

    def lock(self, key: str) -> AbstractContextManager[None]:  # noqa: ARG002 - one process
        return nullcontext()


TOOLS = Tools(RealClock(), Remembered())


@dataclass(frozen=True)
class Bench:
    """A channel over real HTTP against its fake. `reach` makes another one."""

    channel: Channel
    fake: Provider
    url: str
    reach: Callable[..., Channel]
    most: int  # messages in one request


def _webhook(url: str, secret: str = SECRET) -> Channel:
    quick = httpx.Timeout(0.5, connect=3.0)
    return WebhookChannel(Config(url=url, secret=secret), TOOLS, timeout=quick)


@pytest.fixture(params=["webhook"])  # the next connector with a fake joins this line
def bench() -> Iterator[Bench]:
    fake = Provider(SECRET)
    with Served(fake.app) as served:
        yield Bench(_webhook(served.url), fake, served.url, _webhook, 500)


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody listens, kept from anybody else."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def messages() -> Callable[..., list[Message]]:
    def make(count: int = 1, *, to: str = PHONE) -> list[Message]:
        return [
            Message(
                token=f"tch_{number}", channel="sms", to=to, text=WORDS, material="invite",
                step="sms", journey="cascade", order_no=f"SO{number}", shop="tmall",
                customer="cus_1", staff="", link="https://s.example/a",
                valid_until=datetime(2026, 11, 20, 8, tzinfo=UTC),
            )
            for number in range(count)
        ]  # fmt: skip

    return make
