"""An installation and WeCom, by real HTTP both ways: the add, the welcome, the pull, the press."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from siyu.api.http import make
from siyu.app import App, open_app, virtual
from siyu.connectors.house import NAME, pulls
from siyu.connectors.wecom.fake import AUTHORIZE, BY_QR, WeCom
from siyu.connectors.wecom.fake import App as SelfBuilt
from siyu.connectors.wecom.fake import Member as FakeMember
from siyu.db.pool import SIZE
from siyu.events.sweep import APPLIER
from siyu.ledger.actions import Price, set_prices
from siyu.outbox.model import Asked, Message
from siyu.sandbox.server import Served
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import Brand, Member
from siyu.tasks import actions as tasks
from siyu.worker import next_at, plan, tick

CONSOLE = "https://siyu.example"
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
CORP, SECRET = "ww0123456789abcdef", "the-secret-of-the-app"
TOKEN, AES = "SandboxToken01", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFE"
PNG = b"\x89PNG\r\n\x1a\n and a picture"
ANNA, BELLA = "wmANNA0000000000001", "wmBELLA000000000001"


class House:
    """The installation, its WeCom, and the one clock of both."""

    def __init__(self, app: App, fake: WeCom, applier: Any, url: str) -> None:
        self.app, self.fake, self._applier, self.url = app, fake, applier, url

    @property
    def now(self) -> datetime:
        return self.app.clock.now()

    def go(self, **span: float) -> None:
        """Time goes on, from one due time to the next; WeCom calls back in between."""
        end = self.now + timedelta(**span)
        while True:
            self.fake.deliver(self.now)
            times = tick(self.app, self.now, applier=self._applier).times
            if self.now >= end:
                return
            clock: Any = self.app.clock
            clock.set(min(next_at(times, self.now) or end, self.fake.next_at() or end, end))

    def later(self, **span: float) -> None:
        """Nobody works meanwhile; then for a minute."""
        clock: Any = self.app.clock
        clock.set(self.now + timedelta(**span))
        self.go(seconds=30)

    def asked(self, path: str, body: object = None, status: int = 200) -> Any:
        """Our own API: a GET, or a POST where there is a body."""
        answer = self.ask("GET" if body is None else "POST", f"/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A call of our API with its key."""
        bearer = {"Authorization": f"Bearer {self.app.settings.api_key}"}
        return httpx.request(method, f"{self.url}/api/v1{path}", headers=bearer, **more)

    def news_of_tasks(self) -> None:
        """Guides are told, as on a real clock now and then."""
        app = self.app
        ours = pulls(app._house, app._tools(NAME), often=True)
        connected, pull = ours[f"{NAME}/tasks"]
        list(pull.run(connected.config, connected.tools, ""))

    def rows(self, query: str) -> list[Any]:
        with self.app.db.transaction() as conn:
            return conn.fetch(query)


@pytest.fixture
def house(tmp_path: Path, new_db) -> Iterator[House]:
    with ExitStack() as held:
        clock: list[Any] = []
        app_ = SelfBuilt(1000002, SECRET, TOKEN, AES)
        fake = WeCom(CORP, [app_], lambda: clock[0].now() if clock else NOON, ["lisi"])
        theirs = held.enter_context(Served(fake.app)).url
        wecom = {
            "corpid": CORP, "agent_id": 1000002, "secret": SECRET, "token": TOKEN, "aes_key": AES,
            "figures": True,
            "base_url": theirs, "link_users": ["lisi"], "payments": True, "groups": True,
            "sign_in": True,
            "authorize_url": f"{theirs}/{AUTHORIZE}", "login_url": f"{theirs}/{BY_QR}",
        }  # fmt: skip
        given = {"database_url": new_db().url, "console_url": CONSOLE, "wecom": wecom}
        settings = load({}, home=tmp_path / "home", **given)
        app = virtual(held.enter_context(open_app(settings)), NOON)
        clock.append(app.clock)
        with app.db.transaction() as conn:
            brand = Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh")
            seed(conn, brand, [], [Member("lisi", "李", "guide")])
            set_prices(conn, [Price("staff_minute", 80, "CNY")])
        plan(app)
        url = held.enter_context(Served(make(app))).url
        fake.calls_back(f"{url}/hooks/wecom/app")
        lock = app.db.try_lock(APPLIER)
        assert lock is not None
        held.callback(lock.release)
        yield House(app, fake, lock, url)


def _message(token: str, channel: str, to: str) -> Message:
    return Message(token, channel, to, "您好", "m", "s", "j", "", "", "cus_1", "lisi", None, "")


def test_from_the_add_to_the_press_everything_is_told_once(house: House) -> None:
    app, fake = house.app, house.fake
    assert fake.verify(fake.apps[SECRET])
    fake.existing("lisi", BELLA, NOON - timedelta(days=90), "13800000002", "贝拉")
    house.go(minutes=1)

    url = app.connections.landing("st_9")
    assert url is not None
    fake.follows_link(url, ANNA, "安娜", "oANNA")
    house.go(seconds=2)
    sender = app.connected["wecom_welcome"]
    (welcomed,) = sender.send([_message("tch_1", "wecom_welcome", ANNA)])
    assert (welcomed.status, [one.kind for one in fake.received]) == ("accepted", ["welcome"])

    (waiting,) = sender.send([_message("tch_2", "wecom_mass", ANNA)])
    assert waiting.status == "awaiting_staff"
    fake.confirm_mass("lisi")
    house.later(hours=7)
    fake.deletes_staff(ANNA, "lisi")
    house.go(minutes=1)

    assert house.rows("select way, state from friendship order by way") == [
        ("before", "live"), ("link", "deleted_by_customer"),
    ]  # fmt: skip
    kinds = house.rows("select kind, count(*) from event group by 1 order by 1")
    assert kinds == [
        ("customer.identified", 2), ("friend.added", 3), ("friend.deleted_by_customer", 1),
        ("touch.delivered", 1),
    ]  # fmt: skip
    assert house.rows("select count(*) from event_pending") == [(0,)]
    assert {error for (error,) in house.rows("select error from connector_pull")} == {""}
    assert fake.requests["gettoken"] <= 5
    assert [state for *_, state, _ in _checked(app)] == ["ok"] * 6
    assert sender.cancel([Asked("tch_2", "wecom_mass")]) == []


TASK = """
with own as (
  insert into touch (node, round, customer_id, journey, step, channel, purpose, lane, priority,
    shop, order_no, material, locale, state, wished_at, due_at, attempts)
  values ('n', (select count(*) from touch), 1, 'j', 's', %(channel)s, 'order_invitation', 'now',
    0, 's', 'T1', 'm', 'zh',
    'awaiting_staff', %(now)s, %(now)s, 1)
  returning id)
insert into task (touch_id, kind, customer_id, staff, script, shop, order_no, state, created_at,
  due_at)
select id, %(kind)s, 1, 'lisi', '', 's', 'T1', 'open', %(now)s, %(now)s + interval '9 h' from own
returning id
"""


def _task(house: House, kind: str = "friend_request") -> int:
    channel = "voice_human" if kind == "call" else "wecom_request"
    with house.app.db.transaction() as conn:
        params = {"kind": kind, "channel": channel, "now": house.now}
        ((task,),) = conn.fetch(TASK, params)
    return task


def _card(house: House) -> Any:
    """The last card that was sent."""
    house.news_of_tasks()
    return list(house.fake.cards.values())[-1]


def test_a_task_is_answered_on_its_card_once_and_the_card_says_so(house: House) -> None:
    _task(house)
    card = _card(house)
    assert card.buttons == {
        "requested": "已发申请", "already_added": "早已添加", "wrong_person": "号码非本人",
    }  # fmt: skip

    for key in ("requested", "wrong_person"):  # twice, before the card has changed
        assert house.fake.presses("lisi", card.token, key)
    house.fake.post.faults.append("duplicate")
    house.go(minutes=1)

    assert house.rows("select state, outcome, staff, minutes from task") == [
        ("done", "requested", "lisi", 1)
    ]
    assert house.rows("select count(*) from event where kind = 'task.done'") == [(1,)]
    assert card.shown == {"lisi": "李 已完成：已发申请"}
    assert house.fake.presses("lisi", card.token, "requested") == ""
    assert all(status == 200 and took < 1 for status, took in house.fake.post.answered)
    assert {error for (error,) in house.rows("select error from connector_pull")} == {""}
    assert house.rows("select told_to from task") == [("lisi",)]


def test_a_card_of_what_was_done_elsewhere_or_given_away_says_so(house: House) -> None:
    first = _task(house, "call")
    card = _card(house)
    with house.app.db.transaction() as conn:
        tasks.done(conn, first, "do_not_call", house.now, staff_code="lisi")
    house.go(minutes=1)
    house.fake.presses("lisi", card.token, "agreed")
    house.go(minutes=1)
    assert card.shown == {"lisi": "李 已完成：请勿再打"}
    assert house.rows("select outcome from task") == [("do_not_call",)]

    _task(house, "call")
    second = _card(house)
    with house.app.db.transaction() as conn:
        seed(conn, house.app.brand, [], [Member("zhangsan", "张", "guide")])
        conn.execute("update task set staff = 'zhangsan' where state = 'open'")
    house.fake.presses("lisi", second.token, "agreed")
    house.go(minutes=1)
    assert second.shown == {"lisi": "已改派给 张"}
    assert house.rows("select count(*) from task where state = 'open'") == [(1,)]
    assert str(house.fake.notices).count("打电话") == 4  # no name and no number in clear


def test_friends_who_are_handed_over_change_hands_in_our_books(house: House) -> None:
    fake, two = house.fake, {"giver": "lisi", "taker": "zhangsan"}
    fake.members["zhangsan"] = FakeMember("zhangsan")
    fake.existing("lisi", BELLA, NOON - timedelta(days=90))
    house.go(minutes=1)
    assert house.asked("handovers/plan", two)["free"] == 1
    assert house.asked("handovers") == {"possible": True, "handovers": []}
    begun = house.asked("handovers", {**two, "words": "小张接着为您服务", "by": "ana"})
    assert (begun["handover"]["state"], begun["handover"]["friends"]["free"]) == ("running", 1)
    house.go(minutes=1)
    house.later(hours=25)
    house.later(hours=7)

    assert house.rows("select staff, state from friendship order by staff") == [
        ("lisi", "deleted_by_staff"), ("zhangsan", "live"),
    ]  # fmt: skip
    (done,) = house.asked("handovers")["handovers"]
    assert (done["state"], done["giver_name"], done["by"]) == ("given", "李", "ana")
    assert (done["friends"]["free"], done["friends"]["done"]) == (0, 1)
    assert house.rows("select actor, action, object, reason from audit") == [
        ("ana", "staff.friends", "lisi", "to zhangsan")
    ]
    assert house.asked("handovers/stop", {**two, "by": "ana"}) == {"stopped": False}
    refused = house.asked("handovers/plan", {"giver": "lisi", "taker": "lisi"}, 400)
    assert "somebody else" in refused["detail"]


def test_codes_and_groups_are_made_filled_counted_and_given_back(house: House) -> None:
    fake = house.fake
    chat = fake.makes_group("lisi", "福利群")
    shifts = [{"staff": ["lisi"], "hours": ""}]
    code = {"kind": "code", "state": "cards", "title": "卡片", "shifts": shifts, "by": "ana"}
    assert house.asked("ways", code)["behind"] == ["lisi"]
    join = house.asked("ways", {"kind": "group", "state": "door", "groups": [chat], "by": "ana"})
    assert join["picture"].startswith("https://")
    house.go(minutes=1)
    (config_id,) = fake.ways
    fake.scans(config_id, ANNA)
    fake.scans_join(next(iter(fake.join_ways)), ANNA)
    fake.scans_join(next(iter(fake.join_ways)), BELLA)
    house.go(minutes=1)
    fake.leaves_group(chat, BELLA)
    house.go(minutes=1)

    found = house.asked("ways")
    assert found["possible"]
    assert [(one["state"], one["friends"], one["lately"]) for one in found["ways"]] == [
        ("cards", 1, 1), ("door", None, None),
    ]  # fmt: skip
    (group,) = house.asked("groups")["groups"]
    assert group == {
        "chat": chat, "title": "福利群", "owner": "lisi", "staff": 1, "members": 1, "friends": 1,
        "joined": 2, "left": 1,
    }  # fmt: skip
    assert house.asked(f"groups?after={chat}") == {"groups": [], "next": chat}
    with house.app.db.transaction() as conn:
        ((bella,),) = conn.fetch("select customer_id from group_member where left_at is not null")
    path = f"customers/{house.app.ids.encode('cus', bella)}/timeline?kinds=group"
    assert [(one["what"], one["note"]) for one in house.asked(path)["lines"]] == [
        ("left", "福利群"), ("joined", "福利群"),
    ]  # fmt: skip

    for kind, state in (("code", "cards"), ("group", "door")):
        which = {"kind": kind, "state": state, "by": "ana"}
        assert house.asked("ways/drop", which) == {"dropped": True}
    assert (fake.ways, fake.join_ways, house.asked("ways")["ways"]) == ({}, {}, [])
    wrong = house.asked("ways", {**code, "shifts": [{"staff": ["lisi"], "hours": "noon"}]}, 400)
    assert wrong["problems"][0]["where"] == "shifts"


def test_what_was_paid_in_a_chat_is_in_the_line_of_time(house: House) -> None:
    house.fake.pays(BELLA, "lisi", 19_900)
    house.later(hours=2)

    assert house.rows("select staff, amount_minor, customer_id is not null from payment") == [
        ("lisi", 19_900, True)
    ]
    assert house.asked("tasks/payments")["payments"] == [
        {"staff": "lisi", "name": "李", "day": "2026-11-20", "currency": "CNY", "payments": 1,
         "paid_minor": 19_900, "refunded_minor": 0}
    ]  # fmt: skip
    assert house.asked("tasks/payments?since=2026-12-01T00:00:00Z")["payments"] == []


def test_a_moment_is_written_published_counted_and_called_off(house: House) -> None:
    fake, words = house.fake, {"text": "今日上新", "by": "an"}
    fake.existing("lisi", BELLA, NOON - timedelta(days=90))
    name = house.ask("POST", "/moments/media?by=an", content=PNG).json()["name"]
    assert house.ask("POST", "/moments/media?by=an", content=b"GIF89a...").status_code == 400
    new = {**words, "media": [name]}
    assert house.ask("POST", "/moments/plan", json=new).json() == {
        "members": ["lisi"], "left_out": {},
    }  # fmt: skip

    made = house.ask("POST", "/moments", json=new).json()
    assert (made["state"], made["media"], made["seen"]) == ("making", 1, None)
    assert house.ask("POST", "/moments", json=new).json()["id"] == made["id"]
    house.go(minutes=1)
    fake.publishes("lisi")
    fake.likes("lisi", BELLA)
    house.go(hours=2)
    cancelled = house.ask("POST", f"/moments/{made['id']}/cancel", json={"by": "an"}).json()

    assert cancelled["state"] == "cancelled"
    (shown,) = house.ask("GET", "/moments").json()["moments"]
    assert (shown["asked"], shown["published"]) == (["lisi"], ["lisi"])
    assert (shown["seen"], shown["likes"], shown["comments"]) == (1, 1, 0)
    assert house.rows("select action from audit where action like 'moment.%' order by id") == [
        ("moment.make",), ("moment.make",), ("moment.cancel",),
    ]  # fmt: skip
    wrong = house.ask("POST", "/moments/plan", json={"text": "x", "tags": ["nobody's"]})
    assert (wrong.status_code, wrong.json()["problems"][0]["where"]) == (400, "tags")
    assert house.ask("POST", "/moments/no-such/cancel", json={"by": "an"}).status_code == 404
    assert house.ask("GET", "/moments/tags").json() == {"tags": []}


def test_what_wecom_counts_of_a_member_is_shown_for_some_days(house: House) -> None:
    days = (NOON.date() - timedelta(days=2), NOON.date() - timedelta(days=1))
    house.fake.talked["lisi", days[0]] = {"chat_cnt": 1, "reply_percentage": 100.0}
    house.fake.talked["lisi", days[1]] = {"chat_cnt": 3, "reply_percentage": 60.0}
    assert house.ask("GET", "/staff/figures").json()["staff"] == []
    house.go(minutes=1)

    told = house.ask("GET", "/staff/figures?days=28").json()

    assert (told["first"], told["last"]) == ("2026-10-23", "2026-11-19")
    (one,) = told["staff"]
    assert (one["code"], one["days"], one["chats"], one["reply_share"]) == ("lisi", 28, 4, 0.7)
    assert (one["reply_minutes"], one["groups"], one["added"]) == (None, None, 0)
    assert house.ask("GET", "/staff/figures?days=0").status_code == 422


def _checked(app: App) -> list[Any]:
    return app.connections.every["wecom"].checks()


def test_nothing_of_a_person_or_of_the_app_is_in_the_database_in_clear(house: House) -> None:
    house.fake.existing("lisi", BELLA, NOON - timedelta(days=90), "13800000002", "贝拉", "oBELLA")
    house.go(minutes=1)
    url = house.app.connections.landing("st_9")
    assert url is not None
    house.fake.follows_link(url, ANNA, "安娜")
    house.later(hours=7)

    tables = house.rows(
        "select c.oid::regclass::text from pg_class c where relkind = 'r'"
        " and relnamespace = 'public'::regnamespace"
    )
    shown = "\n".join(
        str(row) for (table,) in tables for row in house.rows(f"select t::text from {table} t")
    )
    hexed = [
        word.encode().hex()
        for word in (ANNA, BELLA, "oBELLA", "13800000002", "贝拉", SECRET, "TOKEN")
    ]
    assert len(shown) > 1000
    for word in (ANNA, BELLA, "oBELLA", "13800000002", "贝拉", SECRET, "TOKEN", *hexed):
        assert word not in shown


def test_a_callback_is_answered_as_wecom_wants_it_and_a_false_one_is_refused(house: House) -> None:
    hook = house.fake.apps[SECRET].hook
    house.fake.searches_phone("lisi", "13800000001", ANNA)
    house.fake.deliver(house.now)
    ((status, seconds),) = house.fake.post.answered

    assert (status, seconds < 1) == (200, True)
    assert httpx.get(hook, params={"echostr": "x"}).status_code == 401
    assert httpx.post(hook, content=b"<xml/>").status_code == 400
    assert httpx.post(f"{hook}2", content=b"<xml/>").status_code == 404


def test_a_crowd_that_comes_at_once_waits_for_one_link_and_one_token(house: House) -> None:
    """More of them than there are connections to the database."""
    crowd = 3 * SIZE
    with ThreadPoolExecutor(crowd) as pool:
        urls = list(pool.map(lambda n: house.app.connections.landing(f"st_{n}"), range(crowd)))

    assert len({str(url).partition("?")[0] for url in urls}) == 1
    assert len(house.fake.links) == 1
    assert house.fake.requests["gettoken"] == 1
