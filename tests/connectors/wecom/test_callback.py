"""Callbacks by real HTTP, sealed and signed by the other side: each fact once, whatever happens."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.connectors.wecom.wire import crypto, xml
from siyu.connectors.wecom.wire.callback import Known, Pair, meant

ANNA, BELLA = "wmANNA0000000000000000000000001", "wmBELLA000000000000000000000001"
LINK = "externalcontact/customer_acquisition/create_link"


def _link(corp) -> str:
    body = {"link_name": "SMS", "range": {"user_list": ["zhangsan"]}}
    return corp.client().do(LINK, body)["link"]["url"]


def test_the_address_is_verified_with_the_echo_as_it_was(corp) -> None:
    assert corp.fake.verify(corp.apps[0])
    assert not corp.fake.verify(replace(corp.apps[0], token="Another"))
    assert not corp.fake.verify(replace(corp.apps[0], hook=corp.apps[0].hook + "2"))


def test_a_friend_by_link_comes_with_the_links_state_and_our_name_of_the_staff(corp) -> None:
    corp.fake.follows_link(f"{_link(corp)}?customer_channel=st_abc%2B1", ANNA, "安娜")

    corp.deliver()

    assert corp.ours.told() == [
        (
            "friend.added",
            {"external_userid": ANNA, "state": "st_abc+1"},
            {"staff": "g-zhang", "carrier": "wecom"},
        )
    ]
    (event,) = corp.ours.events
    assert datetime.fromisoformat(event.occurred_at) == corp.clock.now()
    assert ANNA not in event.id
    assert corp.ours.due == ["contacts"]


def test_the_welcome_code_is_kept_with_its_times_and_not_in_clear_keys(corp) -> None:
    corp.fake.follows_link(_link(corp), ANNA)
    corp.deliver()
    key = f"welcome/{Pair('zhangsan', ANNA).name}"

    code, did, at = json.loads(corp.tools.store.get(key))
    assert code in corp.fake.welcomes
    assert did == int(corp.clock.now().timestamp())
    assert datetime.fromisoformat(at) == corp.clock.now()
    assert not any(ANNA in one for one in corp.tools.store.keys(""))

    corp.clock.advance(hours=1)  # long after its seconds, so that it is known to be too late
    assert corp.tools.store.get(key) is None


def test_a_half_friend_who_becomes_a_whole_one_is_one_fact(corp) -> None:
    corp.fake.follows_link(_link(corp), ANNA, half=True)
    corp.deliver()
    corp.clock.advance(hours=5)
    corp.fake.opens("zhangsan", ANNA)
    corp.deliver()

    assert len(corp.ours.events) == 2
    assert len({one.id for one in corp.ours.events}) == 1
    assert len({one.occurred_at for one in corp.ours.events}) == 1


def test_who_is_deleted_and_added_again_is_two_facts(corp) -> None:
    for _ in range(2):
        corp.fake.searches_phone("zhangsan", "13800000001", ANNA)
        corp.deliver()
        corp.clock.advance(minutes=1)
        corp.fake.deletes_staff(ANNA, "zhangsan")
        corp.deliver()
        corp.clock.advance(minutes=1)
    corp.fake.searches_phone("zhangsan", "13800000001", ANNA)
    corp.fake.deletes_customer("zhangsan", ANNA)
    corp.deliver()

    assert [kind for kind, *_ in corp.ours.told()] == [
        "friend.added", "friend.deleted_by_customer", "friend.added",
        "friend.deleted_by_customer", "friend.added", "friend.deleted_by_staff",
    ]  # fmt: skip


@pytest.mark.parametrize("fault", ["duplicate", "late", None])
def test_what_comes_twice_late_or_in_another_order_is_told_once(corp, fault) -> None:
    corp.fake.post.shuffled = True
    corp.fake.post.faults.extend([fault] * 3 if fault else [])
    corp.fake.follows_link(_link(corp), ANNA, half=True)
    corp.fake.opens("zhangsan", ANNA)
    corp.fake.deletes_staff(ANNA, "zhangsan")
    for _ in range(3):
        corp.deliver()
        corp.clock.advance(minutes=1)

    told = corp.ours.told()
    assert sorted(kind for kind, *_ in told) == ["friend.added", "friend.deleted_by_customer"]
    assert corp.fake.next_at() is None


@pytest.mark.parametrize("fault", ["bad signature", "other corp", "tampered"])
def test_a_callback_that_is_not_genuine_says_nothing(corp, fault) -> None:
    corp.fake.post.faults.append(fault)
    corp.fake.searches_phone("zhangsan", "13800000001", ANNA)

    assert corp.deliver() == 0
    assert corp.ours.events == []
    assert corp.tools.store.keys("") == []
    assert [status for status, _ in corp.fake.post.answered] == [400]


def test_what_was_not_answered_comes_again_at_most_three_times(corp) -> None:
    corp.fake.post.retry_on_status = True
    corp.ours.broken.extend([500, 500])
    corp.fake.searches_phone("zhangsan", "13800000001", ANNA)
    for _ in range(6):
        corp.deliver()
        corp.clock.advance(seconds=5)
    assert len(corp.ours.events) == 1

    corp.ours.broken.extend([500] * 4)
    corp.fake.searches_phone("zhangsan", "13800000002", BELLA)
    for _ in range(6):
        corp.deliver()
        corp.clock.advance(seconds=5)
    assert len(corp.ours.events) == 1
    assert len(corp.fake.post.lost) == 1


def test_every_callback_is_answered_within_a_second(corp) -> None:
    for number in range(20):
        corp.fake.searches_phone("lisi", f"1380000{number:04}", f"wm{number}")

    assert corp.deliver() == 20
    assert max(seconds for _, seconds in corp.fake.post.answered) < 1


def test_edits_wake_the_pull_and_name_whom_to_look_at(corp) -> None:
    corp.fake.existing("lisi", ANNA, corp.clock.now())
    corp.fake.remarks("lisi", ANNA, mobile="13800000001")
    corp.fake.makes_tag("来源", "门店")
    corp.fake.transfer_fails("lisi", BELLA, "customer_refused")

    corp.deliver()

    assert (corp.ours.events, corp.ours.due) == ([], ["contacts", "tags", "contacts"])
    said = [corp.tools.store.get(key) for key in corp.tools.store.keys("look/")]
    looked = {json.loads(one)[0] for one in said}
    assert looked == {ANNA, BELLA}


def test_alarms_of_the_acquisition_quota_are_remembered_until_they_are_over(corp) -> None:
    url = _link(corp)
    corp.fake.balance = 21
    for number in range(2):
        corp.fake.follows_link(url, f"wm{number}")
    corp.deliver()
    assert corp.tools.store.keys("alarm/") == ["alarm/balance_low"]
    assert corp.tools.alarms.lasting == {"balance_low": True}

    corp.fake.tell("customer_acquisition", "balance_increased")
    corp.deliver()
    assert corp.tools.store.keys("alarm/") == []
    assert corp.tools.alarms.lasting == {}


@pytest.mark.parametrize(
    "values",
    [
        {"Event": "kf_msg_or_event", "Token": "T", "OpenKfId": "wk1"},
        {"Event": "change_external_contact", "ChangeType": "something_new", "UserID": "lisi",
         "ExternalUserID": "b"},
        {"MsgType": "text", "Content": "hello"},
        {},
    ],
)  # fmt: skip
def test_what_we_have_no_use_for_is_thanked_for(corp, values) -> None:
    corp.fake.outbox.append(("x", {"ToUserName": corp.config.corpid, **values}))

    assert corp.deliver() == 1
    assert corp.ours.events == []


@pytest.mark.parametrize(
    "values",
    [
        {"UserID": "zhangsan", "CreateTime": "1760000000"},
        {"UserID": "zhangsan", "ExternalUserID": ANNA, "CreateTime": "soon"},
        {"UserID": "zhangsan", "ExternalUserID": ANNA, "CreateTime": "9" * 10},
        {"UserID": "zhangsan", "ExternalUserID": "w" * 65, "CreateTime": "1760000000"},
    ],
)
def test_what_is_signed_and_yet_makes_no_sense_is_refused(corp, values) -> None:
    head = {"Event": "change_external_contact", "ChangeType": "add_external_contact"}
    corp.fake.outbox.append(("x", {**head, **values}))

    assert corp.deliver() == 0
    assert corp.fake.post.answered[0][0] == 400


@pytest.mark.parametrize("state", ["\u0007bell", "x" * 65, "  ", "\x7f"])
def test_a_state_that_can_be_none_does_not_cost_the_friend(corp, state) -> None:
    key = crypto.aes_key(corp.config.aes_key)
    text = xml.write({
        "Event": "change_external_contact", "ChangeType": "add_external_contact",
        "UserID": "lisi", "ExternalUserID": ANNA, "CreateTime": "1760000000", "State": state,
    }) if state != "\u0007bell" else b"<xml><Event>\x07</Event></xml>"  # fmt: skip
    sealed = crypto.seal(key, text, corp.config.corpid, b"0" * 16)
    signed = crypto.signature(corp.config.token, "1", "2", sealed)
    answer = httpx.post(
        corp.apps[0].hook,
        params={"msg_signature": signed, "timestamp": "1", "nonce": "2"},
        content=xml.write({"Encrypt": sealed}),
    )

    if state == "\u0007bell":  # no XML at all
        assert answer.status_code == 400
    else:
        assert answer.status_code == 200
        assert [one.keys for one in corp.ours.events] == [{"external_userid": ANNA}]


def test_the_time_of_a_fact_is_theirs_and_not_the_hour_of_its_coming(corp) -> None:
    corp.fake.post.faults.append("late")
    corp.fake.searches_phone("lisi", "13800000001", ANNA)
    added = corp.clock.now()
    corp.deliver()
    corp.clock.advance(minutes=2)
    corp.deliver()

    assert datetime.fromisoformat(corp.ours.events[0].occurred_at) == added
    assert corp.clock.now() - added == timedelta(minutes=2)
    assert added.tzinfo is UTC


STORY = [("add_half_external_contact", 10), ("add_external_contact", 20), ("del_follow_user", 30),
         ("add_half_external_contact", 40), ("add_external_contact", 50),
         ("del_external_contact", 60)]  # fmt: skip


@given(st.integers(1, len(STORY)), st.randoms(use_true_random=False), st.integers(1, 3))
def test_in_whatever_order_and_however_often_it_comes_it_ends_the_same(
    length, chance, times
) -> None:
    """Each callback of a story's beginning comes so many times, shuffled."""
    heard = STORY[:length] * times
    chance.shuffle(heard)
    known: dict[Pair, Known] = {}
    told = {}
    for change, at in heard:
        fields = {
            "Event": "change_external_contact", "ChangeType": change, "UserID": "lisi",
            "ExternalUserID": ANNA, "CreateTime": str(at),
        }  # fmt: skip
        said = meant(fields, str, lambda pair: known.get(pair, Known()))
        if said.pair is not None and said.known is not None:
            known[said.pair] = said.known
        told |= {one.id: one for one in said.events}

    facts = sorted((one.occurred_at, one.kind) for one in told.values())
    adds_or_ends = [kind.partition(".")[2] for _, kind in facts]
    ends = [change for change, _ in STORY[:length] if change.startswith("del_")]
    assert [one for one in adds_or_ends if one != "added"] == [
        {"del_follow_user": "deleted_by_customer", "del_external_contact": "deleted_by_staff"}[one]
        for one in ends
    ]
    in_order = [kind for kind, _ in groupby(adds_or_ends)]
    last = STORY[length - 1][0]
    assert (in_order[-1] == "added") == last.startswith("add_")
    assert in_order.count("added") == (1 if length <= 3 else 2)
