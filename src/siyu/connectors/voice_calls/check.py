"""What `siyu connect voice_calls` says: what is set, and whether the vendor takes it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import msgspec

from siyu.connectors.calling import TIMEOUT
from siyu.connectors.manifest import Check, Tools
from siyu.connectors.voice_calls.channel import VoiceCalls
from siyu.connectors.voice_calls.config import Config
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone


def check(config: Config, tools: Tools, *, timeout: httpx.Timeout = TIMEOUT) -> list[Check]:
    """Ask the vendor about no call at all, and look at dialogues, hours and the way back."""
    return [_door(config, tools, timeout), _scripts(config), *_hours(config, tools), _back(config)]


def _door(config: Config, tools: Tools, timeout: httpx.Timeout) -> Check:
    what = Sentence("vendor", "厂商接口")
    if not config.base_url:
        return Check(what, "missing", Sentence("set base_url", "请设置 base_url"))
    try:
        taken = VoiceCalls(config, tools, timeout=timeout).reached()
    except (httpx.HTTPError, msgspec.DecodeError, UnicodeDecodeError):
        return Check(what, "wrong", Sentence("it was not reached at base_url", "连不上 base_url"))
    if taken:
        return Check(what, "ok", Sentence("it takes our signature", "签名通过"))
    why = Sentence(
        "it answers, but does not take our signature: is secret what both sides know?",
        "有应答但签名未通过：secret 双方一致吗？",
    )
    return Check(what, "wrong", why)


def _scripts(config: Config) -> Check:
    what = Sentence("dialogues", "话术")
    if not config.scripts:
        why = Sentence("none yet: set scripts", "还没有话术：请设置 scripts")
        return Check(what, "missing", why)
    why = Sentence(
        f"{len(config.scripts)} set; whether the vendor has them only a call tells",
        f"已设置 {len(config.scripts)} 个；厂商是否有这些话术，外呼时才知道",
    )
    return Check(what, "unverified", why)


def _hours(config: Config, tools: Tools) -> Iterator[Check]:
    what, now = Sentence("hours", "外呼时段"), tools.clock.now()
    at = config.opens(now)
    if at is None:
        why = Sentence("phones may never ring: set workdays", "没有任何可外呼时段：请设置 workdays")
        yield Check(what, "wrong", why)
    elif at == now:
        yield Check(what, "ok", Sentence("phones may ring now", "现在可以外呼"))
    else:
        when = f"{at.astimezone(zone(config.zone)):%Y-%m-%d %H:%M}"
        why = Sentence(f"phones may ring again at {when}", f"下次可外呼：{when}")
        yield Check(what, "ok", why)
    if not any(day.year >= now.year for day in config.holidays):
        why = Sentence(
            "no public holidays of this year are set: it is called in their mornings, too",
            "未设置今年的法定节假日：节假日上午也会外呼",
        )
        yield Check(Sentence("public holidays", "法定节假日"), "unverified", why)


def _back(config: Config) -> Check:
    path = "HOOK_SECRET/callback" if config.hook_secret else "callback"
    why = Sentence(
        f"the vendor posts to /hooks/voice_calls/{path}; whether it does only a call tells",
        f"厂商回调 /hooks/voice_calls/{path}；是否已填，外呼后才知道",
    )
    return Check(Sentence("callbacks", "回调"), "unverified", why)
