"""What could be better about a text: nothing here keeps it from being sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from siyu.content.model import Material
from siyu.content.render import unusual, usual
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence

_READ = frozenset(
    {"sms", "wecom_message", "wecom_welcome", "parcel_insert"}
)  # by customers; scripts are spoken
_OPT_OUT: Mapping[str, tuple[re.Pattern[str], str]] = {
    "zh": (
        re.compile(r"(拒收|退订|回)\s*请?回?复?\s*[“\"']?(TD|[TRN])(?![A-Za-z0-9])", re.IGNORECASE),
        "拒收请回复R",
    ),
    "en": (
        re.compile(r"\b(reply|text|send)\s+[“\"']?stop\b", re.IGNORECASE),
        "Reply STOP to opt out",
    ),
}
# What an invitation promises, in the first line: soon, for sure, and something worth having.
_TEMPTS = re.compile(
    r"送|赠|免费|礼|红包|优惠|立减|价值|面膜|小样|\bfree\b|\bgift\b|\bworth\b|\boff\b|\bsample",
    re.IGNORECASE,
)
_SOON = re.compile(
    r"今[天日晚]|明[天日]|现在|马上|立即|本[包周月次]|每个?订单|随(?:本|下)?|分钟|小时|\d+\s*[天日]|"
    r"截止|限时|前\b|到期|周[一二三四五六日末]|\btoday\b|\btonight\b|\bnow\b|\bthis\b|\buntil\b|"
    r"\bevery\b|\bwithin\b|\bhours?\b|\bdays?\b|\bminutes?\b|\bnext\b",
    re.IGNORECASE,
)
_SURE = re.compile(r"\d|个个有|人人有|一定|必得|never a blank|for sure|everyone", re.IGNORECASE)
_AFTER_LINK = re.compile(r"https?://[^\s]*?(?=[\u3000-\u9fff\uff00-\uffef])")


def opts_out(material: Material) -> bool:
    """Whether it says how to get no more of these."""
    return bool(_OPT_OUT[material.locale][0].search(material.body))


def mute(materials: Iterable[Material]) -> frozenset[str]:
    """The codes of SMS texts that do not, in any language or variant."""
    return frozenset(one.code for one in materials if one.channel == "sms" and not opts_out(one))


def advice(material: Material, where: str) -> Iterator[Problem]:
    """Each piece of it."""
    if material.channel == "sms":
        yield from _sms(material, where)
    worth = [name for name, kind in material.variables.items() if kind == "money"]
    if material.channel not in _READ or not material.body.strip():
        return
    if worth and not _seen_first(material.body, worth):
        yield Problem(
            where,
            Sentence(
                "the benefit stands late; people read the first line",
                "利益点太靠后；人们只看第一行",
            ),
            1,
        )
    elif worth:
        yield from _first_line(material, where)


def _sms(material: Material, where: str) -> Iterator[Problem]:
    # Whether it is asked for hangs on the purpose, and only the step that sends it knows that.
    if not opts_out(material):
        words = _OPT_OUT[material.locale][1]
        yield Problem(
            where,
            Sentence(
                f"says nothing of opting out; many carriers want “{words}”",
                f"没有说明如何退订；许多运营商要求写“{words}”",
            ),
        )
    odd = unusual(usual(material)) if material.locale == "en" else ""
    if odd:
        yield Problem(
            where,
            Sentence(
                f"{odd} makes every SMS segment 70 characters long, not 160",
                f"{odd} 会使每条短信只有 70 个字符，而不是 160 个",
            ),
        )
    if _AFTER_LINK.search(usual(material)):
        yield Problem(
            where,
            Sentence(
                "a full-width character stands right behind a link, and many phones take it for a "
                "part of it; put a space between",
                "链接后面紧跟着全角字符，许多手机会把它当成链接的一部分；请加一个空格",
            ),
        )


def _seen_first(body: str, names: list[str]) -> bool:
    first = body.strip().splitlines()[0]
    return any(name in first[: max(60, len(first) // 2)] for name in names)


def _first_line(material: Material, where: str) -> Iterator[Problem]:
    """An invitation works if it is timely, certain and tempting (a line that says all three is
    read on)."""
    first = usual(material).splitlines()[0]
    missing = {
        Sentence("timely: say until when, or how soon", "及时：写明何时到手或截止时间"): _SOON,
        Sentence("certain: say exactly what and how much", "确定：写明具体是什么、多少"): _SURE,
        Sentence("tempting: say what they get", "诱惑：写明能得到什么"): _TEMPTS,
    }
    for words, pattern in missing.items():
        if not pattern.search(first):
            yield Problem(
                where,
                Sentence(f"the first line is not {words}", f"第一行不够{words.zh}"),
                1,
            )
