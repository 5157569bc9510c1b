"""WeCom and the connector to it: what the tests of this folder and the contract suite share."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import httpx
from tests.connectors.bench import NOW, PHONE, Bench, Door, Plug, Still

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.channel import WeComChannel
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.fake import App, WeCom
from siyu.connectors.wecom.webhook import receive
from siyu.outbox.model import Message

CORP, SECRET = "ww0123456789abcdef", "what only both of us know"
TOKEN, AES = "SandboxToken01", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFE"
QUICK = httpx.Timeout(0.5, connect=3.0)
OURS = "lisi"
FRIENDS = [f"wm{number}0000000000000000001" for number in range(3)]


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

    def get_all(self, keys: Collection[str]) -> dict[str, str]:
        return {key: said for key in keys if (said := self.get(key)) is not None}

    def put(self, key: str, value: str, until: datetime | None = None) -> None:
        with self._lock:
            self._held[key] = value, until

    def put_all(self, values: Mapping[str, str], until: datetime | None = None) -> None:
        with self._lock:
            self._held |= {key: (value, until) for key, value in values.items()}

    def take(self, key: str) -> str | None:
        with self._lock:
            found = self.get(key)
            self._held.pop(key, None)
            return found

    def keys(self, prefix: str) -> list[str]:
        with self._lock:
            return sorted(
                one for one in self._held if one.startswith(prefix) and self.get(one) is not None
            )

    def items(self, prefix: str) -> dict[str, str]:
        with self._lock:
            return {key: self._held[key][0] for key in self.keys(prefix)}

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        with self._lock:
            lock = self._locks.setdefault(key, threading.RLock())
        with lock:
            yield


def config(url: str, **more: Any) -> Config:
    return Config(
        **{
            "corpid": CORP, "agent_id": 1000002, "secret": SECRET, "token": TOKEN, "aes_key": AES,
            "base_url": url, "accounts": {"g-zhang": "zhangsan"}, **more,
        }
    )  # fmt: skip


class Corp(NamedTuple):
    """A corp whose clock is ahead of ours, as clocks are."""

    fake: WeCom
    clock: Still
    tools: Tools
    url: str

    def reach(self, url: str, secret: str = SECRET, skew: timedelta = timedelta(0)) -> WeComChannel:
        if secret != SECRET:  # a token that was fetched with the right one is good all the same
            self.tools.store.take(f"token/{CORP}/1000002")
        tools = Tools(Still(self.clock.at, skew), self.tools.store) if skew else self.tools
        return WeComChannel(config(url, secret=secret), tools, timeout=QUICK)

    def goes_on(self) -> None:
        self.clock.at += timedelta(minutes=15)

    def requests(self) -> int:
        return sum(self.fake.requests.values())

    def gives(self, message: Message) -> None:
        """Their mass message is being sent, and they have it already."""
        for one in self.fake.masses.values():
            one.tasks[OURS][message.to] = 1

    def deletes(self, who: str) -> None:
        """Whom we ask for is nobody's friend any more."""
        gone = FRIENDS[0] if who == PHONE else who
        self.fake.relations.pop((OURS, gone), None)
        for code, (_, customer, _) in list(self.fake.welcomes.items()):
            if customer == gone:
                del self.fake.welcomes[code]


AHEAD = timedelta(minutes=4)


def _corp(plug: Plug, hook: str = "") -> Corp:
    clock = Still()
    app = App(1000002, SECRET, TOKEN, AES, hook)
    fake = WeCom(CORP, [app], lambda: clock.at + AHEAD, ["zhangsan", OURS])
    return Corp(fake, clock, Tools(clock, Memory(clock)), plug.into(fake.app))


def shape(channel: str) -> Any:
    def shaped(one: Message, number: int) -> Message:
        to = FRIENDS[number] if one.to == PHONE else "wmNOBODY"
        return one._replace(channel=channel, to=to, staff=OURS, link="")

    return shaped


def masses(vendor: Plug, ours: Plug) -> Bench:
    corp = _corp(vendor)
    for who in FRIENDS:
        corp.fake.existing(OURS, who, NOW - timedelta(days=9))
    return Bench(
        channel=corp.reach(corp.url),
        fake=corp.fake,
        url=corp.url,
        reach=corp.reach,
        most=10_000,
        arrived=lambda: [
            (who, one.body["text"]["content"])
            for one in corp.fake.masses.values()
            for who in one.tasks[OURS]
        ],
        told=lambda m: (m.to, m.text),
        reject=corp.deletes,
        store=corp.tools.store,
        shape=shape("wecom_mass"),
        taken="awaiting_staff",
        busy="frequency",
        goes_on=corp.goes_on,
        count=corp.requests,
        begin=corp.gives,
        waits=lambda: [
            len(who)
            for one in corp.fake.masses.values()
            if not one.cancelled
            for who in one.tasks.values()
        ],
        lacks=_NO_TIME
        | {
            "test_batches_are_no_larger_than_the_provider_takes": (
                "10,000 customers are one batch: wecom/test_mass.py puts them together"
            ),
            "test_asking_nobody_raises": (
                "what was taken is remembered and not asked for: wecom/test_mass.py asks in doubt"
            ),
        },
    )


_NO_TIME = {
    "test_a_provider_says_when_it_wants_to_be_asked_again": (
        "WeCom says no time; how long each block lasts is in wecom/test_client.py"
    ),
    "test_a_clock_that_is_wrong_sends_nothing_and_burns_nothing": (
        "no call carries a time: here the two clocks always differ by four minutes"
    ),
    "test_no_call_is_handed_over_outside_the_hours": "no phone rings",
}


def welcomes(vendor: Plug, ours: Plug) -> Bench:
    corp = _corp(vendor, f"{ours.url}/hooks/wecom/app")
    ours.into(Door(receive, config(corp.url), corp.tools).app)
    for number, who in enumerate(FRIENDS):
        corp.fake.searches_phone(OURS, f"1380000000{number}", who)
    corp.fake.deliver(corp.fake.clock())
    in_doubt = (
        "the code itself says whether it was used; nobody can be asked: wecom/test_welcome.py"
    )
    return Bench(
        channel=corp.reach(corp.url),
        fake=corp.fake,
        url=corp.url,
        reach=corp.reach,
        most=1,
        arrived=lambda: [(one.external_userid, one.text) for one in corp.fake.received],
        told=lambda m: (m.to, m.text),
        reject=corp.deletes,
        store=corp.tools.store,
        shape=shape("wecom_welcome"),
        cancels=False,
        busy="frequency",
        refusals=2,
        doubts=("fail",),
        count=lambda: corp.fake.requests["externalcontact/send_welcome_msg"],
        lacks=_NO_TIME
        | {
            "test_a_failure_before_any_effect_raises_and_asking_tells_that_it_is_absent": in_doubt,
            "test_asking_nobody_raises": in_doubt,
            "test_what_was_cancelled_can_be_handed_over_again": "it is over once it is sent",
        },
    )
