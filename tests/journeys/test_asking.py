"""Journeys that ask for a segment: right at any time, and woken by whatever moves its people."""

from __future__ import annotations

from typing import Any

import pytest
from tests.journeys.sets import JOURNEY, STEPS, Sets

from siyu.kernel.errors import BadInput


@pytest.fixture
def sets(house: Any) -> Sets:
    return Sets(house)


ASKS = (
    "journey: j\ntitle: {zh: 一, en: J}\nenter: {on: order.paid}\n"
    "ends_when: {any: [{not: {segment: vip}}, {friend: true}]}\n" + STEPS
)


def test_a_visit_ends_as_its_customer_leaves_a_segment_that_its_journey_names(sets: Sets) -> None:
    sets.keep("vip", "{tag: vip}", live=False)
    sets.house.publish(ASKS)
    sets.sweep()
    sets.tag(1, 2)
    sets.house.tell(*map(sets.house.order, (1, 2, 3)))
    sets.house.sweep()
    before = [(visit.state, visit.node) for visit in sets.house.visits()]
    sets.tag(1, on=False)
    due = [at for (at,) in sets.house.rows("select due_at from visit") if at <= sets.house.now]
    sets.house.sweep()

    after = sorted((visit.state, visit.outcome) for visit in sets.house.visits())
    assert before == [("under_way", "w")] * 2  # nobody begins what would end at once
    assert len(due) == 1
    assert after == [("ended", "not_segment"), ("under_way", "")]


def test_what_a_journey_says_of_a_segment_is_right_before_everybody_was_looked_at(
    sets: Sets,
) -> None:
    sets.tag(1)
    sets.keep("vip", "{tag: vip}", live=False)
    sets.house.publish(ASKS)
    sets.house.tell(sets.house.order(1))
    sets.house.sweep()

    assert sets.held() == {}  # no first look yet
    assert [visit.state for visit in sets.house.visits()] == ["under_way"]


WAITS = (
    "journey: j\ntitle: {zh: 一, en: J}\nenter: {on: order.paid}\nsteps:\n"
    "  - {id: w, until: {segment: vip}, timeout: 30d}\n  - {id: end, exit: done}\n"
)


@pytest.mark.parametrize("reached", [True, False])
def test_who_comes_in_or_leaves_before_everybody_was_looked_at_does_not_wait(
    sets: Sets, *, reached: bool
) -> None:
    sets.tag(1, name="known")
    sets.tag(2)
    sets.keep("vip", "{tag: vip}", live=False)
    sets.house.publish(WAITS)
    sets.house.publish(ASKS.replace("journey: j", "journey: k"))
    if reached:  # as ever; else the first look is still before them
        sets.sweep()
    sets.house.tell(*map(sets.house.order, (1, 2)))
    sets.house.sweep()
    before = sorted((visit.journey, visit.state) for visit in sets.house.visits())
    sets.tag(1)
    sets.tag(2, on=False)
    sets.house.sweep()

    after = sorted((visit.journey, visit.state, visit.outcome) for visit in sets.house.visits())
    assert before == [("j", "ended"), ("j", "under_way"), ("k", "under_way")]
    assert after == [("j", "ended", "done")] * 2 + [("k", "ended", "not_segment")]


def test_whom_time_moves_before_everybody_was_looked_at_is_asked_again_by_the_look(
    sets: Sets,
) -> None:
    sets.tag(1, 2, name="known")
    sets.keep("vip", "{orders: {older_than: 1d}}", live=False)
    sets.house.publish(WAITS)
    sets.house.tell(*map(sets.house.order, (1, 2)))
    sets.house.sweep()
    sets.house.clock.advance(days=2)
    asleep = sets.house.sweep()
    sets.sweep(limit=1)
    sets.house.sweep()

    assert asleep.claimed == 0
    assert [visit.outcome for visit in sets.house.visits()] == ["done"] * 2
    assert sets.told() == []


def test_a_segment_is_kept_while_somebody_walks_on_a_version_that_names_it(sets: Sets) -> None:
    sets.keep("vip", "{tag: vip}", live=False)
    sets.house.publish(ASKS)
    sets.tag(1)
    sets.house.tell(sets.house.order(1))
    sets.house.publish(ASKS.replace("{not: {segment: vip}}", "{tag: gone}"))
    sets.sweep()
    used = sets.house.rows("select used_by from segment_use")
    sets.tag(1, on=False)
    sets.house.sweep()
    sets.house.publish(ASKS.replace("{not: {segment: vip}}", "{tag: away}"))

    assert used == [("journey:j",)]
    assert [visit.outcome for visit in sets.house.visits()] == ["not_segment"]
    assert sets.house.rows("select used_by from segment_use") == []


def test_a_set_that_names_a_segment_is_entered_by_its_event(sets: Sets) -> None:
    set_ = "{segment: {all: [{not: {segment: vip}}, {orders: {}}]}}"
    with pytest.raises(BadInput) as refused:
        sets.house.publish(ASKS.replace("{on: order.paid}", set_))

    assert "on: segment.entered" in str(refused.value.problems[0])


def test_who_claims_a_guests_order_wakes_their_visits(sets: Sets) -> None:
    enters = JOURNEY.replace("{on: segment.entered, segment: vip}", "{on: tag.set}")
    sets.house.publish(enters + "ends_when: {orders: {}}\n")
    sets.tag(1)
    sets.house.sweep()
    paid = {"shop": "s", "order_no": "G1", "currency": "CNY", "total_minor": 9}
    sets.house.tell(sets.house.event("order.paid", paid, keys={}))
    claim = sets.house.keys(1) | {"order": "s/G1"}
    sets.house.tell(sets.house.event("customer.identified", {}, keys=claim))
    sets.house.sweep()

    assert [visit.outcome for visit in sets.house.visits()] == ["orders"]
