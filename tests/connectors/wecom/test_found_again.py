"""A message that staff press for, whose making was in doubt: once it is found it can be stopped as
any other that nobody has pressed for, and the others are in a new one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.connectors.wecom.installed import ANNA, BELLA, NOON, House
from tests.connectors.wecom.test_stopping import (
    CLARA,
    MAKE,
    STOP,
    THREE,
    TOUCH,
    TOUCHES,
    customers,
    got,
    names,
    withdraws,
)

from siyu.content import actions as content
from siyu.content.model import Material
from siyu.worker import tick


def doubtful(house: House, channel: str) -> None:
    """Three friends of lisi are in one message that WeCom has, and its answer was lost."""
    for who in THREE:
        house.fake.existing("lisi", who, NOON - timedelta(days=90))
    house.go(minutes=1)
    news = Material("news", "zh", "wecom_message", "{{ brand }}上新了", {"brand": "text"})
    with house.app.db.transaction() as conn:
        content.install(conn, [news], "test")
        for number in customers(house, THREE):
            conn.execute(
                TOUCH.replace("wecom_message", channel), {"customer": number, "now": house.now}
            )
    house.fake.faults.append("hang up after effect")
    tick(house.app, house.now, applier=house._applier)
    assert len(house.fake.masses) == 1
    assert house.rows(TOUCHES) == [("unknown", 3)]
    clock: Any = house.app.clock
    clock.set(house.now + timedelta(seconds=10))


def pressed(house: House) -> None:
    """Lisi presses for all that waits, and WeCom is asked what became of it."""
    house.go(minutes=1)
    house.fake.confirm_mass("lisi")
    house.go(minutes=11)


def found(house: House) -> None:
    """WeCom is asked, and lists it."""
    house.go(minutes=3)
    assert len(house.fake.masses) == 1


@pytest.mark.parametrize("when", ["in doubt", "found"])
def test_who_withdraws_gets_nothing_and_the_others_get_it_once(house: House, when: str) -> None:
    """While nobody knows whether WeCom has it, or once it is found."""
    doubtful(house, "wecom_message")
    if when == "found":
        found(house)
        assert house.rows(TOUCHES) == [("awaiting_staff", 3)]
        withdraws(house, ANNA)
        house.go()  # one tick
    else:
        withdraws(house, ANNA)
        house.go(minutes=3)

    # WeCom was in trouble, so it is tried with one of them first
    assert (sorted(who for one in names(house) for who in one), got(house.fake)) == (
        [BELLA, CLARA],
        [],
    )
    assert house.rows(TOUCHES) == [("awaiting_staff", 2), ("withdrawn", 1)]
    pressed(house)
    assert got(house.fake) == [BELLA, CLARA]
    assert house.rows(TOUCHES) == [("delivered", 2), ("withdrawn", 1)]
    assert house.fake.requests[STOP] == 1


def test_who_withdraws_after_the_press_has_it(house: House) -> None:
    doubtful(house, "wecom_message")
    found(house)
    house.fake.confirm_mass("lisi")
    withdraws(house, ANNA)
    pressed(house)

    assert got(house.fake) == sorted(THREE)
    assert house.rows(TOUCHES) == [("delivered", 3)]
    assert house.fake.requests[MAKE] == 1


def test_where_everybody_withdraws_what_was_found_is_stopped_and_not_made_anew(
    house: House,
) -> None:
    doubtful(house, "wecom_message")
    found(house)
    withdraws(house, *THREE)
    house.go()

    assert names(house) == []
    pressed(house)
    assert (got(house.fake), house.fake.requests[MAKE]) == ([], 1)
    assert house.rows(TOUCHES) == [("withdrawn", 3)]


def test_a_pause_asks_back_what_is_found_again(house: House) -> None:
    doubtful(house, "wecom_message")
    found(house)
    assert house.ask("POST", "/pause", json={"scope": "all", "by": "an"}).is_success
    house.go()
    assert names(house) == []
