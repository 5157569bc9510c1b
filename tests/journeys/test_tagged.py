"""A tag that a step sets is heard like one from outside, by sets and by visits: once, while new."""

from __future__ import annotations

import pytest
from tests.journeys.conftest import House
from tests.journeys.test_entries import Doors

NOTING = """\
journey: noting
title: {zh: 记, en: Noting}
enter: {on: order.paid}
reenter: each
concurrent: one per order
steps:
  - {id: note, tag: {add: vip}}
  - {id: end, exit: done}
"""
VIPS = """\
journey: vips
title: {zh: 贵, en: Vips}
enter: {segment: {tag: vip}}
reenter: each
steps:
  - {id: note, tag: {add: asked}}
  - {id: end, exit: done}
"""
WAITING = """\
journey: waiting
title: {zh: 等, en: Waiting}
enter: {on: order.paid}
steps:
  - {id: w, until: {tag: vip}, timeout: 9d}
  - {id: end, exit: heard}
"""
TOLD = "select source_id from event where source = 'siyu' and kind = 'tag.set'"


@pytest.fixture
def doors(house: House) -> Doors:
    return Doors(house)


def settle(house: House) -> int:
    """Sweep and apply in turn; how many sweeps found something."""
    for turns in range(20):
        house.apply()
        if not house.sweep().claimed:
            return turns
    raise AssertionError("it does not come to rest")


def test_who_is_tagged_by_a_step_comes_into_the_set(doors: Doors) -> None:
    doors.publish(VIPS)
    doors.publish(NOTING)
    doors.house.tell(doors.house.order(1))
    settle(doors.house)

    assert [visit.journey for visit in doors.house.visits()] == ["noting", "vips"]
    assert doors.house.rows("select name, source from tag order by id") == [
        ("vip", "journey:noting"),
        ("asked", "journey:vips"),
    ]


def test_a_tag_that_is_on_is_not_told_again_and_one_that_was_taken_away_is(doors: Doors) -> None:
    house = doors.house
    house.publish(NOTING)
    for order_no in ("T1", "T2"):
        house.tell(house.order(1, order_no))
        settle(house)
        house.clock.advance(minutes=1)
    assert len(house.rows(TOLD)) == 1

    doors.tag(1, on=False)
    house.clock.advance(minutes=1)
    house.tell(house.order(1, "T3"))
    settle(house)

    assert len(house.rows(TOLD)) == 2
    assert house.rows("select name, tagged_at from tag") == [("vip", house.now)]


def test_another_key_of_the_same_person_tells_nothing_new(doors: Doors) -> None:
    house = doors.house
    house.publish(NOTING)
    house.member_buys()
    settle(house)
    doors.tag(1, on=True)
    house.tell(house.order(1, "T2"))
    settle(house)

    assert len(house.rows(TOLD)) == 1


def test_a_visit_that_waits_for_the_tag_goes_on_at_once(house: House) -> None:
    house.publish(WAITING)
    house.publish(NOTING)
    house.tell(house.order(1))
    settle(house)

    assert {visit.outcome for visit in house.visits()} == {"done", "heard"}


def test_journeys_that_tag_one_another_in_come_to_rest(doors: Doors) -> None:
    doors.publish(VIPS)
    doors.publish(
        VIPS.replace("vips", "asked")
        .replace("tag: vip", "tag: asked")
        .replace("add: asked", "add: vip")
    )
    doors.tag(1)
    settle(doors.house)

    assert sorted(visit.journey for visit in doors.house.visits()) == ["asked", "vips"]
    assert len(doors.house.rows(TOLD)) == 1


def test_tagging_takes_as_many_statements_for_100_as_for_one(house: House) -> None:
    house.publish(NOTING)

    def seen(first: int, many: int) -> int:
        house.tell(*(house.order(number) for number in range(first, first + many)))
        with house.db.counting() as statements:
            house.sweep()
            house.apply()
        return len(statements)

    seen(1, 1)
    assert seen(2, 1) == seen(100, 100)
