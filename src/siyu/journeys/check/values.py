"""Single values of a form: each reader takes a plain value, or says in words what it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time, timedelta
from difflib import get_close_matches
from typing import cast, get_args

from siyu.journeys.model import Value, Values
from siyu.journeys.model.enter import DateName, Times
from siyu.kernel.time import Weekday, duration

LONGEST = 200
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,60}")
_DATE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_LARGEST = 10**15


class Wrong(ValueError):
    """A value that its field does not take; the message says what it takes."""


def nearest(word: str, known: Iterable[str]) -> str:
    """What would have been right."""
    words = sorted(known)
    near = get_close_matches(word, words, 1)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known are {', '.join(words)}" if words else "there are none"


def kind_of(value: object) -> str:
    """What people call a value of this type."""
    names = {"NoneType": "nothing", "bool": "true or false", "str": "a text", "list": "a list"}
    return "a mapping" if isinstance(value, dict) else names.get(type(value).__name__, "a number")


def literal(choices: tuple[object, ...], value: object) -> object:
    """One of a few words."""
    if value in choices and not isinstance(value, bool):
        return value
    words = ", ".join(map(str, choices))
    raise Wrong(f"must be one of {words}; {nearest(str(value), map(str, choices))}")


def text(value: object) -> str:
    """A word or a line."""
    if not isinstance(value, str):
        raise Wrong(f"must be a text, not {kind_of(value)}; put it in quotes")
    if not 0 < len(value) <= LONGEST or not value.isprintable():
        raise Wrong(f"must have 1 to {LONGEST} printable characters")
    return value


def _span(value: object) -> timedelta:
    span = duration(text(value)) if isinstance(value, str) else None
    if span is None:
        raise Wrong(f"must be a duration like 30s, 5m, 2h or 14d, not {kind_of(value)}")
    if not span:
        raise Wrong("must be longer than nothing, like 5m")
    return span


def _time(value: object) -> time:
    try:
        moment = time.fromisoformat(str(value))
    except ValueError:
        raise Wrong(f'{value!r} is not a time of day; write it like "10:00"') from None
    if moment.tzinfo is not None:
        raise Wrong("a time of day is the brand's own; leave the offset out")
    return moment


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(f"must be a number, not {kind_of(value)}")
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong(f"must be a whole number, not {kind_of(value)}")
    return value


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(f"must be true or false, not {kind_of(value)}")
    return value


def _values(value: object) -> Values:
    said = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    if not said:
        kind = kind_of(cast("object", value))
        raise Wrong(f"must be a mapping of names and values like {{wave: 2}}, not {kind}")
    return Values(tuple((_name(name), _plain(name, said[name])) for name in said))


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Wrong(f"{name!r} can't be a name: use a-z, 0-9, _ and -, like `wave`")
    return name


def _plain(name: str, value: object) -> Value:
    if isinstance(value, str):
        return text(value)
    if not isinstance(value, int) or abs(value) > _LARGEST:
        kind = kind_of(value)
        raise Wrong(f"{name} must be a text, a whole number, true or false, not {kind}")
    return value


def _date_name(value: object) -> str:
    name = text(value)
    if not _DATE_NAME.fullmatch(name):
        raise Wrong(f"{name!r} is no name of a date; write it like `birthday`")
    return name


def _times(value: object) -> Times:
    day, _, clock = text(value).partition(" ")
    days = ("day", *get_args(Weekday))
    if day not in days or not clock:
        raise Wrong(f"{value!r} is no schedule; write it like `monday 10:00` or `day 10:00`")
    return Times(None if day == "day" else cast("Weekday", day), _time(clock))


READERS = {
    str: text, timedelta: _span, time: _time, float: _number, int: _whole, bool: _bool,
    Values: _values, DateName: _date_name, Times: _times,
}  # fmt: skip
