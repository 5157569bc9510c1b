"""What is asked for: one suite for every pull that tells facts, killed at every page of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from tests.connectors.bench import NOW, SECRET, Overheard, Plug, Remembered, Still
from tests.connectors.erp_jushuitan import bench as jushuitan
from tests.connectors.sms_aliyun import bench as sms_aliyun
from tests.connectors.voice_aliyun import bench as voice_aliyun
from tests.connectors.voice_calls import bench as voice_calls
from tests.connectors.wecom import bench as wecom

from siyu.connectors.learned import AT_ONCE
from siyu.connectors.manifest import Pull, Pulled, Tools
from siyu.connectors.registry import manifests
from siyu.connectors.voice_calls.channel import VoiceCalls
from siyu.connectors.voice_calls.fake import Service
from siyu.connectors.wecom.channel import WeComChannel
from siyu.connectors.wecom.fake import App, WeCom
from siyu.events.check import Parsed, parse

Fact = tuple[Any, ...]


class World(NamedTuple):
    """Settings and tools, and a vendor that has something to tell on several pages."""

    config: Any
    tools: Tools
    clock: Any
    pages: int  # with facts, at least


class Run:
    """A pull as the worker runs it: facts and cursor are kept together, page by page."""

    def __init__(self, pull: Pull, world: World) -> None:
        self._pull, self._world = pull, world
        self.cursor = ""
        self.facts: dict[tuple[str, str], Fact] = {}

    def pages(self) -> Iterator[Pulled]:
        return self._pull.run(self._world.config, self._world.tools, self.cursor)

    def keep(self, page: Pulled) -> None:
        for event in page.events:
            told = parse(event, "CN", self._world.clock.now())
            assert isinstance(told, Parsed), told
            fact = (told.kind, told.occurred_at, told.payload, dict(told.keys), dict(told.person))
            self.facts.setdefault((told.source, told.id), fact)
        self.cursor = page.cursor

    def whole(self) -> list[int]:
        """To its end; how many facts were on each page that had some."""
        counts: list[int] = []
        for page in self.pages():
            self.keep(page)
            counts += [len(page.events)] if page.events else []
        return counts

    def killed(self, place: int, *, kept: bool) -> None:
        """Killed at its page of this number, before or right after that was stored."""
        pages: Any = self.pages()
        for number, page in enumerate(pages):
            if number < place or kept:
                self.keep(page)
            if number == place:
                break
        pages.close()


def _twice(store: Remembered, prefix: str) -> None:
    """As many as fill a page and begin another, like the one that was remembered."""
    ((_, value),) = [(key, store.known[key]) for key in store.keys(prefix)]
    store.known |= {f"{prefix}{number:04}": value for number in range(AT_ONCE)}


def _refusals(vendor: Plug) -> World:
    clock, store = Still(), Remembered()
    fake = sms_aliyun.service(clock)
    channel, tools = sms_aliyun.connected(store, clock, vendor.into(fake.app))
    fake.records.opted_out.add((sms_aliyun.message().to[3:], "肌初"))
    channel.send([sms_aliyun.message()])
    _twice(store, "refused/")
    return World(sms_aliyun.config(vendor.url), tools, clock, 2)


def _barred(vendor: Plug) -> World:
    clock, store = Still(), Remembered()
    fake = Service(SECRET, clock.now)
    config, tools = voice_calls.config(vendor.into(fake.app)), Tools(clock, store)
    fake.blacklist.add(voice_calls.message().to[3:])
    VoiceCalls(config, tools).send([voice_calls.message()])
    _twice(store, "barred/")
    return World(config, tools, clock, 2)


def _ends(vendor: Plug) -> World:
    clock, store = Still(), Remembered()
    fake = voice_aliyun.service(clock)
    config, tools = voice_aliyun.config(vendor.into(fake.app), batch=50), Tools(clock, store)
    channel = manifests()["voice_aliyun"].channel
    assert channel is not None
    channel(config, tools).send([voice_aliyun.message(number) for number in range(105)])
    for number in (0, 98):  # the first and the last by their names
        fake.finish(f"tch_{number}")
    return World(config, tools, clock, 2)


def _corp(vendor: Plug, **given: Any) -> tuple[WeCom, World]:
    clock = Still()
    app = App(1000002, wecom.SECRET, wecom.TOKEN, wecom.AES)
    fake = WeCom(wecom.CORP, [app], clock.now, ["lisi", "zhangsan"])
    tools = Tools(clock, wecom.Memory(clock))
    return fake, World(wecom.config(vendor.into(fake.app), **given), tools, clock, 2)


def _contacts(vendor: Plug) -> World:
    fake, world = _corp(vendor)
    for number in range(130):
        staff = ("lisi", "zhangsan")[number % 2]
        fake.existing(staff, f"wm{number}", NOW - timedelta(days=9), f"1380000{number:04}", "安娜")
    return world


def _mass(vendor: Plug) -> World:
    fake, world = _corp(vendor)
    for who in wecom.FRIENDS:
        fake.existing("lisi", who, NOW - timedelta(days=9))
    channel = WeComChannel(world.config, world.tools)
    shape = wecom.shape("wecom_mass")
    words = [voice_calls.message(number, to="+8613800138000") for number in range(3)]
    channel.send([shape(one, n)._replace(text=f"第{n}段") for n, one in enumerate(words)])
    world.clock.at += timedelta(minutes=1)
    fake.confirm_mass("lisi")
    world.clock.at += timedelta(minutes=1)
    return world


def _payments(vendor: Plug) -> World:
    fake, world = _corp(vendor, payments=True)
    fake.most = 2
    for number in range(5):
        paid = fake.pays(wecom.FRIENDS[number % 3], "lisi", 100 + number)
    fake.pays_back(paid, 50)
    world.clock.at += timedelta(minutes=1)
    return world


def _groups(vendor: Plug) -> World:
    fake, world = _corp(vendor, groups=True)
    chats = [fake.makes_group("lisi") for _ in range(3)]
    for chat in chats:
        for who in wecom.FRIENDS:
            fake.joins(chat, who)
    world.clock.at += timedelta(minutes=1)
    return world


def _parcels(vendor: Plug) -> World:
    desk = jushuitan.paid(vendor, 60)
    return World(desk.config, desk.tools, desk.clock, 2)


def _sent(vendor: Plug) -> World:
    desk = jushuitan.paid(vendor, 60)
    for number in list(desk.erp.orders):
        desk.erp.send(number)
    desk.go(minutes=1)
    return World(desk.config, desk.tools, desk.clock, 2)


PULLS: dict[tuple[str, str], Callable[[Plug], World]] = {
    ("erp_jushuitan", "logistic"): _sent,
    ("erp_jushuitan", "orders"): _parcels,
    ("erp_jushuitan", "out"): _sent,
    ("sms_aliyun", "refusals"): _refusals,
    ("voice_aliyun", "ends"): _ends,
    ("voice_calls", "barred"): _barred,
    ("wecom", "contacts"): _contacts,
    ("wecom", "groups"): _groups,
    ("wecom", "mass"): _mass,
    ("wecom", "payments"): _payments,
}
ELSEWHERE = {
    (
        "sms_aliyun",
        "reports",
    ): "tells a report by the report's own id: asked about in test_reports.py",
    ("wecom", "cards"): "tells no facts: what presses came to is written on cards once more",
    ("wecom", "figures"): "tells no facts: test_figures.py cuts it off",
    ("wecom", "moments"): "tells no facts: each run asks anew",
    ("erp_jushuitan", "decisions"): "tells no facts; killed and told again in test_jushuitan.py",
    ("wecom", "outward"): "tells no facts: cut short and answered badly in test_echo.py",
    ("wecom", "staff"): "tells no facts: cut off and refused in test_members.py",
    ("wecom", "tags"): "tells no facts: tags are remembered anew each time",
    ("wecom", "transfers"): "tells what a hand-over came to: stopped and lost in test_transfers.py",
    ("wecom", "ways"): "tells no facts: who is behind a code is looked at anew each time",
}

ISSUED = "access-", "refresh-", "TOKEN"  # how tokens begin that the vendors of our own give


@pytest.fixture(params=sorted(PULLS), ids="/".join)
def made(request: pytest.FixtureRequest, plugs: tuple[Plug, Plug]) -> Callable[[], Run]:
    """The pull before a vendor of its own."""
    name, title = request.param

    def make() -> Run:
        (pull,) = [one for one in manifests()[name].pulls if one.name == title]
        return Run(pull, PULLS[request.param](plugs[0]))

    return make


def test_asked_again_nothing_is_new(made) -> None:
    run = made()
    assert len(run.whole()) >= run._world.pages
    known = dict(run.facts)

    for _ in range(2):
        run._world.clock.at += timedelta(hours=25)
        run.whole()

    assert run.facts == known


def test_killed_at_any_page_before_or_after_it_was_stored_all_is_told_once(made) -> None:
    run = made()
    pages = sum(1 for page in run.pages() if run.keep(page) is None)
    for place in {0, pages // 2, pages - 1}:
        for kept in (False, True):
            other = made()
            other.killed(place, kept=kept)
            other.whole()
            assert other.facts == run.facts, (place, kept)


def _repeating(said: Callable[[str], Response]) -> Any:
    """A vendor that says no, and repeats what it was asked, secrets, and customers' numbers."""
    known = f"{SECRET} {wecom.AES} {wecom.TOKEN} {' '.join(ISSUED)} 13800138000 +8613800138001"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked = await Request(scope, receive).body()
        await said(f"{known} {asked.decode(errors='replace')}")(scope, receive, send)

    return app


def _words(status: int) -> Callable[[str], Response]:
    return lambda words: Response(words, status)


def _refusal(words: str) -> Response:
    """In the form of each of them."""
    said = {"errcode": 40058, "errmsg": words, "code": 1, "msg": words, "message": words}
    return JSONResponse({**said, "Code": "InvalidParameter", "Message": words})


def test_neither_a_secret_nor_a_phone_is_in_what_a_pull_logs_or_fails_with(made, plugs) -> None:
    overheard = Overheard()
    with overheard.listening():
        run = made()
        run.whole()
    for said in (_words(200), _words(500), _refusal):
        plugs[0].into(_repeating(said))
        run.cursor = ""
        with overheard.listening():
            run.whole()

    assert "HTTP Request" in overheard.text
    assert overheard.betrayed(SECRET, wecom.AES, wecom.TOKEN, *ISSUED) == []


def test_every_connector_that_asks_says_for_which_account(plugs) -> None:
    worlds = {name: make(plugs[0]) for (name, _), make in PULLS.items()}
    asking = {name for name, found in manifests().items() if found.pulls}

    assert worlds.keys() == asking
    for name, world in worlds.items():
        assert manifests()[name].account(world.config), name


def test_every_pull_of_an_installed_connector_is_killed_here_or_says_why_not() -> None:
    every: Iterable[tuple[str, str]] = (
        (name, one.name) for name, found in manifests().items() for one in found.pulls
    )

    assert set(every) == PULLS.keys() | ELSEWHERE.keys()
