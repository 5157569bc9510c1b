"""What may be asked of an event: by kind, each word, number and yes that is not personal."""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from siyu.events.model.kinds import KINDS, PERSON_FIELDS, UNTOLD, Kind


def hidden(kind: Kind) -> frozenset[str]:
    """The fields of this kind that are personal, or that somebody wrote freely."""
    return frozenset((*PERSON_FIELDS, *UNTOLD.get(kind, ())))


@cache
def attributes(kind: Kind) -> dict[str, type]:
    """What of a kind's data is a text, a number or true: with its type.

    >>> attributes("call.finished")
    {'touch': <class 'str'>, 'answered': <class 'bool'>, 'seconds': <class 'int'>, 'intent': <class 'str'>}
    """  # noqa: E501 - as Python prints it
    hints = get_type_hints(KINDS[kind])
    found = {name: _plain(hints[name]) for name in KINDS[kind].__struct_fields__}
    return {name: of for name, of in found.items() if of is not None and name not in hidden(kind)}


def _plain(hint: Any) -> type | None:
    if get_origin(hint) in (Union, UnionType):
        ways = [way for way in get_args(hint) if way is not NoneType]
        return _plain(ways[0]) if len(ways) == 1 else None
    if get_args(hint) and all(isinstance(one, str) for one in get_args(hint)):
        return str  # a choice
    return hint if hint in (str, int, bool) else None
