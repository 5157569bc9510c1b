"""The value of a field: read as its type takes it, and written back."""

from __future__ import annotations

import types
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal, Union, cast, get_args, get_origin

from siyu.kernel.sentence import Sentence
from siyu.kernel.time import duration

LONGEST_TEXT = 120
LARGEST_NUMBER = 1_000_000_000
LARGEST_AMOUNT = Decimal(10**12)


class Wrong(ValueError):
    """A value that its field does not take; the message says what it takes."""


def kind(value: object) -> Sentence:
    match value:
        case None:
            return Sentence("nothing", "空")
        case bool():
            return Sentence("true or false", " true 或 false")
        case int() | float():
            return Sentence("a number", "数字")
        case str():
            return Sentence("a text", "文字")
        case list():
            return Sentence("a list", "列表")
        case dict():
            return Sentence("a mapping", "映射")
        case _:
            return Sentence(f"a {type(value).__name__}", f" {type(value).__name__}")


def read(hint: object, value: object) -> object:
    """The value as the field's type takes it."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        ways = [arg for arg in get_args(hint) if arg is not type(None)]
        return read(next((way for way in ways if way is type(value)), ways[0]), value)
    if origin is Literal:
        choices = get_args(hint)
        if value not in choices or isinstance(value, bool):
            raise Wrong(
                Sentence(
                    f"must be one of {', '.join(map(str, choices))}",
                    f"必须是其中之一：{', '.join(map(str, choices))}",
                )
            )
        return value
    if origin is tuple:
        given = cast("list[object]", value) if isinstance(value, list) else [value]
        if not given:
            raise Wrong(Sentence("must not be empty", "不能为空"))
        return tuple(read(get_args(hint)[0], item) for item in given)
    return _READERS[cast("type", hint)](value)


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(
            Sentence(
                f"must be true or false, not {kind(value)}",
                f"必须是 true 或 false，现在是{kind(value).zh}",
            )
        )
    return value


def _int(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong(
            Sentence(
                f"must be a whole number, not {kind(value)}",
                f"必须是整数，现在是{kind(value).zh}",
            )
        )
    if not 0 <= value <= LARGEST_NUMBER:
        raise Wrong(
            Sentence(
                f"must be between 0 and {LARGEST_NUMBER}", f"必须在 0 到 {LARGEST_NUMBER} 之间"
            )
        )
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Wrong(
            Sentence(
                f"must be a text, not {kind(value)}; put it in quotes",
                f"必须是文字，现在是{kind(value).zh}；请加上引号",
            )
        )
    text = value.strip()
    if not text or len(text) > LONGEST_TEXT:
        raise Wrong(
            Sentence(
                f"must have 1 to {LONGEST_TEXT} characters", f"必须是 1 到 {LONGEST_TEXT} 个字符"
            )
        )
    if not text.isprintable():
        raise Wrong(Sentence("holds characters that can't be printed", "含有无法显示的字符"))
    return text


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise Wrong(
            Sentence(
                f"must be a duration like 30d or 2h, not {kind(value)}",
                f"必须是时长，如 30d 或 2h，现在是{kind(value).zh}",
            )
        )
    span = duration(value)
    if not span:
        raise Wrong(Sentence("must be longer than nothing", "必须大于零"))
    return span


def _amount(value: object) -> Decimal:
    if isinstance(value, float) or not isinstance(value, str | int) or isinstance(value, bool):
        raise Wrong(
            Sentence(
                f'must be an amount in quotes like "100.00", not {kind(value)}',
                f'必须是带引号的金额，如 "100.00"，现在是{kind(value).zh}',
            )
        )
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise Wrong(
            Sentence(f"{value!r} is not an amount of money", f"{value!r} 不是金额")
        ) from None
    if not amount.is_finite() or not 0 <= amount <= LARGEST_AMOUNT:
        raise Wrong(
            Sentence(
                f"must be between 0 and {LARGEST_AMOUNT}", f"必须在 0 到 {LARGEST_AMOUNT} 之间"
            )
        )
    if amount != amount.quantize(Decimal("0.01")):
        raise Wrong(Sentence("has more than two decimal places", "小数超过两位"))
    return amount.quantize(Decimal("0.01"))


_READERS = {bool: _bool, int: _int, str: _text, timedelta: _duration, Decimal: _amount}
_SPANS = (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def plain(value: object) -> object:
    match value:
        case timedelta():
            seconds = int(value.total_seconds())
            unit, size = next((unit, size) for unit, size in _SPANS if seconds % size == 0)
            return f"{seconds // size}{unit}"
        case Decimal():
            return str(value)
        case tuple():
            return list(cast("tuple[object, ...]", value))
        case _:
            return value
