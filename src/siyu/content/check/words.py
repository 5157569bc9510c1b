"""Words for which carriers hold texts back.

No carrier publishes its list. `NAMED` is what a large provider's rules for templates refuse by name
(loans, prizes, draws; gambling and pornography: Alibaba Cloud, rules for SMS templates); `ASSUMED`
are what practitioners avoid, and no measurement. A brand adds to them, or allows one that its
provider lets pass: `siyu material word`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from siyu.content.model import Material
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence

NAMED = frozenset({"贷款", "借款", "中奖", "抽奖", "赌博", "博彩", "色情", "裸聊"})
ASSUMED = frozenset({
    "代开发票", "刷单", "刷信誉", "套现", "返现", "信用卡提额", "办证", "无抵押", "配资", "荐股",
    "彩票", "六合彩", "时时彩", "私服", "翻墙", "枪支", "迷药", "代孕", "兼职日结", "加微信",
    "加qq", "免费领取", "点击领取", "零元购", "最低价", "全网最低", "第一品牌", "国家级",
})  # fmt: skip
INTERCEPTED = NAMED | ASSUMED


def intercepted(material: Material, where: str, own: Mapping[str, bool]) -> Iterator[Problem]:
    """Each such word in a text for China's carriers, with its line. `own`: what the brand adds
    (False) or allows (True)."""
    if material.locale != "zh":
        return
    refused = (INTERCEPTED | {word for word, allowed in own.items() if not allowed}) - {
        word for word, allowed in own.items() if allowed
    }
    body = material.body.lower()
    for word in sorted(refused):
        place = body.find(word)
        if place >= 0:
            yield Problem(
                where,
                Sentence(
                    f"“{word}”: carriers hold texts with it back; say it otherwise, or allow it "
                    f"where yours does not: `siyu material word --allow {word}`",
                    f"“{word}”：运营商常拦截含此词的短信；请换个说法，若您的通道允许，可执行 "
                    f"`siyu material word --allow {word}`",
                ),
                body.count("\n", 0, place) + 1,
            )
