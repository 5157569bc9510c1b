"""Lists go to the server as columns: flat, of one type, written as one text without a type.

The statement's cast says what they are, so one prepared form serves whatever is in them. The
driver's own dumper looks at each value three times: a quarter of the client's time. Columns of
bytes, and of long texts, go in the server's binary form (`%(x)b`), which needs no escaping.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from struct import Struct
from typing import Any

import msgspec
import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

from siyu.kernel.sentence import plain

Write = Callable[[Any], str]


def _text(value: str) -> str:
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _texts(values: Sequence[str]) -> str:
    """All at once where no value needs escaping, as nearly always."""
    inner = '","'.join(values)
    if "\\" in inner or inner.count('"') != 2 * (len(values) - 1):
        return ",".join(map(_text, values))
    return f'"{inner}"'


def _time(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a time without its zone can't be stored")
    return value.isoformat()


def _times(values: Sequence[Any]) -> list[str]:
    """Most times of a column are one and the same object: `now`."""
    written: list[str] = []
    last: object = None
    text = "NULL"
    for value in values:
        if value is not last:
            text, last = "NULL" if value is None else _time(value), value
        written.append(text)
    return written


def _bytes(value: bytes) -> str:
    return '"\\\\x' + value.hex() + '"'


_WRITE: dict[type, Write] = {
    bool: lambda value: "t" if value else "f",
    int: str,
    float: repr,
    str: _text,
    datetime: _time,
    date: date.isoformat,
    bytes: _bytes,
    Decimal: str,
    dict: lambda value: _text(msgspec.json.encode(value, enc_hook=plain).decode()),
}


def _write_of(value: object) -> Write:
    """How values like this one are written: by its class, or by the first one it derives from."""
    for cls in type(value).__mro__:
        if cls in _WRITE:
            return _WRITE[cls]
    raise psycopg.DataError(f"a list of {type(value).__name__} can't be a column")


class ColumnDumper(Dumper):
    """A list or tuple of values of one type, None among them or not, as an array literal."""

    def dump(self, obj: Sequence[Any]) -> Buffer | None:
        first = next((value for value in obj if value is not None), None)
        if first is None:
            return f"{{{','.join(['NULL'] * len(obj))}}}".encode()
        write = _write_of(first)
        if write is _time:
            written = ",".join(_times(obj))
        elif write is _text and None not in obj:
            written = _texts(obj)
        elif None in obj:
            written = ",".join(["NULL" if value is None else write(value) for value in obj])
        else:
            written = ",".join(map(write, obj))
        if "\0" in written:
            raise psycopg.DataError("texts with a NUL character can't be stored")
        return f"{{{written}}}".encode()


class BinaryDumper(Dumper):
    """A list of byte strings or of texts, None among them or not, in the server's binary form
    (`array_recv`): nothing is escaped, which is what hashes and long texts want.

    Here, too, the statement's cast says what they are. Nothing but None goes as bytes.
    """

    format = Format.BINARY

    def dump(self, obj: Sequence[Any]) -> Buffer | None:
        texts = isinstance(next((value for value in obj if value is not None), b""), str)
        kind = _TEXT if texts else _BYTEA
        if not obj:
            return _EMPTY.pack(0, 0, kind)
        values = [v if v is None else v.encode() for v in obj] if texts else obj
        head = _HEAD.pack(1, None in values, kind, len(values), 1)
        sizes = {-1 if value is None else len(value) for value in values}
        if len(sizes) == 1 and -1 not in sizes:  # as hashes are: one join writes them all
            size = _SIZE.pack(sizes.pop())
            return head + size + size.join(values)
        parts = [head]
        for value in values:
            parts += (_NULL,) if value is None else (_SIZE.pack(len(value)), value)
        return b"".join(parts)


_BYTEA, _TEXT = psycopg.adapters.types["bytea"].oid, psycopg.adapters.types["text"].oid
_EMPTY = Struct("!iiI")  # dimensions, whether there are nulls, type of the elements
_HEAD = Struct("!iiIii")  # … and the one dimension: its length, its first index
_SIZE = Struct("!i")
_NULL = _SIZE.pack(-1)
