"""A new version for the first N customers, exactly; the others walk on the one before, or wait."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest

from siyu.journeys import actions, views
from siyu.journeys.actions import Asked, Entrant, Publication
from siyu.journeys.actions.by_hand import enrol
from siyu.journeys.actions.pilot import widen
from siyu.kernel.errors import BadInput, Refused
from siyu.segments.predicates import FAMILIES

FIRST = """
journey: care
title: {zh: 关怀, en: Care}
enter: {on: order.paid}
reenter: each
concurrent: one per order
steps:
  - {id: pause, wait: 5m}
  - {id: bye, exit: done}
"""
SECOND = FIRST.replace("id: pause, wait: 5m", "id: rest, wait: 1h")
THIRD = SECOND.replace("1h", "2h")


def publish(house: Any, text: str, pilot: int | None = None) -> Publication:
    with house.db.transaction() as conn:
        return actions.publish(conn, text, None, FAMILIES, "t", house.now, Asked("ana", pilot))


def pay(house: Any, *numbers: int) -> None:
    house.tell(*(house.order(number) for number in numbers))


def versions(house: Any) -> Counter[int]:
    return Counter(visit.version for visit in house.visits())


def state(house: Any) -> tuple[int | None, int | None]:
    (one,) = house.query(views.listing)
    return one.pilot, one.piloted


def test_the_first_ones_enter_on_the_new_version_the_others_on_the_one_before(house: Any):
    publish(house, FIRST)
    assert publish(house, SECOND, 3) == Publication("care", 2, True, 3)

    pay(house, 1, 2)
    pay(house, 3, 4, 5)
    house.sweep()

    assert versions(house) == {2: 3, 1: 2}
    assert {(visit.version, visit.node) for visit in house.visits()} == {(2, "rest"), (1, "pause")}
    assert state(house) == (3, 3)
    assert [visit.version for visit in sorted(house.visits(), key=lambda v: v.customer_id)] == [
        2, 2, 2, 1, 1,
    ]  # fmt: skip
    assert house.sweep(minutes=5).ended == 2


def test_without_a_version_before_the_others_are_refused_with_their_reason(house: Any):
    publish(house, FIRST, 2)

    pay(house, 1, 2, 3)

    assert house.entries() == ["enrolled", "enrolled", "refused pilot"]
    assert versions(house) == {1: 2}
    orders = house.rows("select count(*) from visit_order")
    assert (orders, house.rows("select count(*) from visit_move")) == ([(2,)], [(2,)])


def test_a_customer_takes_one_place_however_often_they_come(house: Any):
    publish(house, FIRST, 2)

    house.tell(house.order(1, "A1"), house.order(1, "A2"))
    house.tell(house.order(1, "A3"), house.order(2, "B1"), house.order(3, "C1"))

    assert state(house) == (2, 2)
    assert house.entries() == ["enrolled"] * 4 + ["refused pilot"]


def test_what_would_join_a_visit_that_the_pilot_refused_is_refused_too(house: Any):
    single = FIRST.replace("concurrent: one per order\n", "")
    publish(house, single, 1)

    house.tell(house.order(1), house.order(2, "A"), house.order(2, "B"))

    assert house.entries() == ["enrolled", "refused pilot", "refused pilot"]


def test_widening_lets_everybody_in_from_then_on(house: Any):
    publish(house, FIRST)
    publish(house, SECOND, 1)
    pay(house, 1, 2)
    with house.db.transaction() as conn:
        assert widen(conn, "care", "ana", house.now) == 2
    pay(house, 3, 4)

    assert versions(house) == {2: 3, 1: 1}
    assert state(house) == (None, None)
    with house.db.transaction() as conn, pytest.raises(Refused, match="no pilot"):
        widen(conn, "care", "ana", house.now)
    said = house.rows("select action, reason from audit order by id")
    assert said == [
        ("journey.publish", "version 1"),
        ("journey.publish", "version 2 for the first 1"),
        ("journey.widen", "version 2, after 1 of 1"),
    ]


def test_the_next_pilot_leaves_the_others_where_they_were_and_publishing_ends_it(house: Any):
    publish(house, FIRST)
    publish(house, SECOND, 1)
    pay(house, 1)
    publish(house, THIRD, 1)
    pay(house, 2, 3)
    assert versions(house) == {2: 1, 3: 1, 1: 1}
    # the same text again changes nothing
    assert publish(house, THIRD) == Publication("care", 3, False, 1)
    assert publish(house, THIRD, 2) == Publication("care", 3, False, 2)
    pay(house, 4)
    assert versions(house)[3] == 2

    publish(house, FIRST)
    pay(house, 5)

    assert versions(house)[4] == 1
    assert state(house) == (None, None)


@pytest.mark.parametrize(
    ("text", "pilot", "error", "words"),
    [
        (SECOND, 0, BadInput, "one customer at least"),
        (FIRST, 5, Refused, "everybody in already"),
        (SECOND.replace("reenter: each", "reenter: never"), 5, BadInput, "same rules"),
    ],
)
def test_a_pilot_that_compares_nothing_is_refused(
    house: Any, text: str, pilot: int, error: type[Exception], words: str
):
    publish(house, FIRST)

    with pytest.raises(error, match=words):
        publish(house, text, pilot)


def test_it_is_exact_when_people_let_in_by_hand_at_the_same_time(house: Any):
    publish(house, FIRST)
    publish(house, SECOND, 10)
    pay(house, *range(1, 31))  # customers; their first visits take the ten places
    publish(house, THIRD, 10)
    people = [visit.customer_id for visit in house.visits()]
    failed: list[Exception] = []

    def let_in(part: list[int]) -> None:
        try:
            for customer in part:
                with house.db.transaction() as conn:
                    entrants = [Entrant(customer, None, f"hand {customer}")]
                    enrol(conn, "care", entrants, FAMILIES, "ana", house.now)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=let_in, args=(people[place::3],)) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert versions(house) == {2: 10, 3: 10, 1: 40}
    assert state(house) == (10, 10)
