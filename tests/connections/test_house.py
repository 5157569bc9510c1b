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
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.settings import load
from siyu.staff.actions import seed, set_week
from siyu.staff.model import Brand, Member, Store
from siyu.vault.model import Keys
from siyu.worker import due, plan
from siyu.worker.pulls import pull

IDS = PublicIds(b"p" * 32)
KEYS = Keys(master=b"m" * 32, lookup=b"l" * 32)
BRAND = Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh")
HOUR = timedelta(hours=1)
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
        given = {"task_notices": 0, "console_url": "https://siyu.example", **changed}
        settings = load({}, home=tmp_path, **given)
        teller = Connected(manifest, None, tools("carrier"))
        ours = House(db, settings, teller, KEYS, IDS)
        return SimpleNamespace(
            db=db, ids=IDS, clock=clock, keys=KEYS, brand=BRAND, house=ours, tools=tools("siyu"),
            pulls=pulls(ours, tools("siyu"), often=True),
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
    assert notice[:3] == (
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


TASK = """
insert into task (touch_id, kind, customer_id, staff, script, shop, order_no, state, created_at,
  due_at)
values (%(n)s, %(kind)s, %(n)s, %(staff)s, '', 's', 'T' || %(n)s, 'open', %(now)s, %(due)s)
returning id
"""


def task(app: Any, number: int, staff: str = "guide-1", kind: str = "call", due: int = 9) -> int:
    now = app.clock.now()
    row = {"n": number, "kind": kind, "staff": staff, "now": now, "due": now + due * HOUR}
    with app.db.transaction() as conn:
        ((made,),) = conn.fetch(TASK, row)
    return made


def test_guides_are_told_of_new_tasks_once_each_in_one_message(house, carrier: Carrier) -> None:
    app = house(brief_at="", alarms=False, task_notices=30)
    plan(app)
    at(app, NINE)
    for number, hours in ((1, 9), (2, 3)):
        task(app, number, due=hours)
    urgent = task(app, 3, kind="friend_request", due=2)
    at(app, NINE + timedelta(minutes=29))
    assert carrier.told == []
    at(app, NINE + timedelta(minutes=30))

    ((people, notice),) = carrier.told
    assert people == ["guide-1"]
    assert notice[:3] == (
        "3 个新待办", "打电话 2 · 加好友 1\n最急：加好友 T3，11月21日 11:00前",
        "https://siyu.example/tasks",
    )  # fmt: skip
    assert [one.key for one in notice.choices] == ["requested", "already_added", "wrong_person"]
    assert notice.token == f"{IDS.encode('tsk', urgent)}@{int(app.clock.now().timestamp())}"
    task(app, 4)
    at(app, NINE + timedelta(minutes=90))
    assert [one.title for _, one in carrier.told] == ["3 个新待办", "1 个新待办"]


def test_nobody_is_told_of_tasks_outside_their_hours(house, carrier: Carrier) -> None:
    app = house(
        brief_at="", alarms=False, task_notices=30, task_cards=False, task_hours="08:00-20:00"
    )
    plan(app)
    at(app, NINE)
    with app.db.transaction() as conn:
        set_week(conn, "guide-1", {6: "09:00-12:00", 7: "13:00-18:00"}, "ops", NINE)
        seed(conn, BRAND, [], [*PEOPLE, Member("guide-2", "王", "guide")])
    at(app, NINE + 4 * HOUR)  # one in the afternoon
    task(app, 1)
    task(app, 2, "guide-2", due=99)
    task(app, 3, "ops")  # no guide's: whoever manages sees it
    at(app, NINE + 5 * HOUR)
    assert [people for people, _ in carrier.told] == [["guide-2"]]
    assert carrier.told[0][1].choices == ()

    at(app, NINE + 13 * HOUR)
    task(app, 4, "guide-2")  # at night, without a rota
    at(app, NINE + 27 * HOUR)
    assert [people for people, _ in carrier.told] == [["guide-2"], ["guide-2"]]
    at(app, NINE + 28 * HOUR)
    assert [people for people, _ in carrier.told][2:] == [["guide-1"]]
    assert "siyu/tasks" not in house().pulls


def test_a_task_given_to_somebody_else_is_new_to_them_and_a_failure_tells_the_same_again(
    house, carrier: Carrier
) -> None:
    app = house(brief_at="", alarms=False, task_notices=30)
    with app.db.transaction() as conn:
        seed(conn, BRAND, [], [*PEOPLE, Member("guide-2", "王", "guide")])
    plan(app)
    at(app, NINE)
    task(app, 1)
    carrier.breaks = True
    at(app, NINE + timedelta(minutes=30))
    carrier.breaks = False
    task(app, 2)
    at(app, NINE + timedelta(minutes=31))
    assert [one.title for _, one in carrier.told] == ["1 个新待办"]

    with app.db.transaction() as conn:
        conn.execute("update task set staff = 'guide-2'")
    at(app, NINE + timedelta(minutes=62))
    assert [(people, one.title) for people, one in carrier.told][1:] == [
        (["guide-2"], "2 个新待办")
    ]


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
