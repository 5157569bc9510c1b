"""An installation and WeCom, by real HTTP both ways: the add, the welcome, the pull, the press."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import httpx
from tests.connectors.wecom.bench import SECRET
from tests.connectors.wecom.installed import ANNA, BELLA, NOON, House

from siyu.app import App
from siyu.customers import actions as customers
from siyu.db.pool import SIZE
from siyu.outbox.model import Asked, Message
from siyu.staff.actions import seed
from siyu.staff.model import Member
from siyu.tasks import actions as tasks

PNG = b"\x89PNG\r\n\x1a\n and a picture"


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
    sender = app.wired.connected["wecom_welcome"]
    (welcomed,) = sender.send([_message("tch_1", "wecom_welcome", ANNA)])
    assert (welcomed.status, [one.kind for one in fake.received]) == ("accepted", ["welcome"])

    with app.db.transaction() as conn:
        ((friend,),) = house.rows("select customer_id from friendship where way <> 'before'")
        customers.tag(
            conn, [customers.Tagging(friend, None, "vip", "journey:care")], app.clock.now()
        )
    house.go(seconds=2)
    (written,) = fake.relations["lisi", ANNA].tags
    assert fake.tags()[written] == ("Siyu", "vip")

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
        ("tag.set", 1), ("touch.delivered", 1),
    ]  # fmt: skip
    assert house.rows("select count(*) from event_pending") == [(0,)]
    assert {error for (error,) in house.rows("select error from connector_pull")} == {""}
    assert fake.requests["gettoken"] <= 5
    assert [state for *_, state, _ in _checked(app)] == ["ok"] * 7
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


def test_how_soon_staff_answers_is_in_the_report_of_staff(house: House) -> None:
    """Two customers write, one is answered after four minutes, the other deletes the member."""
    yesterday = NOON.date() - timedelta(days=1)
    for number, who in enumerate((ANNA, BELLA)):
        house.fake.existing("lisi", who, NOON - timedelta(days=90), f"1380000000{number}")
        house.fake.talks(who, "lisi")
    house.go(minutes=4)
    house.fake.answers("lisi", ANNA)
    house.fake.deletes_staff(BELLA, "lisi")

    def told(until: date) -> dict[str, Any]:
        asked = f"/reports/figures/staff?until={until}"
        while (said := house.ask("GET", asked).json())["state"] == "working":
            assert said["refused"] is None
        return said["report"]

    house.go(minutes=1)
    assert any("no carrier has told of" in one["en"] for one in told(yesterday)["notes"])
    house.later(hours=24)
    house.go(minutes=1)
    report = told(yesterday + timedelta(days=1))
    (answers,) = [one for one in report["tables"] if one["name"] == "answers"]
    heads = [one["name"] for one in answers["columns"]]
    (row,) = [dict(zip(heads, one, strict=True)) for one in answers["rows"] if "lisi" in str(one)]
    assert (row["chats"], row["reply_share"], row["reply_minutes"], row["lost"]) == (1, 0.5, 4, 1)
    assert "they answered 50.0% of chats, after 4.0 minutes on average" in report["answer"]["en"]
    assert "平均 4.0 分钟首次回复" in report["answer"]["zh"]
    assert any("no service score" in one["en"] for one in report["notes"])


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
