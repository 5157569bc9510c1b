"""Payback: against an independent count, by week and month, and against what comes back late."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.analytics.pool import NOW, SHANGHAI, World, at, table

from siyu.analytics.decide.payback import Crossing
from siyu.analytics.views.covered import when
from siyu.analytics.views.curves import By
from siyu.analytics.views.questions.payback import Payback
from siyu.db.pool import Pool
from siyu.kernel.errors import Refused


@pytest.fixture
def world(db: Pool, tmp_path: Path) -> World:
    made = World(db, tmp_path)
    made.add("goods_share", category="", valid_from=date.min, basis_points=6_000)
    return made


@pytest.mark.parametrize("by", ["week", "month"])
def test_payback_is_what_an_independent_count_says(world: World, by: By) -> None:
    first = month if by == "month" else week
    chance = random.Random(5)
    today = NOW.astimezone(SHANGHAI).date()
    came: dict[int, datetime] = {}
    orders: list[tuple[int, datetime, int]] = []
    costs: list[tuple[int, datetime, int]] = []
    for who in range(1, 121):
        when = at(today - timedelta(days=chance.randint(0, 220)), chance.uniform(0, 24))
        for _ in range(3):
            moment = when + timedelta(hours=chance.uniform(-200, 3000))
            if moment < NOW:
                orders.append((who, moment, 100 * chance.randint(1, 90)))
            if chance.random() < 0.6 and moment < NOW:
                costs.append((who, moment, chance.randint(1, 2000)))
        if when < NOW and who <= 100:  # the others cost and never come
            came[who] = when
            world.friend(who, when, source="" if who > 90 else "orders")
    for who, moment, minor in orders:
        world.order(who, moment, minor)
    for who, moment, minor in costs:
        world.cost(who, moment, minor)

    answer = world.ask(Payback(by=by))
    (whole,) = table(answer, "sources")
    assert whole["source"] == "New orders"
    local = {who: when.astimezone(SHANGHAI).date() for who, when in came.items()}
    known = {who for who in came if who <= 90}
    for day in (30, 90, 180):
        old = {who for who in known if (today - local[who]).days >= day}
        margin = sum(
            minor - (minor * 6_000 + 5_000) // 10_000
            for who, moment, minor in orders
            if who in old and moment >= came[who]
            and (moment.astimezone(SHANGHAI).date() - local[who]).days <= day
        )  # fmt: skip
        cost = float(sum(
            minor for who, moment, minor in costs
            if who in old and (moment.astimezone(SHANGHAI).date() - local[who]).days <= day
        ))  # fmt: skip
        cohorts = {first(local[who]) for who in known}
        for one in cohorts | {first(moment.astimezone(SHANGHAI).date()) for _, moment, _ in costs}:
            lost = sum(
                minor for who, moment, minor in costs
                if who not in came and first(moment.astimezone(SHANGHAI).date()) == one
            )  # fmt: skip
            mine = [who for who in known if first(local[who]) == one]
            cost += lost * (len(old & set(mine)) / len(mine) if mine else 1.0)
        assert (whole[f"people_{day}"], whole[f"margin_{day}"]) == (len(old), margin)
        assert whole[f"cost_{day}"] == pytest.approx(cost, abs=1)
        assert whole[f"payback_{day}"] == pytest.approx(margin / cost)
        assert whole[f"payback_{day}_low"] < margin / cost < whole[f"payback_{day}_high"]
    # Friends of unknown source are not among them, and nobody says that they were free.
    unknown = table(answer, "unknown")
    assert sum(one["people"] for one in unknown) == len(came) - len(known)
    assert "payback_30" not in unknown[0]
    assert any("unknown source" not in one and "books" in one for one in answer.notes)


def month(day: date) -> date:
    return day.replace(day=1)


def week(day: date) -> date:
    """Its Monday."""
    return day - timedelta(days=day.weekday())


def test_payback_has_a_row_for_each_week_by_the_brands_clock_and_says_which_are_too_young(
    world: World,
) -> None:
    """Weeks begin on Monday, at midnight in Shanghai: in UTC it is Sunday afternoon then."""
    monday = date(2026, 10, 12)
    for who in range(1, 41):  # twenty just before Monday, twenty at its first second
        early = who <= 20
        when = at(monday, 0) - timedelta(seconds=1 if early else 0)
        world.friend(who, when)
        world.cost(who, when - timedelta(hours=1), 1_000)
        world.order(who, when + timedelta(days=2), 5_000 if early else 2_000)
    for who in range(41, 53):  # half of a week that is half old enough on the 29th
        when = at(date(2026, 10, 28 if who % 2 else 31))
        world.friend(who, when)
        world.cost(who, when, 100)
        world.order(who, when + timedelta(days=1), 5_000)
    world.friend(60, at(date(2026, 11, 24)))
    world.cost(61, at(date(2026, 11, 4)), 700)  # never came

    answer = world.ask(Payback())
    found = {one["cohort"]: one for one in table(answer, "cohorts")}
    assert [*found] == [date(2026, 10, 5), monday, date(2026, 10, 26), date(2026, 11, 2),
                        date(2026, 11, 23)]  # fmt: skip
    before, after, half, vain, young = found.values()
    for row, margin in ((before, 20 * 2_000), (after, 20 * 800)):
        ends = row["payback_30_low"], row["payback_30_high"]
        assert (row["people"], row["state"]) == (20, "whole")
        assert (row["margin_30"], row["cost_30"]) == (margin, 20_000)
        ratio = margin / 20_000
        assert (row["payback_30"], *ends) == pytest.approx((ratio,) * 3)  # all alike
    assert (before["crossed"], after["crossed"]) == (2, None)
    assert (half["people"], half["people_30"], half["payback_30"]) == (12, 6, None)
    assert half["state"] == "6 of 12 are old enough; whole on 2026-12-01"
    assert (vain["people"], vain["cost_30"]) == (0, None)
    assert vain["state"] == "nobody came; ¥7.00 was spent"
    assert (young["people_30"], young["margin_30"], young["payback_30"]) == (0, None, None)
    assert young["state"] == "too young; whole on 2026-12-29"
    assert any("4 weeks of coming, 2 are too young" in one for one in answer.notes)

    curve = [one for one in table(answer, "growth") if one["cohort"] == monday]
    assert [one["day"] for one in curve] == [0, 10, 20, 30, 40]  # they came 48 days ago
    assert [one["payback"] for one in curve] == pytest.approx([0, 0.8, 0.8, 0.8, 0.8])
    # The whole is the sum of its weeks.
    (whole,) = table(answer, "sources")
    people = [one["people"] for one in found.values()]
    assert whole["people"] == sum(people) == 53

    months = table(world.ask(Payback(by="month")), "cohorts")
    assert [(one["cohort"], one["people"]) for one in months] == [
        (date(2026, 10, 1), 52), (date(2026, 11, 1), 1)
    ]  # fmt: skip


def test_payback_of_one_source_leaves_the_others_out(world: World) -> None:
    for who in range(1, 41):
        when = NOW - timedelta(days=50)
        world.friend(who, when, source="orders" if who % 2 else "stores")
        world.cost(who, when, 100 if who % 2 else 900)
        world.order(who, when + timedelta(days=1), 1_000)
    (row,) = table(world.ask(Payback(source="orders")), "sources")
    assert (row["people"], row["cost_30"], row["payback_30"]) == (20, 2_000, 4.0)
    assert len(table(world.ask(Payback()), "sources")) == 3  # all, and each
    with pytest.raises(Refused, match="There is no source shops; there are: orders"):
        world.ask(Payback(source="shops"))


def test_what_was_given_back_later_takes_its_margin_out_and_the_hold_out_its_own(
    world: World,
) -> None:
    day = NOW - timedelta(days=100)
    for who in range(1, 201):
        held = who % 4 == 0
        world.held(who, day, held)
        world.order(who, day - timedelta(hours=1), 90_000)  # led to the draw: not of it
        if who % 2 or held:  # ours buy half as often, and for four times as much
            world.order(who, day + timedelta(days=20), 10_000 if held else 60_000)
        if not held:
            world.cost(who, day, 2_000)
    found = beyond(world)
    margin = 100 * 24_000 - 150 * 4_000
    assert (found["counted"], found["people"]) == ("beyond the hold-out", 150)
    assert (found["margin_30"], found["cost_30"]) == (margin, 150 * 2_000)
    assert found["payback_30"] == pytest.approx(margin / 300_000)
    assert (found["crossed"], found["crossed_low"], found["crossed_high"]) == (20, 20, 20)

    with world.home.db.transaction() as conn:
        conn.execute("update orders set state = 'refunded', refunded_minor = total_minor"
                     " where customer_id % 4 > 0")  # fmt: skip
    world.again()
    found = beyond(world)
    assert (found["margin_30"], found["cost_30"]) == (-150 * 4_000, 150 * 2_000)
    assert found["crossed"] is None


def test_one_draw_of_a_playbook_and_its_journey_is_one_line_and_several_are_named_apart(
    world: World,
) -> None:
    for number, (code, en) in enumerate((("plan", "The plan"), ("later", "What follows")), 1):
        text = f"journey: {code}\ntitle: {{zh: 计划, en: {en}}}\n"
        world.add("journey", id=number, code=code, playbook="p")
        world.add("journey_version", journey_id=number, version=1, text=text)
    day = NOW - timedelta(days=100)
    for who in range(1, 81):
        for scope in ("plan", "playbook:p"):
            draw(world, scope, who, day)
    assert called_beyond(world) == [("New orders", "新订单")]  # as the source of its journey

    for who in range(61, 121):
        draw(world, "later", who, day)
    for who in range(81, 121):
        draw(world, "playbook:p", who, day)
    world.again()
    assert called_beyond(world) == [
        ("What follows", "计划"),
        ("New orders", "新订单"),
        ("p, all its journeys", "p（全部旅程）"),
    ]


def draw(world: World, scope: str, who: int, at: datetime) -> None:
    world.add("holdout", scope=scope, customer_id=who, held=who % 4 == 0, probability=0.25,
              assigned_at=at)  # fmt: skip


def called_beyond(world: World) -> list[tuple[str, str]]:
    rows = table(world.ask(Payback()), "sources")
    return [(str(one["source"]), one["source"].zh) for one in rows
            if one["counted"] == "beyond the hold-out"]  # fmt: skip


def beyond(world: World) -> dict[str, Any]:
    return table(world.ask(Payback()), "sources")[-1]


@pytest.mark.parametrize(
    ("crossed", "en", "zh"),
    [
        (Crossing(0, 0, 0), ", covered from the day they came on", "，加入当天即回本"),
        (
            Crossing(0, 0, 4), ", covered from the day they came on, though not for sure",
            "，加入当天即回本（尚不确定）",
        ),
        (Crossing(5, 3, 9), ", covered on day 5 (3–9)", "，第 5 天（3–9）回本"),
    ],
)  # fmt: skip
def test_what_pays_back_at_once_is_said_so_and_no_day_0(
    crossed: Crossing, en: str, zh: str
) -> None:
    assert (str(when(crossed)), when(crossed).zh) == (en, zh)
