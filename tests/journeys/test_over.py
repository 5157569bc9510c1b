"""A visit that came to its own end: what it has not said yet stops for what ends its journey."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.journeys.conftest import IDS

from siyu.identities import actions as identities
from siyu.journeys import actions, views

House = Any
TEXT = """\
journey: short
title: {zh: 短, en: Short}
enter: {on: order.paid, max_age: 90d}
ends_when: {any: [{friend: true}, {order: gone}]}
steps:
  - id: sms
    send: {channel: sms, material: invite-sms, purpose: order_invitation, lane: now, priority: 9}
  - {id: end, exit: done}
"""
CALLED = TEXT.replace("channel: sms", "channel: voice_ai")


@pytest.fixture
def over(house: House) -> House:
    """Customer 1 was wished a text by a visit that has ended since; it waits for the morning."""
    house.publish(TEXT)
    house.tell(house.order(1))
    house.sweep()
    assert (house.visit().state, house.visit().outcome) == ("ended", "done")
    return house


def stands(house: House) -> tuple[str, str]:
    """How its touch stands; `held` before its state as long as it is kept back."""
    touch = house.touches()[0]
    return f"{'held ' * touch.held}{touch.state}", touch.reason


def listens(house: House) -> list[str]:
    ((kinds,),) = house.rows("select waiting_for from visit")
    return kinds


def test_a_friend_holds_it_at_once_and_the_sweep_takes_it_back(over: House) -> None:
    ended_at = over.visit().ended_at
    over.clock.advance(hours=9)
    over.tell(over.friend(1))
    assert stands(over) == ("held wished", "")

    swept = over.sweep()

    assert (swept.claimed, swept.ended, swept.parked) == (1, 0, 0)
    assert stands(over) == ("withdrawn", "friend")
    visit = over.visit()
    assert (visit.state, visit.outcome, visit.ended_at) == ("ended", "done", ended_at)
    assert visit.due_at is None
    moves = over.query(views.moves, [visit.visit_id])[visit.visit_id]
    assert [move.why for move in moves][-1] == "friend, after its end: the rest was taken back"
    assert over.sweep().claimed == 0


def test_what_was_held_for_nothing_is_let_go_and_still_stops_later(over: House) -> None:
    """An order taken back in part leaves the visit's order standing."""
    data = {"shop": "s", "order_no": "T1", "currency": "CNY"}

    def refund(number: str, amount: int) -> None:
        said = data | {"refund_no": number, "amount_minor": amount}
        over.tell(over.event("order.refunded", said, keys=over.keys(1)))

    refund("R1", 4)
    assert stands(over) == ("held wished", "")
    over.sweep()
    assert stands(over) == ("wished", "")

    refund("R2", 5)
    over.sweep()

    assert stands(over) == ("withdrawn", "order_gone")


def test_what_went_out_before_is_raced_and_the_visit_listens_no_more(over: House) -> None:
    over.rows("update touch set state = 'sent', attempts = 1, sent_at = wished_at returning id")
    assert listens(over) != []
    over.tell(over.friend(1))

    assert over.sweep().claimed == 1
    assert stands(over) == ("sent", "")
    assert listens(over) == []
    over.tell(over.cancelled(1))
    assert over.sweep().claimed == 0


def test_who_has_nothing_left_to_say_listens_to_nothing(house: House) -> None:
    house.publish(TEXT.split("  - id: sms", maxsplit=1)[0] + "  - {id: end, exit: done}\n")
    house.tell(house.order(1))
    house.sweep()
    house.tell(house.friend(1))

    assert listens(house) == []
    assert house.sweep().claimed == 0


@pytest.mark.parametrize("state", ["leased", "unknown"])
def test_what_is_in_doubt_is_held_until_it_is_decided(over: House, state: str) -> None:
    """Its provider may say at any moment that it never came: then it would be owed again."""
    over.rows(f"update touch set state = '{state}', attempts = 1 returning id")
    over.tell(over.friend(1))
    assert stands(over) == (f"held {state}", "")

    over.sweep()

    assert over.rows("select state, cancel_wanted, reason from touch") == [(state, True, "friend")]


def test_a_call_under_way_is_asked_back(house: House) -> None:
    house.publish(CALLED)
    house.tell(house.order(1))
    house.sweep()
    house.rows("update touch set state = 'sent', attempts = 1 returning id")
    house.tell(house.friend(1))
    house.sweep()

    assert house.rows("select state, cancel_wanted from touch") == [("sent", True)]


def test_a_merge_with_a_friend_takes_it_back(over: House) -> None:
    stranger = {"external_userid": "wm9"}
    over.tell(over.event("friend.added", {"staff": "guide-1"}, keys=stranger))
    assert over.sweep().claimed == 0
    over.tell(over.event("customer.identified", {}, keys=over.keys(1) | stranger))
    assert stands(over) == ("held wished", "")

    over.sweep()

    assert stands(over) == ("withdrawn", "friend")


def test_a_split_from_a_friend_lets_it_go(house: House) -> None:
    """Held, since both are asked anew; the buyer is no friend, and the text goes out."""
    house.publish(TEXT)
    house.member_buys()
    ((member,),) = house.rows("select id from identity where kind = 'member'")
    house.clock.advance(seconds=1)
    house.query(identities.split, IDS, 1, [member], "ann", "", house.now)
    house.apply()
    assert stands(house) == ("held wished", "")

    house.sweep()

    assert stands(house) == ("wished", "")


def test_a_later_round_that_is_over_does_not_hide_an_earlier_one(house: House) -> None:
    house.publish(TEXT.replace("exit: done", "wait: 1d, go: sms"))
    house.tell(house.order(1), house.order(1, "T2"))
    house.sweep()
    house.sweep(days=1)
    house.rows("update touch set state = 'withheld' where round = 1 returning id")
    house.tell(house.cancelled(1, "T1"))
    held = "select round, held from touch order by round"
    assert house.rows(held) == [(0, True), (1, False)]

    house.sweep()

    assert house.rows(held) == [(0, False), (1, False)]


def test_a_parked_visit_says_nothing_more_before_somebody_has_looked(house: House) -> None:
    house.publish(TEXT.replace("exit: done", "wait: 1d, go: sms"))
    house.tell(house.order(1))
    house.sweep()
    house.rows("update visit set node = 'nowhere' returning id")
    house.sweep(days=1)
    assert house.visit().state == "parked"
    house.tell(house.friend(1))
    assert stands(house) == ("held wished", "")
    assert house.sweep().claimed == 0

    house.query(actions.unpark, "ana", house.now, visit_ids=[house.visit().visit_id])
    house.sweep()

    assert stands(house) == ("withdrawn", "friend")


def test_what_this_release_cant_read_stays_held_and_is_asked_again(over: House) -> None:
    text = over.rows("select text from journey_version")[0][0]
    over.rows("update journey_version set text = 'a: b' returning version")
    over.context.versions.clear()
    over.tell(over.friend(1))
    over.sweep()
    visit = over.visit()
    assert (visit.state, visit.due_at) == ("ended", over.now + timedelta(hours=1))
    assert "can't be read" in visit.error
    assert stands(over) == ("held wished", "")

    with over.db.transaction() as conn:
        conn.execute("update journey_version set text = %(text)s", {"text": text})
    over.sweep(hours=1)

    assert stands(over) == ("withdrawn", "friend")
    assert over.visit().error is None


def test_a_visit_that_was_stopped_listens_to_nothing(cascade: House) -> None:
    cascade.tell(cascade.order(1))
    cascade.sweep()
    cascade.query(actions.stop, "cascade", "ann", cascade.now)
    assert listens(cascade) == []
    cascade.tell(cascade.friend(1))

    assert cascade.sweep().claimed == 0
