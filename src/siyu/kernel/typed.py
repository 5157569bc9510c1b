"""What is said where plain values do not fit a type: the words of msgspec, and Chinese for them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from siyu.kernel.sentence import Sentence

_ZH: Mapping[re.Pattern[str], str] = {
    re.compile(pattern): zh
    for pattern, zh in {
        r"Object missing required field `(.+)`": r"缺少 `\1`",
        r"Object contains unknown field `(.+)`": r"没有 `\1` 这个字段",
        r"Expected `(.+)`, got `(.+)`": r"应为 `\1`，现在是 `\2`",
        r"Expected `(.+)` (>=|<=|>|<) (\S+)": r"应为 \2 \3 的 `\1`",
        r"Expected `(.+)` of length (>=|<=) (\d+)": r"`\1` 的长度应 \2 \3",
        r"Expected `(.+)` matching regex (.+)": r"应为符合 \2 的 `\1`",
        r"Invalid enum value (.+)": r"没有 \1 这个选项",
        r"Invalid value (.+)": r"没有 \1 这个选项",
        r"JSON is malformed: .+": r"不是正确的 JSON",
        r"Input data was truncated": r"内容不完整",
    }.items()
}
ELSE = "格式不对"


def form(why: str) -> Sentence:
    """Its words as a sentence; a place that they end with is said by whoever asked."""
    for pattern, zh in _ZH.items():
        found = pattern.fullmatch(why)
        if found:
            return Sentence(why, found.expand(zh))
    return Sentence(why, ELSE)
