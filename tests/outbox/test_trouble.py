"""A provider in trouble is asked now and then; once it is well, all goes, the urgent first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from siyu.budget import actions as budget
from siyu.budget.model import Pace
from siyu.outbox.decide import LONGEST_PAUSE, MOST_FAILURES, PROBE, PROBE_EVERY, SHORTEST_PAUSE
from siyu.outbox.model import Found, Message, Result
from siyu.worker import due

House = Any
Fault = Callable[[House], None]


def shut(house: House) -> None:
    house.sms.answer = lambda m: Result(m.token, "retry", "", "429", shut=True)


def refuses(house: House) -> None:
    house.sms.answer = lambda m: Result(m.token, "retry", "", "overloaded")


def fails(house: House) -> None:
    def raises(_: object = None) -> None:
        raise TimeoutError

    house.sms.before = raises
    house.sms.found = raises


def knows(house: House) -> None:
    house.sms.found = lambda t: Found(t, "accepted" if t in house.sms.known else "absent")


def well(house: House) -> None:
    house.sms.answer = lambda m: Result(m.token, "accepted")
    house.sms.before = lambda: None
    knows(house)


def go(house: House, step: int = 5, **span: float) -> list[list[Message]]:
    """Time goes on, and whatever is due is done; what the provider was asked meanwhile."""
    began, end = len(house.sms.calls), house.now + timedelta(**span)
    while house.now < end:
        house.clock.advance(seconds=step)
        house.reconcile()
        while house.send().claimed:
            pass
    return house.sms.calls[began:]


def states(house: House) -> set[str]:
    return {state for (state,) in house.rows("select distinct state from touch")}


@pytest.fixture(autouse=True)
def _at_once(house: House) -> None:
    """Wishes of lane `window` wait for one another in other tests."""
    with house.db.transaction() as conn:
        budget.set_pace(conn, Pace(window_hours=0, presses=None, cooldown_days=30))


@pytest.mark.parametrize("fault", [shut, refuses])
def test_after_an_hour_of_trouble_all_goes_within_half_a_minute_the_urgent_first(
    house: House, fault: Fault
) -> None:
    customers = house.buyers(60)
    house.wish(customers[:20], lane="window", priority=9)
    house.wish(customers[20:40], priority=3)
    house.wish(customers[40:], priority=7)
    house.rule()
    fault(house)
    house.send(limit=30)
    asked = go(house, 15, hours=1)
    assert {len(call) for call in asked} == {PROBE}
    assert 120 <= len(asked) <= 240
    assert states(house) == {"owed"}
    well(house)

    probe, *rest = go(house, seconds=30)

    urgency = dict(zip(map(house.phone, range(1, 61)), [2] * 20 + [1] * 20 + [0] * 20, strict=True))
    assert {urgency[message.to] for message in probe} == {0}
    (drained,) = [[urgency[message.to] for message in call] for call in rest]
    assert drained == [0] * 10 + [1] * 20 + [2] * 20


def test_what_was_in_doubt_for_an_hour_is_cleared_up_and_the_rest_does_not_wait_for_it(
    house: House,
) -> None:
    house.owed(40)
    fails(house)
    house.send(limit=20)
    asked = go(house, 15, hours=1)
    assert max(map(len, asked)) <= PROBE
    well(house)

    go(house, seconds=90)

    assert states(house) == {"sent"}
    assert {count for texts in house.sms.phone.values() for count in texts.values()} == {1}


def test_an_hour_in_which_only_the_way_in_is_broken_costs_no_text(house: House) -> None:
    """It knows that it has none of them, each time that it is asked."""
    house.owed(5)
    fails(house)
    knows(house)
    go(house, 15, hours=1)
    well(house)

    go(house, seconds=90)

    assert states(house) == {"sent"}


def test_a_provider_is_not_asked_before_it_wants_to_be(house: House) -> None:
    house.owed(3)
    at = house.now + timedelta(minutes=4)
    house.sms.answer = lambda m: Result(m.token, "retry", "", "429", at, shut=True)
    house.send()
    with house.db.transaction() as conn:
        assert due(conn, ["sms"])["send"] == at
    shut(house)

    assert go(house, minutes=3, seconds=55) == []
    assert len(go(house, seconds=5)) == 1


def test_nobody_is_believed_who_wants_to_be_left_alone_for_days(house: House) -> None:
    house.owed()
    at = house.now + timedelta(days=9)
    house.sms.answer = lambda m: Result(m.token, "retry", "", "429", at, shut=True)
    house.send()

    with house.db.transaction() as conn:
        assert due(conn, ["sms"])["send"] == house.now + LONGEST_PAUSE


def test_a_touch_that_alone_is_refused_backs_off_and_is_given_up(house: House) -> None:
    poison, *_ = house.owed(10)
    token = house.token(poison)
    house.sms.answer = lambda m: Result(m.token, "retry" if m.token == token else "accepted")
    times = []
    house.sms.after = lambda: times.extend(
        house.now for message in house.sms.calls[-1] if message.token == token
    )
    house.send()
    assert len(house.sms.known) == 9

    go(house, 15, hours=4)

    assert (house.touch(poison).state, house.touch(poison).reason) == ("failed", "gave_up")
    waits = [later - before for before, later in pairwise(times)]
    assert (len(times), waits) == (MOST_FAILURES, sorted(waits))
    assert waits[0] == timedelta(seconds=15)
    assert waits[-1] == timedelta(minutes=30)


def test_a_touch_for_whose_sake_the_door_is_shut_keeps_it_shut_for_nobody(house: House) -> None:
    """A wall before the provider does not like one of the texts, and refuses the batch with it."""
    poison, *_ = house.owed(1, priority=9)
    house.owed(20, first=2)
    token = house.token(poison)

    def answer(message: Message) -> Result:
        if any(one.token == token for one in house.sms.calls[-1]):
            return Result(message.token, "retry", "", "403", shut=True)
        return Result(message.token, "accepted")

    house.sms.answer = answer
    house.send()
    assert house.sms.known == {}

    asked = go(house, minutes=10)

    assert len(house.sms.known) == 20
    assert len(asked) <= 45  # alone it looks like a channel in trouble, and is asked like one
    house.owed(1, first=22)
    go(house, seconds=30)
    assert len(house.sms.known) == 21


def test_only_one_probes_and_meanwhile_nobody_sends(house: House) -> None:
    house.owed(30)
    shut(house)
    house.send()
    house.clock.advance(seconds=PROBE_EVERY.total_seconds())
    claimed: list[int] = []

    def meanwhile() -> None:
        house.sms.before = lambda: None
        claimed.append(house.send().claimed)

    house.sms.before = meanwhile
    assert house.send().claimed == PROBE

    assert claimed == [0]
    assert len(house.sms.calls) == 2


def test_whoever_probes_does_it_with_the_most_urgent(house: House) -> None:
    customers = house.buyers(8)
    house.wish(customers[:4], lane="window")
    house.wish(customers[4:])
    house.rule()
    shut(house)
    house.send()
    house.clock.advance(seconds=PROBE_EVERY.total_seconds())

    house.send(lanes=("window",))

    assert [m.to for m in house.sms.calls[-1]] == [house.phone(number) for number in range(5, 9)]


def test_what_is_no_longer_true_is_withheld_and_uses_up_no_probe(house: House) -> None:
    stale = house.owed(9, priority=5, valid_until=house.now + timedelta(seconds=10))
    (true,) = house.owed(1, first=10)
    shut(house)
    house.send()
    well(house)
    house.clock.advance(seconds=PROBE_EVERY.total_seconds())

    while house.send(limit=3).claimed:
        pass

    told = {(house.touch(touch).state, house.touch(touch).reason) for touch in stale}
    assert told == {("withheld", "promise_expired")}
    assert house.touch(true).state == "sent"


def test_trouble_of_one_channel_is_nobody_elses(house: House) -> None:
    house.owed(3)
    (call,) = house.owed(1, first=4, channel="voice_ai")
    shut(house)
    house.send()

    assert house.touch(call).state == "sent"
    with house.db.transaction() as conn:
        assert due(conn, ["sms", "voice_ai"])["send"] == house.now + SHORTEST_PAUSE
        assert due(conn, ["voice_ai"])["send"] is None


def test_a_quota_that_is_used_up_stays_one_though_a_probe_gets_no_answer(house: House) -> None:
    """Else staff is told of another trouble each time."""
    house.owed(9)
    house.sms.answer = lambda m: Result(m.token, "retry", "", "no balance", shut=True, halt="quota")
    house.send()
    fails(house)
    go(house, seconds=30)

    told = "select reason, quota, failures > 1 from trouble"
    assert house.rows(told) == [("no balance", True, True)]
    well(house)
    house.sms.answer = lambda m: Result(m.token, "retry", "", "closed", shut=True)
    go(house, seconds=90)
    assert house.rows(told) == [("closed", False, True)]
