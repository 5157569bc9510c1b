"""Intervals cover what is true, nothing is claimed where nothing is, and sums agree."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.analytics.decide import payback as pays
from siyu.analytics.decide.brought import Drawn, brought
from siyu.analytics.decide.credit import RULES, credit, removal
from siyu.analytics.decide.credit import Path as Way
from siyu.analytics.decide.groups import GROUPS
from siyu.analytics.decide.pulse import COMPONENTS, trend
from siyu.analytics.decide.risk import risk
from siyu.analytics.model import Group


def shuffled(seed: int, people: int, harm: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Days of friends, some touched: by group and stratum, how many moments, how many were followed
    by the end. Some leave sooner than others, newcomers most, and some are touched more."""
    chance = np.random.default_rng(seed)
    days = 60
    frail, keen = chance.gamma(2.0, 0.5, people), chance.random(people) * 0.25
    touched = chance.random((people, days)) < keen[:, None]
    age = np.minimum(np.arange(days) // 15, 3)[None, :]
    hazard = 0.004 * frail[:, None] * np.where(age == 0, 2.0, 1.0) * np.ones((people, days))
    for later in range(7):
        hazard[:, later:] += harm / 7 * touched[:, : days - later]
    ends = np.where(chance.random((people, days)) < hazard, np.arange(days), 10**6).min(axis=1)
    day = np.arange(days)
    alive = (day <= ends[:, None]) & (day < days - 7)
    ended = alive & (ends[:, None] < day + 7)
    recent = sum(np.pad(touched, ((0, 0), (back, 0)))[:, :days].astype(int) for back in range(1, 8))
    place = (np.arange(people) % GROUPS)[:, None] * 16 + age * 4 + np.minimum(recent, 3)
    found = [
        np.stack(
            [np.bincount(place[which], minlength=GROUPS * 16).reshape(GROUPS, 16)
             for which in (alive & arm, ended & arm)], axis=-1,
        ).astype(float)
        for arm in (touched, ~touched)
    ]  # fmt: skip
    return found[0], found[1]


def test_where_touches_do_nothing_their_intervals_say_so() -> None:
    found = [risk(*shuffled(seed, 250)) for seed in range(200)]
    spans = [one.interval for one in found if one.interval is not None]
    assert len(spans) > 190
    assert 0.90 <= np.mean([low <= 0 <= high for low, high in spans]) <= 0.985

    planted = [risk(*shuffled(seed, 1000, harm=0.05)) for seed in range(10)]
    assert all(one.harms for one in planted)
    few = risk(*shuffled(1, 4))
    assert (few.more, few.interval) == (None, None)


def test_where_a_plan_brings_nothing_none_is_claimed() -> None:
    """On shuffled labels intervals of payback and orders cover nought; a planted lift doesn't."""
    covered: list[bool] = []
    orders: list[bool] = []
    for seed in range(150):
        chance = np.random.default_rng(seed)
        people, held = 600, chance.random(600) < 0.2
        worth = chance.lognormal(6, 1, people) * (chance.random(people) < 0.4)
        rows = [
            (int(who % GROUPS), bool(held[who]), int(worth[who]), 0 if held[who] else 300)
            for who in range(people)
        ]
        grown = [pays.Grown("j", date(2026, 1, 1), group, alone, 0, 1, money, cost)
                 for group, alone, money, cost in rows]  # fmt: skip
        point = pays.incremental(grown)[30]
        assert point.interval is not None
        covered.append(point.interval.low <= 0 <= point.interval.high)
        drawn = [
            Drawn("j", alone, group, 1, int(money > 0), money) for group, alone, money, _ in rows
        ]
        found = brought(drawn)
        assert found.orders_interval is not None
        orders.append(found.orders_interval.low <= 0 <= found.orders_interval.high)
    assert 0.88 <= np.mean(covered) <= 0.985
    assert 0.90 <= np.mean(orders) <= 0.99
    bought = [Drawn("j", who % 5 == 0, who % GROUPS, 1, int(who % 5 > 0 or who % 3 == 0), 100)
              for who in range(600)]  # fmt: skip
    found = brought(bought).orders_interval
    assert found is not None
    assert found > (100, 100)


def test_over_a_cost_that_may_as_well_be_nothing_no_payback_is_said() -> None:
    """Both arms cost alike: what one more friend costs can't be told from nothing."""
    chance = np.random.default_rng(1)
    grown = [
        pays.Grown("j", date(2026, 1, 1), who % GROUPS, who % 3 == 0, 0, 1, 500, int(cost))
        for who, cost in enumerate(chance.integers(1, 100, 600))
    ]
    point = pays.incremental(grown)[0]
    assert (point.people, point.ratio, point.interval) == (400, None, None)
    assert pays.curve(grown)[0].ratio is not None


def test_where_nothing_changed_health_says_so() -> None:
    chance = np.random.default_rng(4)
    said = 0
    for _ in range(300):
        spans = {one: [Group(400, int(some)) for some in chance.binomial(400, 0.03, 4)]
                 for one in COMPONENTS}  # fmt: skip
        said += any(trend(one, spans[one]).verdict != "same" for one in COMPONENTS)
    assert said / 300 <= 0.05


@given(
    st.lists(
        st.builds(
            Way, st.lists(st.sampled_from("abcd"), max_size=5).map(tuple), st.integers(0, 9),
            st.integers(0, 99_999), st.integers(0, 9),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_each_rule_hands_out_what_there_is(ways: list[Way]) -> None:
    ways = [one if one.orders else one._replace(worth_minor=0) for one in ways]
    told = [one for one in ways if one.steps]
    for rule in RULES:
        found = credit(rule, ways)
        assert sum(found.orders.values()) == sum(one.orders for one in told)
        assert sum(found.worth_minor.values()) == sum(one.worth_minor for one in told)
        assert min([*found.orders.values(), *found.worth_minor.values()], default=0) >= 0


def test_what_a_channel_would_be_missed_by() -> None:
    """By hand: half of the walks begin with a, half of those go on to b; of b two thirds order."""
    ways = [Way(("a",), 0, 0, 10), Way(("a", "b"), 10, 1000, 0), Way(("b",), 10, 1000, 10)]
    assert removal(ways) == pytest.approx({"a": 1 / 3, "b": 1.0})
    assert credit("removal", ways) == ({"a": 3, "b": 17}, {"a": 250, "b": 1750})
