"""What the vendor posts: every way in which a call can end, corrected, filtered, late and twice."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from tests.connectors.bench import NOW, SECRET, Door, Remembered, Still
from tests.connectors.voice_calls.bench import HOOK, QUICK, config, message

from siyu.connectors.manifest import Tools
from siyu.connectors.voice_calls.channel import VoiceCalls
from siyu.connectors.voice_calls.fake import Service
from siyu.connectors.voice_calls.webhook import receive
from siyu.kernel import signature


@pytest.fixture
def desk(plugs) -> Any:
    clock, store = Still(), Remembered()
    fake = Service(SECRET, clock.now)
    tools = Tools(clock, store)
    vendor, ours = plugs
    settings = config(vendor.into(fake.app), hook_secret=HOOK)
    channel = VoiceCalls(settings, tools, timeout=QUICK)
    channel.send([message(n) for n in range(3)])
    door = Door(receive, settings, tools)
    fake.hook = f"{ours.into(door.app)}/hooks/voice_calls"
    return SimpleNamespace(
        clock=clock, fake=fake, channel=channel, door=door, store=store, url=ours.url
    )


def heard(desk: Any) -> list[Any]:
    desk.fake.deliver(desk.clock.at)
    return desk.door.heard


def test_an_answered_call_is_told_whole_and_its_recording_only_as_present(desk) -> None:
    desk.fake.finish("tch_0", seconds=37, intent="A", concerns=["优惠券", "13800138000"])

    (event,) = heard(desk)

    told = event.payload
    assert event.kind == "call.finished"
    assert (told.touch, told.answered, told.seconds, told.intent, told.outcome) == (
        "tch_0", True, 37, "A", "answered",
    )  # fmt: skip
    assert told.labels == ["优惠券", "…", "recording"]
    assert event.occurred_at == NOW
    assert "records.invalid" not in repr(desk.store.known)


@pytest.mark.parametrize("intent", list("ABCDEF"))
def test_every_grade_is_kept(desk, intent) -> None:
    desk.fake.finish("tch_0", intent=intent)

    assert [one.payload.intent for one in heard(desk)] == [intent]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("NO_ANSWER", "no_answer"),
        ("BUSY", "busy"),
        ("POWER_OFF", "power_off"),
        ("CAN_NOT_CONNECT", "can_not_connect"),
        ("REFUSED", "refused"),
        ("VACANT_NUMBER", "vacant_number"),
        ("OUT_OF_SERVICE", "out_of_service"),
        ("SOMETHING_NEW", "something_new"),
    ],
)
def test_a_call_that_nobody_answered_says_why_and_has_no_grade(desk, status, outcome) -> None:
    desk.fake.finish("tch_1", status)

    (event,) = heard(desk)

    told = event.payload
    assert (event.kind, told.answered, told.seconds, told.intent, told.outcome) == (
        "call.finished", False, 0, "", outcome,
    )  # fmt: skip


@pytest.mark.parametrize("status", ["FROM_PHONE_ERROR", "SYSTEM_ERROR"])
def test_the_vendors_own_trouble_is_a_failure_and_no_call(desk, status) -> None:
    desk.fake.finish("tch_1", status)

    (event,) = heard(desk)

    assert (event.kind, event.payload.reason) == ("touch.failed", status)


@pytest.mark.parametrize(
    "asked", [{"said": ["喂？", "你们不要 再打 了"]}, {"concerns": ["拒绝来电"]}]
)
def test_who_asks_not_to_be_called_again_is_not(desk, asked) -> None:
    desk.fake.finish("tch_0", intent="F", **asked)

    end, withdrawn = heard(desk)

    assert (end.payload.answered, end.payload.outcome) == (True, "refused")
    assert (withdrawn.kind, withdrawn.payload.channels) == ("consent.withdrawn", ["voice"])
    assert dict(withdrawn.keys)["phone"] == message(0).to


def test_what_the_robot_says_refuses_nothing(desk) -> None:
    item = {
        "dataType": "ROBOT_CALL_RECORD",
        "data": {
            "callRecordId": 119, "resultStatus": "ANSWERED", "calledPhoneNumber": "13800138000",
            "endTime": "2026-11-20 10:00:42", "properties": {"touch_id": "tch_0"},
            "callDetailList": [{"type": "ROBOT", "text": "您可以说不要再打"}],
        },
    }  # fmt: skip
    httpx.post(f"{desk.url}/hooks/voice_calls/{HOOK}/callback", json=item).raise_for_status()

    assert desk.door.kinds == ["call.finished"]


def test_a_grade_that_people_correct_stands_later_with_the_same_length(desk) -> None:
    desk.fake.finish("tch_0", seconds=37, intent="B")
    desk.fake.grade("tch_0", "A", after=timedelta(hours=2))
    heard(desk)
    desk.clock.at += timedelta(hours=2)

    first, second = heard(desk)

    assert (first.payload.intent, second.payload.intent) == ("B", "A")
    assert (second.payload.seconds, second.payload.outcome, second.payload.labels) == (
        37, "answered", ["recording"],
    )  # fmt: skip
    assert second.occurred_at > first.occurred_at


def test_a_correction_of_a_call_that_nobody_knows_leads_to_nothing(desk) -> None:
    desk.fake.grade("tch_0", "A")

    assert heard(desk) == []
    assert desk.fake.next_at() is None


def test_a_correction_that_overtakes_its_call_waits_for_it(desk) -> None:
    desk.fake.finish("tch_0", seconds=37, intent="B", after=timedelta(minutes=4))
    desk.fake.grade("tch_0", "A")
    assert heard(desk) == []
    desk.clock.at += timedelta(minutes=4)

    first, second = heard(desk)

    assert (first.payload.intent, second.payload.intent) == ("B", "A")
    assert (second.payload.seconds, second.payload.outcome) == (37, "answered")
    assert (second.occurred_at, second.id) >= (first.occurred_at, first.id)


def test_corrections_pushed_again_are_told_once(desk) -> None:
    desk.fake.finish("tch_0")
    heard(desk)
    desk.fake.grade("tch_0", "C")
    desk.fake.callbacks.twice = 1

    assert [one.payload.intent for one in heard(desk)] == ["A", "C"]


@pytest.mark.parametrize(
    ("kind", "reason", "kinds", "outcome"),
    [
        ("BLACK_LIST", "", ["call.finished", "consent.withdrawn"], "suppressed_by_vendor"),
        ("INTERCEPT", "风险号码", ["call.finished", "consent.withdrawn"], "suppressed_by_vendor"),
        ("INTERCEPT", "频次过高", ["touch.failed"], ""),
    ],
)
def test_the_vendors_own_lists_suppress_and_other_filters_fail(
    desk, kind, reason, kinds, outcome
) -> None:
    desk.fake.leave_out("tch_2", kind, reason)
    first, *_ = heard(desk)

    assert desk.door.kinds == kinds
    assert getattr(first.payload, "outcome", "") == outcome


def test_contacts_that_an_import_could_not_take_are_told_one_by_one(desk) -> None:
    failed = [
        {"errMsg": "号码格式错误", "phoneNumber": "1380013", "properties": {"touch_id": "tch_0"}},
        {"errMsg": "命中黑名单", "phoneNumber": "13800138001", "properties": {"touch_id": "tch_1"}},
        {"errMsg": "not ours", "phoneNumber": "13800138009", "properties": {}},
    ]
    data = {"robotCallJobId": 7840, "batchId": "0600db", "failCustomerPersons": failed}
    desk.fake._tell("API_ROBOT_CALL_JOB_IMPORT_RESULT", data, NOW)

    heard(desk)

    assert desk.door.kinds == ["touch.failed", "call.finished", "consent.withdrawn"]


def test_the_recorded_example_is_read_field_by_field(desk) -> None:
    recorded = json.loads(
        """{"dataType":"ROBOT_CALL_RECORD","data":{"tenantId":1,"robotCallJobId":43,
        "callRecordId":119,"dialogFlowId":12,"calledPhoneNumber":"13800000001",
        "customerPersonName":"张三","resultStatus":"ANSWERED","hangupBy":"REMOTE_HANGUP",
        "startTime":"2026-11-20 14:00:05","endTime":"2026-11-20 14:00:42","chatDuration":37,
        "chatRound":3,"intentLevel":"A","intentLevelCode":0,"intentLevelDetailName":"A(较强)",
        "customerConcern":["优惠券"],"attributes":[],"analysisBasis":"同意加微信",
        "fullAudioUrl":"https://example.invalid/full.wav",
        "customerAudioUrl":"https://example.invalid/user.wav","redialTimes":0,
        "properties":{"touch_id":"touch-7f3a"},"callDetailList":[
        {"callDetailId":1,"type":"ROBOT","text":"您好…"},
        {"callDetailId":2,"type":"PERSON","text":"可以"}]}}"""
    )
    desk.clock.at = NOW + timedelta(hours=5)
    desk.fake._tell(recorded["dataType"], recorded["data"], desk.clock.at)

    (event,) = heard(desk)

    told = event.payload
    assert (event.id, told.touch, told.seconds, told.intent) == ("call/119", "touch-7f3a", 37, "A")
    assert f"{event.occurred_at:%H:%M:%S}" == "06:00:42"


@pytest.mark.parametrize(
    "kind", ["ROBOT_CALL_JOB", "ROBOT_CALL_SMS", "CALL_SUMMARY", "SOMETHING_NEW"]
)
def test_what_says_nothing_of_a_call_is_heard_and_leads_to_nothing(desk, kind) -> None:
    desk.fake._tell(kind, {"robotCallJobId": 43, "status": "COMPLETED"}, NOW)

    assert desk.fake.deliver(NOW) == 1
    assert desk.door.heard == []


def test_a_callback_is_posted_again_until_it_is_heard(desk) -> None:
    desk.fake.finish("tch_0")
    desk.door.status = 503
    desk.fake.deliver(NOW)
    desk.door.status, desk.fake.callbacks.deaf = None, 1
    for minutes in (1, 3):
        assert desk.fake.next_at() == NOW + timedelta(minutes=minutes)
        desk.fake.deliver(NOW + timedelta(minutes=minutes))

    assert desk.door.kinds == ["call.finished"]
    assert desk.fake.next_at() is None


@pytest.mark.parametrize("path", ["callback", "another-path-of-some-length/callback", "x"])
def test_unsigned_and_without_the_secret_path_nothing_is_heard(desk, path) -> None:
    answer = httpx.post(f"{desk.url}/hooks/voice_calls/{path}", json={"dataType": "CALL_SUMMARY"})

    assert (answer.status_code, desk.door.refused) == (401, ["bad_signature"])


def test_a_vendor_that_can_not_sign_knows_the_path(desk) -> None:
    desk.fake._signs, desk.fake.hook = False, f"{desk.fake.hook}/{HOOK}"
    desk.fake.finish("tch_0")

    assert [one.kind for one in heard(desk)] == ["call.finished"]


@pytest.mark.parametrize("body", [b"[1]", b"{", b'"x"'])
def test_what_is_no_callback_is_refused(desk, body) -> None:
    signed = signature.headers(SECRET, body, desk.clock.real())
    answer = httpx.post(f"{desk.url}/hooks/voice_calls/callback", content=body, headers=signed)

    assert (answer.status_code, desk.door.refused) == (401, ["bad_input"])
