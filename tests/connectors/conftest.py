"""A connector, its fake on loopback, and everything that can go wrong between the two."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import httpx
import pytest
from tests.connectors.bench import PHONE, SECRET, WORDS, Bench, Plug, Remembered, Still
from tests.connectors.sms_aliyun import bench as sms_aliyun
from tests.connectors.voice_aliyun import bench as voice_aliyun
from tests.connectors.voice_calls import bench as voice_calls
from tests.connectors.wecom import bench as wecom

from siyu.connectors.manifest import Tools
from siyu.connectors.webhook.channel import WebhookChannel
from siyu.connectors.webhook.config import Config
from siyu.connectors.webhook.fake import Provider
from siyu.outbox.channel import Channel
from siyu.outbox.model import Message
from siyu.sandbox.server import Served


@pytest.fixture(scope="session")
def plugs() -> Iterator[tuple[Plug, Plug]]:
    """Two addresses on loopback: the vendor's and ours."""
    vendor, ours = Plug(), Plug()
    with Served(vendor) as one, Served(ours) as other:
        vendor.url, ours.url = one.url, other.url
        yield vendor, ours


def _webhook(plug: Plug, ours: Plug) -> Bench:
    fake, store = Provider(SECRET), Remembered()

    def reach(url: str, secret: str = SECRET, skew: timedelta = timedelta(0)) -> Channel:
        quick = httpx.Timeout(0.5, connect=3.0)
        tools = Tools(Still(skew=skew), store)
        return WebhookChannel(Config(url=url, secret=secret), tools, timeout=quick)

    url = plug.into(fake.app)
    return Bench(
        channel=reach(url),
        fake=fake,
        url=url,
        reach=reach,
        most=500,
        arrived=lambda: [(m["id"], m["to"], m["text"], m["link"]) for m in fake.taken.values()],
        told=lambda m: (m.token, m.to, m.text, m.link),
        reject=lambda phone: fake.rejects.update(
            {phone: f"no subscriber {phone}, also 138-0013-8000; code 4012"}
        ),
        store=store,
        lacks={
            "test_no_call_is_handed_over_outside_the_hours": (
                "hours are the provider's: the budget rules over those of every touch"
            )
        },
    )


class Stand(NamedTuple):
    """A bench, and what of an installed connector stands on it."""

    make: Callable[[Plug, Plug], Bench]
    connector: str
    channels: tuple[str, ...]


BENCHES = {
    "sms_aliyun": Stand(sms_aliyun.bench, "sms_aliyun", ("sms",)),
    "voice_aliyun": Stand(voice_aliyun.bench, "voice_aliyun", ("voice_ai",)),
    "voice_calls": Stand(voice_calls.bench, "voice_calls", ("voice_ai",)),
    "webhook": Stand(_webhook, "webhook", ("sms", "voice_ai", "wecom_message")),
    "wecom_mass": Stand(wecom.masses, "wecom", ("wecom_mass", "wecom_message")),
    "wecom_welcome": Stand(wecom.welcomes, "wecom", ("wecom_welcome",)),
}


@pytest.fixture(params=sorted(BENCHES))
def bench(request: pytest.FixtureRequest, plugs: tuple[Plug, Plug]) -> Bench:
    made = BENCHES[request.param].make(*plugs)
    if why := made.lacks.get(request.function.__name__):
        pytest.skip(why)
    return made


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody listens, kept from anybody else."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def messages(request: pytest.FixtureRequest) -> Callable[..., list[Message]]:
    """Messages as the connector on the bench takes them."""
    found = request.getfixturevalue("bench") if "bench" in request.fixturenames else None

    def make(count: int = 1, *, to: str = PHONE) -> list[Message]:
        made = [
            Message(
                token=f"tch_{number}", channel="sms", to=to, text=WORDS, material="invite",
                step="sms", journey="cascade", order_no=f"SO{number}", shop="tmall",
                customer="cus_1", staff="", link="https://s.example/a",
                valid_until=datetime(2026, 11, 20, 8, tzinfo=UTC),
            )
            for number in range(count)
        ]  # fmt: skip
        return made if found is None else [found.shape(one, n) for n, one in enumerate(made)]

    return make
