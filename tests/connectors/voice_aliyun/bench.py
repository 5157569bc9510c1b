"""Aliyun's OutboundBot and the connector to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
from tests.connectors.bench import NOW, SECRET, Bench, Plug, Remembered, Still

from siyu.connectors.manifest import Tools
from siyu.connectors.voice_aliyun.channel import VoiceAliyun
from siyu.connectors.voice_aliyun.config import Config, Script
from siyu.connectors.voice_aliyun.fake import Service
from siyu.outbox.model import Message

KEY, INSTANCE = "LTAI5tSiyuSandbox", "12f3dd08-0c55-44ce-9b64-e69d35ed3a76"
VALUES = {"brand": "肌初", "name": "小林", "offer_title": "面膜", "link": "s.example/ab12"}
QUICK = httpx.Timeout(0.5, connect=3.0)


def config(url: str = "https://outboundbot.example", **given: Any) -> Config:
    known = {
        "access_key_id": KEY,
        "access_key_secret": SECRET,
        "base_url": url,
        "instance_id": INSTANCE,
        "scripts": (Script(material="invite-call", script="s-1"),),
    }
    return Config(**(known | given))


def service(clock: Still) -> Service:
    return Service((KEY, SECRET), INSTANCE, ["s-1"], clock.now)


def message(number: int = 0, **given: Any) -> Message:
    known = {
        "token": f"tch_{number}", "channel": "voice_ai", "to": f"+86138001{38000 + number}",
        "text": "您好，小林", "material": "invite-call", "step": "call", "journey": "cascade",
        "order_no": f"SO{number}", "shop": "tmall", "customer": "cus_1", "staff": "",
        "valid_until": None, "link": "s.example/ab12", "variables": VALUES,
    }  # fmt: skip
    return Message(**(known | given))


def shape(one: Message, number: int) -> Message:
    return one._replace(channel="voice_ai", material="invite-call", variables=VALUES)


def bench(plug: Plug, ours: Plug) -> Bench:
    clock, store = Still(), Remembered()
    fake = service(clock)

    def reach(
        url: str, secret: str = SECRET, skew: timedelta = timedelta(0), at: datetime = NOW
    ) -> VoiceAliyun:
        tools = Tools(Still(at, skew), store)
        return VoiceAliyun(config(url, access_key_secret=secret), tools, timeout=QUICK)

    url = plug.into(fake.app)
    return Bench(
        channel=reach(url),
        fake=fake,
        url=url,
        reach=reach,
        most=10,
        arrived=lambda: [
            (one.reference, one.contact["phoneNumber"], one.contact["extras"])
            for one in fake.received
        ],
        told=lambda m: (m.token, m.to[3:], dict(m.variables)),
        reject=lambda phone: fake.rejects.add(phone.removeprefix("+86")),
        shape=shape,
        store=store,
        refusals=3,
        handed_at=NOW - timedelta(minutes=15),
        lacks={"test_a_provider_says_when_it_wants_to_be_asked_again": "Aliyun says no time"},
    )
