"""What is in the lake of an event: by kind, each word, number and yes that is not personal."""

from __future__ import annotations

from functools import cache

import msgspec.inspect as types

from siyu.events.model import KINDS, PERSON_FIELDS, UNTOLD, Kind

_PLAIN = (types.StrType, types.IntType, types.BoolType, types.LiteralType)


@cache
def attributes(kind: Kind) -> tuple[str, ...]:
    """The fields that are kept of this kind's data; nothing that somebody wrote freely.

    >>> attributes("call.finished")
    ('touch', 'answered', 'seconds', 'intent')
    """
    hidden = {*PERSON_FIELDS, *UNTOLD.get(kind, ())}
    found = types.type_info(KINDS[kind])
    assert isinstance(found, types.StructType)  # noqa: S101 - every kind is a struct
    return tuple(one.name for one in found.fields if one.name not in hidden and _plain(one.type))


def _plain(of: types.Type) -> bool:
    if isinstance(of, types.UnionType):
        return all(isinstance(one, types.NoneType) or _plain(one) for one in of.types)
    return isinstance(of, _PLAIN)
