"""Jobs of OutboundBot: handed over in their hours, stopped, and asked how they ended."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.connectors.bench import NOW, Remembered, Still
from tests.connectors.voice_aliyun.bench import QUICK, config, message, service

from siyu.connectors.manifest import Tools
from siyu.connectors.voice_aliyun.channel import VoiceAliyun
from siyu.connectors.voice_aliyun.check import check
from siyu.connectors.voice_aliyun.config import Script
from siyu.connectors.voice_aliyun.source import ends
from siyu.events.check import Parsed, parse
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Asked, Found, Stopped


@pytest.fixture
def desk(plugs) -> Any:
    clock, store = Still(), Remembered()
    fake = service(clock)
    tools = Tools(clock, store)
    url = plugs[0].into(fake.app)

    def channel(**given: Any) -> VoiceAliyun:
        return VoiceAliyun(config(url, **given), tools, timeout=QUICK)

    return SimpleNamespace(
        clock=clock, store=store, fake=fake, tools=tools, url=url, channel=channel
    )


def heard(desk: Any, **given: Any) -> list[Any]:
    """What a pull brings now."""
    pages = ends(config(desk.url, **given), desk.tools, "", timeout=QUICK)
    found = [parse(event, "CN", desk.clock.at) for page in pages for event in page.events]
    assert all(isinstance(one, Parsed) for one in found), found
    return found


def asked(number: int = 0) -> Asked:
    one = message(number)
    return Asked(one.token, "voice_ai", one.to, "", NOW)


def test_a_days_calls_of_a_script_are_jobs_of_one_group_within_its_hours(desk) -> None:
    desk.channel().send([message(n) for n in range(12)])
    desk.channel().send([message(20)])
    desk.clock.at += timedelta(days=3)
    desk.channel().send([message(21)])

    assert len(desk.fake.groups) == 2
    assert len(desk.fake.received) == 14
    assert desk.fake.outside == []
    assert desk.fake.received[0].contact["extras"]["offer_title"] == "面膜"


def test_outside_the_hours_nothing_is_handed_over(desk) -> None:
    desk.clock.at = NOW + timedelta(hours=2)

    (result,) = desk.channel().send([message()])

    assert (result.status, result.shut, result.again) == (
        "retry", False, NOW + timedelta(hours=4),
    )  # fmt: skip
    assert desk.fake.requests == 0


def test_an_answered_call_is_told_once_with_its_grade_and_labels(desk) -> None:
    desk.channel().send([message(n) for n in range(3)])
    desk.fake.ring("tch_0")
    assert heard(desk) == []
    desk.fake.finish("tch_0", seconds=37, labels={"意向等级": "A(较强)", "关注点": "优惠券"})

    (event,) = heard(desk)

    told = event.payload
    assert (event.kind, told.touch, told.answered, told.seconds, told.intent, told.outcome) == (
        "call.finished", "tch_0", True, 37, "A", "answered",
    )  # fmt: skip
    assert told.labels == ["关注点: 优惠券"]
    assert heard(desk) == []
    assert len(desk.store.keys("open/")) == 2


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("NoAnswer", "no_answer"),
        ("Busy", "busy"),
        ("PoweredOff", "power_off"),
        ("NotConnected", "can_not_connect"),
        ("NotExist", "vacant_number"),
        ("OutOfService", "out_of_service"),
    ],
)
def test_a_call_that_nobody_answered_says_why(desk, status, outcome) -> None:
    desk.channel().send([message()])
    desk.fake.finish("tch_0", status)

    (event,) = heard(desk)

    told = event.payload
    assert (told.answered, told.seconds, told.intent, told.outcome) == (False, 0, "", outcome)


@pytest.mark.parametrize("failure", ["TimeUp", "PerDayCallCountLimit", "CallFailed"])
def test_a_call_that_was_never_made_is_a_failure(desk, failure) -> None:
    desk.channel().send([message()])
    desk.fake.finish("tch_0", "Failed", failure=failure)

    assert [(one.kind, one.payload.reason) for one in heard(desk)] == [("touch.failed", failure)]


def test_a_number_is_called_no_more_than_five_times_in_a_day(desk) -> None:
    for number in range(6):
        desk.channel().send([message(number, to=message().to)])
    desk.clock.at += timedelta(days=1)
    desk.channel().send([message(6, to=message().to)])

    assert [(one.payload.touch, one.payload.reason) for one in heard(desk)] == [
        ("tch_5", "PerDayCallCountLimit")
    ]


def test_a_number_on_aliyuns_list_is_suppressed(desk) -> None:
    desk.fake.blocked.add(message().to[3:])
    desk.channel().send([message()])

    call, withdrawn = heard(desk)

    assert (call.payload.answered, call.payload.outcome) == (False, "suppressed_by_vendor")
    assert (withdrawn.kind, withdrawn.payload.channels, dict(withdrawn.keys)["phone"]) == (
        "consent.withdrawn", ["voice"], message().to,
    )  # fmt: skip


def test_who_asks_not_to_be_called_again_is_not(desk) -> None:
    desk.channel().send([message()])
    desk.fake.finish("tch_0", labels={"客户态度": "不要再打"})

    assert [one.kind for one in heard(desk)] == ["call.finished", "consent.withdrawn"]


def test_grades_can_be_named_otherwise(desk) -> None:
    desk.channel().send([message()])
    desk.fake.finish("tch_0", labels={"意愿": "强烈"})

    (event,) = heard(desk, grade_label="意愿", intents={"强烈": "A"})

    assert event.payload.intent == "A"


def test_ends_that_were_not_stored_are_told_again(desk) -> None:
    desk.channel().send([message()])
    desk.fake.finish("tch_0")
    dies: Any = ends(config(desk.url), desk.tools, "", timeout=QUICK)
    first = [parse(event, "CN", NOW) for event in next(dies).events]
    dies.close()

    assert heard(desk) == first


def test_what_rings_is_not_stopped_and_what_was_stopped_is_not_told(desk) -> None:
    channel = desk.channel()
    channel.send([message(n) for n in range(3)])
    desk.fake.ring("tch_1")

    assert channel.cancel([asked(n) for n in range(3)]) == [
        Stopped("tch_0"), Stopped("tch_2"),
    ]  # fmt: skip
    desk.fake.finish("tch_1", "NoAnswer")
    assert [one.payload.touch for one in heard(desk)] == ["tch_1"]


class Killed(BaseException):
    """As kill -9: nobody catches it."""


class Dying:
    """A store whose process dies before its nth write."""

    def __init__(self, real: Remembered, number: int) -> None:
        self._real, self._left = real, number

    def __getattr__(self, name: str) -> Any:
        if name in ("put", "put_all", "take"):
            self._left -= 1
            if self._left == 0:
                raise Killed
        return getattr(self._real, name)


@pytest.mark.parametrize("job", ["", "j-1"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_who_dies_before_the_answer_is_kept_asks_again_and_hears_the_same(
    desk, number: int, job: str
) -> None:
    """Before it is remembered, in the middle, and before the outbox has kept it."""
    desk.channel().send([message(0), message(1)])
    desk.fake.ring("tch_1")
    both = [asked(0)._replace(vendor_id=job), asked(1)]
    store: Any = Dying(desk.store, number)
    dying = VoiceAliyun(config(desk.url), Tools(desk.clock, store), timeout=QUICK)
    with suppress(Killed):
        dying.cancel(both)

    assert [desk.channel().cancel(both) for _ in range(2)] == [[Stopped("tch_0")]] * 2
    assert desk.channel().reconcile([asked(0)]) == [Found("tch_0", "absent")]
    desk.fake.finish("tch_1", "NoAnswer")
    assert [one.payload.touch for one in heard(desk)] == ["tch_1"]


def test_what_was_stopped_and_goes_out_anew_is_stopped_or_followed_as_any_other(desk) -> None:
    channel = desk.channel()
    channel.send([message()])
    assert channel.cancel([asked()]) == [Stopped("tch_0")]

    (again,) = channel.send([message()])
    assert (again.status, again.vendor_id, len(desk.fake.received)) == ("accepted", "j-2", 2)
    assert channel.reconcile([asked()]) == [Found("tch_0", "accepted", "j-2")]
    desk.fake.ring("tch_0")
    assert channel.cancel([asked()]) == []  # the first one's end is not its own


@pytest.mark.parametrize("fault", ["silent after effect", "busy"])
def test_the_job_of_before_does_not_say_that_what_goes_out_anew_is_stopped(
    desk, fault: str
) -> None:
    """Handed over anew, and in doubt or refused: the outbox knows the job of before yet."""
    channel = desk.channel()
    (first,) = channel.send([message()])
    before = asked()._replace(vendor_id=first.vendor_id)
    assert channel.cancel([before]) == [Stopped("tch_0")]

    desk.fake.faults.append(fault)
    with suppress(InDoubt):
        channel.send([message()])
    assert channel.cancel([before]) == []


def test_a_job_that_only_asking_found_is_followed_to_its_end(desk) -> None:
    desk.fake.faults.append("silent after effect")
    with pytest.raises(InDoubt):
        desk.channel().send([message()])
    desk.clock.at += timedelta(minutes=1)

    assert [one.status for one in desk.channel().reconcile([asked()])] == ["accepted"]
    desk.fake.finish("tch_0")
    assert [one.payload.touch for one in heard(desk)] == ["tch_0"]


def test_absent_is_only_said_when_lists_can_not_lag_any_more(desk) -> None:
    desk.fake.faults.append("fail")
    with pytest.raises(InDoubt):
        desk.channel().send([message()])

    assert [one.status for one in desk.channel().reconcile([asked()])] == ["unknown"]
    desk.clock.at += timedelta(minutes=10)
    assert [one.status for one in desk.channel().reconcile([asked()])] == ["absent"]


@pytest.mark.parametrize("given", [{"instance_id": "another"}, {"access_key_id": "another"}])
def test_a_wrong_instance_or_key_shuts_the_channel_and_burns_nothing(desk, given) -> None:
    results = desk.channel(**given).send([message(n) for n in range(2)])

    assert {(one.status, one.shut, one.again) for one in results} == {
        ("retry", True, NOW + timedelta(minutes=5))
    }
    assert {one.status for one in desk.channel().send([message(n) for n in range(2)])} == {
        "accepted"
    }


def test_a_script_that_aliyun_does_not_take_rests_and_burns_nothing(desk) -> None:
    published = set(desk.fake.scripts)
    desk.fake.scripts.clear()

    results = desk.channel().send([message(n) for n in range(2)])

    assert {(one.status, one.shut, one.halt) for one in results} == {("retry", False, "material")}
    assert all("NotExist.Script" in one.reason for one in results)
    assert desk.fake.received == []
    desk.fake.scripts |= published
    assert {one.status for one in desk.channel().send([message(0)])} == {"accepted"}


def test_an_account_without_money_shuts_the_channel_for_its_quota_and_burns_nothing(desk) -> None:
    desk.fake.balance = 0

    results = desk.channel().send([message(n) for n in range(2)])

    assert {(one.status, one.shut, one.halt, one.again) for one in results} == {
        ("retry", True, "quota", NOW + timedelta(minutes=5))
    }
    assert desk.fake.received == []
    desk.fake.balance = 2
    assert {one.status for one in desk.channel().send([message(n) for n in range(2)])} == {
        "accepted"
    }


def test_what_no_script_can_speak_is_rejected_with_a_reason(desk) -> None:
    scripts = (Script(material="invite-call", script="s-1", variables=("coupon",)),)

    other, missing = desk.channel(scripts=scripts).send([message(0, material="x"), message(1)])

    assert ("no script stands for" in other.reason, "wants coupon" in missing.reason) == (
        True, True,
    )  # fmt: skip


def test_the_check_says_what_is_missing_and_what_is_wrong(desk) -> None:
    def states(**given: Any) -> list[str]:
        return [line.state for line in check(config(desk.url, **given), desk.tools)]

    assert states() == ["ok", "unverified", "ok"]
    assert states(access_key_secret="wrong", scripts=()) == ["wrong", "missing", "ok"]
    assert states(instance_id="", workdays="", weekends="") == ["missing", "unverified", "wrong"]


def test_a_strategy_is_one_attempt_in_todays_hours(desk) -> None:
    desk.channel(calling_numbers=("05710000000",)).send([message()])

    (strategy,) = desk.fake.strategies
    assert (strategy["maxAttemptsPerDay"], strategy["repeatBy"]) == (1, "Once")
    assert strategy["workingTime"] == [
        {"beginTime": "10:00:00", "endTime": "12:00:00"},
        {"beginTime": "14:00:00", "endTime": "20:00:00"},
    ]
    ends_at = int((NOW + timedelta(hours=10)).timestamp() * 1000)
    assert (strategy["startTime"], strategy["endTime"]) == (int(NOW.timestamp() * 1000), ends_at)
