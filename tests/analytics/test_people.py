"""Figures of friends, staff and channels: against what is counted here, person by person."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.analytics.small import Small, day_of, rows_of
from tests.analytics.staffed import BEGIN, END, FIRST, LAST, in_time, lives, people

from siyu.analytics.decide.ratios import Sums
from siyu.analytics.model.answer import Question
from siyu.analytics.views.questions.channels import Channels
from siyu.analytics.views.questions.members import KINDS, Members
from siyu.analytics.views.questions.staff import Staff
from siyu.analytics.views.questions.store import Store
from siyu.connectors.figures import Worked
from siyu.db.pool import Pool
from siyu.kernel.errors import Refused


@pytest.fixture
def small() -> Iterator[Small]:
    with Small() as lake:
        yield lake


@pytest.fixture(scope="module")
def world() -> Iterator[Small]:
    with Small() as lake:
        people(lake, 3)
        yield lake


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
    for row in rows_of(found, "loyal"):
        mine = [worth[who] for who in worth if (who % 3 < 2) == (row["kind"] == "members")]
        if row["currency"] == "CNY":
            assert (row["people"], row["net_minor"]) == (len(mine), sum(mine))
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
    apart: Any = found.keys["apart_minor"]
    low, high = apart
    assert low < high


def test_of_a_few_buyers_nothing_is_compared(small: Small) -> None:
    small.order(1, BEGIN, 100)
    small.friend(1, "ann", BEGIN)
    assert "Too few" in Members(FIRST, LAST).answer(small.sources(LAST)).says


def owner(world: Small, order: dict[str, Any]) -> str | None:
    """Whose friend the buyer was, of several whoever was added last."""
    mine = [
        (max(at for at in (one["first_added_at"], one["added_at"]) if at <= order["paid_at"]), one)
        for one in world.told["friendship"]
        if one["customer_id"] == order["customer_id"] and lives(one, order["paid_at"])
    ]
    latest = max((at for at, _ in mine), default=None)
    return min((one["staff"] for at, one in mine if at == latest), default=None)


def sold(world: Small) -> list[tuple[dict[str, Any], int, int, str | None]]:
    """Orders of the period in yuan that stand: net, margin, and whose friend bought."""
    return [
        (one, net, net - (net * 4_000 + 5_000) // 10_000, owner(world, one))
        for one in world.told["orders"]
        if one["state"] == "paid" and one["currency"] == "CNY" and in_time(one, "paid_at")
        for net in [one["total_minor"] - one["refunded_minor"]]
    ]


def test_what_shops_and_stores_bring_for_the_hours_worked(world: Small, db: Pool) -> None:
    every = sold(world)
    found = Store(FIRST, LAST).answer(world.sources(LAST, db))
    shares = {one["place"]: one for one in rows_of(found, "shops") if one["currency"] == "CNY"}
    hours = {one["place"]: one for one in rows_of(found, "hours") if one["currency"] == "CNY"}
    assert {*hours} == {"s", "t", "north"}
    for shop in ("s", "t"):
        mine = [one for one in every if one[0]["shop"] == shop]
        private = [one for one in mine if one[3]]
        row = shares[shop]
        assert (row["orders"], row["private_orders"]) == (len(mine), len(private))
        net = sum(one[1] for one in mine)
        share = sum(one[1] for one in private) / net
        assert (row["net_minor"], row["private_share"]) == (net, pytest.approx(share))
        assert row["private_share_low"] < share < row["private_share_high"]
        margin = sum(one[2] for one in mine)
        minutes = sum(
            one["quantity"] for one in world.told["ledger_entry"]
            if (one["shop"], one["kind"]) == (shop, "staff_minute") and in_time(one, "occurred_at")
        )  # fmt: skip
        assert hours[shop]["margin_minor"] == margin
        assert hours[shop]["hour_minor"] == round(margin * 60 / minutes)
    north = [one for one in every if one[3] in ("ann", "bo")]
    minutes = sum(
        one["minutes"] for one in world.told["task"]
        if one["state"] == "done" and in_time(one, "done_at")
    )  # fmt: skip
    margin = sum(one[2] for one in north)
    assert (hours["north"]["margin_minor"], hours["north"]["hours"]) == (
        margin, round(minutes / 60, 1),
    )  # fmt: skip
    assert "stock turnover is not known" in found.says
    assert "库存周转未知" in found.says.zh
    assert found.keys["stock_turnover"] is None


@pytest.mark.parametrize("question", [Members, Store, Staff, Channels])
def test_a_brand_without_anything_is_told_so_in_words(
    small: Small, question: type[Question]
) -> None:
    with pytest.raises(Refused) as refused:
        question().answer(small.sources(LAST))
    assert refused.value.detail.zh  # type: ignore[attr-defined]


FORMULA = "销售：0.02 * net; friends: 5 * max(added - 10, 0); -(late + overdue) / 3; kept / replied"


def test_what_each_of_staff_did_and_what_the_formula_pays(world: Small) -> None:
    every = sold(world)
    now = datetime(2026, 10, 28, 4, tzinfo=UTC)
    found = Staff(FIRST, LAST, FORMULA).answer(world.sources(LAST))
    work = {one["staff"]: one for one in rows_of(found, "work")}
    results = {one["staff"]: one for one in rows_of(found, "results")}
    skills = {one["staff"]: one for one in rows_of(found, "skills")}
    assert {*results} == {"ann", "bo", "chen"}
    assert [work[one]["store"] for one in ("ann", "chen")] == ["north", "head office"]

    tasks = world.told["task"]
    done = [one for one in tasks if one["state"] == "done" and in_time(one, "done_at")]
    late = sum(one["done_at"] > one["due_at"] for one in done)
    overdue = sum(one["state"] == "open" and one["due_at"] < now for one in tasks)
    yes = sum(one["outcome"] == "agreed" for one in done)
    answered = sum(one["outcome"] != "no_answer" for one in done)
    row = work["bo"]
    assert (row["done"], row["late"], row["overdue"]) == (len(done), late, overdue)
    assert (row["calls"], row["answered"], row["yes"]) == (len(done), answered, yes)
    assert row["minutes"] == sum(one["minutes"] for one in done)
    assert 0 < late < len(done)
    assert overdue

    buyers = {
        one["customer_id"] for one in world.told["orders"]
        if one["state"] == "paid" and in_time(one, "paid_at")
    }  # fmt: skip
    for staff in ("ann", "bo", "chen"):
        mine = [one for one in world.told["friendship"] if one["staff"] == staff]
        month = timedelta(days=30)
        old = [one for one in mine if BEGIN <= one["first_added_at"] + month < END]
        kept = [one for one in old if lives(one, one["first_added_at"] + month)]
        had = [one for one in mine if lives(one, BEGIN)]
        theirs = [one for one in every if one[3] == staff]
        row, net = results[staff], sum(one[1] for one in theirs)
        assert row["friends"] == sum(lives(one, END - timedelta(microseconds=1)) for one in mine)
        assert row["added"] == sum(in_time(one, "first_added_at") for one in mine)
        assert row["deleted"] == sum(
            one["deleted_at"] is not None and in_time(one, "deleted_at") for one in mine
        )
        assert row["kept_share"] == (len(kept) / len(old) if old else None)
        assert (row["orders"], row["net_minor"]) == (len(theirs), net)
        assert row["margin_minor"] == sum(one[2] for one in theirs)
        bought = [one for one in had if one["customer_id"] in buyers]
        assert skills[staff]["expertise"] == len(bought) / len(had)

        paid = [one for one in rows_of(found, "incentive") if one["staff"] == staff]
        assert [one["line"] for one in paid] == ["销售", "friends", "3", "4", "total"]
        assert paid[0]["amount_minor"] == (2 * net + 50) // 100
        assert paid[1]["amount_minor"] == 500 * max(row["added"] - 10, 0)
        assert paid[1]["numbers"] == f"5 * max({row['added']} - 10, 0)"
        assert (paid[3]["amount_minor"], paid[4]["amount_minor"]) == (
            None,
            None,
        )  # no replies known
    assert "no carrier has told of these days" in " ".join(found.notes)
    assert "how soon they answer is not known" in found.says
    assert not [one for one in found.tables if "answers" in one.name]


class Told:
    """What a carrier counted, day by day."""

    def __init__(self, *days: Worked) -> None:
        self.days = days

    def worked(self, first: date, last: date) -> list[Worked]:
        return [one for one in self.days if first <= one.day <= last]


def test_how_soon_staff_answers_weighs_days_by_their_chats_and_can_be_paid_for(
    world: Small,
) -> None:
    """A day of which the carrier leaves something out takes no part in that."""
    day = timedelta(days=1)
    carriers = Told(
        Worked("ann", FIRST, 10, 40, 0.5, 4.0, 1),
        Worked("ann", FIRST + day, 30, 50, None, 8.0, 0),
        Worked("ann", FIRST + 2 * day, 0, 0, None, None, 0),
        Worked("ann", FIRST - day, 99, 99, 1.0, 99.0, 99),  # before
        Worked("bo", LAST, 20, 20, 1.0, 2.0, 3),
        Worked("idle", FIRST, 0, 0, None, None, 0),  # did nothing that anybody knows of
        Worked("dora", FIRST, None, None, None, None, None),
    )
    of = world.sources(LAST)._replace(carriers=carriers)
    found = Staff(FIRST, LAST, "quick: 100 - reply_minutes; 10 * reply_share; lost").answer(of)
    answers = {one["staff"]: one for one in rows_of(found, "answers")}
    assert {*answers} == {"ann", "bo", "chen"}
    ann, bo, chen = ([*answers[one].values()][2:] for one in ("ann", "bo", "chen"))
    assert ann == [3, 40, 90, 0.5, (10 * 4 + 30 * 8) / 40, 1]
    assert bo == [1, 20, 20, 1.0, 2.0, 3]
    assert chen == [None] * 6
    stores = {one["store"]: one for one in rows_of(found, "store_answers")}
    assert stores["north"]["reply_share"] == (10 * 0.5 + 20 * 1.0) / 30
    assert stores["north"]["reply_minutes"] == round((40 + 240 + 40) / 60, 1)
    assert "83.3% of chats, after 5.3 minutes" in found.says
    assert any("2 of 3 of staff, of at least 1 of 28 days" in one for one in found.notes)

    paid = [one for one in rows_of(found, "incentive") if one["staff"] == "ann"]
    assert [one["amount_minor"] for one in paid] == [9_300, 500, 100, 9_900]
    assert paid[0]["numbers"] == "100 - 7"
    unpaid = [one for one in rows_of(found, "incentive") if one["staff"] == "chen"]
    assert {one["amount_minor"] for one in unpaid} == {None}


def test_how_sure_a_private_share_is_holds_as_often_as_it_says() -> None:
    """Simulated shops whose true share is known."""
    chance, held = random.Random(5), 0
    for _ in range(400):
        buyers = [(chance.lognormvariate(5, 1), chance.random() < 0.3) for _ in range(200)]
        pairs = [(net if friend else 0.0, net) for net, friend in buyers]
        sums = Sums(
            len(pairs), sum(x for x, _ in pairs), sum(y for _, y in pairs),
            sum(x * x for x, _ in pairs), sum(y * y for _, y in pairs),
            sum(x * y for x, y in pairs),
        )  # fmt: skip
        low, high = sums.interval or (1, 0)
        held += low <= 0.3 <= high
    assert 0.9 < held / 400 < 0.98
