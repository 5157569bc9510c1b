"""Figures over rows as the rooms write them: small worlds whose every number can be counted."""

from __future__ import annotations

import pytest
from tests.analytics.world import SINCE, UNTIL, World

from siyu.analytics.model import StepFigures
from siyu.analytics.views.figures import cascade
from siyu.db.pool import Pool
from siyu.kernel.errors import NotFound, Refused


@pytest.fixture
def world(db: Pool) -> World:
    return World(db)


def test_in_scope_are_distinct_buyers_who_were_no_friends_at_an_order(world: World) -> None:
    world.order(1, 1)
    world.order(1, 2)  # the same buyer
    world.order(2, 1)
    world.friend(2, 0)  # a friend already
    world.order(3, 5)
    world.friend(3, 1, gone=3)  # had gone again
    world.order(None, 1)  # a guest
    world.order(4, 1, state="cancelled")
    world.order(5, 1, state="refunded")
    world.order(6, -1)  # before the period
    world.order(7, 14)  # behind it
    world.order(8, 1, shop="another shop")
    world.order(9, 1)
    world.write(
        "holdout",
        scope="plan",
        customer_id=9,
        held=True,
        probability=0.1,
        assigned_at=SINCE,
    )

    assert world.figures().in_scope == 2  # 1 and 3


def test_each_buyer_is_watched_for_fourteen_days_after_the_first_order(world: World) -> None:
    for customer, day, added in ((1, 0, 13.9), (2, 0, 14.1), (3, 13, 26.9), (4, 13, 27.1)):
        world.order(customer, day)
        world.friend(customer, added)
    world.order(2, 10)  # a later order does not lengthen it

    figures = world.figures()

    assert (figures.in_scope, figures.friends_added, figures.add_rate) == (4, 2, 0.5)


def test_an_add_is_credited_to_the_code_it_came_by_else_to_the_last_step(world: World) -> None:
    for customer in (1, 2, 3, 4):
        world.order(customer, 1)
        world.friend(customer, 4)
    world.touch(1, "sms", 1.1)
    world.touch(1, "call", 1.2)
    world.match(1, 4, "sms")  # followed the SMS after all
    world.touch(2, "sms", 1.1)
    world.touch(2, "call", 1.2)
    world.touch(2, "human", 5)  # after the add
    world.touch(3, "sms", 1.1)
    world.card(3, 3)

    steps = world.figures().by_step

    assert {step: one.adds for step, one in steps.items()} == {
        "sms": 1, "call": 1, "card": 1, "other": 1, "human": 0,
    }  # fmt: skip
    assert {step: one.touches for step, one in steps.items()} == {
        "sms": 3, "call": 2, "card": 1, "other": 0, "human": 1,
    }  # fmt: skip


def test_invited_are_those_whom_something_reached(world: World) -> None:
    for customer in (1, 2, 3, 4):
        world.order(customer, 1)
    world.touch(1, "sms", 1.1)
    world.touch(2, "sms", 1.1, "withheld", "no_consent")
    world.touch(3, "sms", 1.1, "withdrawn", "friend")
    world.card(4, 3)
    world.friend(4, 5)
    world.friend(2, 5)

    figures = world.figures()

    assert (figures.in_scope, figures.invited, figures.friends_added) == (4, 2, 2)
    assert (figures.added_invited, figures.add_rate_invited) == (1, 0.5)
    assert figures.withheld == {"no_consent": 1}


def test_unmatched_friends_are_counted_beside_and_never_among_the_added(world: World) -> None:
    world.order(1, 1)
    world.match(2, 3, matched=False)
    world.match(3, 40, matched=False)  # long after

    figures = world.figures()

    assert (figures.friends_added, figures.unmatched) == (0, 1)


def test_costs_are_those_of_the_plan_in_its_time_without_what_was_taken_back(world: World) -> None:
    world.order(1, 1)
    world.friend(1, 2)
    world.order(2, 1)
    world.friend(2, 2)
    world.cost("sms", 5, 1)
    world.cost("gift", 150, 20)
    world.cost("sms", 5, 1, journey="another plan")
    world.cost("sms", 5, 29)
    world.cost("sms", 5, 1, reversed_at=SINCE)

    figures = world.figures()

    assert (figures.cost_minor, figures.currency, figures.cost_per_add_minor) == (155, "CNY", 78)
    assert figures.by_step["gift"] == StepFigures(0, 0, 150)
    assert sum(one.cost_minor for one in figures.by_step.values()) == figures.cost_minor


def test_costs_in_two_currencies_are_not_added_up(world: World) -> None:
    world.cost("sms", 5, 1)
    world.cost("sms", 5, 1, "GBP")

    with pytest.raises(Refused, match="CNY, GBP"):
        world.figures()


def test_without_a_single_order_every_rate_is_zero(world: World) -> None:
    figures = world.figures()

    assert (figures.add_rate, figures.add_rate_invited, figures.cost_per_add_minor) == (0, 0, None)


def test_a_journey_that_no_source_starts_is_named(db: Pool) -> None:
    with pytest.raises(NotFound, match="nowhere"), db.transaction() as conn:
        cascade(conn, "nowhere", SINCE, UNTIL)


def test_the_number_of_statements_does_not_depend_on_the_number_of_buyers(world: World) -> None:
    def statements() -> int:
        with world.db.counting() as seen:
            world.figures()
        return len(seen)

    none = statements()
    for customer in range(1, 20):
        world.order(customer, 1)
        world.friend(customer, 2)

    assert statements() == none
