"""A split by hand, and who came in by no event of theirs: by a schedule, or into a set."""

from __future__ import annotations

from typing import Any

import pytest
from tests.journeys.conftest import IDS, KEYS
from tests.journeys.test_entries import EVERY, SET, Doors, text

from siyu.identities import actions, views
from siyu.vault.model import key_hash

FEW = "{segment: {all: [{tag: vip}, {not: {orders: {at_least: 2}}}]}}"


@pytest.fixture
def doors(house: Any) -> Doors:
    return Doors(house)


def _who(doors: Doors, number: int) -> int:
    phone = ("phone", key_hash(KEYS, "phone", doors.house.keys(number)["phone"]))
    return doors.house.query(views.resolve, [phone])[phone]


def _merge(doors: Doors) -> None:
    one, other = _who(doors, 1), _who(doors, 2)
    doors.house.query(actions.merge, IDS, one, other, "ann", "one voice", doors.house.now)
    doors.house.apply()
    doors.house.clock.advance(seconds=1)


def _split(doors: Doors) -> None:
    """Whatever came with the second one's phone goes."""
    hashed = key_hash(KEYS, "phone", doors.house.keys(2)["phone"])
    keys = doors.house.rows(
        "select o.id from identity o join identity p on p.first_customer_id = o.first_customer_id"
        f" where p.hash = '\\x{hashed.hex()}' and o.kind not in ('order', 'state')"
    )
    one, off = _who(doors, 1), [key for (key,) in keys]
    doors.house.query(actions.split, IDS, one, off, "ann", "two voices", doors.house.now)
    doors.house.apply()


def test_nobody_comes_into_a_set_by_being_told_apart(doors: Doors) -> None:
    doors.tag(1, 2)
    _merge(doors)
    doors.publish(text(SET))

    _split(doors)

    assert doors.keys() == []
    members = doors.house.rows("select customer_id from journey_member order by 1")
    assert members == [(_who(doors, 1),), (_who(doors, 2),)]
    assert len(set(members)) == 2


def test_who_is_in_the_set_because_the_other_is_gone_comes_in(doors: Doors) -> None:
    doors.house.tell(doors.house.order(1), doors.house.order(2))
    doors.tag(1)
    _merge(doors)
    doors.publish(text(FEW))
    assert doors.keys() == []

    _split(doors)

    assert [visit.customer_id for visit in doors.house.visits()] == [_who(doors, 1)]
    assert doors.outcomes() == ["enrolled"]


def test_a_visit_that_a_schedule_began_goes_back_to_whose_it_was(doors: Doors) -> None:
    doors.tag(1, 2)
    doors.publish(text(EVERY))
    doors.sweep("2026-11-23T10:00:00+08:00")
    visits = "select id, customer_id from visit order by 1"
    entries = "select visit_id, customer_id from journey_entry where event_id is null order by 1"
    before = doors.house.rows(visits), doors.house.rows(entries)
    assert len(before[0]) == len(before[1]) == 2
    _merge(doors)
    assert {who for _, who in doors.house.rows(visits)} == {_who(doors, 1)}

    _split(doors)

    assert (doors.house.rows(visits), doors.house.rows(entries)) == before
