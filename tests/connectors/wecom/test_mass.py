"""Mass messages: one for each sender and text, pressed or forgotten, each end told once."""

from __future__ import annotations

import json
import logging
import traceback
from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.connectors.calling import TIMEOUT
from siyu.connectors.wecom.channel import WeComChannel
from siyu.connectors.wecom.channel.mass import MOST_SECONDS, Mass
from siyu.connectors.wecom.client import NotSent
from siyu.connectors.wecom.source import mass
from siyu.connectors.wecom.wire.messages import MOST_RECIPIENTS, grouped
from siyu.events.model import Incoming
from siyu.outbox.channel import InDoubt
from siyu.outbox.decide import FRESH, LEASE
from siyu.outbox.model import Asked, Found, Stopped

CREATE = "externalcontact/add_msg_template"
NAMES = ("anna", "bella", "clara", "dora")
WHO = {name: f"wm{name}0000000000001" for name in NAMES}


@pytest.fixture
def friends(corp):
    """All are friends of lisi, dora of zhangsan, too."""
    since = corp.clock.now() - timedelta(days=9)
    for who in WHO.values():
        corp.fake.existing("lisi", who, since)
    corp.fake.existing("zhangsan", WHO["dora"], since)


@pytest.fixture
def texts(message):
    def make(*names: str, first: int = 0, **words):
        given = {"channel": "wecom_mass", "staff": "lisi", "text": "周六到店有礼", **words}
        return [message(first + n, to=WHO[name], **given) for n, name in enumerate(names)]

    return make


def pulled(corp):
    pages = mass.pull(corp.config, corp.tools, "")
    events = [one for page in pages for one in page.events if isinstance(one, Incoming)]
    return sorted(
        (one.kind, data["touch"], data.get("reason", ""))
        for one in events
        for data in [json.loads(bytes(one.data))]
    )


def test_as_few_tasks_as_say_the_same(corp, channel, texts, friends) -> None:
    sent = [*texts("anna", "bella"), *texts("dora", first=2, staff="g-zhang"),
            *texts("clara", first=3, text="另一段话"), *texts("anna", first=4)]  # fmt: skip

    results = channel.send(sent)

    assert {one.status for one in results} == {"awaiting_staff"}
    assert sorted(one.token for one in results) == [f"tch_{n}" for n in range(5)]
    tasks = sorted(
        (userid, sorted(customers))
        for one in corp.fake.masses.values()
        for userid, customers in one.tasks.items()
    )
    assert tasks == sorted([
        ("lisi", [WHO["anna"], WHO["bella"]]), ("zhangsan", [WHO["dora"]]),
        ("lisi", [WHO["clara"]]), ("lisi", [WHO["anna"]]),
    ])  # fmt: skip
    assert corp.fake.received == []


def test_the_same_token_again_makes_no_second_task(corp, channel, texts, friends) -> None:
    first, again = channel.send(texts("anna")), channel.send(texts("anna", "bella"))

    assert again[0] == first[0]
    assert [len(one.tasks["lisi"]) for one in corp.fake.masses.values()] == [1, 1]


def test_a_slow_batch_is_over_before_its_lease_is(corp, texts, friends) -> None:
    sent = [*texts("anna"), *texts("bella", first=1, text="另一段话")]
    channel = Mass(corp.config, corp.tools, corp.client(), seconds=0)

    results = {one.token: (one.status, one.reason) for one in channel.send(sent)}

    assert results == {"tch_0": ("awaiting_staff", ""), "tch_1": ("retry", "in_turn")}
    assert len(corp.fake.masses) == 1
    last = 4 * (TIMEOUT.read or 0)  # a picture and a creation, each twice
    assert FRESH.total_seconds() + MOST_SECONDS + last <= LEASE.total_seconds()


def test_nobody_gets_anything_before_staff_press_and_each_end_is_told_once(
    corp, channel, texts, friends
) -> None:
    channel.send(texts("anna", "bella", "clara"))
    assert pulled(corp) == []  # it is being given out
    corp.clock.advance(minutes=1)
    corp.fake.deletes_staff(WHO["bella"], "lisi")
    corp.fake.quota = "day"
    assert pulled(corp) == []

    channel.send(texts("anna", first=5, text="早些的话"))
    corp.clock.advance(minutes=1)
    (early,) = [one for one in corp.fake.masses.values() if len(one.tasks["lisi"]) == 1]
    corp.fake.confirm_mass("lisi", early.msgid)
    corp.fake.confirm_mass("lisi")

    assert pulled(corp) == [
        ("touch.delivered", "tch_2", ""),
        ("touch.delivered", "tch_5", ""),
        ("touch.failed", "tch_0", "carrier_cap"),
        ("touch.failed", "tch_1", "not_a_friend"),
    ]
    assert pulled(corp) == []
    assert mass.waiting(corp.config, corp.tools) == []
    assert sorted(one.external_userid for one in corp.fake.received) == [WHO["anna"], WHO["clara"]]


def test_a_page_that_was_not_stored_is_told_again(corp, channel, texts, friends) -> None:
    channel.send(texts("anna"))
    corp.clock.advance(minutes=1)
    corp.fake.confirm_mass("lisi")
    page = next(mass.pull(corp.config, corp.tools, ""))  # killed before the next

    assert [one.kind for one in page.events if isinstance(one, Incoming)] == ["touch.delivered"]
    assert pulled(corp) == [("touch.delivered", "tch_0", "")]


def test_what_staff_forget_is_listed_reminded_and_called_off(corp, channel, texts, friends) -> None:
    corp.config = replace(corp.config, mass_reminds=2, mass_expires_hours=48)
    channel.send(texts("anna", "bella"))
    (waiting,) = mass.waiting(corp.config, corp.tools)
    assert (waiting.staff, waiting.customers) == ("lisi", 2)
    for _ in range(11):
        corp.clock.advance(hours=4)
        assert pulled(corp) == []
    assert [who for _, who in corp.fake.reminders] == ["lisi"] * 4  # two a day

    corp.clock.advance(hours=4)
    assert pulled(corp) == [
        ("touch.failed", "tch_0", "not_pressed"),
        ("touch.failed", "tch_1", "not_pressed"),
    ]
    assert corp.fake.waiting_mass("lisi") == []
    assert corp.fake.confirm_mass("lisi") == 0


def test_a_customer_who_has_had_the_months_share_is_not_asked_for(corp, texts, friends) -> None:
    corp.config = replace(corp.config, mass_quota="day")
    channel = WeComChannel(corp.config, corp.tools)
    channel.send(texts("anna"))
    corp.clock.advance(minutes=1)
    corp.fake.confirm_mass("lisi")
    pulled(corp)

    (result,) = channel.send(texts("anna", first=1))
    assert (result.status, result.reason) == ("rejected", "carrier_cap")
    corp.clock.advance(days=1)
    assert [one.status for one in channel.send(texts("anna", first=1))] == ["awaiting_staff"]


def test_who_is_no_friend_is_rejected_and_the_others_go(corp, channel, texts, friends) -> None:
    results = channel.send(texts("anna", "dora", staff="g-zhang"))
    assert sorted((one.token, one.status, one.reason) for one in results) == [
        ("tch_0", "rejected", "not_a_friend"), ("tch_1", "awaiting_staff", ""),
    ]  # fmt: skip

    (nobody,) = channel.send(texts("anna", first=2, staff="g-zhang"))
    assert (nobody.status, "41048" in nobody.reason) == ("rejected", True)


def test_a_member_out_of_sight_shuts_the_way_for_nobody_else(corp, channel, texts, friends) -> None:
    results = channel.send([*texts("anna", staff="left-long-ago"), *texts("bella", first=1)])

    assert [(one.token, one.status, one.shut) for one in results] == [
        ("tch_0", "rejected", False), ("tch_1", "awaiting_staff", False),
    ]  # fmt: skip


def test_without_a_member_named_wecom_picks_who_talked_last(corp, channel, texts, friends) -> None:
    corp.fake.talks(WHO["dora"], "zhangsan")
    channel.send(texts("dora", staff=""))

    (made,) = corp.fake.masses.values()
    assert list(made.tasks) == ["zhangsan"]


@pytest.mark.parametrize(
    "fault", ["fail after effect", "garbage after effect", "hang up after effect",
              "silent after effect"],
)  # fmt: skip
def test_a_lost_answer_is_found_by_asking_and_nothing_is_made_twice(
    corp, channel, texts, friends, fault
) -> None:
    channel.send(texts("bella", first=7))  # the same words to somebody else
    corp.fake.faults.append(fault)
    with pytest.raises(InDoubt):
        channel.send(texts("anna"))
    corp.clock.advance(minutes=1)

    (found,) = channel.reconcile([Asked("tch_0", "wecom_mass")])

    assert (found.status, found.vendor_id) == ("awaiting_staff", list(corp.fake.masses)[1])
    corp.fake.confirm_mass("lisi")
    assert ("touch.delivered", "tch_0", "") in pulled(corp)
    assert len(corp.fake.masses) == 2


def test_what_never_came_into_being_is_absent_after_a_while(corp, channel, texts, friends) -> None:
    corp.fake.faults.append("fail")
    with pytest.raises(InDoubt):
        channel.send(texts("anna"))

    assert channel.reconcile([Asked("tch_0", "wecom_mass")]) == []
    corp.clock.advance(minutes=11)
    assert channel.reconcile([Asked("tch_0", "wecom_mass")]) == [Found("tch_0", "absent")]


def test_a_task_is_stopped_when_nobody_in_it_is_wanted_any_more(
    corp, channel, texts, friends
) -> None:
    channel.send(texts("anna", "bella"))
    corp.clock.advance(minutes=1)
    both = [Asked(f"tch_{n}", "wecom_mass") for n in range(2)]

    assert sorted(channel.cancel(both)) == [Stopped("tch_0"), Stopped("tch_1")]
    assert corp.fake.confirm_mass("lisi") == 0
    corp.clock.advance(days=4)
    assert pulled(corp) == []

    assert [one.status for one in channel.send(texts("anna"))] == ["awaiting_staff"]
    assert len(corp.fake.masses) == 2


def test_what_was_pressed_can_not_be_stopped(corp, channel, texts, friends) -> None:
    channel.send(texts("anna"))
    corp.clock.advance(minutes=1)
    corp.fake.confirm_mass("lisi")

    assert channel.cancel([Asked("tch_0", "wecom_mass")]) == []


def test_a_text_that_wecom_does_not_take_rests_and_others_go(corp, channel, texts, friends) -> None:
    refused, taken = channel.send([*texts("anna", text=""), *texts("bella", first=1)])

    assert (refused.status, refused.shut, refused.halt) == ("retry", False, "material")
    assert "44004" in refused.reason
    assert (taken.status, taken.halt) == ("awaiting_staff", "")
    assert len(corp.fake.masses) == 1
    assert {one.status for one in channel.send(texts("anna"))} == {"awaiting_staff"}


def test_a_block_shuts_the_way_until_it_is_over(corp, channel, texts, friends) -> None:
    corp.fake.faults.append("frequency")
    results = channel.send(texts("anna", "bella"))

    assert {(one.status, one.shut) for one in results} == {("retry", True)}
    assert results[0].again is not None
    corp.clock.set(results[0].again)
    assert {one.status for one in channel.send(texts("anna", "bella"))} == {"awaiting_staff"}
    assert corp.fake.refused_while_blocked == 0


def test_what_never_left_or_was_not_let_in_is_tried_again(corp, channel, texts, friends) -> None:
    for wrong in ({"base_url": "http://127.0.0.1:9"}, {"secret": "not-it"}):
        corp.tools.store.take(f"token/{corp.config.corpid}/{corp.config.agent_id}")
        (result,) = WeComChannel(replace(corp.config, **wrong), corp.tools).send(texts("anna"))
        assert (result.status, result.shut, result.reason != "") == ("retry", True, True)
    assert corp.fake.masses == {}

    assert [one.status for one in channel.send(texts("anna"))] == ["awaiting_staff"]
    assert len(corp.fake.masses) == 1


def test_asking_nobody_raises(corp, channel, texts, friends) -> None:
    corp.fake.faults.append("fail after effect")
    with pytest.raises(InDoubt):
        channel.send(texts("anna"))
    nobody = WeComChannel(replace(corp.config, base_url="http://127.0.0.1:9"), corp.tools)

    with pytest.raises(NotSent):
        nobody.reconcile([Asked("tch_0", "wecom_mass")])
    assert (nobody.send([]), nobody.cancel([]), nobody.reconcile([])) == ([], [], [])


@pytest.mark.parametrize("fault", [None, "busy", "refuse", "fail", "frequency", "stale token"])
def test_neither_secret_nor_person_is_in_a_log_or_an_exception(
    corp, channel, texts, friends, fault, caplog
) -> None:
    corp.fake.faults.extend([fault] if fault else [])
    seen = []
    with caplog.at_level(logging.DEBUG):
        try:
            seen += [str(one) for one in channel.send(texts("anna", text="小林，周六到店有礼"))]
            seen += [str(one) for one in pulled(corp)]
        except Exception as error:  # noqa: BLE001 - its words are what is looked at
            seen += traceback.format_exception(error)
    logged = [one.getMessage() for one in caplog.records if not one.name.startswith("uvicorn")]

    told = "\n".join([*seen, *logged, repr(channel)])
    for word in (corp.config.secret, "TOKEN", WHO["anna"], "小林"):
        assert word not in told.replace('text="小林', "")


def test_a_wecom_that_does_not_answer_is_not_tried_for_each_message(
    corp, channel, texts, friends
) -> None:
    many = [one for n, who in enumerate(NAMES) for one in texts(who, first=n, text=f"第{n}段")]
    corp.fake.faults.extend(["fail"] * 4)
    results = channel.send(many)
    assert [(one.token, one.status, one.shut) for one in results] == [
        ("tch_2", "retry", True), ("tch_3", "retry", True),
    ]  # fmt: skip
    assert corp.fake.requests[CREATE] == 2

    corp.fake.faults.clear()
    corp.fake.faults.append("frequency")
    results = channel.send(texts("anna", "bella", first=7, text="x") + texts("clara", first=9))
    assert [(one.token, one.shut) for one in results] == [
        ("tch_7", True), ("tch_8", True), ("tch_9", True),
    ]  # fmt: skip
    assert corp.fake.requests[CREATE] == 3


def test_ten_thousand_customers_are_one_task_and_the_next_one_another(corp, message) -> None:
    given = {"channel": "wecom_mass", "staff": "lisi", "text": "周六到店有礼"}
    many = [message(n, to=f"wm{n}", **given) for n in range(MOST_RECIPIENTS + 1)]

    groups = grouped(corp.config, many)

    assert [len(one.tokens) for one in groups] == [MOST_RECIPIENTS, 1]
