"""Aliyun's SMS service and the connector to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from tests.connectors.bench import NOW, SECRET, Bench, Plug, Remembered, Still

from siyu.connectors.manifest import Store, Tools
from siyu.connectors.sms_aliyun.channel import AliyunSms
from siyu.connectors.sms_aliyun.config import Config, Template
from siyu.connectors.sms_aliyun.fake import Service
from siyu.connectors.sms_aliyun.fake import Template as Approved
from siyu.outbox.model import Message

KEY = "LTAI5tSiyuSandbox"
HOOK = "a-path-that-nobody-guesses"
INVITE = "${name}，加企业微信领${offer_title}：s.example/${state} 拒收请回复R"
PARCEL = "${name}，您的包裹已发出"
TEMPLATES = (
    Template(material="invite-sms", code="SMS_100000001", text=INVITE),
    Template(material="parcel-sms", code="SMS_100000002", text=PARCEL, kind="notification"),
)
VALUES = {
    "brand": "肌初",
    "name": "小林",
    "offer_title": "面膜",
    "link": "s.example/ab12",
    "state": "ab12",
}
TEXT = "【肌初】小林，加企业微信领面膜：s.example/ab12 拒收请回复R"
QUICK = httpx.Timeout(0.5, connect=3.0)


def config(url: str = "https://dysmsapi.example", **given: Any) -> Config:
    known = {
        "access_key_id": KEY,
        "access_key_secret": SECRET,
        "base_url": url,
        "sign_name": "肌初",
        "templates": TEMPLATES,
        "hook_secret": HOOK,
    }
    return Config(**(known | given))


def service(clock: Still, hook: str = "") -> Service:
    approved = {one.code: Approved(one.text, one.kind, one.urls) for one in TEMPLATES}
    return Service((KEY, SECRET), approved, ["肌初"], clock.now, hook)


def message(number: int = 0, **given: Any) -> Message:
    """An invitation, each to a number of its own."""
    known = {
        "token": f"tch_{number}", "channel": "sms", "to": f"+86138001{38000 + number}",
        "text": TEXT, "material": "invite-sms", "step": "sms", "journey": "cascade",
        "order_no": f"SO{number}", "shop": "tmall", "customer": "cus_1", "staff": "",
        "valid_until": None, "link": "s.example/ab12", "variables": VALUES,
    }  # fmt: skip
    return Message(**(known | given))


def shape(one: Message, number: int) -> Message:
    to = f"+86138001{38000 + number}" if one.to == "+8613800138000" else one.to
    return one._replace(material="invite-sms", text=TEXT, variables=VALUES, to=to)


def bench(plug: Plug, ours: Plug) -> Bench:
    clock, store = Still(), Remembered()
    fake = service(clock)

    def reach(url: str, secret: str = SECRET, skew: timedelta = timedelta(0)) -> AliyunSms:
        tools = Tools(Still(skew=skew), store)
        return AliyunSms(config(url, access_key_secret=secret), tools, timeout=QUICK)

    url = plug.into(fake.app)
    return Bench(
        channel=reach(url),
        fake=fake,
        url=url,
        reach=reach,
        most=100,
        arrived=lambda: [(f"+86{one.phone}", one.text) for one in fake.received],
        told=lambda one: (one.to, one.text),
        reject=lambda phone: fake.records.rejects.update(
            {phone.removeprefix("+86"): "isv.MOBILE_NUMBER_ILLEGAL"}
        ),
        shape=shape,
        store=store,
        cancels=False,
        refusals=3,
        handed_at=NOW - timedelta(minutes=15),
        lacks={
            "test_a_provider_says_when_it_wants_to_be_asked_again": "Aliyun says no time",
            "test_what_was_cancelled_can_be_handed_over_again": "nothing can be stopped",
            "test_no_call_is_handed_over_outside_the_hours": "no phone rings",
        },
    )


def connected(store: Store, clock: Still, url: str, **given: Any) -> tuple[AliyunSms, Tools]:
    """A channel with tools of a test's own."""
    tools = Tools(clock, store)
    return AliyunSms(config(url, **given), tools, timeout=QUICK), tools
