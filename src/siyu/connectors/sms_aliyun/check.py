"""What `siyu connect sms_aliyun` says: what is set, and whether Aliyun takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import httpx
import msgspec

from siyu.connectors.calling import TIMEOUT
from siyu.connectors.known import Text
from siyu.connectors.manifest import Check, Tools
from siyu.connectors.sms_aliyun.channel import ALARM
from siyu.connectors.sms_aliyun.client import opened
from siyu.connectors.sms_aliyun.config import Config, Template
from siyu.connectors.sms_aliyun.webhook import BILLED
from siyu.connectors.sms_aliyun.wire import answers, batch, text
from siyu.kernel.sentence import Sentence

_NOBODY = "13800000000"  # only asked about: the answer tells whether the key is right
_KEY = Sentence("AccessKey", "AccessKey")
_FINE = Sentence("fine", "正常")


def check(config: Config, tools: Tools, *, timeout: httpx.Timeout = TIMEOUT) -> list[Check]:
    """Ask Aliyun about a number, which sends nothing, and look at the templates."""
    found = [_key(config, tools, timeout), _signature(config), *_templates(config), _hook(config)]
    return [*found, *_troubles(tools)]


def texts(config: Config, written: Sequence[Text]) -> list[Check]:
    """Each material beside the templates that stand for it: whether one of them says the same, in
    which words it does not, and what has no template or no material."""
    found = [_text(config, one) for one in written]
    codes = {one.material for one in written}
    return found + [
        Check(
            Sentence(f"template {one.code}", f"模板 {one.code}"),
            "wrong",
            Sentence(
                f"there is no material {one.material} for SMS", f"没有短信素材 {one.material}"
            ),
        )
        for one in config.templates
        if written and one.material not in codes
    ]


def _text(config: Config, written: Text) -> Check:
    what = Sentence(f"material {written.material}", f"素材 {written.material}")
    standing = [one for one in config.templates if one.material == written.material]
    if not standing:
        why = Sentence(
            "no approved template stands for it, so it is not sent",
            "没有对应的已审核模板，不会发送",
        )
        return Check(what, "missing", why)
    wrong = [text.compared(config, one, written.body, written.values) for one in standing]
    if None in wrong:
        code = standing[wrong.index(None)].code
        return Check(what, "ok", Sentence(f"says what template {code} says", f"与模板 {code} 一致"))
    return Check(what, "wrong", next(one for one in wrong if one is not None))


def _key(config: Config, tools: Tools, timeout: httpx.Timeout) -> Check:
    if not (config.access_key_id and config.access_key_secret):
        why = Sentence(
            "set access_key_id and access_key_secret", "请设置 access_key_id 与 access_key_secret"
        )
        return Check(_KEY, "missing", why)
    day = tools.clock.real().astimezone(batch.CHINA).date()
    try:
        form = config.parameters == "form"
        asking = batch.asking(_NOBODY, day, 1)
        response = opened(config, tools, timeout).ask("QuerySendDetails", asking, form=form)
        code = answers.answer(response.content).code
    except (httpx.HTTPError, msgspec.DecodeError, UnicodeDecodeError):
        why = Sentence("Aliyun was not reached at base_url", "连不上 base_url")
        return Check(_KEY, "wrong", why)
    if code == "OK":
        why = Sentence("Aliyun knows it and answers", "阿里云认可并有应答")
        return Check(_KEY, "ok", why)
    why = answers.stopped(code)
    return Check(_KEY, "wrong", Sentence(f"{why} ({code})", f"{why.zh}（{code}）"))


def _signature(config: Config) -> Check:
    what = Sentence("signature", "短信签名")
    if not config.sign_name:
        return Check(what, "missing", Sentence("set sign_name", "请设置 sign_name"))
    why = Sentence(
        "whether it is approved and registered only a sending tells",
        "是否审核通过并完成报备，要发送时才知道",
    )
    return Check(what, "unverified", why)


def _templates(config: Config) -> Iterator[Check]:
    if not config.templates:
        why = Sentence("none yet; see README.md", "还没有模板，见 README.md")
        yield Check(Sentence("templates", "短信模板"), "missing", why)
    for template in config.templates:
        what = Sentence(
            f"template {template.code} for {template.material}",
            f"模板 {template.code}（{template.material}）",
        )
        wrong = _wrong(config, template)
        yield Check(what, "wrong" if wrong else "ok", wrong or _FINE)


def _wrong(config: Config, template: Template) -> Sentence | None:
    sample = {name: name.upper() for name in template.variables}
    filled = text.fill(config, template, sample)
    if isinstance(filled, Sentence):
        return filled
    return text.unfit(config, filled) if config.sign_name else None


def _hook(config: Config) -> Check:
    what = Sentence("reports and replies", "回执与上行")
    if not config.hook_secret:
        why = Sentence(
            "set hook_secret, then give Aliyun /hooks/sms_aliyun/<hook_secret>/report and …/up",
            "请设置 hook_secret，再到阿里云填写 /hooks/sms_aliyun/<hook_secret>/report 与 …/up",
        )
        return Check(what, "missing", why)
    why = Sentence(
        "whether Aliyun has the addresses only a report tells", "阿里云是否已填地址，收到回执才知道"
    )
    return Check(what, "unverified", why)


def _troubles(tools: Tools) -> Iterator[Check]:
    alarm = tools.store.get(ALARM)
    if alarm is not None:
        since, _, code = alarm.partition(" ")
        at = f"{datetime.fromisoformat(since).astimezone(batch.CHINA):%Y-%m-%d %H:%M}"
        why = answers.stopped(code)
        yield Check(
            Sentence("sending", "发送"),
            "wrong",
            Sentence(f"stopped since {at}: {why} ({code})", f"{at} 起停发：{why.zh}（{code}）"),
        )
    billed = len(tools.store.keys(BILLED))
    if billed:
        yield Check(
            Sentence("segments", "计费条数"),
            "wrong",
            Sentence(
                f"{billed} messages of four days were billed with other segments than counted",
                f"近四天有 {billed} 条短信的计费条数与我们计算的不同",
            ),
        )
