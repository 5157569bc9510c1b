"""Doubt is cleared up by asking, never by sending again; what is unwanted is asked back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest

from siyu.connectors.touches import TouchesOf
from siyu.db.pool import Pool
from siyu.outbox import actions
from siyu.outbox.decide import LEASE
from siyu.outbox.model import Found, Result
from siyu.outbox.sweep.prepare import lease
from siyu.outbox.sweep.send import Sent, _Going, _hand_over, _Real, _recheck
from siyu.worker import due

House = Any


def raises() -> None:
    raise ConnectionError("gone")


def in_doubt(house: House, **words: Any) -> int:
    """The provider took it and the answer was lost."""
    (touch,) = house.owed(**words)
    house.sms.after = raises
    house.send()
    house.sms.after = lambda: None
    assert house.touch(touch).state == "unknown"
    return touch


def test_a_lost_answer_is_found_again_and_the_phone_got_one_text(house: House) -> None:
    touch = in_doubt(house)
    assert house.own_events() == ["touch.unknown"]
    house.send()
    house.clock.advance(seconds=30)

    house.reconcile()
    house.send()

    assert house.touch(touch).state == "sent"
    assert sum(house.sms.phone[house.phone(1)].values()) == 1
    assert (len(house.sms.calls), house.spent()) == (1, 5)


def never_arrived(house: House, **words: Any) -> int:
    (touch,) = house.owed(**words)
    house.sms.before = raises
    house.send()
    house.sms.before = lambda: None
    return touch


def test_what_never_arrived_is_sent_again_and_paid_once(house: House) -> None:
    touch = never_arrived(house)
    assert house.spent() == 5  # until it is known
    house.clock.advance(seconds=30)

    house.reconcile()
    assert (house.touch(touch).state, house.spent()) == ("owed", 0)
    house.send()

    assert house.touch(touch).state == "sent"
    assert sum(house.sms.phone[house.phone(1)].values()) == 1
    assert house.spent() == 5


def test_what_never_arrived_and_is_no_longer_true_is_withheld(house: House) -> None:
    touch = never_arrived(house, valid_until=house.now + timedelta(seconds=20))
    house.clock.advance(seconds=30)

    house.reconcile()

    assert (house.touch(touch).state, house.touch(touch).reason) == ("withheld", "promise_expired")
    assert house.own_events() == ["touch.unknown", "touch.withheld"]


def test_what_never_arrived_and_is_no_longer_wanted_is_withdrawn(house: House) -> None:
    touch = never_arrived(house)
    with house.db.transaction() as conn:
        actions.withdraw(conn, [house.touch(touch).visit_id], "friend added", house.now)
    house.clock.advance(seconds=30)

    house.reconcile()
    house.send()

    assert house.touch(touch).state == "withdrawn"
    assert house.sms.phone == {}


def test_a_provider_that_does_not_know_leaves_it_unknown_and_is_asked_later(house: House) -> None:
    touch = in_doubt(house)
    house.sms.found = lambda token: Found(token, "unknown")
    house.clock.advance(seconds=30)

    assert house.reconcile() == 1
    assert house.reconcile() == 0  # not at once
    assert house.send().claimed == 0

    found = house.touch(touch)
    assert (found.state, found.due_at) == ("unknown", house.now + timedelta(minutes=1))


def test_a_lease_whose_holder_died_is_in_doubt_after_real_time(house: House) -> None:
    (touch,) = house.owed()
    with house.db.transaction() as conn:
        lease(conn, "sms", house.ctx, house.now, house.clock.real() + LEASE, 500)

    assert house.reclaim(house.clock.real() + LEASE) == 0
    assert house.touch(touch).state == "leased"
    assert house.reclaim(house.clock.real() + LEASE + timedelta(seconds=1)) == 1

    assert house.touch(touch).state == "unknown"
    assert (house.sms.messages, house.spent()) == ([], 5)
    assert house.own_events() == ["touch.unknown"]
    house.reconcile()
    house.send()
    assert house.touch(touch).state == "sent"
    assert house.spent() == 5


@pytest.mark.parametrize(("waited", "left"), [(10, 110), (30, 120)])
def test_a_lease_that_stood_for_a_while_is_extended_over_the_call(
    house: House, waited: int, left: int
) -> None:
    (touch,) = house.owed()
    real = house.clock.real()
    with house.db.transaction() as conn:
        lease(conn, "sms", house.ctx, house.now, real + LEASE, 500)
    later = real + timedelta(seconds=waited)

    assert _recheck(house.db, [touch], Sent(), house.now, later) == {touch: 0}

    assert house.one("select lease_until from touch") == later + timedelta(seconds=left)
    assert _recheck(house.db, [touch], Sent(), house.now, later + LEASE * 2) == {}


def test_what_a_dead_worker_left_unwanted_is_withdrawn_and_costs_nothing(house: House) -> None:
    """It died between the last look, which found it unwanted, and the withdrawal."""
    (touch,) = house.owed()
    real = house.clock.real()
    with house.db.transaction() as conn:
        ready = lease(conn, "sms", house.ctx, house.now, real + LEASE, 500).ready
    withdraw(house, touch)
    going = _Going("sms", house.sms, ready, frozenset())
    words = (going, Sent(), house.now, _Real(real, monotonic()))
    with pytest.raises(ConnectionError):
        _hand_over(Dying(house.db), *words)
    assert house.touch(touch).state == "leased"
    assert "touch.withdrawn" not in house.own_events()

    assert house.reclaim(real + LEASE + timedelta(seconds=1)) == 1
    assert house.touch(touch).state == "unknown"
    house.reconcile()
    house.send()

    found = house.touch(touch)
    assert (found.state, found.reason, found.finished_at) == (
        "withdrawn",
        "friend added",
        house.now,
    )
    assert house.own_events() == ["touch.unknown", "touch.withdrawn"]
    assert (house.sms.messages, house.spent()) == ([], 0)


class Dying:
    """A database that answers single statements and is gone when a transaction begins."""

    def __init__(self, db: Pool) -> None:
        self.fetch = db.fetch

    def transaction(self) -> Any:
        raise ConnectionError("gone")


def test_a_receipt_that_overtakes_the_answer_stands(house: House) -> None:
    (touch,) = house.owed()

    def delivered() -> None:
        told = {"touch": house.token(touch)}
        house.tell(house.event("touch.delivered", told))

    house.sms.after = delivered

    house.send()

    assert house.touch(touch).state == "delivered"
    assert house.spent() == 5


def test_the_record_waits_for_a_receipt_that_is_being_applied(house: House) -> None:
    (touch,) = house.owed()
    waiting = "select count(*) from pg_locks where not granted"
    receipt = "update touch set state = 'delivered', lease_until = null where id = %(id)s"

    with ThreadPoolExecutor(1) as other, house.db.transaction() as conn:
        house.sms.after = lambda: conn.execute(receipt, {"id": touch})
        sending = other.submit(house.send)
        while house.one(waiting) == 0 and not sending.done():
            pass
        assert not sending.done()
    sending.result()

    assert house.touch(touch).state == "delivered"
    assert house.spent() == 5


def test_what_was_sent_while_its_customer_was_merged_costs_the_one_who_remains(
    house: House,
) -> None:
    house.buyers(1)
    (touch,) = house.owed(first=2)

    def merge() -> None:
        for number in (1, 2):
            keys = {"phone": house.phone(number), "buyer": "b/1"}
            house.tell(house.event("customer.identified", keys=keys))

    house.sms.after = merge

    house.send()

    assert house.touch(touch).state == "sent"
    assert house.rows("select customer_id, amount_minor from ledger_entry") == [
        (house.customer(1), 5)
    ]


def a_call(house: House) -> int:
    (touch,) = house.owed(channel="voice_ai")
    house.send()
    return touch


def withdraw(house: House, touch: int) -> None:
    with house.db.transaction() as conn:
        actions.withdraw(conn, [house.touch(touch).visit_id], "friend added", house.now)


def test_a_call_under_way_is_asked_back(house: House) -> None:
    touch = a_call(house)
    withdraw(house, touch)

    house.cancel()
    house.cancel()

    assert house.voice.cancelled == [house.token(touch)]
    assert (house.touch(touch).state, house.touch(touch).reason) == ("withdrawn", "friend added")
    assert house.own_events() == ["touch.withdrawn"]


def test_a_call_that_cannot_be_stopped_stands(house: House) -> None:
    touch = a_call(house)
    house.voice.cancel = lambda _: []
    withdraw(house, touch)

    house.cancel()

    assert house.touch(touch).state == "sent"
    assert house.cancel() == 0


def test_a_provider_that_does_not_answer_is_asked_again_to_stop(house: House) -> None:
    touch = a_call(house)

    def cancel(_: object) -> list[str]:
        raise TimeoutError

    house.voice.cancel, works = cancel, house.voice.cancel
    withdraw(house, touch)
    assert house.cancel() == 1
    assert house.cancel() == 0
    house.voice.cancel = works
    house.clock.advance(minutes=1)

    house.cancel()

    assert house.touch(touch).state == "withdrawn"


def test_people_are_stopped_when_their_promise_ends(house: House) -> None:
    house.channels["voice_human"] = house.voice
    house.voice.answer = lambda m: Result(m.token, "awaiting_staff")
    (touch,) = house.owed(channel="voice_human", valid_until=house.now + timedelta(hours=1))
    house.send()
    assert house.voice.messages[0].to == ""
    assert house.voice.messages[0].text == "【花研】{name}，https://l.example/abc"
    with house.db.transaction() as conn:
        assert due(conn, ["voice_human"])["cancel"] == house.now + timedelta(hours=1)
    assert house.cancel() == 0
    house.clock.advance(hours=1)

    house.cancel()

    assert house.voice.cancelled == [house.token(touch)]
    assert (house.touch(touch).state, house.touch(touch).reason) == ("withdrawn", "promise_expired")


def test_a_text_that_has_gone_is_not_asked_back(house: House) -> None:
    (touch,) = house.owed()
    house.send()

    withdraw(house, touch)

    assert house.cancel() == 0
    assert house.touch(touch).state == "sent"


@pytest.mark.parametrize("kind", ["cancel", "reconcile"])
def test_the_number_of_statements_does_not_depend_on_the_batch(house: House, kind: str) -> None:
    seen: dict[int, int] = {}
    first = 1
    house.voice.found = lambda token: Found(token, "accepted")
    for many in (200, 1):
        touches = house.owed(many, first=first, channel="voice_ai")
        first += many
        house.voice.answer = lambda m: Result(m.token, "accepted") if kind == "cancel" else None
        house.send()
        if kind == "cancel":
            with house.db.transaction() as conn:
                visits = [house.touch(touch).visit_id for touch in touches]
                actions.withdraw(conn, visits, "friend added", house.now)
        house.clock.advance(minutes=5)
        with house.db.counting() as statements:
            assert (house.cancel() if kind == "cancel" else house.reconcile()) == many
        seen[many] = len(statements)

    assert seen[1] == seen[200]


def test_what_was_handed_over_and_not_heard_of_is_found_in_order_with_where_it_went(house) -> None:
    first, second, third = house.owed(3)
    began = house.now
    house.send()
    touches = TouchesOf(house.db, house.ctx.keys, house.ids)
    with house.db.transaction() as conn:
        conn.execute("update touch set state = 'delivered' where id = %(id)s", {"id": second})

    found = touches.unreported("sms", (began - timedelta(minutes=1), 0), house.now, 9)

    assert [one.token for _, one in found] == [house.token(first), house.token(third)]
    assert [one.to for _, one in found] == [
        message.to for message in house.sms.messages if message.token != house.token(second)
    ]
    place = found[0][0]
    assert touches.unreported("sms", place, house.now, 9) == found[1:]
    assert touches.unreported("sms", place, began - timedelta(minutes=1), 9) == []
