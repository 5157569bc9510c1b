"""A provider that stops only what it was given together: who is wanted still is owed again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from siyu.budget import actions as budget
from siyu.budget.model import Quota
from siyu.outbox import actions
from siyu.outbox.model import Asked, Result, Stopped

House = Any


class Whole:
    """Stops everything under one id, for whoever asks."""

    def __init__(self, house: House, many: int, first: int) -> None:
        self.house = house
        self.id = "m1"
        house.voice.answer = lambda m: Result(m.token, "awaiting_staff", self.id)
        house.voice.cancel = self.cancel
        self.touches: list[int] = house.owed(many, first=first, channel="voice_ai")
        house.send()
        self.tokens = [house.token(touch) for touch in self.touches]

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        gone = [one.token for one in asked]
        along = (one for one in self.tokens if one not in gone)
        return [*map(Stopped, gone), *(Stopped(one, "m1") for one in along)]

    def withdraw(self, *touches: int) -> None:
        visits = [self.house.touch(touch).visit_id for touch in touches]
        with self.house.db.transaction() as conn:
            actions.withdraw(conn, visits, "opted out", self.house.now)

    def set(self, touch: int, what: str) -> None:
        with self.house.db.transaction() as conn:
            conn.execute(f"update touch set {what} where id = %(id)s", {"id": touch})

    @property
    def states(self) -> list[str]:
        return [self.house.touch(touch).state for touch in self.touches]


@pytest.fixture
def whole(house: House) -> Callable[..., Whole]:
    return lambda many, first=1: Whole(house, many, first)


def test_what_was_stopped_along_is_owed_at_once_and_goes_out_under_its_token(
    house: House, whole: Any
) -> None:
    with house.db.transaction() as conn:
        budget.set_quotas(conn, [Quota("*", "brand", "day", 9)])
    mine = whole(3)
    mine.withdraw(mine.touches[0])
    house.clock.advance(minutes=1)
    house.cancel()

    assert mine.states == ["withdrawn", "owed", "owed"]
    rows = "select due_at, vendor_id, sent_at, cancel_wanted from touch where state = 'owed'"
    assert house.rows(rows) == [(house.now, "", None, False)] * 2
    assert house.own_events() == ["touch.withdrawn"]

    mine.id = "m2"
    house.send()
    assert mine.states == ["withdrawn", "awaiting_staff", "awaiting_staff"]
    assert [one.token for one in house.voice.calls[-1]] == mine.tokens[1:]
    taken = "select u.free, count(*)::int from quota_use u group by 1 order by 1"
    assert house.rows(taken) == [(False, 2), (True, 1)]  # each has its one place still


@pytest.mark.parametrize(
    "what",
    [
        "vendor_id = 'm2'",
        "state = 'delivered'",
        "state = 'failed', finished_at = now()",
        "state = 'withheld', finished_at = now()",
        "state = 'owed', due_at = due_at + interval '1 day'",
    ],
)
def test_what_has_another_fate_by_now_keeps_it(house: House, whole: Any, what: str) -> None:
    """Handed over anew, or at its end."""
    mine = whole(2)
    mine.set(mine.touches[1], what)
    found = f"select to_jsonb(t) from touch t where id = {mine.touches[1]}"
    before = house.rows(found)
    mine.withdraw(mine.touches[0])

    house.cancel()

    assert house.rows(found) == before
    assert house.touch(mine.touches[0]).state == "withdrawn"


def test_who_is_asked_back_too_has_an_answer_of_their_own(house: House, whole: Any) -> None:
    """As where more are asked back at once than one sweep takes."""
    mine = whole(3)
    mine.withdraw(*mine.touches[:2])
    mine.set(mine.touches[1], f"due_at = '{house.now + timedelta(minutes=1)}'")
    house.cancel()
    assert mine.states == ["withdrawn", "awaiting_staff", "owed"]

    house.clock.advance(minutes=1)
    house.cancel()
    assert mine.states == ["withdrawn", "withdrawn", "owed"]


def test_what_nobody_can_tell_yet_is_asked_for_again_and_all_else_is_kept(
    house: House, whole: Any
) -> None:
    """Such as another message, whose provider does not answer at the moment."""
    mine = whole(3)
    other = house.owed(1, first=9, channel="voice_ai")[0]
    house.send()
    answer = mine.cancel

    def half(asked: Sequence[Asked]) -> list[Stopped]:
        known = [one for one in asked if one.token != house.token(other)]
        return [*answer(known), Stopped(house.token(other), unclear=True)]

    house.voice.cancel = half
    mine.withdraw(mine.touches[0], other)
    house.cancel()
    assert mine.states == ["withdrawn", "owed", "owed"]
    assert house.touch(other).state == "awaiting_staff"

    house.voice.cancel = lambda asked: [Stopped(one.token) for one in asked]
    house.clock.advance(minutes=1)
    house.cancel()
    assert house.touch(other).state == "withdrawn"


@pytest.mark.parametrize("state", ["leased", "unknown"])
def test_what_is_just_in_hand_has_the_answer_asked_for_again(
    house: House, whole: Any, state: str
) -> None:
    """It may be about to be recorded under the very id that was stopped: it must not wait for it
    for ever."""
    mine = whole(3)
    mine.set(mine.touches[1], f"state = '{state}', vendor_id = ''")
    mine.withdraw(mine.touches[0])
    house.cancel()
    assert mine.states == ["awaiting_staff", state, "owed"]

    mine.set(mine.touches[1], "state = 'awaiting_staff', vendor_id = 'm1'")
    assert house.cancel() == 0
    house.clock.advance(minutes=1)
    house.cancel()
    assert mine.states == ["withdrawn", "owed", "owed"]


def test_the_number_of_statements_does_not_depend_on_who_goes_along(
    house: House, whole: Any
) -> None:
    seen: list[int] = []
    for many in (2, 60):
        mine = whole(many, first=100 * len(seen) + 1)
        mine.withdraw(mine.touches[0])
        with house.db.counting() as statements:
            assert house.cancel() == 1
        assert mine.states == ["withdrawn", *["owed"] * (many - 1)]
        house.voice.answer = lambda m: Result(m.token, "rejected", reason="x")
        house.send()
        seen.append(len(statements))

    assert seen[0] == seen[1]
