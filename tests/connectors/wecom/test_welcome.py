"""A welcome: once, within twenty seconds, and nobody gets two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.connectors.manifest import ClaimPage
from siyu.connectors.wecom.channel import WeComChannel
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Asked, Found, Result

ANNA, BELLA = "wmANNA0000000000001", "wmBELLA000000000001"
PATH = "externalcontact/send_welcome_msg"


@pytest.fixture
def added(corp):
    """Anna has added lisi, and we have heard of it."""
    corp.fake.searches_phone("lisi", "13800000001", ANNA)
    corp.deliver()


def test_who_adds_is_welcomed_once_and_the_seconds_are_told(corp, channel, message, added) -> None:
    corp.clock.advance(seconds=3)
    first = channel.send([message(to=ANNA)])
    again = channel.send([message(to=ANNA)])

    assert first == again == [Result("tch_0", "accepted", pace=first[0].pace)]
    did, heard, ended = first[0].pace
    assert (heard, ended) == (corp.clock.now() - timedelta(seconds=3), corp.clock.now())
    assert timedelta(0) <= heard - did < timedelta(seconds=1)  # WeCom tells whole seconds
    assert channel.reconcile([Asked("tch_0", "wecom_welcome")]) == [
        Found("tch_0", "accepted", pace=first[0].pace)
    ]
    assert [(one.external_userid, one.userid, one.text) for one in corp.fake.received] == [
        (ANNA, "lisi", "您好，我是小张")
    ]
    assert corp.fake.requests[PATH] == 1


def test_after_twenty_seconds_or_without_a_code_it_is_over(corp, channel, message, added) -> None:
    corp.clock.advance(seconds=20)

    late, without = channel.send([message(to=ANNA), message(1, to=BELLA)])

    assert (late.status, late.reason) == ("rejected", "welcome_over")
    assert late.pace.ended_at - late.pace.heard_at == timedelta(seconds=20)
    assert without == Result("tch_1", "rejected", reason="no_welcome_code")
    assert corp.fake.requests[PATH] == 0


def test_of_two_codes_the_one_that_is_still_good_is_taken(corp, channel, message, added) -> None:
    corp.clock.advance(seconds=20)
    corp.fake.searches_phone("zhangsan", "13800000001", ANNA)
    corp.deliver()

    (result,) = channel.send([message(to=ANNA, staff="lisi")])

    assert (result.status, [one.userid for one in corp.fake.received]) == ("accepted", ["zhangsan"])


def test_a_callback_that_was_long_on_its_way_is_too_late_by_wecoms_word(
    corp, channel, message
) -> None:
    corp.fake.searches_phone("lisi", "13800000001", ANNA)
    corp.clock.advance(seconds=25)
    corp.deliver()

    (result,) = channel.send([message(to=ANNA)])

    assert (result.status, result.reason) == ("rejected", "welcome_over")
    assert timedelta(seconds=25) <= result.pace.ended_at - result.pace.did_at
    assert (corp.fake.requests[PATH], corp.fake.received) == (1, [])


def test_the_code_of_the_member_who_is_named_is_taken(corp, channel, message, added) -> None:
    corp.fake.searches_phone("zhangsan", "13800000001", ANNA)
    corp.deliver()

    channel.send([message(to=ANNA, staff="g-zhang")])

    assert [one.userid for one in corp.fake.received] == ["zhangsan"]


def test_whom_nothing_matched_gets_the_page_for_the_order_number(corp, message, added) -> None:
    config = replace(corp.config, claim_url="https://shop.example/claim?c={customer}")
    channel = WeComChannel(config, corp.tools)
    corp.fake.searches_phone("lisi", "13800000002", BELLA)
    corp.deliver()

    channel.send([message(to=ANNA), message(1, to=BELLA, order_no="SO1")])

    link = {"title": "领取您的订单权益", "url": "https://shop.example/claim?c=cus_1"}
    assert [one.attachments for one in corp.fake.received] == [
        [{"msgtype": "link", "link": link}], [],
    ]  # fmt: skip


def test_without_a_page_of_the_brands_own_it_is_ours_and_theirs_gets_the_token(
    corp, message, added
) -> None:
    ours = ClaimPage("t0", "https://go.example/a/claim/t0")
    tools = replace(corp.tools, claim=lambda customer: ours if customer == "cus_1" else ClaimPage())
    theirs = replace(corp.config, claim_url="https://shop.example/claim?t={token}")
    corp.fake.searches_phone("lisi", "13800000002", BELLA)
    corp.deliver()

    WeComChannel(corp.config, tools).send([message(to=ANNA)])
    WeComChannel(theirs, tools).send([message(1, to=BELLA, customer="cus_1")])

    assert [one.attachments[0]["link"]["url"] for one in corp.fake.received] == [
        "https://go.example/a/claim/t0", "https://shop.example/claim?t=t0",
    ]  # fmt: skip


def test_somebody_who_is_chatting_already_is_not_welcomed(corp, channel, message, added) -> None:
    corp.fake.talks(ANNA, "lisi")

    (result,) = channel.send([message(to=ANNA)])

    assert (result.status, corp.fake.received) == ("rejected", [])
    assert "41051" in result.reason


@pytest.mark.parametrize("fault", ["fail", "fail after effect", "garbage after effect",
                                   "hang up after effect", "silent after effect"])  # fmt: skip
def test_after_an_unclear_answer_the_code_itself_says_whether_it_was_used(
    corp, channel, message, added, fault
) -> None:
    corp.fake.faults.append(fault)

    (result,) = channel.send([message(to=ANNA)])

    assert result.status == "accepted"
    assert len(corp.fake.received) == 1


def test_what_stays_unclear_is_in_doubt_and_counts_as_sent(corp, channel, message, added) -> None:
    corp.fake.faults.extend(["fail after effect", "fail"])

    with pytest.raises(InDoubt):
        channel.send([message(to=ANNA)])

    asked = [Asked("tch_0", "wecom_welcome"), Asked("tch_9", "wecom_welcome")]
    assert channel.reconcile(asked) == [Found("tch_0", "accepted"), Found("tch_9", "absent")]
    assert len(corp.fake.received) == 1


def test_one_in_doubt_holds_up_no_other(corp, channel, message, added) -> None:
    corp.fake.searches_phone("lisi", "13800000002", BELLA)
    corp.deliver()
    corp.fake.faults.extend(["fail", "fail"])

    results = channel.send([message(to=ANNA), message(1, to=BELLA)])

    assert [(one.token, one.status) for one in results] == [("tch_1", "accepted")]


@pytest.mark.parametrize(
    ("fault", "shut"), [("busy", False), ("frequency", True), ("concurrent", True)]
)
def test_what_was_not_taken_keeps_its_code_for_the_next_try(
    corp, channel, message, added, fault, shut
) -> None:
    corp.fake.faults.extend([fault] * (3 if fault == "busy" else 1))

    (result,) = channel.send([message(to=ANNA)])

    assert (result.status, result.shut) == ("retry", shut)
    assert result.again is not None
    if fault == "busy":
        corp.clock.set(result.again)
        assert [one.status for one in channel.send([message(to=ANNA)])] == ["accepted"]
    else:  # the block outlives the code
        corp.clock.set(result.again)
        assert [one.status for one in channel.send([message(to=ANNA)])] == ["rejected"]


def test_a_text_that_wecom_would_refuse_costs_no_code(corp, channel, message, added) -> None:
    (result,) = channel.send([message(to=ANNA, text="面" * 1334)])
    assert (result.status, result.reason) == ("rejected", "too_long")

    assert [one.status for one in channel.send([message(to=ANNA, text="面" * 1333)])] == [
        "accepted"
    ]


def test_nobody_welcomes_where_the_admin_does(corp, channel, message) -> None:
    corp.fake.members["lisi"].own_welcome = True
    corp.fake.searches_phone("lisi", "13800000001", ANNA)
    corp.deliver()

    assert [one.status for one in channel.send([message(to=ANNA)])] == ["rejected"]
