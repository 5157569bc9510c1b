"""A no that comes after the ruling: nothing goes out that has not, and what can be stopped is."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from time import monotonic
from typing import Any

import pytest

from siyu.budget import actions as budget
from siyu.budget import sweep as ruling
from siyu.budget import views as rules
from siyu.outbox import actions
from siyu.outbox.sweep.prepare import lease
from siyu.outbox.sweep.send import Sent, _Going, _hand_over, _Real
from siyu.tasks.actions.channel import TaskChannel

House = Any


def suppress(
    house: House, customer: int, channel: str = "*", until: Any = None, **words: Any
) -> None:
    with house.db.transaction() as conn:
        budget.suppress(conn, [(customer, channel, "said so", until)], house.now, **words)


def stands(house: House, *touches: int) -> list[tuple[str, str]]:
    found = [house.touch(touch) for touch in touches]
    return [(one.state, one.reason) for one in found]


WITHHELD, WITHDRAWN = ("withheld", "suppressed"), ("withdrawn", "suppressed")


def test_what_is_owed_and_what_is_wished_is_withheld_at_once_with_its_ruling(house: House) -> None:
    (owed,) = house.owed()
    (wished,) = house.wish([house.customer(1)], node="later", round=1)
    (other,) = house.owed(first=2)

    suppress(house, house.customer(1))

    assert stands(house, owed, wished, other) == [WITHHELD, WITHHELD, ("owed", "")]
    assert house.own_events() == ["touch.withheld", "touch.withheld"]
    with house.db.transaction() as conn:
        said = {touch: told[-1] for touch, told in rules.rulings(conn, [owed, wished]).items()}
    assert {(one.verdict, one.reason) for one in said.values()} == {("withhold", "suppressed")}
    house.send()
    assert [message.to for message in house.sms.messages] == [house.phone(2)]


@pytest.mark.parametrize(
    ("channel", "stopped"),
    [("*", {"s", "c"}), ("voice", {"c"}), ("voice_ai", {"c"}), ("sms", {"s"})],
)
def test_only_the_channels_that_it_names(house: House, channel: str, stopped: set[str]) -> None:
    house.owed(node="s")
    (customer,) = [house.customer(1)]
    house.wish([customer], node="c", channel="voice_ai")
    house.rule()

    suppress(house, customer, channel)

    found = {touch.node for touch in house.touches(customer) if touch.state == "withheld"}
    assert found == stopped


def test_a_complaint_stops_promotion_and_nothing_else(house: House) -> None:
    (customer,) = house.buyers(1)
    (promotion,) = house.wish([customer], purpose="promotion")
    (service,) = house.wish([customer], purpose="service", node="s")
    house.rule()

    keys = {"phone": house.phone(1)}
    house.tell(house.event("complaint.opened", {"complaint": "K1"}, keys=keys))

    assert stands(house, promotion, service) == [("withheld", "open_complaint"), ("owed", "")]


def test_what_is_due_after_a_hold_ends_waits_on(house: House) -> None:
    (customer,) = house.buyers(1)
    (soon,) = house.wish([customer], due_at=house.now + timedelta(hours=1))
    (later,) = house.wish([customer], node="n2", due_at=house.now + timedelta(days=1))

    suppress(house, customer, until=house.now + timedelta(hours=2))

    assert stands(house, soon, later) == [WITHHELD, ("wished", "")]


def test_a_call_that_the_provider_has_is_asked_back(house: House) -> None:
    (touch,) = house.owed(channel="voice_ai")
    house.send()

    suppress(house, house.customer(1), "voice")
    house.cancel()

    assert (house.voice.cancelled, stands(house, touch)) == ([house.token(touch)], [WITHDRAWN])
    assert house.own_events() == ["touch.withdrawn"]


def test_a_text_that_has_gone_stands(house: House) -> None:
    (touch,) = house.owed()
    house.send()

    suppress(house, house.customer(1))
    house.cancel()

    assert stands(house, touch) == [("sent", "")]


def test_what_is_leased_is_dropped_at_the_last_look(house: House) -> None:
    (touch,) = house.owed()
    real = house.clock.real()
    with house.db.transaction() as conn:
        ready = lease(conn, "sms", house.ctx, house.now, real + timedelta(minutes=2), 9).ready

    suppress(house, house.customer(1))
    going = _Going("sms", house.sms, ready, frozenset())
    _hand_over(house.db, going, Sent(), house.now, _Real(real, monotonic()))

    assert (house.sms.messages, stands(house, touch)) == ([], [WITHDRAWN])


def test_do_not_call_said_in_one_call_takes_the_others_back(house: House) -> None:
    """As the apply has it: a guide's open task, and what is owed, of the one who said so."""
    people = TaskChannel(house.db, house.ids, house.clock)
    house.channels = {"voice_human": people}
    (first,) = house.owed(channel="voice_human")
    (second,) = house.wish([house.customer(1)], channel="voice_human", node="second")
    house.rule()
    house.send()
    (third,) = house.wish([house.customer(1)], channel="voice_ai", node="third")
    house.rule()
    assert [state for state, _ in stands(house, first, second, third)] == [
        "awaiting_staff", "awaiting_staff", "owed",
    ]  # fmt: skip

    done = {"touch": house.token(first), "outcome": "do_not_call"}
    house.tell(house.event("task.done", done))
    house.cancel()

    assert stands(house, first, second, third) == [("delivered", ""), WITHDRAWN, WITHHELD]
    states = house.rows("select touch_id, state from task order by 1")
    assert states == [(first, "done"), (second, "cancelled")]


def marry(house: House) -> None:
    for number in (1, 2):
        keys = {"phone": house.phone(number), "buyer": "b/1"}
        house.tell(house.event("customer.identified", keys=keys))


@pytest.mark.parametrize("suppressed", [1, 2])
def test_of_two_who_are_one_the_no_of_either_stops_both(house: House, suppressed: int) -> None:
    house.channels = {"voice_ai": house.voice}
    one, other = house.buyers(2)
    house.wish([one, other], channel="voice_ai")
    house.rule()
    house.send()
    house.wish([one, other], node="text")
    house.rule()
    suppress(house, house.customer(suppressed), "voice")
    suppress(house, house.customer(suppressed), "sms")

    marry(house)
    house.rule()
    house.cancel()

    assert {(touch.state, touch.reason) for touch in house.touches(one)} == {WITHHELD, WITHDRAWN}
    assert (len(house.touches(one)), house.touches(other)) == (4, [])


def test_whose_word_it_was_is_who_is_stopped(house: House) -> None:
    """Said by another phone than the call was to: that phone's owner is meant."""
    meant, called = house.owed(2)
    ((identity,),) = house.rows(
        f"select id from identity where kind = 'phone' and customer_id = {house.customer(1)}"
    )

    suppress(house, house.customer(2), identities=[identity])

    assert stands(house, meant, called) == [WITHHELD, ("owed", "")]


def withdrawn_consent(house: House, channel: str, **words: Any) -> None:
    said = {"channels": [channel], "evidence": "form 2"}
    keys = {"phone": house.phone(1)}
    house.tell(house.event("consent.withdrawn", said, keys=keys, **words))


def test_who_opts_out_is_not_called_by_who_has_the_call_already(house: House) -> None:
    (touch,) = house.owed(channel="voice_ai")
    house.send()

    withdrawn_consent(house, "voice", at=house.clock.advance(minutes=1))
    house.cancel()

    assert stands(house, touch) == [("withdrawn", "opted_out")]


def test_a_no_that_is_older_than_a_yes_asks_nothing_back(house: House) -> None:
    (touch,) = house.owed(channel="voice_ai")
    house.send()

    withdrawn_consent(house, "voice", at=house.now - timedelta(minutes=1))
    house.cancel()

    assert stands(house, touch) == [("sent", "")]


@pytest.mark.parametrize(
    ("others", "ends"), [((), ("withdrawn", "cooldown")), (("an",), ("sent", ""))]
)
def test_who_deletes_us_and_is_nobodys_friend_is_not_called(
    house: House, others: tuple[str, ...], ends: tuple[str, str]
) -> None:
    (touch,) = house.owed(channel="voice_ai")
    house.send()
    keys = {"phone": house.phone(1), "external_userid": "wm-1"}
    house.tell(*(house.event("friend.added", {"staff": one}, keys=keys) for one in ("li", *others)))

    gone = house.clock.advance(minutes=1)
    house.tell(house.event("friend.deleted_by_customer", {"staff": "li"}, keys=keys, at=gone))
    house.cancel()

    assert stands(house, touch) == [ends]


def test_a_ruling_under_way_does_not_slip_through(house: House) -> None:
    """It read that all was well; what it wrote is withheld, since its customer is locked first."""
    (customer,) = house.buyers(1)
    (before,) = house.wish([customer])
    house.rule()
    late = Thread(target=suppress, args=(house, customer))
    wish = actions.Wish(
        customer, "new", 0, customer, "cascade", "sms", "sms", "order_invitation", "now", 0, "s",
        "T1", "invite", "zh", None, "", house.now, None,
    )  # fmt: skip
    with house.db.transaction() as conn:
        stood, note = ruling.rule_new(conn, [wish], zone=house.ctx.zone, now=house.now)
        assert [stand.state for stand in stood] == ["owed"]
        late.start()
        waits = "select count(*) from pg_locks where not granted"
        while late.is_alive() and not house.one(waits):
            pass
        note(actions.wish(conn, [wish], house.now, stood))
    late.join()

    new = house.touches(customer)[-1].id
    assert stands(house, before, new) == [WITHHELD, WITHHELD]


@pytest.mark.parametrize("many", [1, 50])
def test_it_takes_as_many_statements_for_one_as_for_fifty(house: House, many: int) -> None:
    house.owed(many)
    rows = [(house.customer(number), "*", "said so", None) for number in range(1, many + 1)]

    with house.db.transaction() as conn, house.db.counting() as statements:
        budget.suppress(conn, rows, house.now)

    # the hold; which there are; their customers; what can be stopped; its end, told; its ruling
    assert len(statements) == 8
