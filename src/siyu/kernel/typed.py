"""What is said where plain values do not fit a type: in people's words, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec.inspect import (
    CollectionType,
    DictType,
    Field,
    LiteralType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
)

from siyu.kernel.sentence import Sentence

_TYPES: Mapping[str, Sentence] = {
    "str": Sentence("a text", "文字"),
    "int": Sentence("a whole number", "整数"),
    "float": Sentence("a number", "数字"),
    "bool": Sentence("true or false", "true 或 false"),
    "object": Sentence("lines of `name: value`", "若干行 `name: value`"),
    "array": Sentence("a list like [a, b]", "列表，如 [a, b]"),
    "null": Sentence("nothing", "空"),
    "date": Sentence("a day like 2026-12-01", "日期，如 2026-12-01"),
    "datetime": Sentence("a time like 2026-12-01T10:00:00Z", "时间，如 2026-12-01T10:00:00Z"),
}
# Patterns that stand in types, in words.
_PATTERNS: Mapping[str, Sentence] = {
    "^[a-z0-9][a-z0-9-]{0,40}$": Sentence(
        "must be a code of a-z, 0-9 and -, at most 41 characters, like `autumn-gift`",
        "必须是由 a-z、0-9 和 - 组成的编码，最多 41 个字符，如 `autumn-gift`",
    ),
    "^[b-z]$": Sentence("must be one letter from b to z", "必须是 b 到 z 的一个字母"),
}
_TOKEN = re.compile(r"\[(?:\.\.\.|\d+)\]|[^.\[\]]+")
_BOUNDS: Mapping[str, Sentence] = {
    ">=": Sentence("of at least", "不小于"),
    "<=": Sentence("of at most", "不大于"),
    ">": Sentence("above", "大于"),
    "<": Sentence("below", "小于"),
}
NONE: tuple[str, ...] = ()
ELSE = "格式不对"


def form(why: str, known: Sequence[str] = NONE) -> Sentence:
    """What a decoder says, as a sentence; `known`: the words that would be right there. A place
    that it ends with is said by whoever asked.

    >>> form("Expected `int`, got `str`")[:], form("Expected `int` >= 5").zh
    ('must be a whole number; this is a text', '必须是不小于 5 的整数')
    """
    for pattern, said in _SAID:
        found = pattern.fullmatch(why)
        if found:
            return said(found.groups(), known)
    return Sentence(why, ELSE)


def known_at(form_of: type, where: str) -> tuple[str, ...]:
    """The words that a type knows at this place of a value: of a choice its choices, of a mapping
    its names. Empty: anything goes.

    >>> known_at(Sentence, "any.where")
    ()
    """
    words = [
        str(word)
        for one in _at(form_of, where)
        if isinstance(one, LiteralType)
        for word in one.values
    ]
    return tuple(word for word in words if word)


def fields_at(form_of: type, where: str) -> list[str]:
    """The names that a mapping may have at this place of a value."""
    found = [one for one in _at(form_of, where) if isinstance(one, StructType)]
    return sorted({field.encode_name for one in found for field in one.fields})


def misfit(why: str, form_of: type | None) -> Sentence:
    """`form`, with the words that this type knows; None: it is not known what it should be.

    >>> misfit("Object contains unknown field `x`", None)
    'there is no `x` here'
    """
    if form_of is None:
        return form(why)
    known = fields_at(form_of, "") if "unknown field" in why else known_at(form_of, "")
    return form(why, known)


def _at(form_of: type, where: str) -> list[Type]:
    try:
        here = [msgspec.inspect.type_info(form_of)]
    except TypeError:
        return []
    for token in _TOKEN.findall(where):
        here = [below for one in here for below in _below(one, token)]
    return here


def _below(one: Type, token: str) -> list[Type]:
    if isinstance(one, StructType):
        fields: list[Field] = [field for field in one.fields if field.encode_name == token]
        return [each for field in fields for each in _parts(field.type)]
    if isinstance(one, DictType):
        return _parts(one.value_type)
    if isinstance(one, CollectionType | VarTupleType):
        return _parts(one.item_type)
    return []


def _parts(one: Type) -> list[Type]:
    if isinstance(one, UnionType):
        return [part for each in one.types for part in _parts(each)]
    return [one]


def _type(said: str) -> Sentence:
    parts = [_TYPES.get(one, Sentence(f"`{one}`", f"`{one}`")) for one in said.split(" | ")]
    wanted = [one for one in parts if one is not _TYPES["null"]] or parts
    return Sentence(" or ".join(wanted), "或".join(one.zh for one in wanted))


def _misfit(found: Sequence[str], known: Sequence[str]) -> Sentence:
    wanted, got = map(_type, found)
    if known:
        return _unknown([_type(found[1])], known)
    return Sentence(f"must be {wanted}; this is {got}", f"必须是{wanted.zh}；现在是{got.zh}")


def _bound(found: Sequence[str], known: Sequence[str]) -> Sentence:  # noqa: ARG001 - one shape for all
    what, (sign, most) = _type(found[0]), found[1:]
    bound = _BOUNDS[sign]
    return Sentence(f"must be {what} {bound} {most}", f"必须是{bound.zh} {most} 的{what.zh}")


def _length(found: Sequence[str], known: Sequence[str]) -> Sentence:  # noqa: ARG001
    kind, sign, many = found
    bound = Sentence("at least", "至少") if sign == ">=" else Sentence("at most", "最多")
    one = Sentence("character", "个字符") if kind == "str" else Sentence("entry", "项")
    more = Sentence("characters", "个字符") if kind == "str" else Sentence("entries", "项")
    unit = one if many == "1" else more
    return Sentence(f"must have {bound} {many} {unit}", f"{bound.zh} {many} {unit.zh}")


def _pattern(found: Sequence[str], known: Sequence[str]) -> Sentence:  # noqa: ARG001
    pattern = found[1].strip("'\"")
    usual = Sentence(f"must be written like `{pattern}`", f"必须符合 `{pattern}`")
    return _PATTERNS.get(pattern, usual)


def _unknown(found: Sequence[str], known: Sequence[str]) -> Sentence:
    word = found[0].strip("'\"")
    if not known:
        return Sentence(f"there is no `{word}` here", f"这里没有 `{word}`")
    listed = ", ".join(known)
    return Sentence(
        f"there is no `{word}` here; write one of {listed}", f"这里没有 `{word}`；可写 {listed}"
    )


def _missing(found: Sequence[str], known: Sequence[str]) -> Sentence:  # noqa: ARG001
    return Sentence(f"`{found[0]}` is missing: it must be said", f"缺少 `{found[0]}`，必须写")


def _day(found: Sequence[str], known: Sequence[str]) -> Sentence:  # noqa: ARG001
    return Sentence("must be a day like 2026-12-01", "必须是日期，如 2026-12-01")


def _time(found: Sequence[str], known: Sequence[str]) -> Sentence:  # noqa: ARG001
    return Sentence(
        "must be a time like 2026-12-01T10:00:00+08:00", "必须是时间，如 2026-12-01T10:00:00+08:00"
    )


def _no_json(found: Sequence[str], known: Sequence[str]) -> Sentence:  # noqa: ARG001
    return Sentence(f"this is no JSON: {found[0]}", f"不是正确的 JSON：{found[0]}")


def _cut(found: Sequence[str], known: Sequence[str]) -> Sentence:  # noqa: ARG001
    return Sentence("it ends too early", "内容不完整")


_Says = Callable[[Sequence[str], Sequence[str]], Sentence]
_SAID: Sequence[tuple[re.Pattern[str], _Says]] = [
    (re.compile(pattern), said)
    for pattern, said in (
        (r"Object missing required field `(.+)`", _missing),
        (r"Object contains unknown field `(.+)`", _unknown),
        (r"Expected `(.+)`, got `(.+)`", _misfit),
        (r"Expected `(.+)` (>=|<=|>|<) (\S+)", _bound),
        (r"Expected `(.+)` of length (>=|<=) (\d+)", _length),
        (r"Expected `(.+)` matching regex (.+)", _pattern),
        (r"Invalid enum value (.+)", _unknown),
        (r"Invalid value (.+)", _unknown),
        (r"Invalid (?:\w+ )*date", _day),
        (r"Invalid (?:\w+ )*datetime", _time),
        (r"JSON is malformed: (.+)", _no_json),
        (r"Input data was truncated()", _cut),
    )
]
