"""Plans of groups: read with every mistake named, and what follows from them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from siyu.groups.check import check, check_all
from siyu.groups.decide import apart, due, filling, purposes
from siyu.groups.model import Chat, Entry, Plan
from siyu.kernel.time import zone

CHINA = zone("Asia/Shanghai")
FRIDAY = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in Shanghai
TEXT = """\
group: mums
title: {zh: 妈妈群, en: Mums}
admission: mums-of-babies
apart_from: [deal-hunters]
chats: ["妈妈群*"]
way: mums
capacity: 200
roll_over: 0.8
calendar:
  - {on: mon-fri, at: "20:00", say: evening, owner: li}
  - {on: sat, at: "10:00", say: weekend, through: moments}
"""


def _plan(code: str = "mums", **words: Any) -> Plan:
    said: dict[str, Any] = {"chats": (f"{code}*",), **words}
    return Plan(code, {"zh": code, "en": code}, **said)


def _chats(*people: int) -> list[Chat]:
    return [Chat(f"wr{n}", f"mums {n}", many) for n, many in enumerate(people, 1)]


def test_a_plan_is_read_as_it_is_written() -> None:
    assert check(TEXT) == Plan(
        "mums", {"zh": "妈妈群", "en": "Mums"}, "mums-of-babies", ("deal-hunters",), ("妈妈群*",),
        200, 0.8, "mums",
        (Entry((1, 2, 3, 4, 5), time(20), "evening", "group_message", "li"),
         Entry((6,), time(10), "weekend", "moments")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("was", "now", "line", "where"),
    [
        ("group: mums", "group: Mums!", 1, "group"),
        ("en: Mums", "en: ''", 2, "title.en"),
        ("[deal-hunters]", "[mums]", 4, "apart_from"),
        ('["妈妈群*"]', "[]", 5, "chats"),
        ("capacity: 200", "capacity: none", 7, "capacity"),
        ("roll_over: 0.8", "roll_over: 80", 8, "roll_over"),
        ("on: mon-fri", "on: someday", 10, "calendar[0].on"),
        ('at: "20:00"', 'at: "25:00"', 10, "calendar[0].at"),
        ("through: moments", "through: pigeon", 11, "calendar[1].through"),
        ("say: weekend, ", "", 11, "calendar[1].say"),
        ("way: mums", "wey: mums", 6, "wey"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(was: str, now: str, line: int, where: str) -> None:
    found = check(TEXT.replace(was, now, 1))

    assert isinstance(found, tuple)
    assert [(one.line, one.where) for one in found] == [(line, where)]
    assert all(getattr(one.why, "zh", "") for one in found)


def test_of_several_plans_none_is_there_twice() -> None:
    found = check_all(f"{TEXT}---\n{TEXT}")

    assert isinstance(found, tuple)
    assert "twice" in found[0].why


def test_a_chat_is_for_what_its_title_or_its_id_says() -> None:
    plans = [_plan("mums"), _plan("experts", chats=("wr9",))]
    chats = [Chat("wr1", "mums 1", 3), Chat("wr2", "others", 3), Chat("wr9", "anything", 3)]

    assert purposes(plans, chats) == {"wr1": "mums", "wr9": "experts"}


def test_the_group_that_is_begun_is_filled_before_an_empty_one_up_to_its_share() -> None:
    plan = _plan(capacity=10, roll_over=0.8)

    begun = filling(plan, _chats(9, 0, 3))
    assert [(one.chat.chat, one.room, one.led_into) for one in begun.chats] == [
        ("wr1", "full", False), ("wr2", "empty", True), ("wr3", "filling", True),
    ]  # fmt: skip
    assert begun.into == ("wr3", "wr2")
    assert not begun.alarm


@pytest.mark.parametrize("chats", [_chats(), _chats(8, 10)])
def test_where_no_group_has_room_there_is_an_alarm(chats: list[Chat]) -> None:
    assert filling(_plan(capacity=10, roll_over=0.8), chats).alarm


def test_purposes_are_apart_both_ways_whoever_says_so() -> None:
    plans = [_plan("experts", apart_from=("deals",)), _plan("deals")]

    assert apart(plans) == {("experts", "deals"), ("deals", "experts")}


def test_the_calendar_says_what_is_due_once_by_the_brands_clock() -> None:
    entries = (Entry((1, 2, 3, 4, 5), time(20), "a"), Entry((5, 6), time(20), "b"))
    until = FRIDAY + timedelta(days=3)  # Monday noon

    found = due(entries, FRIDAY, until, CHINA)

    evening = FRIDAY + timedelta(hours=8)
    assert found == [(0, evening), (1, evening), (1, evening + timedelta(days=1))]
    assert due(entries, evening, until, CHINA) == [(1, evening + timedelta(days=1))]
