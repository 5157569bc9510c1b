"""README: whatever a provider does, nothing is lost, doubled, or said when it is no longer true."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest

from siyu.app import PREDICATES
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.journeys import actions as journeys
from siyu.outbox.decide import PROBE

OPEN_ENDED = 200  # an answer that is none: the provider's proxy says 200 and a page
LATER = """
journey: thanks
title: {zh: 致谢, en: Thanks}
enter: {on: order.paid, max_age: 2h}
reenter: each
concurrent: one per order
steps:
  - id: say
    send: {channel: sms, material: thanks, purpose: service, lane: now, priority: 2}
  - {id: end, exit: done}
"""


def _thanks(story: Any) -> None:
    """Beside the cascade's urgent text every buyer gets one that can wait."""
    text = Material("thanks", "zh", "sms", "【{{ brand }}】谢谢您的订单", {"brand": "text"})
    with story.app.db.transaction() as conn:
        content.install(conn, [text], "test")
        journeys.publish(conn, LATER, None, PREDICATES, "test", story.now)


def _outage(story: Any, answer: int) -> tuple[list[str], list[str]]:
    """An hour without the provider: who bought, and whose parcel was cut off in it."""
    story.provider.down = answer
    bought: list[str] = []
    stale: list[str] = []
    began = story.now
    for number in range(12):
        phone, order = f"1380000{number:04}", story.order()
        story.pay(order, phone)
        if number % 4 == 1:
            story.plan(f"P{number}", [order], began + timedelta(minutes=58))
            stale.append(phone)
        bought.append(phone)
        story.go(minutes=5)
    story.provider.down = None
    return bought, stale


def _urgency(step: str) -> int:
    return ["sms", "say"].index(step)


@pytest.mark.parametrize("answer", [500, 503, OPEN_ENDED])
def test_after_an_hour_of_outage_the_urgent_go_first_and_what_is_no_longer_true_not_at_all(
    story: Any, answer: int
) -> None:
    _thanks(story)
    bought, stale = _outage(story, answer)
    assert story.received == []
    story.go(minutes=3)

    texts = [got for got in story.received if got.channel == "sms"]
    assert sorted(got.to[-11:] for got in texts if got.step == "sms") == sorted(
        set(bought) - set(stale)
    )
    assert sorted(got.to[-11:] for got in texts if got.step == "say") == sorted(bought)
    batches = [[one.step for one in got] for _, got in groupby(texts, key=lambda got: got.at)]
    assert max(len(set(steps)) for steps in batches) == 2
    for steps in batches:
        assert steps == sorted(steps, key=_urgency)
    assert story.provider.repeated == []
    for phone in stale:
        shown = {
            touch["step"]: (touch["state"], touch["reason"])
            for touch in story.explain(phone)["touches"]
        }
        assert shown["sms"] == ("withheld", "promise_expired")


def test_a_provider_that_is_busy_for_an_hour_gets_everything_once_when_it_takes_again(
    story: Any,
) -> None:
    _thanks(story)
    bought, stale = _outage(story, 429)
    story.go(seconds=15)  # until it is asked again, whatever it refused

    texts = [got for got in story.received if got.channel == "sms"]
    assert len([got for got in texts if got.step == "say"]) == len(bought)
    assert len([got for got in texts if got.step == "sms"]) == len(bought) - len(stale)
    for steps in ([got.step for got in part] for part in (texts[:PROBE], texts[PROBE:])):
        assert steps == sorted(steps, key=_urgency)
    assert story.provider.repeated == []


def test_a_provider_in_trouble_is_asked_four_times_a_minute_or_when_it_wants_to_be(
    story: Any,
) -> None:
    for number in range(20):
        story.pay(story.order(), f"1380000{number:04}")
    story.provider.down = 429
    story.go(minutes=3)
    assert 12 <= story.provider.requests <= 4 + 12 + 1  # after 1, 2, 4 and 8 seconds as well
    story.provider.retry_after = 600
    story.go(seconds=15)
    story.provider.down = None

    story.go(minutes=9, seconds=44)
    assert [got for got in story.received if got.channel == "sms"] == []

    story.go(seconds=16)
    assert len([got for got in story.received if got.step == "sms"]) == 20


@pytest.mark.parametrize(
    "fault",
    ["busy", "fail", "fail after effect", "hang up after effect", "garbage after effect"],
)
def test_a_fault_with_or_without_effect_neither_loses_nor_doubles_a_text(
    story: Any, fault: str
) -> None:
    phones = [f"1380000{number:04}" for number in range(5)]
    story.provider.faults.append(fault)
    for phone in phones:
        story.pay(story.order(), phone)
    story.go(minutes=4)

    assert sorted(got.to[-11:] for got in story.received if got.step == "sms") == phones
    assert story.provider.repeated == []
    assert {touch["state"] for touch in story.touches() if touch["step"] == "sms"} == {"sent"}
    spent = "select count(*) from ledger_entry where kind = 'sms_segment' and amount_minor > 0"
    assert story.facts(spent) == [(5,)]


def _receipt(story: Any, got: Any, kind: str, minute: int) -> dict[str, Any]:
    at = (story.now + timedelta(minutes=minute)).isoformat()
    return {"id": got.token, "kind": kind, "at": at, "receipt_id": f"{kind}/{got.token}"}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_receipts_that_come_twice_and_in_any_order_end_in_the_same_facts(
    story: Any, order: tuple[int, ...]
) -> None:
    story.pay(story.order(), "13800000001")
    story.go(minutes=1)
    (got,) = story.received
    kinds = ("failed", "delivered", "read")
    told = [_receipt(story, got, kind, minute) for minute, kind in enumerate(kinds)]
    for place in order:
        assert [one["status"] for one in story.receipts([told[place]])] == ["accepted"]
        story.go(seconds=1)
        assert [one["status"] for one in story.receipts([told[place]])] == ["duplicate"]
    story.go(seconds=1)

    assert [(one["step"], one["state"]) for one in story.touches()] == [("sms", "read")]


def test_a_lost_report_of_a_call_holds_a_visit_up_for_a_day_and_no_longer(story: Any) -> None:
    order = story.order()
    story.pay(order, "13800000001")
    story.go(minutes=6)
    assert story.steps("13800000001") == ["sms", "call"]
    story.go(days=1)

    (visit,) = story.explain("13800000001")["visits"]
    assert visit["node"] == "watch"
    assert story.tasks() == []
