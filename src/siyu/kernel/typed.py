"""What is said where plain values do not fit a type: the words of msgspec, and Chinese for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

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


_CALLED: Mapping[str, Sentence] = {
    "str": Sentence("text", "文字"),
    "int": Sentence("a whole number", "整数"),
    "float": Sentence("a number", "数字"),
    "bool": Sentence("true or false", "true 或 false"),
    "array": Sentence("a list", "列表"),
    "object": Sentence("a mapping, like `name: value`", "映射，如 `name: value`"),
    "null": Sentence("nothing", "空"),
}
_MISSING = re.compile(r"Object missing required field `(.+)`")
_STRANGE = re.compile(r"Object contains unknown field `(.+)`")
_OTHER = re.compile(r"Expected `(.+)`, got `(.+)`")
_LENGTH = re.compile(r"Expected `.+` of length (>=|<=) (\d+)")
_BOUND = re.compile(r"Expected `.+` (>=|<=|>|<) (\S+)")
_SHAPE = re.compile(r"Expected `.+` matching regex (.+)")
_CHOICE = re.compile(r"Invalid (?:enum )?value (.+)")


def plainly(why: str, kind: Any = None) -> Sentence:
    """The same for somebody who wrote a text: what is wrong, and what would be right. `kind`: what
    the value should be, where that is known.

    >>> plainly("Expected `int`, got `str`"), plainly("Invalid enum value 'x'", Literal["a", "b"])
    ('has to be a whole number, and is text', "'x' is none of a, b")
    """
    if found := _MISSING.fullmatch(why):
        return Sentence(f"`{found[1]}` is missing: write `{found[1]}: …`",
                        f"缺少 `{found[1]}`：请写 `{found[1]}: …`")  # fmt: skip
    if found := _STRANGE.fullmatch(why):
        known = ", ".join(getattr(kind, "__struct_encode_fields__", ()))
        none = Sentence(f"there is no `{found[1]}` here", f"这里没有 `{found[1]}`")
        there = Sentence(f"{none}; there are {known}", f"{none.zh}；可以写 {known}")
        return there if known else none
    if found := _OTHER.fullmatch(why):
        wanted, given = _called(found[1]), _called(found[2])
        return Sentence(f"has to be {wanted}, and is {given}",
                        f"应为{wanted.zh}，现在是{given.zh}")  # fmt: skip
    if found := _CHOICE.fullmatch(why):
        known = ", ".join(map(str, get_args(kind)))
        return Sentence(f"{found[1]} is none of {known}", f"{found[1]} 不在选项之中：{known}") if (
            known) else form(why)  # fmt: skip
    return _bounds(why)


def _bounds(why: str) -> Sentence:
    if found := _LENGTH.fullmatch(why):
        word = Sentence("least", "至少") if found[1] == ">=" else Sentence("most", "至多")
        return Sentence(f"takes at {word} {found[2]} (letters, or lines)",
                        f"{word.zh} {found[2]} 个（字符或行）")  # fmt: skip
    if found := _BOUND.fullmatch(why):
        return Sentence(f"has to be {found[1]} {found[2]}", f"应 {found[1]} {found[2]}")
    if found := _SHAPE.fullmatch(why):
        shape = found[1].strip("'\"")
        if shape.startswith(r"^[a-z0-9]"):
            return Sentence("may have a-z, 0-9 and -, and begins with a letter or a figure",
                            "只能用 a-z、0-9 和 -，以字母或数字开头")  # fmt: skip
        return Sentence(f"is not written as it has to be: {shape}", f"写法不对，应为：{shape}")
    return form(why)


def _called(types: str) -> Sentence:
    names = [_CALLED.get(one, Sentence(one, one)) for one in types.split(" | ")]
    return Sentence(" or ".join(str(one) for one in names), "或".join(one.zh for one in names))
