"""`siyu staff …` and `siyu task …` on a home where a demonstration was played."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from siyu.app import open_app
from siyu.connectors.wecom.fake import App, WeCom
from siyu.sandbox.server import Served
from siyu.settings import load

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def siyu(run: Callable, played) -> Callable:
    """A command on the played home, which must succeed; its JSON."""

    def do(*words: object):
        said = run(*words, "--home", played.home, "--json")
        assert said.code == 0, said.out + said.err
        return said.json

    return do


def test_people_are_added_and_given_hours_and_capacity(siyu: Callable, run, played) -> None:
    assert siyu("staff", "store", "s9", "--name", "上海店", "--region", "华东")["code"] == "s9"
    assert siyu("staff", "add", "g9", "--name", "Xu", "--store", "s9", "--by", "an")["active"]
    week = "mon-tue 09:00-12:00,13:00-18:00"
    assert siyu("staff", "hours", "g9", week)["week"]["2"] == "09:00-12:00,13:00-18:00"
    assert siyu("staff", "day", "g9", "2099-10-01", "--note", "holiday")["hours"] == ""
    assert siyu("staff", "capacity", "g9", "call", 20)["per_day"] == 20
    off = siyu("staff", "off", "g9", "--until", "2099-01-01T00:00:00+08:00", "--reason", "ill")
    assert (off["moved"], off["kept"]) == (0, 0)

    found = {one["code"]: one for one in siyu("staff", "list")["staff"]}
    assert found["g9"]["set"]["capacity"] == {"call": 20}
    assert found["g9"]["set"]["leaves"][0]["reason"] == "ill"
    assert (found["g9"]["at_work"], found["g9"]["region"]) == (False, "华东")
    assert "call 20" in run("staff", "list", "--home", played.home).out

    siyu("staff", "back", "g9")
    assert siyu("staff", "day", "g9", "2099-10-01", "--usual")["hours"] is None
    assert siyu("staff", "hours", "g9")["week"] is None
    assert siyu("staff", "capacity", "g9", "call")["per_day"] is None
    assert siyu("staff", "add", "g9", "--name", "Xu", "--inactive")["active"] is False


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("staff", "off", "nobody"), "nobody"),
        (("staff", "hours", "guide-1", "mon"), "no hours"),
        (("staff", "day", "guide-1", "tomorrow"), "2026-10-01"),
        (("staff", "capacity", "guide-1", "dance", "3"), "known are call"),
        (("staff", "add", "g8", "--name", "x", "--role", "king"), "known are guide"),
        (("task", "list", "--state", "lost"), "known are open"),
        (("task", "rules", "--tries", "12"), "1 to 9"),
    ],
)
def test_what_cannot_be_is_said_in_words(run: Callable, played, words, why: str) -> None:
    said = run(*words, "--home", played.home)

    assert said.code == 1
    assert why in said.err


@pytest.fixture
def reopened(played) -> Iterator[None]:
    """One task of the demonstration is open again, for now."""
    one = "where id = (select max(id) from task where kind = 'friend_request')"
    with open_app(load({}, home=played.home)) as app:
        with app.db.transaction() as conn:
            (was,) = conn.fetch(f"select state, due_at, staff, reported_at from task {one}")
            soon = app.clock.now() + timedelta(hours=9)
            opens = f"update task set state = 'open', due_at = %(at)s, reported_at = null {one}"
            conn.execute(opens, {"at": soon})
        yield
        with app.db.transaction() as conn:
            names = ("state", "due_at", "staff", "reported_at")
            back = ", ".join(f"{name} = %({name})s" for name in names)
            conn.execute(f"update task set {back} {one}", dict(zip(names, was, strict=True)))
            conn.execute("delete from event_pending")


@pytest.mark.usefixtures("reopened")
def test_tasks_are_listed_taken_put_off_given_on_and_done(siyu: Callable, run, played) -> None:
    found = siyu("task", "list", "--limit", 1)
    (task,) = found["tasks"]
    mine = siyu("task", "next", task["staff"], "--by", "an")["task"]
    assert mine["held_by"] == "an"
    words = run("task", "next", task["staff"], "--by", "an", "--home", played.home).out
    assert f"siyu reveal {mine['customer']}" in words
    assert "send the request yourself" in words
    assert "tsk_" in run("task", "list", "--home", played.home).out
    to = siyu("task", "reassign", task["id"], "--by", "an", "--reason", "ill")["staff"]
    assert to != task["staff"]
    late = run("task", "snooze", task["id"], "2001-01-01T00:00:00Z", "--home", played.home)
    assert late.code == 1
    assert "before that" in late.err
    assert siyu("staff", "handover", to)["moved"] >= 1
    told = siyu("task", "done", task["id"], "agreed", "--minutes", 2)
    assert (told["state"], told["again_at"]) == ("done", None)


def test_the_rules_of_tasks_are_shown_and_set(siyu: Callable, run, played) -> None:
    assert siyu("task", "rules")["most_tries"] == 1
    rules = siyu("task", "rules", "--tries", 3, "--overdue", "40h")
    assert (rules["most_tries"], rules["overdue_after"]) == (3, "40h")
    assert (
        "overdue after: never"
        in run("task", "rules", "--overdue", "never", "--tries", 1, "--home", played.home).out
    )


def test_what_was_paid_in_chats_is_shown_by_member(siyu: Callable, run, played) -> None:
    assert siyu("staff", "payments")["payments"] == []
    said = run("staff", "payments", "--since", "2026-01-01T00:00:00+08:00", "--home", played.home)
    assert "Paid in chats" in said.out


def test_friends_are_not_given_where_nothing_can_give_them(run, played) -> None:
    said = run("staff", "handover", "guide-1", "guide-2", "--home", played.home)
    assert said.code == 1
    assert "siyu connect wecom" in said.err


def test_codes_groups_and_hand_overs_are_empty_where_nothing_is_connected(
    siyu: Callable, run, played
) -> None:
    assert siyu("ways", "list") == {"ways": []}
    assert siyu("groups", "list") == {"groups": []}
    assert siyu("staff", "handovers") == {"handovers": []}
    nobody = {"connector": "", "offered": [], "more": 0, "gone": []}
    assert siyu("staff", "colleagues") == nobody
    assert "siyu staff colleagues" in run("staff", "take", "wang", "--home", played.home).err
    for command in (
        ("ways", "make", "code", "cards", "--staff", "a,b mon-fri 09:00-18:00"),
        ("ways", "drop", "code", "cards"),
    ):
        said = run(*command, "--home", played.home)
        assert said.code == 1
        assert "siyu connect wecom" in said.err


def test_figures_that_nobody_counts_are_none(siyu: Callable) -> None:
    found = siyu("staff", "figures", "--days", 7)
    assert found["staff"] == []


def test_a_moment_is_planned_then_made_and_listed(run, played, tmp_path) -> None:
    picture = tmp_path / "new.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n and a picture")
    fake = WeCom("ww0123456789abcdef", [App(1000002, "s")], lambda: NOON, ["lisi"])
    with Served(fake.app) as served:
        env = {
            "SIYU_WECOM_CORPID": fake.corpid, "SIYU_WECOM_SECRET": "s",
            "SIYU_WECOM_BASE_URL": served.url,
        }  # fmt: skip

        def say(*words: object) -> Any:
            return run(*words, "--home", played.home, **env)

        what = ("今日上新", "--picture", picture, "--member", "lisi", "--member", "x")
        plan = say("moments", "write", *what)
        assert "1 member would be asked: lisi.\nNot x: can't publish.\nNothing is made" in plan.out
        assert fake.moments == {}
        made = say("moments", "write", *what, "--do", "--by", "an", "--json").json
        assert made["left_out"] == {"x": "not_able"}
        assert len(fake.moments) == 1
        assert made["id"] in say("moments", "list").out
        assert say("moments", "tags").out == "There are none.\n"
        assert "try again in a minute" in say("moments", "cancel", made["id"]).err
        assert "can't be read" in say("moments", "write", "--picture", tmp_path / "none.png").err
    assert "siyu connect wecom" in run("moments", "list", "--home", played.home).err


def test_visitors_of_stores_come_by_file_with_bad_lines_named(siyu, played, tmp_path) -> None:
    siyu("staff", "store", "s9", "--name", "上海店")
    assert siyu("staff", "traffic", "show", "s9")["stores"][0]["known"] == "nothing"
    lines = [
        "门店,星期,小时,客流", "s9,周五,10:00,3", "s9,sat,14,30", "s9,6,14,9", "s8,mon,10,1",
        "s9,someday,10,1", "s9,mon,24,1", "s9,mon,10,many",
    ]  # fmt: skip
    file = tmp_path / "traffic.csv"
    file.write_text("\n".join(lines), "utf-8")

    assert siyu("staff", "traffic", "import", file, "--dry")["taken"] == 2
    assert siyu("staff", "traffic", "show", "s9")["stores"][0]["known"] == "nothing"
    taken = siyu("staff", "traffic", "import", file)

    assert (taken["taken"], taken["stores"]) == (2, 1)
    assert [(one["line"], one["field"]) for one in taken["refused"]] == [
        (4, "小时"), (5, "门店"), (6, "星期"), (7, "小时"), (8, "客流"),
    ]  # fmt: skip
    (store,) = siyu("staff", "traffic", "show", "s9")["stores"]
    assert (store["known"], store["average"]) == ("file", 16.5)
    assert store["hours"] == [
        {"weekday": 5, "hour": 10, "visitors": 3, "quiet": True},
        {"weekday": 6, "hour": 14, "visitors": 30, "quiet": False},
    ]


def test_what_guides_have_to_press_is_shown(siyu: Callable, run, played) -> None:
    guides = siyu("task", "load")["guides"]
    assert {one["staff"] for one in guides} >= {"guide-1"}
    assert all(one["most"] is None and one["days"] == [] for one in guides)
    assert "Presses" in run("task", "load", "--home", played.home).out


def test_plans_of_groups_are_kept_shown_and_given_up(siyu, run, played, tmp_path) -> None:
    file = tmp_path / "groups.yaml"
    file.write_text("group: mums\ntitle: {zh: 妈妈群, en: Mums}\nchats: 3\n", "utf-8")
    refused = run("groups", "set", file, "--home", played.home)
    assert refused.code != 0
    assert "line 3" in refused.out + refused.err
    file.write_text("group: mums\ntitle: {zh: 妈妈群, en: Mums}\nchats: [妈妈群*]\n", "utf-8")

    assert siyu("groups", "set", file)["codes"] == ["mums"]
    (plan,) = siyu("groups", "plans")["plans"]
    assert (plan["code"], plan["alarm"], plan["chats"]) == ("mums", True, [])
    assert "NO GROUP HAS ROOM" in run("groups", "plans", "--home", played.home).out
    assert siyu("groups", "fill") == {"led": []}
    assert siyu("groups", "odd", "apart") == {"rows": []}
    assert siyu("groups", "days") == {"days": []}
    assert siyu("groups", "calendar") == {"posts": []}
    assert siyu("groups", "drop", "mums") == {"dropped": "mums"}


def test_a_customer_is_asked_to_pay_and_the_words_for_the_form_are_shown(
    siyu: Callable, run, played
) -> None:
    customer = played.customers[0].customer
    asked = siyu("payment", "ask", customer, "199.00", "--about", "R7 42", "--by", "guide-1")
    assert (asked["state"], asked["amount_minor"], asked["staff"]) == ("asked", 19_900, "guide-1")
    assert asked["description"] == f"R7 42 {asked['request']}"

    assert siyu("payment", "list", "--staff", "guide-1")["requests"][0] == asked
    assert siyu("payment", "withdraw", asked["request"])["state"] == "withdrawn"
    assert siyu("payment", "list")["requests"][0]["state"] == "withdrawn"
    shown = run("payment", "list", "--home", played.home).out
    assert asked["request"][:12] in shown  # a long cell is broken over two lines
    assert "¥199.00" in shown
    wrong = run("payment", "ask", customer, "0", "--about", "x", "--home", played.home)
    assert wrong.code == 1
    assert run("payment", "withdraw", "pay_x", "--home", played.home).code == 1


def test_the_rule_of_credit_is_shown_set_and_asked_of_an_order(siyu: Callable, run, played) -> None:
    home = ("--home", played.home)
    assert siyu("commerce", "credit")["credit"] == {"rule": "owner", "days": 30}
    assert siyu("commerce", "credit", "--rule", "shared", "--days", 14)["credit"]["days"] == 14
    with open_app(load({}, home=played.home)) as app, app.db.transaction() as conn:
        shop, order_no = conn.fetch(
            "select o.shop, o.order_no from orders o join friendship f using (customer_id)"
            " where o.state = 'paid' and f.first_added_at <= o.paid_at limit 1"
        )[0] if conn.fetch("select 1 from friendship limit 1") else ("", "")  # fmt: skip
    if order_no:
        asked = siyu("commerce", "credit", "--order", f"{shop}/{order_no}")
        assert asked["credited"][0]["parts"] >= 1
    assert run("commerce", "credit", "--order", "s/none", *home).code == 1
    assert run("commerce", "credit", "--rule", "first", *home).code == 1
    assert "in equal parts" in run("commerce", "credit", *home).out
    siyu("commerce", "credit", "--rule", "owner")
