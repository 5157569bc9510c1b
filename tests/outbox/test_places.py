"""A place in a carrier's quota, or of a guide's day, comes back when its touch ends unsent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from siyu.budget import actions as budget
from siyu.budget import sweep as ruling
from siyu.budget import views as rules
from siyu.budget.model import Pace, Quota
from siyu.outbox import actions
from siyu.outbox.model import Found, Result
from siyu.staff import actions as staff
from siyu.staff.model import Member

House = Any


def quota(house: House, channel: str = "*", most: int = 1) -> None:
    with house.db.transaction() as conn:
        budget.set_quotas(conn, [Quota(channel, "brand", "day", most)])


def used(house: House) -> int:
    with house.db.transaction() as conn:
        (taken,) = rules.used(conn, rules.policy(conn), house.now).values()
    ((counted,),) = house.rows("select coalesce(sum(used), 0) from quota_account")
    assert counted == house.one("select count(*) from quota_use")
    return taken


def next_one(house: House, **words: Any) -> str:
    """What another customer's wish becomes."""
    (touch,) = house.wish(house.buyers(1, first=90), **words)
    house.rule()
    return house.touch(touch).state


def withdrawn(house: House, touch: int) -> None:
    with house.db.transaction() as conn:
        assert actions.withdraw(conn, [house.touch(touch).visit_id], "friend", house.now) == 1


def opted_out(house: House, touch: int) -> None:
    said = {"channels": ["sms"], "purposes": ["order_invitation"], "evidence": "form 2"}
    keys = {"phone": house.phone(1)}
    house.tell(house.event("consent.withdrawn", said, keys=keys, at=house.clock.advance(minutes=1)))
    house.send()


def refused(house: House, touch: int) -> None:
    house.sms.answer = lambda message: Result(message.token, "rejected", reason="no such number")
    house.send()


def unwanted_at_the_last_look(house: House, touch: int) -> None:
    """Withdrawn between the lease and the sending."""
    house.sms.answer = lambda message: Result(message.token, "retry")
    house.sms.before = lambda: withdrawn(house, touch)
    house.send()


def never_had(house: House, touch: int) -> None:
    house.sms.answer = lambda _: None
    house.send()
    withdrawn(house, touch)
    house.clock.advance(minutes=2)
    house.reconcile()


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (withdrawn, "withdrawn"),
        (opted_out, "withheld"),
        (refused, "failed"),
        (unwanted_at_the_last_look, "withdrawn"),
        (never_had, "withdrawn"),
    ],
)
def test_what_ends_before_it_left_gives_its_place_back(
    house: House, end: Callable[[House, int], None], state: str
) -> None:
    quota(house)
    (touch,) = house.owed()
    assert used(house) == 1

    end(house, touch)

    assert (house.touch(touch).state, used(house)) == (state, 0)
    assert next_one(house) == "owed"
    assert used(house) == 1


def test_a_call_that_is_asked_back_in_time_gives_its_place_back(house: House) -> None:
    quota(house)
    (touch,) = house.owed(channel="voice_ai")
    house.send()
    withdrawn(house, touch)
    assert used(house) == 1  # it may have begun

    house.cancel()

    assert used(house) == 0


def test_a_call_that_failed_while_it_was_asked_back_keeps_its_place(house: House) -> None:
    quota(house)
    (touch,) = house.owed(channel="voice_ai")
    house.send()
    withdrawn(house, touch)

    def too_late(_: Sequence[str]) -> list[str]:
        failed = {"touch": house.token(touch), "reason": "switched off"}
        house.tell(house.event("touch.failed", failed))
        return []

    house.voice.cancel = too_late
    house.cancel()

    assert (house.touch(touch).state, used(house), house.own_events()) == ("failed", 1, [])


def test_what_left_keeps_its_place_whatever_becomes_of_it(house: House) -> None:
    quota(house)
    (touch,) = house.owed()
    house.send()
    house.tell(house.event("touch.failed", {"touch": house.token(touch), "reason": "switched off"}))

    assert (house.touch(touch).state, used(house)) == ("failed", 1)
    assert next_one(house) == "wished"


def test_what_may_have_left_keeps_its_place(house: House) -> None:
    quota(house)
    (touch,) = house.owed()
    house.sms.answer = lambda _: None
    house.sms.found = lambda token: Found(token, "unknown")
    house.send()
    withdrawn(house, touch)
    house.clock.advance(minutes=2)
    house.reconcile()

    assert (house.touch(touch).state, used(house)) == ("unknown", 1)


def test_what_a_pause_asked_back_is_counted_once_when_it_is_ruled_again(house: House) -> None:
    quota(house, most=2)
    house.owed(channel="voice_ai")
    house.send()
    with house.db.transaction() as conn:
        actions.pause(conn, "all", "ana", house.now)
        actions.recall(conn, "all", house.now)
    house.cancel()

    house.rule()

    assert used(house) == 1


def test_a_guides_press_comes_back(house: House) -> None:
    with house.db.transaction() as conn:
        budget.set_pace(conn, Pace(presses=1))
        staff.set_member(conn, Member("g2", "b", "guide", active=False), "ana", house.now)
    (touch,) = house.owed(channel="voice_human")
    withdrawn(house, touch)

    assert next_one(house, channel="voice_human") == "owed"


def test_places_come_back_and_go_again_at_once_without_waiting_or_loss(house: House) -> None:
    """Rulings lock customers, then accounts; who withdraws locks neither: no ring to wait in."""
    quota(house, "*", 30)
    with house.db.transaction() as conn:
        budget.set_quotas(conn, [Quota("sms", "brand", "month", 25)])
    customers = house.buyers(60)
    house.wish(customers)
    together = Barrier(3)

    def rule(_: int) -> None:
        together.wait()
        for _ in range(12):
            with house.db.transaction() as conn:
                ruling.rule(conn, house.ctx.zone, house.now, limit=5)

    def withdraw(_: int) -> None:
        together.wait()
        for customer in customers[::2]:
            with house.db.transaction() as conn:
                actions.withdraw(conn, [customer], "friend", house.now)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda act: act(0), [rule, rule, withdraw]))
    house.wish(customers, node="again", round=1)
    house.rule()

    (owed,) = house.rows("select count(*) from touch where state = 'owed'")
    assert owed == (25,)
    sums = """
        select a.name, a.used, count(u), count(u) filter (where u.free)
        from quota_account a left join quota_use u using (name) group by a.name, a.used order by 1
        """
    assert house.rows(sums) == [("channel:*", 25, 25, 0), ("channel:sms", 25, 25, 0)]
