"""Reading what WeCom answers: what is not there, or is something else, is simply nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

Json = Mapping[str, Any]


def inner(answer: Json, name: str) -> Json:
    """An object in it."""
    found = answer.get(name)
    return cast("Json", found) if isinstance(found, Mapping) else {}


def objects(answer: Json, name: str) -> list[Json]:
    """A list of objects in it."""
    found = answer.get(name)
    listed = cast("list[object]", found) if isinstance(found, list) else []
    return [cast("Json", one) for one in listed if isinstance(one, Mapping)]


def texts(answer: Json, name: str) -> list[str]:
    """A list of texts in it."""
    found = answer.get(name)
    listed = cast("list[object]", found) if isinstance(found, list) else []
    return [one for one in listed if isinstance(one, str)]


def text(answer: Json, name: str) -> str:
    """A text in it.

    >>> text({"a": "x", "b": 1, "c": None}, "a"), text({"b": 1}, "b"), text({}, "d")
    ('x', '', '')
    """
    found = answer.get(name)
    return found if isinstance(found, str) else ""


def number(answer: Json, name: str) -> int:
    """A whole number in it; some come as text.

    >>> number({"a": 7}, "a"), number({"a": "7"}, "a"), number({"a": "x"}, "a")
    (7, 7, 0)
    """
    found = answer.get(name)
    if isinstance(found, str):
        return int(found) if found.isascii() and found.isdecimal() and len(found) < 16 else 0
    return found if isinstance(found, int) and not isinstance(found, bool) else 0
