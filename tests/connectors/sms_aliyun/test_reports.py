"""What Aliyun posts: late, twice, in any order, and unsigned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from tests.connectors.bench import NOW, Door, Remembered, Still
from tests.connectors.sms_aliyun.bench import HOOK, config, connected, message, service

from siyu.connectors.sms_aliyun.check import check
from siyu.connectors.sms_aliyun.fake.service import TEN_WAITS, WAITS
from siyu.connectors.sms_aliyun.source import MOST, ROUNDS, SOON, missing
from siyu.connectors.sms_aliyun.webhook import receive
from siyu.outbox.channel import InDoubt
from siyu.outbox.model import Asked


@pytest.fixture
def desk(plugs) -> Any:
    clock, store = Still(), Remembered()
    fake = service(clock)
    vendor, ours = plugs
    channel, tools = connected(store, clock, vendor.into(fake.app))
    door = Door(receive, config(vendor.url), tools)
    fake.hook = f"{ours.into(door.app)}/hooks/sms_aliyun/{HOOK}"
    return SimpleNamespace(
        clock=clock, fake=fake, channel=channel, door=door, url=ours.url, tools=tools, ours=ours,
        vendor=vendor.url,
    )  # fmt: skip


def phone(number: int = 0) -> str:
    return message(number).to


def touches(door: Any) -> list[tuple[str, str]]:
    return [(one.kind, one.payload.touch) for one in door.heard]


def test_each_report_finds_its_touch_by_batch_and_number(desk) -> None:
    desk.channel.send([message(n) for n in range(3)])
    desk.fake.report(phone(2))
    desk.fake.report(phone(0), code="MOBILE_NOT_ON_SERVICE", words="手机停机")

    assert desk.fake.deliver(NOW) == 2

    assert touches(desk.door) == [("touch.delivered", "tch_2"), ("touch.failed", "tch_0")]
    assert desk.door.heard[1].payload.reason == "MOBILE_NOT_ON_SERVICE 手机停机"
    assert desk.fake.next_at() is None


def test_success_decides_whatever_the_code_is_called(desk) -> None:
    desk.channel.send([message()])
    desk.fake.report(phone(), code="DELIVRD")
    desk.fake.deliver(NOW)

    assert desk.door.kinds == ["touch.delivered"]


def test_a_report_may_be_quicker_than_the_answer_that_never_comes(desk) -> None:
    desk.fake.faults.append("silent after effect")
    with pytest.raises(InDoubt):
        desk.channel.send([message()])
    desk.fake.report(phone())
    desk.fake.deliver(NOW)

    assert touches(desk.door) == [("touch.delivered", "tch_0")]


def test_twice_and_shuffled_is_heard_once(desk) -> None:
    desk.channel.send([message(n) for n in range(3)])
    for n in range(3):
        desk.fake.report(phone(n), after=timedelta(seconds=n))
    desk.fake.callbacks.twice, desk.fake.callbacks.shuffled = 1, True
    desk.fake.deliver(NOW + timedelta(minutes=1))

    assert sorted(touches(desk.door)) == [("touch.delivered", f"tch_{n}") for n in range(3)]
    assert desk.door.requests == 2


@pytest.mark.parametrize(
    ("waits", "minutes"), [(WAITS, (1, 5, 10)), (TEN_WAITS, (1, 5, 10, 30, 60, 60, 60, 60, 60))]
)
def test_a_report_is_pushed_again_as_a_page_of_aliyuns_says_and_then_lost(
    desk, waits, minutes
) -> None:
    desk.fake.callbacks.waits = waits
    desk.channel.send([message()])
    desk.fake.report(phone())
    desk.door.status, pushed = 503, []
    while (at := desk.fake.next_at()) is not None:
        pushed.append(at - NOW)
        desk.fake.deliver(at)

    assert pushed == [timedelta(minutes=m) for m in accumulate((0, *minutes))]
    assert len(desk.fake.callbacks.given_up) == 1
    assert desk.door.heard == []


def test_what_we_could_not_hear_at_first_is_heard_later(desk) -> None:
    desk.channel.send([message()])
    desk.fake.report(phone())
    desk.door.status = 503
    desk.fake.deliver(NOW)
    desk.door.status = None
    desk.fake.callbacks.deaf = 1
    desk.fake.deliver(NOW + timedelta(minutes=1))
    desk.fake.deliver(NOW + timedelta(minutes=6))

    assert touches(desk.door) == [("touch.delivered", "tch_0")]
    assert desk.fake.next_at() is None


def test_a_carrier_that_tells_no_more_leaves_the_touch_as_it_is(desk) -> None:
    desk.channel.send([message()])
    desk.fake.report(phone(), code="REQUEST_SUCCESS", words="请求成功")

    assert desk.fake.deliver(NOW) == 1
    assert desk.door.heard == []


def test_a_number_on_a_blacklist_fails_and_is_never_sent_to_again(desk) -> None:
    desk.channel.send([message()])
    desk.fake.report(phone(), code="MOBILE_IN_BLACK", words="黑名单")
    desk.fake.deliver(NOW)

    failed, withdrawn = desk.door.heard
    assert (failed.kind, withdrawn.kind) == ("touch.failed", "consent.withdrawn")
    assert dict(withdrawn.keys)["phone"] == phone()
    assert withdrawn.payload.evidence == "Aliyun: MOBILE_IN_BLACK"


def test_segments_that_are_billed_otherwise_are_noticed(desk) -> None:
    desk.channel.send([message(n) for n in range(2)])
    desk.fake.report(phone(0), size=2)
    desk.fake.report(phone(1))
    desk.fake.deliver(NOW)

    assert desk.door.kinds == ["touch.delivered"] * 2
    said = [line for line in check(config(), desk.tools) if line.what == "segments"]
    assert "1 messages" in said[0].why


def test_reports_about_nothing_of_ours_are_heard_and_lead_to_nothing(desk) -> None:
    items = [
        {"phone_number": "13900000000", "success": True, "out_id": "x", "biz_id": "1^0"},
        {"phone_number": "13900000000", "success": True},
        {"phone_number": "13900000000", "success": True, "out_id": "a\x00b"},
        "nonsense",
        {"phone_number": None, "success": "maybe"},
    ]
    answer = httpx.post(f"{desk.fake.hook}/report", json=items)

    assert (answer.status_code, answer.json()) == (200, {"code": 0, "msg": "ok"})
    assert desk.door.heard == []


@pytest.mark.parametrize("said", ["R", "ＴＤ", "退订。"])
def test_an_opt_out_withdraws_every_consent_to_sms(desk, said) -> None:
    desk.channel.send([message()])
    desk.fake.reply(phone(), said)
    desk.fake.deliver(NOW)

    (event,) = desk.door.heard
    assert (event.kind, dict(event.keys)) == ("consent.withdrawn", {"phone": phone()})
    assert event.payload.channels == ["sms"]
    assert set(event.payload.purposes) == {"order_invitation", "promotion", "service"}
    assert "90998 肌初" in event.payload.evidence
    # the vendor blocks the same signature by itself
    (result,) = desk.channel.send([message(5, to=phone())])
    assert (result.status, len(desk.fake.received)) == ("rejected", 1)


def test_other_words_are_a_message_sealed_with_where_it_went(desk) -> None:
    desk.channel.send([message()])
    desk.fake.reply(phone(), "请问面膜什么时候到？")
    desk.fake.deliver(NOW)

    (event,) = desk.door.heard
    assert (event.kind, event.payload.channel) == ("message.received", "sms")
    assert dict(event.person) == {"text": "请问面膜什么时候到？", "note": "90998 肌初"}


@pytest.mark.parametrize(
    "older", [{"sequence_id": 1234567890}, {"sign_name": None}, {"sequence_id": None}]
)
def test_older_forms_of_a_reply_are_understood_and_told_once(desk, older) -> None:
    item = {
        "phone_number": "13800138000", "content": "TD", "send_time": "2026-11-20 10:05:00",
        "dest_code": "90998", "sequence_id": "1234567890", "sign_name": "肌初", **older,
    }  # fmt: skip
    for _ in range(2):
        httpx.post(f"{desk.fake.hook}/up", json=[item]).raise_for_status()

    assert desk.door.kinds == ["consent.withdrawn"]
    assert desk.door.heard[0].occurred_at == NOW + timedelta(minutes=5)


@pytest.mark.parametrize("path", ["wrong-path-of-the-same-length", "", "%E5%AF%86"])
def test_without_the_secret_in_the_address_nothing_is_heard(desk, path) -> None:
    answer = httpx.post(f"{desk.url}/hooks/sms_aliyun/{path}/up", json=[])

    assert (answer.status_code, desk.door.refused) == (401, ["bad_signature"])


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ("203.0.113.9, 10.1.2.3", 200),
        ("10.1.2.3, 203.0.113.9", 401),
        ("no address", 401),
        ("", 401),
    ],
)
def test_only_allowed_addresses_are_heard_as_the_nearest_proxy_saw_them(desk, seen, code) -> None:
    door = Door(receive, config(allowed_addresses=("10.0.0.0/8",)), desk.tools)
    address = f"{desk.ours.into(door.app)}/hooks/sms_aliyun/{HOOK}/up"

    answer = httpx.post(address, json=[], headers={"X-Forwarded-For": seen})

    assert answer.status_code == code


def test_what_is_no_array_is_pushed_again(desk) -> None:
    assert httpx.post(f"{desk.fake.hook}/report", content=b"{}").status_code == 401
    assert desk.door.refused == ["bad_input"]


class Handed:
    """Messages of which nothing was heard, handed over one a millisecond."""

    def __init__(self, many: int) -> None:
        self._all = [(NOW + timedelta(milliseconds=n), n) for n in range(many)]

    def unreported(self, channel: str, place: Any, until: Any, limit: int) -> list[Any]:
        found = [at for at in self._all if at > place and at[0] <= until][:limit]
        return [(at, Asked(f"tch_{at[1]}", channel, phone(at[1]), "", NOW)) for at in found]


def ask(desk: Any, many: int, cursor: str = "") -> list[Any]:
    return list(missing(config(desk.vendor), replace(desk.tools, touches=Handed(many)), cursor))


def test_reports_that_never_came_tell_what_they_would_have_told(desk) -> None:
    desk.channel.send([message(n) for n in range(4)])
    for n, code in enumerate(["MOBILE_IN_BLACK", "DELIVERED", "MOBILE_NOT_ON_SERVICE"]):
        desk.fake.report(phone(n), code=code)
    desk.clock.at = NOW + timedelta(hours=2)
    page, last = ask(desk, 4)

    told = {(one.kind, one.id) for one in page.events}
    desk.fake.deliver(desk.clock.at)  # they come after all

    assert [one.kind for one in page.events] == [
        "touch.failed", "consent.withdrawn", "touch.delivered", "touch.failed",
    ]  # fmt: skip
    assert {(one.kind, one.id) for one in desk.door.heard} == told
    assert (list(last.events), last.again) == ([], None)


def test_each_is_asked_about_once_a_round_and_only_so_many_at_once(desk) -> None:
    many = MOST + 10
    desk.channel.send([message(n) for n in range(many)])
    desk.clock.at, before = NOW + timedelta(hours=2), desk.fake.requests

    first = ask(desk, many)
    assert (first[-1].again, desk.fake.requests - before) == (desk.clock.at + SOON, MOST)
    second = ask(desk, many, first[-1].cursor)
    assert (second[-1].again, desk.fake.requests - before) == (None, many)

    ask(desk, many, second[-1].cursor)
    assert desk.fake.requests - before == many
    desk.clock.at = NOW + ROUNDS[1] + timedelta(minutes=1)
    ask(desk, 20, second[-1].cursor)
    assert desk.fake.requests - before == many + 20
