"""What Aliyun's answers lead to, over real HTTP against its fake."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.connectors.bench import NOW, Remembered, Still
from tests.connectors.sms_aliyun.bench import (
    QUICK,
    TEXT,
    VALUES,
    config,
    connected,
    message,
    service,
)

from siyu.connections.actions import Memory
from siyu.connectors.known import Text
from siyu.connectors.manifest import Tools
from siyu.connectors.sms_aliyun.channel import AliyunSms
from siyu.connectors.sms_aliyun.check import check, texts
from siyu.connectors.sms_aliyun.config import Template
from siyu.connectors.sms_aliyun.source import refusals
from siyu.events.check import parse
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Asked, Found
from siyu.playbooks import actions as playbooks
from siyu.vault.model import Keys


@pytest.fixture
def desk(plugs) -> Any:
    clock, store = Still(), Remembered()
    fake = service(clock)
    url = plugs[0].into(fake.app)
    channel, tools = connected(store, clock, url)
    return SimpleNamespace(
        clock=clock, store=store, fake=fake, channel=channel, tools=tools, url=url,
        config=config(url),
    )  # fmt: skip


def asked(number: int = 0) -> Asked:
    one = message(number)
    return Asked(one.token, "sms", one.to, "", NOW)


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        ("minute", timedelta(minutes=1)),
        ("hour", timedelta(hours=1)),
        ("day", timedelta(hours=24)),
    ],
)
def test_who_has_had_enough_for_now_is_sent_to_when_that_is_over(desk, fault, wait) -> None:
    desk.fake.faults.append(fault)

    (result,) = desk.channel.send([message()])

    assert (result.status, result.shut, result.again) == ("retry", False, NOW + wait)
    desk.clock.at += wait
    assert [one.status for one in desk.channel.send([message()])] == ["accepted"]


def test_the_vendors_own_limit_per_number_is_kept_to(desk) -> None:
    desk.fake.records.per_day = 2

    results = desk.channel.send([message(n, to=message().to) for n in range(3)])

    assert sorted(one.status for one in results) == ["accepted", "accepted", "retry"]
    assert max(desk.fake.records.received.values()) == 2


def test_without_money_or_quota_the_channel_is_shut_and_the_check_says_why(desk) -> None:
    desk.fake.records.balance = 0

    results = desk.channel.send([message(n) for n in range(2)])

    assert {(one.status, one.shut, one.again) for one in results} == {
        ("retry", True, NOW + timedelta(minutes=5))
    }
    assert all("isv.AMOUNT_NOT_ENOUGH" in one.reason for one in results)
    said = [line for line in check(desk.config, desk.tools) if line.what == "sending"]
    assert [line.state for line in said] == ["wrong"]
    assert said[0].why.startswith("stopped since 2026-11-20 10:00: the Aliyun account has no money")
    desk.fake.records.balance, desk.fake.records.day_quota = 100, 1
    assert {one.shut for one in desk.channel.send([message(n) for n in range(2)])} == {True}
    assert desk.fake.received == []


@pytest.mark.parametrize("lost", ["templates", "sign_names"])
def test_a_template_or_signature_that_is_none_rests_and_burns_nothing(desk, lost) -> None:
    known = getattr(desk.fake.records, lost)
    kept = known.copy()
    known.clear()

    results = desk.channel.send([message(n) for n in range(3)])

    assert {(one.status, one.shut, one.halt) for one in results} == {("retry", False, "material")}
    known.update(kept)
    assert {one.status for one in desk.channel.send([message(n) for n in range(3)])} == {"accepted"}


def test_whoever_has_refused_is_told_as_such_once_and_nobody_else_suffers(desk) -> None:
    desk.fake.records.opted_out.add((message(1).to[3:], "肌初"))

    results = desk.channel.send([message(n) for n in range(3)])

    assert [one.status for one in results] == ["accepted", "rejected", "accepted"]
    events: list[Any] = [
        parse(event, "CN", NOW)
        for page in refusals(desk.config, desk.tools, "")
        for event in page.events
    ]
    assert [(one.kind, dict(one.keys)) for one in events] == [
        ("consent.withdrawn", {"phone": message(1).to})
    ]
    assert events[0].payload.channels == ["sms"]
    assert events[0].payload.evidence == "Aliyun: isv.CUSTOMER_REFUSED"
    assert list(refusals(desk.config, desk.tools, "")) == []


def test_a_refusal_that_was_not_stored_is_told_again(desk) -> None:
    desk.fake.records.opted_out.add((message().to[3:], "肌初"))
    desk.channel.send([message()])
    dies: Any = refusals(desk.config, desk.tools, "")
    first = next(dies).events
    dies.close()

    assert [page.events for page in refusals(desk.config, desk.tools, "")] == [first]


def test_another_text_is_never_billed(desk) -> None:
    (result,) = desk.channel.send([message(text=TEXT + "！")])

    assert result.status == "rejected"
    assert "template SMS_100000001" in result.reason
    assert desk.fake.requests == 0


def test_one_number_has_one_message_of_a_batch_so_that_reports_are_clear(desk) -> None:
    same = [message(n, to=message().to) for n in range(3)]

    results = desk.channel.send([*same, message(7)])

    assert {one.status for one in results} == {"accepted"}
    assert len({one.vendor_id for one in results}) == 3
    assert len({one.out_id for one in desk.fake.received}) == 3


def test_of_several_batches_one_in_doubt_takes_no_answer_from_the_others(desk) -> None:
    small, _ = connected(desk.store, desk.clock, desk.url, batch=1)
    desk.fake.faults.extend(["", "silent after effect"])

    results = small.send([message(n) for n in range(4)])

    assert [(one.token, one.status, one.shut) for one in results] == [
        ("tch_0", "accepted", False), ("tch_2", "retry", True), ("tch_3", "retry", True),
    ]  # fmt: skip
    desk.clock.at += timedelta(minutes=1)
    assert [one.status for one in small.reconcile([asked(1)])] == ["accepted"]


def test_what_is_in_doubt_is_not_handed_over_again_before_somebody_knows(desk) -> None:
    desk.fake.faults.append("silent after effect")
    with pytest.raises(InDoubt):
        desk.channel.send([message()])

    assert desk.channel.send([message()]) == []
    assert len(desk.fake.received) == 1


def test_absent_is_only_said_when_the_vendors_records_can_not_lag_any_more(desk) -> None:
    desk.fake.faults.append("silent after effect")
    desk.fake.lag = timedelta(minutes=5)
    with pytest.raises(InDoubt):
        desk.channel.send([message()])

    found = []
    for minutes in (1, 4, 2):
        desk.clock.at += timedelta(minutes=minutes)
        found += [one.status for one in desk.channel.reconcile([asked()])]

    assert found == ["unknown", "accepted", "accepted"]


def test_what_never_reached_the_vendor_is_absent_after_the_grace_and_goes_out_once(desk) -> None:
    desk.fake.faults.append("fail")
    with pytest.raises(InDoubt):
        desk.channel.send([message()])

    assert desk.channel.reconcile([asked()]) == [Found("tch_0", "unknown")]
    desk.clock.at += timedelta(minutes=10)
    assert desk.channel.reconcile([asked()]) == [Found("tch_0", "absent")]
    assert [one.status for one in desk.channel.send([message()])] == ["accepted"]
    assert len(desk.fake.received) == 1


def test_of_a_number_that_is_erased_only_what_we_remember_is_said(desk) -> None:
    desk.channel.send([message(0)])
    desk.fake.faults.append("silent after effect")
    with pytest.raises(InDoubt):
        desk.channel.send([message(1)])
    desk.clock.at += timedelta(hours=1)

    found = desk.channel.reconcile([asked(n)._replace(to="") for n in range(2)])

    assert [one.status for one in found] == ["accepted", "unknown"]


def test_a_question_that_is_refused_leaves_one_unknown_and_not_all(desk) -> None:
    for number in range(2):
        desk.fake.faults.append("silent after effect")
        with pytest.raises(InDoubt):
            desk.channel.send([message(number)])
    desk.clock.at += timedelta(hours=1)
    desk.fake.faults.append("system error")

    found = desk.channel.reconcile([asked(n) for n in range(2)])

    assert [one.status for one in found] == ["unknown", "accepted"]


def test_a_message_near_midnight_is_found_on_either_day(desk) -> None:
    desk.clock.at = NOW.replace(hour=15, minute=59, second=58)
    handed = desk.clock.at
    desk.clock.at += timedelta(seconds=5)
    desk.fake.faults.append("silent after effect")
    with pytest.raises(InDoubt):
        desk.channel.send([message()])

    found = desk.channel.reconcile([asked()._replace(handed_at=handed)])

    assert [one.status for one in found] == ["accepted"]


def test_more_messages_to_a_number_than_a_page_holds_are_still_found(desk) -> None:
    desk.channel.send([message()])
    desk.fake.records.per_day = 100
    for n in range(55):
        desk.channel.send([message(n + 1, to=message().to)])
    desk.store.known = {
        key: value.replace("taken", "asked") for key, value in desk.store.known.items()
    }

    assert [one.status for one in desk.channel.reconcile([asked()])] == ["accepted"]


def test_parameters_can_stand_in_the_body(desk) -> None:
    form, _ = connected(desk.store, desk.clock, desk.url, parameters="form")

    assert [one.status for one in form.send([message(n) for n in range(2)])] == ["accepted"] * 2
    assert len(desk.fake.received) == 2


def test_neither_number_nor_name_nor_text_is_remembered_in_clear(desk, db, clock) -> None:
    keys = Keys(master=b"m" * 32, lookup=b"l" * 32)
    tools = Tools(clock, Memory(db, keys, "sms_aliyun", clock))
    desk.fake.records.opted_out.add((message(1).to[3:], "肌初"))
    channel = AliyunSms(config(desk.url), Tools(desk.clock, tools.store), timeout=QUICK)
    channel.send([message(n) for n in range(2)])

    rows = db.fetch("select key, value from connector_entry")

    assert len(rows) >= 4
    for key, value in rows:
        assert "138001" not in key
        assert b"138001" not in bytes(value)
        assert "小林".encode() not in bytes(value)


def test_the_check_says_what_is_missing_and_what_is_wrong(desk) -> None:
    empty = config(desk.url, access_key_id="", sign_name="", hook_secret="", templates=())
    broken = config(desk.url, access_key_secret="wrong")

    assert [line.state for line in check(empty, desk.tools)] == ["missing"] * 4
    assert [line.state for line in check(desk.config, desk.tools)] == [
        "ok", "unverified", "ok", "ok", "unverified",
    ]  # fmt: skip
    first = check(broken, desk.tools)[0]
    assert (first.state, "Secret is wrong" in first.why, "不对" in first.why.zh) == (
        "wrong", True, True,
    )  # fmt: skip


def test_the_check_compares_materials_with_their_templates(desk) -> None:
    body = "【{{ brand }}】{{ name }}，加企业微信领{{ offer_title }}：{{ link }} 拒收请回复R"
    known = {"brand": VALUES["brand"], "link": "s.example/{state}"}
    theirs = replace(desk.config, templates=desk.config.templates[:1])

    def found(material: str, body: str) -> list[tuple[str, str]]:
        lines = texts(theirs, [Text(material, body, known)])
        return [(one.state, one.why) for one in lines]

    assert [state for state, _ in found("invite-sms", body)] == ["ok"]
    assert "lacks “领”" in found("invite-sms", body.replace("领", "送"))[0][1]
    assert "lacks “【肌初】”" in found("invite-sms", body.replace("【", "["))[0][1]
    assert [state for state, _ in found("news", body)] == ["missing", "wrong"]


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_shipped_invitation_passes_where_it_was_approved_as_it_is(desk, locale) -> None:
    (one,) = [
        one
        for one in playbooks.materials_of(playbooks.read("cascade"), "CN")
        if (one.code, one.locale) == ("invite-sms", locale)
    ]
    approved = re.sub(r"\{\{ (\w+) \}\}", r"${\1}", one.body).removeprefix("【${brand}】")
    template = Template(
        material=one.code, code="SMS_1", text=approved.replace("${link}", "s.example/${state}")
    )
    written = Text(one.code, one.body, {"brand": "肌初", "link": "s.example/{state}"})

    found = texts(replace(desk.config, templates=(template,)), [written])

    assert [(line.state, line.why) for line in found] == [("ok", "says what template SMS_1 says")]
