"""Single values of a form: each reader takes a plain value, or says in words what it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time, timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import cast, get_args

from siyu.journeys.model import Value, Values
from siyu.journeys.model.enter import DateName, Times
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import Weekday, duration

LONGEST = 200
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,60}")
_DATE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_LARGEST = 10**15


class Wrong(ValueError):
    """A value that its field does not take; the message says what it takes."""


def nearest(word: str, known: Iterable[str]) -> Sentence:
    """What would have been right."""
    words = sorted(known)
    near = get_close_matches(word, words, 1)
    if near:
        return Sentence(f"did you mean `{near[0]}`?", f"是不是 `{near[0]}`？")
    if words:
        return Sentence(f"known are {', '.join(words)}", f"可用的有 {', '.join(words)}")
    return Sentence("there are none", "现在一个也没有")


def kind_of(value: object) -> Sentence:
    """What people call a value of this type."""
    match value:
        case None:
            return Sentence("nothing", "空")
        case bool():
            return Sentence("true or false", " true 或 false")
        case str():
            return Sentence("a text", "文字")
        case list():
            return Sentence("a list", "列表")
        case dict():
            return Sentence("a mapping", "映射")
        case _:
            return Sentence("a number", "数字")


def literal(choices: tuple[object, ...], value: object) -> object:
    """One of a few words."""
    if value in choices and not isinstance(value, bool):
        return value
    words = ", ".join(map(str, choices))
    raise Wrong(
        Sentence(
            f"must be one of {words}; {nearest(str(value), map(str, choices))}",
            f"必须是其中之一：{words}；{nearest(str(value), map(str, choices)).zh}",
        )
    )


def text(value: object) -> str:
    """A word or a line."""
    if not isinstance(value, str):
        raise Wrong(
            Sentence(
                f"must be a text, not {kind_of(value)}; put it in quotes",
                f"必须是文字，现在是{kind_of(value).zh}；请加上引号",
            )
        )
    if not 0 < len(value) <= LONGEST or not value.isprintable():
        raise Wrong(
            Sentence(
                f"must have 1 to {LONGEST} printable characters",
                f"必须是 1 到 {LONGEST} 个可显示的字符",
            )
        )
    return value


def _span(value: object) -> timedelta:
    span = duration(text(value)) if isinstance(value, str) else None
    if span is None:
        raise Wrong(
            Sentence(
                f"must be a duration like 30s, 5m, 2h or 14d, not {kind_of(value)}",
                f"必须是时长，如 30s、5m、2h 或 14d，现在是{kind_of(value).zh}",
            )
        )
    if not span:
        raise Wrong(Sentence("must be longer than nothing, like 5m", "必须大于零，如 5m"))
    return span


def _time(value: object) -> time:
    try:
        moment = time.fromisoformat(str(value))
    except ValueError:
        raise Wrong(
            Sentence(
                f'{value!r} is not a time of day; write it like "10:00"',
                f'{value!r} 不是一天中的时刻；请写成 "10:00"',
            )
        ) from None
    if moment.tzinfo is not None:
        raise Wrong(
            Sentence(
                "a time of day is the brand's own; leave the offset out",
                "时刻以品牌所在时区为准；请去掉时差",
            )
        )
    return moment


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(
            Sentence(
                f"must be a number, not {kind_of(value)}", f"必须是数字，现在是{kind_of(value).zh}"
            )
        )
    return float(value)


def _amount(value: object) -> Decimal:
    """In quotes, so that it is to the cent what was written; plain numbers of yuan will do."""
    plain = value if isinstance(value, str | int) and not isinstance(value, bool) else "nan"
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or abs(amount) > _LARGEST:
        raise Wrong(
            Sentence(
                f'must be an amount of money in quotes, like "12.00", not {value!r}',
                f'必须是加引号的金额，如 "12.00"，现在是 {value!r}',
            )
        )
    return amount


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong(
            Sentence(
                f"must be a whole number, not {kind_of(value)}",
                f"必须是整数，现在是{kind_of(value).zh}",
            )
        )
    return value


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(
            Sentence(
                f"must be true or false, not {kind_of(value)}",
                f"必须是 true 或 false，现在是{kind_of(value).zh}",
            )
        )
    return value


def _values(value: object) -> Values:
    said = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    if not said:
        kind = kind_of(cast("object", value))
        raise Wrong(
            Sentence(
                f"must be a mapping of names and values like {{wave: 2}}, not {kind}",
                f"必须是名称和值的映射，如 {{wave: 2}}，现在是{kind.zh}",
            )
        )
    return Values(tuple((_name(name), _plain(name, said[name])) for name in said))


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Wrong(
            Sentence(
                f"{name!r} can't be a name: use a-z, 0-9, _ and -, like `wave`",
                f"{name!r} 不能作名称：请用 a-z、0-9、_ 和 -，如 `wave`",
            )
        )
    return name


def _plain(name: str, value: object) -> Value:
    if isinstance(value, str):
        return text(value)
    if not isinstance(value, int) or abs(value) > _LARGEST:
        kind = kind_of(value)
        raise Wrong(
            Sentence(
                f"{name} must be a text, a whole number, true or false, not {kind}",
                f"{name} 必须是文字、整数、true 或 false，现在是{kind.zh}",
            )
        )
    return value


def _date_name(value: object) -> str:
    name = text(value)
    if not _DATE_NAME.fullmatch(name):
        raise Wrong(
            Sentence(
                f"{name!r} is no name of a date; write it like `birthday`",
                f"{name!r} 不是日期的名称；请写成 `birthday` 这样",
            )
        )
    return name


def _times(value: object) -> Times:
    day, _, clock = text(value).partition(" ")
    days = ("day", *get_args(Weekday))
    if day not in days or not clock:
        raise Wrong(
            Sentence(
                f"{value!r} is no schedule; write it like `monday 10:00` or `day 10:00`",
                f"{value!r} 不是周期；请写成 `monday 10:00` 或 `day 10:00`",
            )
        )
    return Times(None if day == "day" else cast("Weekday", day), _time(clock))


READERS = {
    str: text, timedelta: _span, time: _time, float: _number, int: _whole, bool: _bool,
    Decimal: _amount,
    Values: _values, DateName: _date_name, Times: _times,
}  # fmt: skip
