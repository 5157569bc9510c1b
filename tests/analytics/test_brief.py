"""The morning's brief: figures that can be counted by hand, and its words to the letter."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.analytics.world import World

from siyu.analytics.model import ALARMS, Brief, Day
from siyu.analytics.render import TROUBLES, alarm_words, brief_words
from siyu.analytics.views.brief import brief
from siyu.db.pool import Pool
from siyu.kernel.sentence import Sentence
from siyu.staff.model import Brand

BRAND = Brand("花间", "UTC", "CNY", "CN", "zh")
DAY = date(2026, 11, 9)  # day 8 of the world
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
NOTHING = Day(0, 0, 0, 0, 0)


def test_a_day_is_counted_from_midnight_to_midnight_beside_the_same_weekday_before(
    db: Pool,
) -> None:
    world = World(db)
    for customer, at, matched in (
        (1, 7.99, True), (2, 8.0, True), (3, 8.5, False), (4, 8.99, True), (5, 9.0, True),
        (6, 1.5, True),
    ):  # fmt: skip
        world.friend(customer, at)
        with db.transaction() as conn:
            conn.execute(
                "insert into friend_match (identity_id, customer_id, added_at, matched, how)"
                " select identity_id, customer_id, first_added_at, %(matched)s, 'state'"
                " from friendship where customer_id = %(customer)s",
                {"customer": customer, "matched": matched},
            )
    world.friend(7, 2.0, gone=8.2)
    world.friend(8, 2.0, gone=9.1)
    for number, (at, minor) in enumerate(((8.1, 300), (8.9, 60), (9.0, 9_999), (1.2, 125))):
        world.write(
            "ledger_entry", cause="touch", cause_id=number, kind="sms_segment", quantity=1,
            unit_minor=minor, amount_minor=minor, currency="CNY", occurred_at=world.at(at),
        )  # fmt: skip

    with db.transaction() as conn:
        found = brief(conn, BRAND, DAY, NOW)

    assert found.found == Day(friends=3, unmatched=1, deleted=1, failed=0, cost_minor=360)
    assert found.before == Day(friends=1, unmatched=0, deleted=0, failed=0, cost_minor=125)
    assert (found.found.per_add, found.before.per_add) == (120, 125)


FULL = Brief(DAY, Day(32, 5, 1, 3, 4_000), Day(28, 2, 2, 0, 3_920), 2, 4, "CNY")


def test_in_chinese() -> None:
    assert brief_words(FULL, "zh").splitlines() == [
        "新增好友 32 人（上周同日 28），其中 5 人未匹配到买家",
        "单个加粉成本 ¥1.25（上周同日 ¥1.40）",
        "触达失败 3 条（上周同日 0）",
        "客户删除好友 1 人（上周同日 2）",
        "无法处理的事件 2 个，待处理",
        "逾期任务 4 个",
    ]


def test_in_english() -> None:
    assert brief_words(FULL, "en").splitlines() == [
        "New friends: 32 (a week before: 28); 5 of them not matched to a buyer",
        "Cost per new friend: ¥1.25 (a week before: ¥1.40)",
        "Touches that failed: 3 (a week before: 0)",
        "Customers who deleted us: 1 (a week before: 2)",
        "Events that can't be applied: 2",
        "Overdue tasks: 4",
    ]


@pytest.mark.parametrize(
    ("locale", "words"),
    [("zh", "没有新增好友，也没有异常。"), ("en", "No new friends, and no trouble.")],
)
def test_a_day_without_anything_says_so_in_one_line(locale: str, words: str) -> None:
    assert brief_words(Brief(DAY, NOTHING, NOTHING, 0, 0, "CNY"), locale) == words


def test_what_was_spent_on_nobody_has_no_cost_per_friend() -> None:
    spent = Brief(DAY, Day(0, 0, 0, 0, 500), Day(4, 0, 0, 0, 400), 0, 0, "CNY")

    assert brief_words(spent, "zh") == "新增好友 0 人（上周同日 4）"


def test_every_alarm_has_words_in_both_languages() -> None:
    assert set(TROUBLES) == ALARMS
    for locale in ("zh", "en"):
        for code in TROUBLES:
            line = alarm_words([(code, "sms", 3, Sentence("no money", "没有余额"))], locale)
            assert "3" in line or {"zh": "没有余额", "en": "no money"}[locale] in line
            assert "{" not in line
