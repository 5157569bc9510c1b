"""A yes that was taken back after the ruling: pauses, retries and doubts last."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from siyu.budget import views as rules
from siyu.outbox.model import Result

House = Any


def said(house: House, how: str, number: int = 1, **words: Any) -> None:
    """A customer's word on texts about an order of theirs."""
    data = {"channels": ["sms"], "purposes": ["order_invitation"], "evidence": "form 2"}
    data |= {"basis": "consent"} if how == "given" else {}
    keys = {"phone": house.phone(number)} | words.pop("keys", {})
    house.tell(house.event(f"consent.{how}", data, keys=keys, **words))


def test_who_opts_out_after_the_ruling_is_sent_nothing(house: House) -> None:
    (touch,) = house.owed()
    house.clock.advance(minutes=1)
    said(house, "withdrawn")

    house.send()

    found = house.touch(touch)
    assert (found.state, found.reason) == ("withheld", "opted_out")
    assert house.sms.phone == {}
    assert house.own_events() == ["touch.withheld"]


def test_what_is_owed_for_later_is_withheld_at_once_with_its_ruling(house: House) -> None:
    (owed,) = house.owed()
    (wished,) = house.wish([house.customer(1)], node="later", round=1)
    (other,) = house.wish([house.customer(1)], node="call", channel="voice_ai")
    house.rule()
    (waits,) = house.wish([house.customer(1)], node="last", due_at=house.now + timedelta(days=2))
    house.clock.advance(minutes=1)

    said(house, "withdrawn")

    found = {one: house.touch(one) for one in (owed, wished, other, waits)}
    assert {one: touch.state for one, touch in found.items()} == {
        owed: "withheld", wished: "withheld", other: "owed", waits: "withheld",
    }  # fmt: skip
    assert {found[one].reason for one in (owed, wished, waits)} == {"opted_out"}
    assert house.own_events() == ["touch.withheld"] * 3
    with house.db.transaction() as conn:
        last = [told[-1] for told in rules.rulings(conn, [owed, wished, waits]).values()]
    assert {(one.verdict, one.reason) for one in last} == {("withhold", "opted_out")}


def test_what_a_ruling_under_way_has_allowed_meanwhile_ends_at_the_lease(house: House) -> None:
    """It had read the consent before; nobody is locked against it."""
    (touch,) = house.owed()
    house.rows("update consent set state = 'withdrawn' returning identity_id")

    house.send()

    found = house.touch(touch)
    assert (found.state, found.reason) == ("withheld", "opted_out")
    assert house.sms.phone == {}


def test_who_opts_out_while_a_text_is_in_doubt_is_not_sent_it_again(house: House) -> None:
    house.owed()
    house.sms.answer = lambda _: None
    house.send()
    said(house, "withdrawn", at=house.clock.advance(minutes=1))
    house.reconcile()
    house.sms.answer = lambda message: Result(message.token, "accepted", "v")

    house.send()

    assert house.sms.phone == {}


def test_the_latest_word_of_any_phone_counts_at_the_lease(house: House) -> None:
    """As for the ruling: one phone's older no, heard of late, does not undo another's later yes."""
    house.owed(1)
    older = house.clock.advance(minutes=1)
    said(house, "given", number=2, at=house.clock.advance(minutes=1), keys={"member": "m"})
    said(house, "withdrawn", at=older, keys={"member": "m"})
    house.rule()

    house.send()

    assert len(house.sms.messages) == 1
