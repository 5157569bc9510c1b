"""A vendor of AI calls and the connector to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
from tests.connectors.bench import NOW, SECRET, Bench, Plug, Remembered, Still

from siyu.connectors.manifest import Tools
from siyu.connectors.voice_calls.channel import VoiceCalls
from siyu.connectors.voice_calls.config import Config, Script
from siyu.connectors.voice_calls.fake import Service
from siyu.outbox.model import Message

VALUES = {"brand": "肌初", "name": "小林", "offer_title": "面膜", "link": "s.example/ab12"}
QUICK = httpx.Timeout(0.5, connect=3.0)
HOOK = "a-path-that-nobody-guesses"


def config(url: str = "https://calls.example", **given: Any) -> Config:
    scripts = (Script(material="invite-call", dialog="12"),)
    return Config(**({"base_url": url, "secret": SECRET, "scripts": scripts} | given))


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
    fake = Service(SECRET, clock.now)

    def reach(
        url: str, secret: str = SECRET, skew: timedelta = timedelta(0), at: datetime = NOW
    ) -> VoiceCalls:
        tools = Tools(Still(at, skew), store)
        return VoiceCalls(config(url, secret=secret), tools, timeout=QUICK)

    url = plug.into(fake.app)
    return Bench(
        channel=reach(url),
        fake=fake,
        url=url,
        reach=reach,
        most=50,
        arrived=lambda: [
            (name, one.contact["phoneNumber"], one.contact["properties"])
            for name, one in fake.placed.items()
        ],
        told=lambda m: (m.token, m.to[3:], {**m.variables, "touch_id": m.token}),
        reject=lambda phone: fake.rejects.update(
            {phone.removeprefix("+86"): f"no subscriber {phone}, also 138-0013-8000"}
        ),
        shape=shape,
        store=store,
    )
