"""What comes back ends in the same facts in whatever order; nobody's token changes nothing."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from siyu.customers.model import Stage
from siyu.events.model import Batch, Incoming, Projection
from siyu.outbox import views
from siyu.outbox.model import TouchFact

House = Any


def sent(house: House, many: int = 1, *, first: int = 1, **words: Any) -> list[int]:
    touches = house.owed(many, first=first, **words)
    house.send()
    return touches


def receipts(house: House, touch: int) -> list[Incoming]:
    token, minute = house.token(touch), timedelta(minutes=1)
    call = {"touch": token, "answered": True, "seconds": 61, "intent": "B"}
    missed = {"touch": token, "answered": False}
    return [
        house.event("touch.failed", {"touch": token, "reason": "busy"}, at=house.now + minute),
        house.event("call.finished", missed, at=house.now + 2 * minute),
        house.event("touch.delivered", {"touch": token}, at=house.now + 3 * minute),
        house.event("call.finished", call, at=house.now + 4 * minute),
    ]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_receipts_end_in_the_same_facts_in_any_order(house: House, order: tuple[int, ...]) -> None:
    (touch,) = sent(house, channel="voice_ai")
    told = receipts(house, touch)
    ended = house.now + timedelta(minutes=4)

    house.clock.advance(minutes=5)
    for place in order:
        house.tell(told[place])
        house.tell(told[place])

    found = house.touch(touch)
    assert (found.state, found.outcome, found.intent, found.seconds, found.reason) == (
        "delivered",
        "answered",
        "B",
        61,
        "",
    )
    assert found.finished_at == ended
    assert house.spent() == 2 * 5  # two minutes begun


def test_a_click_says_that_it_was_read(house: House) -> None:
    (touch,) = sent(house)
    token = house.token(touch)

    house.tell(house.event("link.clicked", {"touch": token}))
    house.tell(house.event("touch.delivered", {"touch": token}))

    assert house.touch(touch).state == "read"


def test_a_click_raises_the_stage_of_whose_touch_it_was_and_a_delivery_does_not(
    house: House,
) -> None:
    clicked, silent = sent(house, 2)
    with house.db.transaction() as conn:
        conn.execute("update customer set stage = 1")  # people who never bought

    house.tell(house.event("link.clicked", {"touch": house.token(clicked)}))
    house.tell(house.event("touch.delivered", {"touch": house.token(silent)}))

    with house.db.transaction() as conn:
        stages = dict(conn.fetch("select id, stage from customer"))
    assert stages[house.touch(clicked).customer_id] == Stage.APPEAL
    assert stages[house.touch(silent).customer_id] == Stage.AWARE


@pytest.mark.parametrize("token", ["tch_0000000000000", "#1", "nonsense", "cus_1"])
def test_a_token_of_nobodys_changes_nothing(house: House, token: str) -> None:
    (touch,) = sent(house)
    before = house.touch(touch)

    house.tell(house.event("touch.failed", {"touch": token, "reason": "x"}))

    assert house.touch(touch) == before


def test_a_receipt_for_what_never_left_changes_nothing(house: House) -> None:
    (touch,) = house.owed()

    house.tell(house.event("touch.delivered", {"touch": house.token(touch)}))

    assert house.touch(touch).state == "owed"


def test_a_receipt_proves_what_was_given_up_for_absent(house: House) -> None:
    (touch,) = house.owed()
    house.sms.answer = lambda _: None
    house.send()
    house.clock.advance(seconds=30)
    house.reconcile()
    assert house.touch(touch).state == "owed"

    house.tell(house.event("touch.delivered", {"touch": house.token(touch)}))
    house.sms.calls.clear()
    house.send()

    assert house.touch(touch).state == "delivered"
    assert house.sms.calls == []
    assert house.spent() == 5  # taken back when it was given up for absent, and booked again


@pytest.mark.parametrize("kind", ["delivered", "read", "failed"])
def test_a_receipt_books_what_a_killed_sender_could_not(house: House, kind: str) -> None:
    """It was told before anybody missed the sender, so nobody ever asks for this touch."""
    (touch,) = house.owed()

    def killed() -> None:
        raise KeyboardInterrupt

    house.sms.after = killed
    with pytest.raises(KeyboardInterrupt):
        house.send()
    assert (house.touch(touch).state, house.spent()) == ("leased", 0)
    at = house.now + timedelta(seconds=3)
    house.tell(house.event(f"touch.{kind}", {"touch": house.token(touch)}, at=at))
    house.tell(house.event("touch.read", {"touch": house.token(touch)}))

    assert house.spent() == 5
    assert house.rows("select quantity, occurred_at from ledger_entry") == [(1, at)]


def test_a_receipt_for_what_was_dropped_before_it_left_books_nothing(house: House) -> None:
    (touch,) = house.owed()
    with house.db.transaction() as conn:
        conn.execute("update touch set state = 'withdrawn', segments = 1")  # leased, then dropped

    house.tell(house.event("touch.delivered", {"touch": house.token(touch)}))

    assert (house.touch(touch).state, house.spent()) == ("withdrawn", 0)


def test_receipts_are_about_whom_the_touch_was_for(house: House) -> None:
    seen: list[dict[int, int]] = []

    def look(_conn: object, batch: Batch, _now: object) -> None:
        seen.append({batch.customer[event.id]: batch.identity[event.id] for event in batch.events})

    (touch,) = sent(house)
    house.projections = (*house.projections, Projection("x", frozenset({"touch.read"}), look))

    house.tell(house.event("touch.read", {"touch": house.token(touch)}))

    found = house.touch(touch)
    assert seen == [{found.customer_id: found.identity_id}]


def test_a_visit_sees_the_newest_touch_of_each_step(house: House) -> None:
    (customer,) = house.buyers(1)
    house.wish([customer], visit_id=9, step="call", node="call", round=0)
    house.wish([customer], visit_id=9, step="call", node="call", round=1)
    house.wish([customer], visit_id=9, step="call", node="call", round=1)
    house.rule()

    with house.db.transaction() as conn:
        assert views.last(conn, [9, 10]) == {
            9: [TouchFact("call", "call", "owed", "", "", None, None, held=False, open=True)]
        }


def test_the_number_of_statements_does_not_depend_on_the_batch(house: House) -> None:
    seen: dict[int, int] = {}
    first = 1
    for many in (1, 200):
        touches = sent(house, many, first=first, channel="voice_ai")
        first += many
        told = [receipt for touch in touches for receipt in receipts(house, touch)]
        house.clock.advance(minutes=5)
        house.accept(*told)
        with house.db.counting() as statements:
            assert house.apply().applied == 4 * many
        seen[many] = len(statements)

    assert seen[1] == seen[200]
