"""A yes that was taken back between the ruling and the lease: pauses, retries and doubts last."""

from __future__ import annotations

from typing import Any

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
    """As for the ruling: one phone's older no does not undo another's later yes."""
    house.owed(1)
    said(house, "withdrawn", at=house.clock.advance(minutes=1), keys={"member": "m"})
    said(house, "given", number=2, at=house.clock.advance(minutes=1), keys={"member": "m"})
    house.rule()

    house.send()

    assert len(house.sms.messages) == 1
