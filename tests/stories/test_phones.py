"""The cascade over the wires of real vendors: Aliyun's SMS, and calls by an AI vendor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from tests.served import Street
from tests.stories.conftest import NOON, Story, install

from siyu.app import open_app, virtual
from siyu.connectors.sms_aliyun.fake import Service as Aliyun
from siyu.connectors.sms_aliyun.fake import Template
from siyu.connectors.voice_calls.fake import Service as Caller
from siyu.connectors.webhook.fake import Provider
from siyu.db.pool import Pool
from siyu.settings import load

MEI, HUA = "13800000001", "13800000002"
SECRET = "what only both of us know"
HOOK = "a-path-that-nobody-guesses"
INVITE = (
    "价值${offer_value}的${offer_title}随本包裹寄出！${name}，加企业微信即可："
    "https://example.invalid/a/${state} 拒收请回复R"
)


class Phones(Story):
    """A story whose phones hang on vendors."""

    sms: Aliyun
    calls: Caller

    def on(self) -> None:
        """The vendors tell what they have to tell, and it is worked on."""
        self.tick()
        self.sms.deliver(self.now)
        self.calls.deliver(self.now)
        self.tick()

    def states(self) -> dict[str, str]:
        return {one["step"]: one["state"] for one in self.touches()}

    def texts(self, phone: str) -> list[str]:
        return [one.text for one in self.sms.received if one.phone == phone]


@pytest.fixture
def story(tmp_path: Path, new_db: Callable[[], Pool], street: Street) -> Iterator[Phones]:
    def now() -> datetime:  # the vendors' clocks are the story's
        return app.clock.now()

    sms = Aliyun(("LTAI5t", SECRET), {"SMS_100000001": Template(INVITE)}, ["花间"], now)
    calls = Caller(SECRET, now)
    with ExitStack() as held:
        settings = load(
            {},
            home=tmp_path / "home",
            database_url=new_db().url,
            sms_aliyun={
                "access_key_id": "LTAI5t", "access_key_secret": SECRET, "sign_name": "花间",
                "base_url": street.at(sms.app, held), "hook_secret": HOOK,
                "templates": [{"material": "invite-sms", "code": "SMS_100000001", "text": INVITE}],
            },
            voice_calls={
                "base_url": street.at(calls.app, held), "secret": SECRET,
                "scripts": [{"material": "invite-call", "dialog": "12"}],
            },
        )  # fmt: skip
        app = virtual(held.enter_context(open_app(settings)), NOON)
        install(app, NOON)
        url = street.api(app, held)
        sms.hook = f"{url}/hooks/sms_aliyun/{HOOK}"
        calls.hook = f"{url}/hooks/voice_calls"
        story = Phones(app, url, Provider(SECRET))
        story.sms, story.calls = sms, calls
        held.callback(story.http.close)
        held.callback(story.applier.release)
        yield story


def test_a_buyer_is_invited_by_sms_and_called_when_phones_may_ring(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=1)
    story.sms.report(MEI)
    story.on()

    (text,) = story.texts(MEI)
    assert text.startswith("【花间】价值¥15的补水面膜随本包裹寄出！林小雨，加企业微信即可：")
    assert text.endswith(" 拒收请回复R")
    assert story.states()["sms"] == "delivered"
    story.go(minutes=30)
    assert story.calls.received == []  # it is noon
    story.go(hours=2)
    (call,) = story.calls.received
    assert call.contact["phoneNumber"] == MEI
    assert call.contact["properties"]["name"] == "林小雨"

    story.calls.finish(call.contact["referenceId"], intent="A")
    story.on()
    story.go(minutes=1)

    assert [one["step"] for one in story.tasks()] == ["request"]
    assert story.calls.outside == []
    assert story.sms.callbacks.given_up == []


def test_who_answers_that_they_want_no_more_gets_no_more(story) -> None:
    story.pay(story.order(), MEI)
    story.go(minutes=1)
    story.sms.reply(MEI, "退订。")
    story.on()
    story.pay(story.order(), MEI, consent=False)
    story.go(days=1)

    assert len(story.texts(MEI)) == 1
    states = [v["state"] for v in story.explain(MEI)["consents"] if v["channel"] == "sms"]
    assert set(states) == {"withdrawn"}


def test_who_is_on_a_vendors_list_is_suppressed_by_a_fact_of_its_own(story) -> None:
    story.sms.records.rejects[MEI] = "isv.BLACK_KEY_CONTROL_LIMIT"
    story.calls.blacklist.add(HUA)
    story.pay(story.order(), MEI)
    story.pay(story.order(), HUA)
    story.go(hours=3)

    kinds = story.facts("select kind, source from event where kind = 'consent.withdrawn'")
    assert sorted(kinds) == [
        ("consent.withdrawn", "sms_aliyun"),
        ("consent.withdrawn", "voice_calls"),
    ]


def test_a_time_out_after_the_effect_sends_nothing_twice(story) -> None:
    story.sms.faults.append("fail after effect")
    story.calls.faults.append("fail after effect")
    story.pay(story.order(), MEI)
    story.go(hours=3)

    assert len(story.texts(MEI)) == 1
    assert len(story.calls.received) == 1
    assert story.calls.repeated == []
    assert story.states()["sms"] in ("sent", "delivered")


def test_a_call_that_is_no_longer_wanted_is_stopped_at_the_vendor(story) -> None:
    order = story.order()
    story.go(hours=3)
    story.pay(order, MEI)
    story.go(minutes=6)
    assert [one.state for one in story.calls.received] == ["waiting"]
    story.cancel(order)
    story.go(minutes=2)

    assert [one.state for one in story.calls.received] == ["cancelled"]
