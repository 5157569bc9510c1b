"""README: a paid order is invited by ever stronger means, and everybody else gets a card."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.kernel.time import instant

MEI, HUA = "13800000001", "13800000002"


def test_an_sms_goes_out_within_a_minute_of_payment(story) -> None:
    paid_at = story.now
    order = story.order()
    story.pay(order, MEI)
    story.go(minutes=1)

    (sms,) = story.got(MEI)
    assert (sms.channel, sms.to, sms.order_no) == ("sms", "+8613800000001", order)
    assert sms.at - paid_at <= timedelta(minutes=1)
    assert "价值¥15的补水面膜随本包裹寄出" in sms.text
    assert "林小雨" in sms.text
    assert sms.link in sms.text


def test_an_ai_call_follows_five_minutes_later_for_who_has_not_added(story) -> None:
    story.pay(story.order(), MEI)
    story.pay(story.order(), HUA)
    story.go(minutes=3)
    story.add("wm-hua", link=story.got(HUA)[0].link)
    story.go(minutes=10)

    sms, call = story.got(MEI)
    assert (call.channel, call.step) == ("voice_ai", "call")
    assert call.at - sms.at == timedelta(minutes=5)
    assert story.steps(HUA) == ["sms"]


@pytest.mark.parametrize("intent", ["A", "B"])
def test_intent_brings_a_friend_request_and_a_human_call_where_it_is_not_accepted(
    story, intent: str
) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=6)
    story.call_ends(story.got(MEI)[1], intent)
    story.go(minutes=1)
    (request,) = story.tasks()
    story.task_ends(request, "requested")
    story.go(hours=3, minutes=50)
    before = story.tasks()
    story.go(minutes=20)
    (human,) = story.tasks()

    assert (request["kind"], request["step"]) == ("friend_request", "request")
    assert before == []
    assert (human["kind"], human["step"]) == ("call", "human")
    assert "随本包裹寄出" in human["script"]
    assert human["link"] in human["script"]


def test_an_accepted_request_needs_no_human_call(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=6)
    story.call_ends(story.got(MEI)[1], "A")
    story.go(minutes=1)
    (request,) = story.tasks()
    story.task_ends(request, "requested")
    story.go(hours=1)
    story.add("wm-mei", link=request["link"])
    story.go(days=1)

    assert story.tasks() == []
    assert story.explain(MEI)["visits"][0]["outcome"] == "friend"


@pytest.mark.parametrize("intent", ["C", "D", "E", "F", ""])
def test_no_intent_no_friend_request(story, intent: str) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=6)
    story.call_ends(story.got(MEI)[1], intent, answered=bool(intent))
    story.go(hours=8)

    assert story.tasks() == []
    assert story.steps(MEI) == ["sms", "call"]


def test_every_parcel_carries_the_gift_of_a_friend_or_the_card_of_anybody_else(story) -> None:
    mei, hua = story.order(), story.order()
    story.pay(mei, MEI)
    story.pay(hua, HUA)
    story.go(minutes=2)
    story.plan("P-mei", [mei], story.now + timedelta(hours=3))
    story.plan("P-hua", [hua], story.now + timedelta(hours=3))
    story.add("wm-mei", link=story.got(MEI)[0].link)
    story.go(hours=4)
    gift, card = story.decision("P-mei"), story.decision("P-hua")

    assert (gift["content"], gift["gift"], gift["card"]) == ("gift", "GIFT-MASK", "")
    assert gift["reason"] == "promised"
    assert (card["content"], card["gift"], card["card"]) == ("card", "", "card-gift")
    assert card["card_link"] not in {"", story.got(HUA)[0].link}


def test_who_scans_the_card_is_known_by_it(story) -> None:
    order = story.order()
    story.pay(order, MEI)
    story.go(minutes=1)
    story.plan("P1", [order], story.now + timedelta(hours=3))
    story.go(hours=4)
    story.pack("P1")
    story.go(days=2)
    story.add("wm-mei", link=story.decision("P1")["card_link"])
    story.go(days=1)

    assert story.explain(MEI)["visits"][0]["outcome"] == "friend"
    assert story.facts("select matched, how, step from friend_match") == [(True, "state", "card")]


def test_a_friend_who_buys_is_left_in_peace_and_finds_a_gift(story) -> None:
    order = story.order()
    story.add("wm-mei", phone=MEI)
    story.go(minutes=1)
    story.pay(order, MEI)
    story.go(minutes=1)
    story.plan("P1", [order], story.now + timedelta(hours=3))
    story.go(days=2)

    assert story.received == []
    assert story.touches() == []
    assert story.decision("P1")["gift"] == "GIFT-MASK-2"


def test_three_orders_in_an_hour_are_one_cascade(story) -> None:
    orders = [story.order() for _ in range(3)]
    for order in orders:
        story.pay(order, MEI)
        story.go(minutes=20)
    story.go(days=1)

    assert story.steps(MEI) == ["sms", "call"]
    explained = story.explain(MEI)
    assert len(explained["visits"]) == 1
    assert [(one["order"], one["outcome"]) for one in explained["entries"]] == [
        (f"tmall-flagship/{order}", outcome)
        for order, outcome in zip(orders, ["enrolled", "joined", "joined"], strict=True)
    ]


def test_three_orders_in_one_post_are_one_cascade(story) -> None:
    orders = [story.paid(story.order(), MEI) for _ in range(3)]
    story.send([story.agreed(MEI), *orders])
    story.go(days=1)

    assert story.steps(MEI) == ["sms", "call"]


def test_the_hold_out_gets_nothing_and_an_empty_parcel(story) -> None:
    order = story.order(held=True)
    story.pay(order, MEI)
    story.go(minutes=1)
    story.plan("P1", [order], story.now + timedelta(hours=3))
    story.go(days=2)

    assert story.received == []
    assert set(story.withheld().values()) <= {"holdout"}
    decision = story.decision("P1")
    assert (decision["content"], decision["reason"]) == ("none", "holdout")
    assert (decision["gift"], decision["card"], decision["card_link"]) == ("", "", "")


def test_without_consent_nobody_is_called_or_written_to_and_the_reason_is_kept(story) -> None:
    story.pay(story.order(), MEI, consent=False)
    story.go(hours=1)

    assert story.received == []
    assert story.withheld()["sms"] == "no_consent"


def test_at_night_the_sms_waits_for_the_morning(story) -> None:
    story.until(instant("2026-11-20T23:30:00+08:00"))
    story.pay(story.order(), MEI)
    story.go(hours=8)
    night = story.got(MEI)
    story.go(hours=1)

    assert night == []
    assert story.got(MEI)[0].at == instant("2026-11-21T08:00:00+08:00")
