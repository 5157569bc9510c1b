"""What console and commands ask: hand-overs, codes, groups, payments, by real HTTP both ways."""

from __future__ import annotations

from datetime import timedelta

from tests.connectors.wecom.installed import ANNA, BELLA, NOON, House

from siyu.api.ways import shown
from siyu.connectors.ways import Standing, WayIn
from siyu.connectors.wecom.fake import Member as FakeMember


def test_friends_who_are_handed_over_change_hands_in_our_books(house: House) -> None:
    fake, two = house.fake, {"giver": "lisi", "taker": "zhangsan"}
    fake.members["zhangsan"] = FakeMember("zhangsan")
    fake.existing("lisi", BELLA, NOON - timedelta(days=90))
    fake.makes_group("lisi", "福利群")
    house.go(minutes=1)
    assert house.asked("handovers/plan", two)["free"] == 1
    assert house.asked("handovers") == {"possible": True, "handovers": []}
    begun = house.asked("handovers", {**two, "words": "小张接着为您服务", "by": "ana"})
    assert (begun["handover"]["state"], begun["handover"]["friends"]["free"]) == ("running", 1)
    assert begun["stays"] == {"groups": ["福利群"], "presses": 0, "posts": 0}
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
    link = Standing(WayIn("link", "spring"), "https://", "", ("lisi",), clicks=5, added=2)
    (told,) = shown(house.app, [link])
    assert (told.clicks, told.added, told.friends) == (5, 2, 0)
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
         "paid_minor": 19_900, "refunded_minor": 0, "of_orders_minor": 0}
    ]  # fmt: skip
    assert house.asked("tasks/payments?since=2026-12-01T00:00:00Z")["payments"] == []


PLANS = """\
group: mums
title: {zh: 妈妈群, en: Mums}
apart_from: [deals]
chats: ["妈妈群*"]
way: mums
capacity: 3
roll_over: 0.7
calendar:
  - {on: mon-fri, at: "20:00", say: evening, owner: lisi}
---
group: deals
title: {zh: 福利群, en: Deal hunters}
chats: ["福利群*"]
"""


def test_groups_of_a_plan_are_filled_one_after_the_other_and_strays_are_shown(
    house: House,
) -> None:
    fake = house.fake
    first, second = fake.makes_group("lisi", "妈妈群 1"), fake.makes_group("lisi", "妈妈群 2")
    deals = fake.makes_group("lisi", "福利群")
    way = {"kind": "group", "state": "mums", "groups": [first], "by": "ana"}
    house.asked("ways", way)
    house.go(minutes=1)
    wrong = house.ask("PUT", "/groups/plans", json={"text": PLANS, "by": "ana"})
    assert wrong.status_code == 400, wrong.text
    assert "evening" in wrong.text
    text = PLANS.replace("calendar:", "").replace(
        '  - {on: mon-fri, at: "20:00", say: evening, owner: lisi}\n', ""
    )
    kept = house.ask("PUT", "/groups/plans", json={"text": text, "by": "ana"})
    assert kept.status_code == 200, kept.text
    house.go(minutes=1)
    (config_id,) = fake.join_ways
    fake.scans_join(config_id, ANNA)
    house.later(minutes=11)
    house.later(minutes=11)

    full = {one["code"]: one for one in house.asked("groups/plans")["plans"]}
    assert (full["mums"]["members"], full["mums"]["alarm"], full["deals"]["alarm"]) == (
        1, False, False,
    )  # fmt: skip
    assert [(one["title"], one["room"], one["led_into"]) for one in full["mums"]["chats"]] == [
        ("妈妈群 1", "full", False), ("妈妈群 2", "empty", True),
    ]  # fmt: skip
    assert fake.join_ways[config_id]["chat_id_list"] == [second]  # the printed code stays the same

    fake.scans_join(config_id, ANNA)
    fake.joins(deals, ANNA)
    house.later(minutes=1)
    twice = house.asked("groups/odd")["rows"]
    assert [(one["purpose"], one["chats"]) for one in twice] == [("mums", sorted([first, second]))]
    (mixed,) = house.asked("groups/odd?kind=apart")["rows"]
    assert {mixed["purpose"], mixed["other"]} == {"mums", "deals"}
    assert house.asked(f"groups/odd?after={house.asked('groups/odd')['next']}")["rows"] == []
    days = house.asked("groups/days")["days"]
    assert sum(one["joined"] for one in days if one["purpose"] == "mums") == 2
    assert house.asked("groups/calendar") == {"posts": []}
    assert house.asked("groups/plans/fill", {"code": "", "by": "ana"}) == {"led": []}
    left = house.asked("groups/plans/drop", {"code": "mums", "by": "ana"})["plans"]
    assert [one["code"] for one in left] == ["deals"]
    assert house.asked("groups/odd")["rows"] == []
    house.asked("groups/plans/drop", {"code": "mums", "by": "ana"}, 404)
