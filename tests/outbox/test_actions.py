"""Wishes are put down once; stopping and going on is said in words."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.kernel.errors import BadInput
from siyu.outbox import actions, views
from siyu.staff.views import audited
from siyu.worker import due

House = Any


def test_the_same_wish_twice_is_one_touch(house: House) -> None:
    (customer,) = house.buyers(1)

    house.wish([customer])
    house.wish([customer], due_at=house.now)

    assert len(house.touches(customer)) == 1


def test_a_held_wish_is_not_ruled_until_it_is_released(house: House) -> None:
    (customer,) = house.buyers(1)
    (touch,) = house.wish([customer])
    with house.db.transaction() as conn:
        actions.hold(conn, [customer])
        assert due(conn, [])["budget"] is None
    assert house.rule().claimed == 0
    with house.db.transaction() as conn:
        actions.release(conn, [customer])

    house.rule()

    assert house.touch(touch).state == "owed"


def test_what_was_ruled_out_is_told_once(house: House) -> None:
    (touch,) = house.owed()
    with house.db.transaction() as conn:
        assert actions.withhold(conn, [(touch, "cap")], house.now) == 1
        assert actions.withhold(conn, [(touch, "cap")], house.now) == 0

    assert house.own_events() == ["touch.withheld"]


def test_a_pause_is_said_once_and_shown(house: House) -> None:
    with house.db.transaction() as conn:
        assert actions.pause(conn, "all", "owner", house.now)
        assert not actions.pause(conn, "all", "other", house.now)
        assert views.stops(conn) == [views.Stop("all", house.now, "owner")]
        assert actions.resume(conn, "all", "owner", house.now)
        assert not actions.resume(conn, "all", "owner", house.now)


def test_who_stops_and_who_goes_on_is_audited(house: House) -> None:
    with house.db.transaction() as conn:
        actions.pause(conn, "channel:sms", "ana", house.now)
        actions.pause(conn, "channel:sms", "ben", house.now)  # asks back once more
        actions.resume(conn, "channel:sms", "ben", house.now)
        actions.resume(conn, "channel:sms", "ana", house.now)  # there was nothing to resume
        said = [(one.actor, one.action, one.reason) for one in audited(conn)]

    assert said == [
        ("ben", "touches.resume", ""),
        ("ben", "touches.pause", "was paused already"),
        ("ana", "touches.pause", ""),
    ]


@pytest.mark.parametrize("scope", ["", "everything", "channel:", "customer:7"])
def test_only_what_exists_can_be_paused(house: House, scope: str) -> None:
    with house.db.transaction() as conn, pytest.raises(BadInput, match="channel:sms"):
        actions.pause(conn, scope, "me", house.now)


@pytest.mark.parametrize(
    ("scope", "why"),
    [("channel:smss", "known are .*, sms,"), ("journey:nobody", "siyu journey list")],
)
def test_a_stop_of_what_is_not_there_is_refused(house: House, scope: str, why: str) -> None:
    with house.db.transaction() as conn:
        with pytest.raises(BadInput, match=why):
            actions.pause(conn, scope, "me", house.now)
        assert views.stops(conn) == []


def test_what_waits_is_counted_by_what_is_paused(house: House) -> None:
    house.owed(2)
    house.owed(1, first=3, channel="voice_ai")

    with house.db.transaction() as conn:
        counted = [views.waiting(conn, scope) for scope in ("all", "channel:sms", "journey:none")]
    assert counted == [3, 2, 0]


def test_nothing_to_do_asks_the_database_nothing(house: House) -> None:
    with house.db.transaction() as conn, house.db.counting() as statements:
        actions.wish(conn, [], house.now)
        actions.owe(conn, [])
        actions.defer(conn, [])
        actions.withhold(conn, [], house.now)
        actions.hold(conn, [])
        actions.release(conn, [])
        actions.withdraw(conn, [], "x", house.now)
        actions.limit(conn, [])

    assert statements == []
