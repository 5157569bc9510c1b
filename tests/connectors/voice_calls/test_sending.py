"""What is handed over, what is stopped, and what a vendor's answers lead to."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.connectors.bench import NOW, SECRET, Remembered, Still
from tests.connectors.voice_calls.bench import QUICK, VALUES, config, message

from siyu.connectors.manifest import Tools
from siyu.connectors.voice_calls.channel import VoiceCalls
from siyu.connectors.voice_calls.check import check
from siyu.connectors.voice_calls.config import Config, Script
from siyu.connectors.voice_calls.fake import Service
from siyu.connectors.voice_calls.source import barred
from siyu.events.check import parse
from siyu.outbox.model import Asked, Stopped


@pytest.fixture
def desk(plugs) -> Any:
    clock, store = Still(), Remembered()
    fake = Service(SECRET, clock.now)
    tools = Tools(clock, store)
    url = plugs[0].into(fake.app)

    def channel(**given: Any) -> VoiceCalls:
        return VoiceCalls(config(url, **given), tools, timeout=QUICK)

    return SimpleNamespace(clock=clock, fake=fake, channel=channel, tools=tools, url=url)


def test_a_dialogue_is_given_what_it_speaks_and_when_it_is_too_late(desk) -> None:
    scripts = (Script(material="invite-call", dialog="12", variables=("name", "offer_title")),)
    late = NOW + timedelta(hours=1)

    desk.channel(scripts=scripts).send([message(valid_until=late)])

    (placed,) = desk.fake.received
    assert placed.contact["properties"] == {
        "name": "小林", "offer_title": "面膜", "touch_id": "tch_0",
    }  # fmt: skip
    assert placed.contact["customerPersonName"] == "小林"
    assert placed.contact["notAfter"] == late.isoformat()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"material": "call-script"}, "no script stands for"),
        ({"variables": {"brand": "肌初"}}, "wants name"),
    ],
)
def test_what_no_dialogue_can_speak_is_rejected_with_a_reason(desk, given, why) -> None:
    scripts = (Script(material="invite-call", dialog="12", variables=("name",)),)

    bad, good = desk.channel(scripts=scripts).send([message(0, **given), message(1)])

    assert (bad.status, why in bad.reason, good.status) == ("rejected", True, "accepted")


def test_dialogues_go_in_tasks_of_their_own(desk) -> None:
    scripts = tuple(Script(material=name, dialog=name) for name in ("a", "b"))
    mixed = [message(n, material="ab"[n % 2]) for n in range(4)]

    results = desk.channel(scripts=scripts).send(mixed)

    assert [one.token for one in results] == [one.token for one in mixed]
    assert desk.fake.requests == 2


def test_who_is_on_the_vendors_list_is_suppressed_and_told_once(desk) -> None:
    desk.fake.blacklist.add(message(1).to[3:])

    results = desk.channel().send([message(n) for n in range(3)])

    assert [(one.status, one.reason) for one in results] == [
        ("accepted", ""), ("rejected", "suppressed_by_vendor"), ("accepted", ""),
    ]  # fmt: skip
    events: list[Any] = [
        parse(event, "CN", NOW)
        for page in barred(config(), desk.tools, "")
        for event in page.events
    ]
    assert [(one.kind, dict(one.keys), one.payload.channels) for one in events] == [
        ("consent.withdrawn", {"phone": message(1).to}, ["voice"])
    ]
    assert list(barred(config(), desk.tools, "")) == []


def test_a_call_that_already_rings_is_not_stopped(desk) -> None:
    channel = desk.channel()
    channel.send([message(n) for n in range(3)])
    desk.fake.placed["tch_1"].state = "calling"
    desk.fake.finish("tch_2")

    stopped = channel.cancel([Asked(f"tch_{n}", "voice_ai") for n in range(4)])

    assert stopped == [Stopped("tch_0")]
    found = channel.reconcile([Asked(f"tch_{n}", "voice_ai") for n in range(4)])
    assert [one.status for one in found] == ["absent", "accepted", "accepted", "absent"]


def test_without_money_the_channel_is_shut_and_nothing_is_burnt(desk) -> None:
    desk.fake.faults.append("quota")

    (result,) = desk.channel().send([message()])

    assert (result.status, result.shut, result.reason) == ("retry", True, "402 余额不足")


def test_of_several_tasks_one_in_doubt_takes_no_answer_from_the_others(desk) -> None:
    desk.fake.faults.extend(["", "silent after effect"])

    results = desk.channel(batch=1).send([message(n) for n in range(3)])

    assert [(one.token, one.status, one.shut) for one in results] == [
        ("tch_0", "accepted", False), ("tch_2", "retry", True),
    ]  # fmt: skip


def test_the_check_says_what_is_missing_and_what_is_wrong(desk) -> None:
    fine = check(config(desk.url), desk.tools)
    wrong = check(config(desk.url, secret="x" * 16, scripts=()), desk.tools)
    closed = check(config(desk.url, workdays="", weekends=""), desk.tools)

    assert [line.state for line in fine] == ["ok", "unverified", "ok", "unverified", "unverified"]
    assert [line.state for line in wrong][:2] == ["wrong", "missing"]
    assert [line.state for line in closed][2] == "wrong"


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "short"},
        {"base_url": "calls.example"},
        {"hook_secret": "a/b"},
        {"workdays": "9-5"},
        {"weekends": "20:00-10:00"},
        {"zone": "Mars/Olympus"},
    ],
)
def test_settings_that_can_not_work_are_told_by_name(wrong) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: "):
        config(**wrong)


def test_no_secret_is_in_a_repr() -> None:
    assert "only both" not in repr(config(hook_secret="a-path-that-nobody-guesses"))
    assert "nobody" not in repr(config(hook_secret="a-path-that-nobody-guesses"))
    assert Config().base_url == ""
    assert VALUES["name"] not in repr(message())
