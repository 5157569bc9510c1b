"""Above the brand's limits a version takes nobody in before another person has said yes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import pytest

from siyu.journeys import actions, views
from siyu.journeys.actions import Asked, Publication
from siyu.journeys.actions.approve import Decided, decide, widen
from siyu.journeys.actions.pilot import widen as widen_at_once
from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.segments.predicates import FAMILIES
from siyu.staff import actions as staff
from siyu.staff import views as people
from siyu.staff.model import Brand, Member

TEXT = """
journey: care
title: {zh: 关怀, en: Care}
enter: {on: order.paid}
steps:
  - {id: hello, send: {channel: sms, material: m, purpose: service}}
  - {id: call, send: {channel: voice_ai, material: m, purpose: service}}
  - {id: bye, exit: done}
"""
LATER = TEXT.replace("id: hello", "id: hi")
PEOPLE = [
    Member("ana", "a", "operator"),
    Member("ben", "b", "operator"),
    Member("olga", "o", "owner"),
    Member("gone", "g", "owner", active=False),
]


@pytest.fixture
def brand(house: Any) -> Any:
    """Three buyers lately, one long ago; a limit of two people."""
    with house.db.transaction() as conn:
        staff.seed(conn, Brand("花研", "Asia/Shanghai", "CNY", "CN", "zh"), [], PEOPLE)
    house.tell(house.order(9))
    house.clock.advance(days=31)
    house.tell(*(house.order(number) for number in (1, 2, 3)))
    house.tell(house.order(1, "again"))
    limit(house, 2, None)
    return house


def limit(house: Any, crowd: int | None, minor: int | None) -> None:
    with house.db.transaction() as conn:
        staff.set_approval(conn, crowd, minor, "olga", house.now)


def publish(house: Any, text: str = TEXT, by: str = "ana", pilot: int | None = None) -> Publication:
    with house.db.transaction() as conn:
        return actions.publish(conn, text, None, FAMILIES, "t", house.now, Asked(by, pilot))


def say(house: Any, by: str, *, yes: bool = True) -> Decided:
    with house.db.transaction() as conn:
        return decide(conn, "care", by, FAMILIES, house.now, yes=yes, reason="seen")


def stop(house: Any) -> None:
    with house.db.transaction() as conn:
        actions.stop(conn, "care", "olga", house.now)


def taken_in(house: Any, number: int) -> bool:
    before = len(house.visits())
    house.tell(house.order(number))
    return len(house.visits()) > before


def test_a_large_one_waits_and_takes_nobody_in_until_another_says_yes(brand: Any):
    assert publish(brand).waiting
    (waiting,) = brand.query(views.waiting)
    assert (waiting.people, waiting.cost_minor, waiting.asked_by) == (3, 30, "ana")
    assert not taken_in(brand, 20)

    assert say(brand, "ben") == Decided("care", 1, True)

    assert taken_in(brand, 21)
    said = [(one.actor, one.action) for one in brand.query(people.audited)][:2]
    assert said == [("ben", "journey.approve"), ("ana", "journey.ask")]


def test_a_no_leaves_all_as_it_was_and_it_may_be_asked_again(brand: Any):
    publish(brand)
    assert say(brand, "olga", yes=False) == Decided("care", 1, False)
    assert not taken_in(brand, 20)
    with pytest.raises(Refused, match=r"does not wait any more: refused by olga \(seen\)"):
        say(brand, "olga")

    assert publish(brand).waiting
    assert say(brand, "olga").published


@pytest.mark.parametrize("by", ["ana", "guide-1", "gone", "nobody", ""])
def test_only_another_operator_or_owner_who_works_here_may_approve(brand: Any, by: str):
    publish(brand)

    with pytest.raises(Refused):
        say(brand, by)
    assert len(brand.query(views.waiting)) == 1


@pytest.mark.parametrize("by", ["nobody", ""])
def test_who_asks_must_be_known_or_one_could_be_two(brand: Any, by: str):
    with pytest.raises(BadInput, match="say who asks"):
        publish(brand, by=by)


@pytest.mark.parametrize(
    ("crowd", "minor", "pilot", "waits"),
    [
        (2, None, None, True),
        (3, None, None, False),  # exactly the limit is not above it
        (2, None, 2, False),  # a pilot is as large as it lets in
        (None, 29, None, True),
        (None, 30, None, False),
        (None, None, None, False),
    ],
)
def test_it_waits_above_a_limit_only(
    brand: Any, crowd: int | None, minor: int | None, pilot: int | None, *, waits: bool
):
    limit(brand, crowd, minor)

    assert publish(brand, pilot=pilot).waiting is waits


def test_widening_a_pilot_is_asked_as_well(brand: Any):
    publish(brand, pilot=1)
    with brand.db.transaction() as conn:
        assert widen(conn, "care", "ana", FAMILIES, brand.now) == Decided("care", 1, False)
    assert brand.query(views.listing)[0].pilot == 1

    say(brand, "ben")

    assert brand.query(views.listing)[0].pilot is None
    with brand.db.transaction() as conn, pytest.raises(Refused):
        widen_at_once(conn, "care", "ana", brand.now)


def test_an_approved_pilot_is_a_pilot(brand: Any):
    limit(brand, 0, None)
    publish(brand, pilot=2)
    say(brand, "ben")

    assert brand.query(views.listing)[0].pilot == 2


def test_publishing_another_version_takes_the_request_back(brand: Any):
    publish(brand)
    limit(brand, None, None)
    publish(brand, LATER)

    assert brand.query(views.waiting) == []
    with pytest.raises(Refused, match=r"refused by ana \(another version was published\)"):
        say(brand, "ben")


def test_a_stop_ends_what_waits_and_a_yes_comes_too_late(brand: Any):
    publish(brand)
    stop(brand)

    with pytest.raises(Refused, match=r"Version 1 .* refused by olga \(stopped\)"):
        say(brand, "ben")
    assert not taken_in(brand, 20)
    assert brand.query(views.waiting) == []
    (one,) = brand.query(views.decided)
    assert (one.code, one.version, one.asked_by) == ("care", 1, "ana")
    assert (one.state, one.decided_by, one.reason) == ("refused", "olga", "stopped")
    (line, *_) = brand.query(people.audited)
    assert (line.actor, line.action, line.object) == ("olga", "journey.stop", "care")

    assert publish(brand).waiting
    assert say(brand, "ben").published
    assert [one.state for one in brand.query(views.decided)] == ["approved", "refused"]


def test_of_a_yes_and_a_stop_at_once_the_stop_holds(brand: Any):
    publish(brand)
    together = Barrier(2)

    def at_once(act: Callable[[], object]) -> None:
        together.wait()
        with suppress(Refused):
            act()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(at_once, [lambda: say(brand, "ben"), lambda: stop(brand)]))

    assert brand.query(views.listing)[0].version is None
    assert not taken_in(brand, 20)


def test_what_nobody_asked_for_is_not_approved(brand: Any):
    limit(brand, None, None)
    publish(brand)

    with pytest.raises(NotFound, match="Nothing of 'care' waits"):
        say(brand, "ben")
