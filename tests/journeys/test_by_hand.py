"""People who let customers in by hand: above the brand's limits one of them alone may not."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from siyu.journeys import actions, views
from siyu.journeys.actions import Entrant
from siyu.journeys.actions.by_hand import enrol
from siyu.kernel.errors import NotFound, Refused
from siyu.segments.predicates import FAMILIES
from siyu.staff import actions as staff
from siyu.staff.views import audited

TEXT = """
journey: care
title: {zh: 关怀, en: Care}
steps:
  - {id: hello, send: {channel: sms, material: m, purpose: service}}
  - {id: bye, exit: done}
"""


@pytest.fixture
def brand(house: Any) -> Any:
    """Six customers, and a journey that nobody enters but by hand."""
    house.tell(*(house.order(number) for number in range(1, 7)))
    house.publish(TEXT)
    return house


def limit(house: Any, crowd: int | None, minor: int | None = None) -> None:
    with house.db.transaction() as conn:
        staff.set_approval(conn, crowd, minor, "olga", house.now)


def let_in(house: Any, customers: Sequence[int], key: str = "k") -> int:
    with house.db.transaction() as conn:
        people = [Entrant(customer, None, key) for customer in customers]
        said = enrol(conn, "care", people, FAMILIES, "ana", house.now)
        return sum(one.visit_id is not None for one in said)


def test_without_a_limit_it_is_done_noted_and_audited(brand: Any):
    assert let_in(brand, [1, 2]) == 2
    assert let_in(brand, [1, 2]) == 0  # they have a visit of this key

    (entry,) = brand.query(views.entries, 1)[-1:]
    assert (entry.journey, entry.cause, entry.outcome) == ("care", "by hand", "enrolled")
    (line, *others) = brand.query(audited)
    assert (line.actor, line.action, line.object) == ("ana", "journey.start", "care")
    assert (line.reason, others) == ("2 let in by hand", [])


@pytest.mark.parametrize(("crowd", "minor"), [(2, None), (None, 10)])
def test_above_a_limit_nobody_is_let_in(brand: Any, crowd: int | None, minor: int | None):
    limit(brand, crowd, minor)

    with pytest.raises(Refused, match=r"about 3 people in 30 days.* under the same limits"):
        let_in(brand, [1, 2, 3])

    assert brand.visits() == []
    assert let_in(brand, [1, 2]) == 2  # exactly the limit is not above it


def test_in_small_numbers_it_is_as_much(brand: Any):
    limit(brand, 3)
    let_in(brand, [1, 2])
    let_in(brand, [2, 1], "again")  # the same people are no more people

    with pytest.raises(Refused):
        let_in(brand, [3, 4])
    assert let_in(brand, [3]) == 1

    brand.clock.advance(days=31)
    assert let_in(brand, [4, 5, 6]) == 3


def test_two_at_once_are_together_not_above_it(brand: Any):
    limit(brand, 3)
    together = Barrier(2)

    def at_once(customers: Sequence[int]) -> int:
        together.wait()
        try:
            return let_in(brand, customers)
        except Refused:
            return 0

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(at_once, [(1, 2), (3, 4)])) == [0, 2]


def test_a_journey_that_is_stopped_takes_nobody_by_hand_either(brand: Any):
    with brand.db.transaction() as conn:
        actions.stop(conn, "care", "ana", brand.now)

    with pytest.raises(NotFound, match="is published"):
        let_in(brand, [1])
