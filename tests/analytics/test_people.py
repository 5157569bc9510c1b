"""Figures of friends, staff and channels: against what is counted here, person by person."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.analytics.small import Small, day_of, rows_of

from siyu.analytics.views.questions.members import KINDS, Members
from siyu.kernel.errors import Refused

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 28)
BEGIN, END = (datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 28, 16, tzinfo=UTC))


@pytest.fixture
def small() -> Iterator[Small]:
    with Small() as lake:
        yield lake


@pytest.fixture(scope="module")
def world() -> Iterator[Small]:
    with Small() as lake:
        people(lake, 3)
        yield lake


def some_time(chance: random.Random) -> datetime:
    """Around the period, and often on the edge of a day in Shanghai."""
    day = BEGIN + timedelta(days=chance.randint(-6, 33))
    return day + chance.choice(
        [timedelta(0), timedelta(seconds=-1), timedelta(hours=chance.randint(0, 23))]
    )


def people(small: Small, seed: int, many: int = 400) -> None:
    """Customers with orders of both currencies, late refunds, friendships that end and begin again,
    and groups that they join and leave."""
    chance = random.Random(seed)
    for who in range(1, many + 1):
        for staff in chance.sample(["ann", "bo", "chen"], chance.choice([0, 1, 1, 2])):
            at = some_time(chance)
            gone = chance.choice([None, None, at + timedelta(days=chance.randint(1, 20))])
            again = gone + timedelta(days=3) if gone and chance.random() < 0.3 else at
            small.friend(who, staff, at, deleted_at=gone, added_at=again)
        if chance.random() < 0.4:
            at = some_time(chance)
            left = chance.choice([None, at + timedelta(days=5), at - timedelta(days=1)])
            small.add("group_member", customer_id=who, carrier="wecom", chat="g", joined_at=at,
                      left_at=left, way="")  # fmt: skip
        for _ in range(chance.choice([0, 1, 2, 3])):
            total = chance.randint(100, 90_000)
            back = chance.choice([0, 0, 0, chance.randint(1, total)])
            state = "refunded" if back == total else chance.choice(["paid"] * 6 + ["cancelled"])
            small.order(
                chance.choice([who] * 9 + [None]), some_time(chance), total, refunded_minor=back,
                state=state, currency=chance.choice(["CNY"] * 8 + ["GBP"]),
                shop=chance.choice(["s", "t"]),
            )  # fmt: skip
        if chance.random() < 0.1:
            small.add("refund", order_id=None, customer_id=who, shop="s", refund_no="r", sku="",
                      quantity=0, amount_minor=500, currency="CNY", refunded_at=some_time(chance),
                      whole=False)  # fmt: skip


def lives(row: dict[str, Any], at: datetime) -> bool:
    """Whether this friendship lived at that moment, told from its story."""
    story = [(row["first_added_at"], True)]
    if row["deleted_at"] is not None:
        story.append((row["deleted_at"], False))
    if row["added_at"] != row["first_added_at"]:
        story.append((row["added_at"], True))
    past = [one for one in story if one[0] <= at]
    return bool(past) and past[-1][1]


def test_what_a_head_brings_is_counted_by_what_each_is_at_the_end(world: Small) -> None:
    end = END - timedelta(microseconds=1)
    friends = {one["customer_id"] for one in world.told["friendship"] if lives(one, end)}
    grouped = {
        one["customer_id"] for one in world.told["group_member"]
        if one["joined_at"] < END
        and not (one["left_at"] and one["joined_at"] <= one["left_at"] < END)
    }  # fmt: skip
    worth: dict[int, int] = {}
    for one in world.told["orders"]:
        who = one["customer_id"]
        counts = one["state"] == "paid" and who and one["currency"] == "CNY"
        if counts and FIRST <= day_of(one["paid_at"]) <= LAST:
            worth[who] = worth.get(who, 0) + one["total_minor"] - one["refunded_minor"]
    for one in world.told["refund"]:
        if one["customer_id"] in worth and FIRST <= day_of(one["refunded_at"]) <= LAST:
            worth[one["customer_id"]] -= one["amount_minor"]

    found = Members(FIRST, LAST).answer(world.sources(LAST))
    told = {row["kind"]: row for row in rows_of(found, "members") if row["currency"] == "CNY"}
    for kind, friend, group in (
        ("group", True, True), ("friend", True, False),
        ("only_group", False, True), ("none", False, False),
    ):  # fmt: skip
        mine = [
            minor for who, minor in worth.items()
            if (who in friends) == friend and (who in grouped) == group
        ]  # fmt: skip
        row = told[KINDS[kind]]
        assert (row["people"], row["net_minor"]) == (len(mine), sum(mine))
        if len(mine) < 30:
            assert row["arpu_minor_low"] is None
            continue
        half = 1.96 * statistics.stdev(mine) / len(mine) ** 0.5
        mean = statistics.mean(mine)
        assert row["arpu_minor"] == round(mean)
        assert row["arpu_minor_low"] == pytest.approx(mean - half, abs=1)
        assert row["arpu_minor_high"] == pytest.approx(mean + half, abs=1)
    low, high = found.keys["apart_minor"]
    assert low < high


def test_of_a_few_buyers_nothing_is_compared_and_of_none_nothing_said(small: Small) -> None:
    with pytest.raises(Refused):
        Members(FIRST, LAST).answer(small.sources(LAST))
    small.order(1, BEGIN, 100)
    small.friend(1, "ann", BEGIN)
    assert "Too few" in Members(FIRST, LAST).answer(small.sources(LAST)).says
