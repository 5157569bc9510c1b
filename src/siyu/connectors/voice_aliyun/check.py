"""What `siyu connect voice_aliyun` says: what is set, and whether Aliyun takes it."""

from __future__ import annotations

import httpx

from siyu.connectors.calling import TIMEOUT
from siyu.connectors.manifest import Check, Tools
from siyu.connectors.voice_aliyun import wire
from siyu.connectors.voice_aliyun.client import Bot
from siyu.connectors.voice_aliyun.config import Config
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone
from siyu.outbox.channel import InDoubt

_NOBODY = "00000000-0000-0000-0000-000000000000"  # only asked about: whether the key is right


def check(config: Config, tools: Tools, *, timeout: httpx.Timeout = TIMEOUT) -> list[Check]:
    """Ask about a job that is none, which rings nobody; look at scripts and hours."""
    return [_key(config, tools, timeout), _scripts(config), _hours(config, tools)]


def _key(config: Config, tools: Tools, timeout: httpx.Timeout) -> Check:
    what = Sentence("AccessKey and instance", "AccessKey 与实例")
    if not (config.access_key_id and config.access_key_secret and config.instance_id):
        why = Sentence(
            "set access_key_id, access_key_secret and instance_id",
            "请设置 access_key_id、access_key_secret 与 instance_id",
        )
        return Check(what, "missing", why)
    try:
        head, _ = Bot(config, tools, timeout).head("ListJobs", wire.listing(config, [_NOBODY]))
    except (httpx.HTTPError, InDoubt):
        why = Sentence("Aliyun was not reached at base_url", "连不上 base_url")
        return Check(what, "wrong", why)
    if head.code == "OK":
        return Check(what, "ok", Sentence("Aliyun knows both", "阿里云认可"))
    said = wire.kept(head.code)
    return Check(what, "wrong", Sentence(f"Aliyun answers {said}", f"阿里云返回 {said}"))


def _scripts(config: Config) -> Check:
    what = Sentence("scripts", "话术")
    if not config.scripts:
        return Check(what, "missing", Sentence("none yet: set scripts", "请设置 scripts"))
    why = Sentence(
        f"{len(config.scripts)} set; whether they are published only a call tells",
        f"已设置 {len(config.scripts)} 个；是否已发布，外呼时才知道",
    )
    return Check(what, "unverified", why)


def _hours(config: Config, tools: Tools) -> Check:
    what, now = Sentence("hours", "外呼时段"), tools.clock.now()
    at = config.opens(now)
    if at is None:
        why = Sentence("phones may never ring: set workdays", "没有任何可外呼时段：请设置 workdays")
        return Check(what, "wrong", why)
    when = f"{at.astimezone(zone(config.zone)):%Y-%m-%d %H:%M}"
    return Check(what, "ok", Sentence(f"phones may ring from {when}", f"{when} 起可外呼"))
