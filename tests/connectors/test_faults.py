"""Every fault of every vendor, played against the engine: channel, outbox sweep, inbox, apply.

Five customers are to be reached. Whatever the vendor does, each is reached once, each touch ends
where it belongs, and what the vendor tells of it is heard once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.connectors import conftest as contract
from tests.connectors.bench import SECRET, Plug
from tests.connectors.sms_aliyun import bench as sms_aliyun
from tests.connectors.voice_aliyun import bench as voice_aliyun
from tests.connectors.voice_calls import bench as voice_calls
from tests.connectors.wecom import bench as wecom
from tests.outbox.conftest import House

from siyu.connections.actions import Memory
from siyu.connectors.manifest import Called, Tools
from siyu.connectors.registry import manifests
from siyu.connectors.sms_aliyun.config import Template
from siyu.connectors.sms_aliyun.fake import Service as Sms
from siyu.connectors.sms_aliyun.fake import Template as Approved
from siyu.connectors.voice_aliyun.config import Script as AliyunScript
from siyu.connectors.voice_aliyun.fake import Service as Bot
from siyu.connectors.voice_calls.config import Script
from siyu.connectors.voice_calls.fake import Service as Calls
from siyu.connectors.wecom.fake import App, WeCom
from siyu.connectors.wecom.fake.state import Mass
from siyu.vault.model import Keys

MANY = 5
OPEN = frozenset({"wished", "owed", "leased", "unknown"})
KEYS = Keys(b"m" * 32, b"l" * 32)


@dataclass
class Street:
    """The engine, one vendor and the wire between them, both ways."""

    house: House
    name: str
    fake: Any
    config: Any
    tools: Tools
    channel: str
    arrived: Callable[[], list[str]]  # whom something really reached
    ends: Callable[[], object] = lambda: None  # people do what they do about all of it
    down: int = 0  # so many requests of the vendor are not answered

    def open(self, ours: Plug) -> str:
        """Our door, and our channel; where the vendor finds the door."""
        made: Any = manifests()[self.name].channel
        channel = made(self.config, self.tools, timeout=wecom.QUICK)
        self.house.channels = {self.channel: channel}
        route = Route("/hooks/{name}/{rest:path}", self._hear, methods=["POST"])
        return f"{ours.into(Starlette(routes=[route]))}/hooks/{self.name}"

    async def _hear(self, request: Request) -> Response:
        if self.down:
            self.down -= 1
            return Response(status_code=503)
        clock = self.tools.clock
        called = Called(
            request.method, request.path_params["rest"], dict(request.query_params),
            request.headers, await request.body(), clock.now(), clock.real(),
        )  # fmt: skip
        return await run_in_threadpool(self._heard, called)

    def _heard(self, called: Called) -> Response:
        receive = manifests()[self.name].receive
        assert receive is not None
        heard = receive(self.config, called, self.tools)
        events: Sequence[Any] = heard.events
        self.house.accept(*events)
        reply = heard.reply
        return Response(b"{}" if reply is None else reply.body)

    def pull(self, only: str = "") -> None:
        """Everything that is asked for, and what was heard is applied."""
        for pull in manifests()[self.name].pulls:
            if only not in ("", pull.name):
                continue
            for page in pull.run(self.config, self.tools, ""):
                events: Sequence[Any] = page.events
                self.house.accept(*events)
        assert self.house.apply().parked == 0

    def deliver(self) -> None:
        if hasattr(self.fake, "deliver"):
            self.fake.deliver(self.house.now)

    def goes_on(self, **most: float) -> None:
        """Time goes on, and the worker does what is due, until nothing is left to do."""
        end = self.house.now + timedelta(**most)
        while self.states() & OPEN and self.house.now < end:
            while self.house.send().claimed:
                pass
            self.house.clock.advance(seconds=30)
            self.house.reconcile()

    def states(self) -> set[str]:
        return {state for (state,) in self.house.rows("select distinct state from touch")}

    def reasons(self) -> set[str]:
        return {
            reason for (reason,) in self.house.rows("select distinct reason from touch") if reason
        }

    def told(self, *kinds: str) -> int:
        named = ", ".join(f"'{kind}'" for kind in kinds)
        return int(self.house.one(f"select count(*) from event where kind in ({named})"))


Make = Callable[[House, Plug, Plug], Street]


class Wall:
    """The engine's time is the test's; signatures are judged by the wall's clock."""

    def __init__(self, house: House) -> None:
        self.now = house.clock.now

    def real(self) -> datetime:
        return datetime.now(UTC)


def _tools(house: House, name: str) -> Tools:
    return Tools(Wall(house), Memory(house.db, KEYS, name, house.clock))


def _sms(house: House, vendor: Plug, ours: Plug) -> Street:
    text = Template(
        material="invite", code="SMS_1", text="${name}，${link}", kind="notification", urls=True
    )
    fake = Sms(
        (sms_aliyun.KEY, SECRET), {"SMS_1": Approved(text.text, text.kind, text.urls)}, ["花研"],
        house.clock.now,
    )  # fmt: skip
    config = sms_aliyun.config(vendor.into(fake.app), sign_name="花研", templates=(text,))
    tools = _tools(house, "sms_aliyun")
    street = Street(
        house, "sms_aliyun", fake, config, tools, "sms",
        lambda: [one.phone for one in fake.received],
        lambda: [fake.report(one.phone) for one in fake.received],
    )  # fmt: skip
    fake.hook = f"{street.open(ours)}/{sms_aliyun.HOOK}"
    return street


def _calls(house: House, vendor: Plug, ours: Plug) -> Street:
    fake = Calls(SECRET, house.clock.now)
    scripts = (Script(material="invite", dialog="12"),)
    config = voice_calls.config(vendor.into(fake.app), scripts=scripts, workdays="09:00-21:00")
    street = Street(
        house, "voice_calls", fake, config, _tools(house, "voice_calls"), "voice_ai",
        lambda: [one.contact["phoneNumber"] for one in fake.received],
        lambda: [fake.finish(one, intent="B") for one in fake.placed],
    )  # fmt: skip
    fake.hook = street.open(ours)
    return street


def _bot(house: House, vendor: Plug, ours: Plug) -> Street:
    fake = Bot((voice_aliyun.KEY, SECRET), voice_aliyun.INSTANCE, ["s-1"], house.clock.now)
    scripts = (AliyunScript(material="invite", script="s-1"),)
    config = voice_aliyun.config(vendor.into(fake.app), scripts=scripts, workdays="09:00-21:00")
    street = Street(
        house, "voice_aliyun", fake, config, _tools(house, "voice_aliyun"), "voice_ai",
        lambda: [one.contact["phoneNumber"] for one in fake.received],
        lambda: [fake.finish(one.reference) for one in fake.received],
    )  # fmt: skip
    street.open(ours)
    return street


def _own(house: House, vendor: Plug, ours: Plug) -> Street:
    fake = contract.Provider(SECRET)
    config = contract.Config(url=vendor.into(fake.app), secret=SECRET)
    street = Street(
        house, "webhook", fake, config, _tools(house, "webhook"), "sms",
        lambda: [str(one["to"]) for one in fake.taken.values()],
    )  # fmt: skip
    street.open(ours)
    return street


def _corp(house: House, vendor: Plug, ours: Plug, channel: str) -> Street:
    app = App(1000002, wecom.SECRET, wecom.TOKEN, wecom.AES)
    fake = WeCom(wecom.CORP, [app], house.clock.now, ["lisi", "zhangsan"])
    accounts = {"guide-1": "lisi", "g2": "zhangsan"}
    config = wecom.config(vendor.into(fake.app), accounts=accounts)
    street = Street(house, "wecom", fake, config, _tools(house, "wecom"), channel, list)
    fake.calls_back(f"{street.open(ours)}/app")
    return street


def _mass(house: House, vendor: Plug, ours: Plug) -> Street:
    street = _corp(house, vendor, ours, "wecom_mass")
    street.arrived = lambda: [
        who for one in street.fake.masses.values() for task in one.tasks.values() for who in task
    ]
    street.ends = lambda: street.fake.confirm_mass("lisi")
    for number in range(1, MANY + 1):
        since = house.now - timedelta(days=9)
        street.fake.existing("lisi", f"wm{number}", since, house.phone(number)[3:])
    return street


def _welcome(house: House, vendor: Plug, ours: Plug) -> Street:
    street = _corp(house, vendor, ours, "wecom_welcome")
    street.arrived = lambda: [one.external_userid for one in street.fake.received]
    for number in range(1, MANY + 1):
        street.fake.searches_phone("lisi", house.phone(number)[3:], f"wm{number}")
    street.deliver()
    return street


STREETS: dict[str, Make] = {
    "sms_aliyun": _sms,
    "voice_aliyun": _bot,
    "voice_calls": _calls,
    "webhook": _own,
    "wecom_mass": _mass,
    "wecom_welcome": _welcome,
}
LOST = ("fail after effect", "silent after effect")  # others of the kind: test_contract.py
OF_WECOM = ("three busy", "concurrent", "frequency", "stale token", "fail", *LOST)
SENDING: dict[str, tuple[str, ...]] = {
    "sms_aliyun": ("busy", "fail", "no money", *LOST),
    "voice_aliyun": ("busy", "fail", "no money", *LOST),
    "voice_calls": ("busy", "fail", "quota", *LOST),
    "webhook": ("busy", "fail", *LOST),
    "wecom_mass": OF_WECOM,
    "wecom_welcome": ("busy", "stale token", "fail", *LOST),
}
HEARING: dict[str, tuple[str, ...]] = {
    "sms_aliyun": ("twice", "shuffled", "late", "down"),
    "voice_aliyun": ("down",),
    "voice_calls": ("twice", "shuffled", "late", "down"),
    "wecom_mass": ("down",),
}


@pytest.fixture
def street(db, clock, plugs, request) -> Street:
    house = House(db, clock)
    house.set_up()
    name = getattr(request, "param", None) or request.node.callspec.params["vendor"]
    house.buyers(MANY)
    made = STREETS[name](house, *plugs)
    made.pull()
    house.wish([house.customer(number) for number in range(1, MANY + 1)], channel=made.channel)
    house.rule()
    assert made.states() == {"owed"}
    return made


def _all(table: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(vendor, fault) for vendor, faults in table.items() for fault in faults]


@pytest.mark.parametrize(("vendor", "fault"), _all(SENDING))
def test_each_is_reached_once_whatever_the_vendor_answers(street, vendor, fault) -> None:
    account = getattr(street.fake, "records", street.fake)
    if fault == "no money":
        account.balance = 0
    else:
        middle = ["none"] if vendor.startswith("wecom") else []  # one call for each: in the midst
        street.fake.faults.extend([*middle, *(["busy"] * 3 if fault == "three busy" else [fault])])

    street.goes_on(minutes=2)
    if fault == "no money":
        assert street.arrived() == []
        account.balance = 100
    street.goes_on(hours=1)

    assert list(street.fake.faults) == []
    assert sorted(Counter(street.arrived()).values()) == [1] * MANY
    assert street.states() <= {"sent", "awaiting_staff"}
    if vendor.startswith("wecom"):
        assert street.fake.refused_while_blocked == 0


@pytest.mark.parametrize(("vendor", "fault"), _all(HEARING))
def test_what_became_of_each_is_known_once_however_it_is_told(street, vendor, fault) -> None:
    street.goes_on(minutes=2)
    street.ends()
    if vendor in ("sms_aliyun", "voice_calls"):
        street.fake.callbacks.twice = MANY if fault == "twice" else 0
        street.fake.callbacks.shuffled = fault == "shuffled"
    if fault == "down":
        street.down = MANY
    if fault == "late":
        street.house.clock.advance(hours=20)

    asked = "mass" if vendor == "wecom_mass" else ""
    for _ in range(8):
        street.deliver()
        if not street.down:
            street.pull(asked)
        street.down = max(0, street.down - MANY)
        street.house.clock.advance(minutes=2)

    assert street.told("touch.delivered", "call.finished") == MANY
    assert street.states() == {"delivered"}


@pytest.mark.parametrize("street", ["wecom_mass"], indirect=True)
def test_whom_staff_never_send_to_is_told_as_such_and_has_got_nothing(street) -> None:
    street.goes_on(minutes=2)
    for _ in range(4):
        street.pull("mass")
        street.house.clock.advance(days=1)

    assert street.told("touch.failed") == MANY
    assert street.reasons() == {"not_pressed"}
    assert street.fake.confirm_mass("lisi") == 0
    assert street.fake.received == []


@pytest.mark.parametrize("street", ["wecom_mass"], indirect=True)
def test_who_deletes_us_within_a_day_or_has_had_enough_costs_nobody_else_a_message(street) -> None:
    street.goes_on(minutes=2)
    street.fake.deletes_staff("wm1", "lisi")
    street.fake.deletes_customer("lisi", "wm2")
    street.fake.post.faults.append("duplicate")
    street.fake.quota = "day"
    street.fake.masses |= {"msgOTHER": _another(street, "wm3")}
    street.house.clock.advance(minutes=1)
    street.fake.confirm_mass("lisi", "msgOTHER")
    street.ends()
    for _ in range(3):
        street.deliver()
        street.pull()
        street.house.clock.advance(minutes=5)

    assert street.told("friend.deleted_by_customer", "friend.deleted_by_staff") == 2
    assert (street.told("touch.delivered"), street.told("touch.failed")) == (2, 3)
    assert street.reasons() == {
        "not_a_friend",
        "carrier_cap",
    }


def _another(street: Street, who: str) -> Mass:
    """What a tool that is not ours has made for a customer."""
    body = {"text": {"content": "别家的"}}
    return Mass("msgOTHER", 0, street.house.now, body, {"lisi": {who: 0}})


@pytest.mark.parametrize("street", ["wecom_welcome"], indirect=True)
def test_friends_who_come_while_we_are_down_are_found_and_not_welcomed_late(street) -> None:
    street.goes_on(minutes=2)
    street.down = 99
    street.fake.searches_phone("lisi", "13900000001", "wmLATE")
    for _ in range(5):
        street.deliver()
        street.house.clock.advance(seconds=5)
    street.down = 0
    street.house.clock.advance(hours=25)
    street.pull()

    assert street.house.one("select count(*) from friendship where state = 'live'") == MANY + 1
    assert sorted(street.arrived()) == [f"wm{number}" for number in range(1, MANY + 1)]
