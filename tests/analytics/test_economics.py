"""Unit economics: counted by hand where it can be, and what must hold whatever is put in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.analytics.decide.economics import BUYERS, Inputs, Range, Swing, economics


def exactly(value: float) -> Range:
    return Range(value, value, value)


def inputs(**more: object) -> Inputs:
    """Of 1,000 buyers 900 get an SMS, 90 add; of 910 left a card wins 91: 181 friends."""
    said = {
        "cost": {"sms": exactly(5), "card": exactly(30)},
        "reach": {"sms": exactly(0.9), "card": exactly(1)},
        "success": {"sms": exactly(0.1), "card": exactly(0.1)},
        "gift": exactly(800),
        "margin": exactly(5_000),
        "repurchase": exactly(0.3),
        "orders": exactly(2),
        "extra": exactly(1),
        "tools": exactly(10),
    }
    return Inputs(**(said | more))  # type: ignore[arg-type]


def test_a_plan_without_ranges_is_what_a_pencil_says() -> None:
    found = economics(inputs())
    cost = 900 * 5 + 910 * 30 + 181 * 800 + 1_000 * 10

    assert found.friends == pytest.approx((181, 181, 181))
    assert found.cost == pytest.approx((cost, cost, cost))
    assert found.cost_per_add.likely == pytest.approx(cost / 181)
    assert found.margin_per_friend.likely == pytest.approx(3_000)
    assert found.payback_days.likely == pytest.approx(cost / 181 / 3_000 * 365)
    assert found.contribution.likely == pytest.approx(181 * 3_000 - cost)
    assert found.breakeven_margin == pytest.approx(5_000 * cost / (181 * 3_000))
    assert found.breakeven_repurchase == pytest.approx(0.3 * cost / (181 * 3_000))
    assert found.sensitivity == ()


def test_at_its_break_even_values_a_plan_brings_nothing() -> None:
    found = economics(inputs())
    assert found.breakeven_margin is not None
    assert found.breakeven_add_rate is not None
    at_margin = economics(inputs(margin=exactly(found.breakeven_margin)))
    assert at_margin.contribution.likely == pytest.approx(0, abs=1e-6)
    # Both steps' success scaled alike until the rate is that one.
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        scaled = economics(inputs(success={"sms": exactly(middle), "card": exactly(middle)}))
        enough = (scaled.friends.likely or 0) / BUYERS >= found.breakeven_add_rate
        low, high = (low, middle) if enough else (middle, high)
    there = economics(inputs(success={"sms": exactly(high), "card": exactly(high)}))
    assert there.contribution.likely == pytest.approx(0, abs=1)


def test_what_never_pays_back_says_so() -> None:
    found = economics(inputs(margin=exactly(100)))

    assert found.payback_days == (None, None, None)
    assert (found.breakeven_add_rate, found.breakeven_repurchase) == (None, None)
    assert found.contribution.likely is not None
    assert found.contribution.likely < 0
    assert economics(inputs(success={"sms": exactly(0), "card": exactly(0)})).cost_per_add == (
        None, None, None,
    )  # fmt: skip


def test_the_input_on_which_most_hangs_comes_first_with_both_ends() -> None:
    found = economics(inputs(margin=Range(4_000, 5_000, 6_000), tools=Range(9, 10, 12)))
    cost = 900 * 5 + 910 * 30 + 181 * 800

    assert [one.name for one in found.sensitivity] == ["margin", "tools"]
    assert found.sensitivity[1] == pytest.approx(
        Swing("tools", 543_000 - cost - 9_000, 543_000 - cost - 12_000)
    )


share = st.floats(0, 1)
three = st.tuples(share, share, share).map(lambda some: Range(*sorted(some)))


@settings(max_examples=25, deadline=None)
@given(three, three, three)
def test_the_same_inputs_give_the_same_answer_and_the_ends_hold_the_draws(
    reach: Range, success: Range, repurchase: Range
) -> None:
    said = inputs(
        reach={"sms": reach, "card": exactly(1)},
        success={"sms": success, "card": exactly(0.05)},
        repurchase=repurchase,
    )
    found, again = economics(said), economics(said)

    assert found == again
    for one in (found.friends, found.cost, found.contribution, found.margin_per_friend):
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.high
    assert found.friends.low >= 0  # type: ignore[operator]
    assert found.friends.high <= BUYERS + 1e-9  # type: ignore[operator]
