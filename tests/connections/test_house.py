"""What our own staff is told: the brief once a day, each trouble once as it begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from siyu.connections import views
from siyu.connections.actions import Alarms, Memory
from siyu.connectors.house import House, pulls, the_brief
from siyu.connectors.manifest import Manifest, Notice, Tools
from siyu.connectors.registry import Connected
from siyu.kernel.sentence import Sentence
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import Brand, Member, Store
from siyu.vault.model import Keys
from siyu.worker import due, plan
from siyu.worker.pulls import pull

KEYS = Keys(master=b"m" * 32, lookup=b"l" * 32)
BRAND = Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh")
NINE = datetime(2026, 11, 21, 1, tzinfo=UTC)  # in Shanghai
PEOPLE = (
    Member("boss", "陈老板", "owner"),
    Member("ops", "林运营", "operator"),
    Member("ops-west", "店长", "operator", "west"),
    Member("guide-1", "周敏", "guide", "west"),
    Member("gone", "旧人", "owner", active=False),
)


class Carrier:
    """Tells staff; may fail, and may not know somebody."""

    def __init__(self) -> None:
        self.told: list[tuple[list[str], Notice]] = []
        self.lost: list[str] = []
        self.breaks = False

    def notify(self, _: Any, __: Tools, people: Sequence[str], notice: Notice) -> list[str]:
        if self.breaks:
            raise TimeoutError("13800000001 is not to be seen")
        self.told.append((list(people), notice))
        return self.lost


@pytest.fixture
def carrier() -> Carrier:
    return Carrier()


@pytest.fixture
def house(db: Any, clock: Any, carrier: Carrier, tmp_path: Path) -> Any:
    with db.transaction() as conn:
        seed(conn, BRAND, [Store("west", "西店")], PEOPLE)
    manifest = Manifest(
        "carrier", Sentence("c", "c"), object, lambda _: True, notify=carrier.notify
    )

    def tools(name: str) -> Tools:
        return Tools(clock, Memory(db, KEYS, name, clock))

    def made(**changed: Any) -> Any:
        settings = load({}, home=tmp_path, console_url="https://siyu.example", **changed)
        ours = House(db, settings, Connected(manifest, None, tools("carrier")))
        return SimpleNamespace(
            db=db, clock=clock, keys=KEYS, brand=BRAND, house=ours, tools=tools("siyu"),
            pulls=pulls(ours, tools("siyu"), alarms=True),
        )  # fmt: skip

    return made


def work(app: Any) -> None:
    """Until nothing is due."""
    while pull(app, app.clock.now()):
        pass


def at(app: Any, moment: datetime) -> None:
    app.clock.advance(seconds=(moment - app.clock.now()).total_seconds())
    work(app)


def test_head_office_is_told_once_a_day_at_nine(house, carrier: Carrier) -> None:
    app = house(alarms=False)
    plan(app)
    work(app)  # installed in the middle of a day: the first one comes tomorrow
    assert carrier.told == []

    at(app, NINE - timedelta(seconds=1))
    assert carrier.told == []
    at(app, NINE + timedelta(minutes=2))
    plan(app)
    work(app)
    at(app, NINE + timedelta(hours=9))

    ((people, notice),) = carrier.told
    assert people == ["boss", "ops"]
    assert notice == (
        "花间 11月20日（周五）简报", "没有新增好友，也没有异常。", "https://siyu.example",
    )  # fmt: skip
    assert due(app.db, [], app.pulls)["pull"] == NINE + timedelta(days=1)
    at(app, NINE + timedelta(days=1))
    assert len(carrier.told) == 2


def test_what_failed_is_told_later_in_the_same_words_and_shown(house, carrier: Carrier) -> None:
    app = house(alarms=False)
    plan(app)
    work(app)
    carrier.breaks = True
    at(app, NINE)
    with app.db.transaction() as conn:
        (state,) = views.pulls(conn)
    assert (carrier.told, state.failures) == ([], 1)
    assert "13800000001" not in state.error

    carrier.breaks, carrier.lost = False, ["ops"]
    before = the_brief(app.house, app.tools)
    at(app, NINE + timedelta(seconds=30))

    told = the_brief(app.house, app.tools, date(2026, 11, 20))
    assert (before.at, told.at, told.lost) == (None, NINE + timedelta(seconds=30), ["ops"])
    assert [notice.words for _, notice in carrier.told] == [before.words]


def test_settings_say_whom_and_when_or_never(house, carrier: Carrier) -> None:
    app = house(alarms=False, brief_at="21:30", brief_to="guide-1, boss")
    plan(app)
    work(app)
    at(app, NINE - timedelta(days=1) + timedelta(hours=12, minutes=30))

    assert [people for people, _ in carrier.told] == [["guide-1", "boss"]]
    assert house(alarms=False, brief_at="").pulls == {}


def trouble(app: Any, channel: str, *, over: bool = False) -> None:
    sql = "insert into trouble (channel, since, failures, probe_at) values (%(c)s, %(t)s, 7, %(t)s)"
    if over:
        sql = "delete from trouble where channel = %(c)s"
    with app.db.transaction() as conn:
        conn.execute(sql, {"c": channel, "t": app.clock.now()})


def test_a_trouble_is_told_once_as_it_begins_and_again_after_it_was_over(
    house, carrier: Carrier
) -> None:
    app = house(brief_at="")
    plan(app)
    work(app)
    assert carrier.told == []

    def later() -> list[str]:
        app.clock.advance(minutes=10)
        work(app)
        told = [notice.words for _, notice in carrier.told]
        carrier.told.clear()
        return told

    for channel in ("sms", "voice_ai"):
        trouble(app, channel)
    work(app)
    assert carrier.told == []  # at most one message in ten minutes
    assert later() == ["sms：通道不可用（连续失败 7 次）\nvoice_ai：通道不可用（连续失败 7 次）"]
    assert later() == []
    trouble(app, "sms", over=True)
    assert later() == []
    trouble(app, "sms")
    assert later() == ["sms：通道不可用（连续失败 7 次）"]


def test_what_a_vendor_says_is_told_with_its_words(house, carrier: Carrier) -> None:
    app = house(brief_at="")
    plan(app)
    work(app)
    with app.db.transaction() as conn:
        conn.execute(
            "insert into refused (channel, material, since, probe_at, reason)"
            " values ('sms', 'invite-sms', %(at)s, %(at)s, '模板不合法')",
            {"at": app.clock.now()},
        )
    Alarms(app.db, "wecom", app.clock).begin(
        "balance_exhausted", Sentence("used up", "获客助手额度已用完"), quota=True
    )

    app.clock.advance(minutes=10)
    work(app)

    ((_, notice),) = carrier.told
    assert notice.words == (
        "sms/invite-sms：服务商拒绝该素材，已停发（模板不合法）\nwecom 额度：获客助手额度已用完"
    )
