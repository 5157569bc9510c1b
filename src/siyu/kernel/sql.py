"""Named SQL: each room keeps its statements in `queries.sql`; the driver stays behind `Conn`."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib.resources import files
from typing import Any, Protocol

Params = Mapping[str, object]
Row = tuple[Any, ...]  # what a database returns is untyped until a NamedTuple takes it


class Conn(Protocol):
    """One connection inside one transaction. Values are `%(name)s` parameters, never text."""

    def execute(self, sql: str, params: Params | None = None) -> int:
        """Run a statement; the number of rows that it touched."""
        ...

    def send(self, sql: str, params: Params | None = None) -> None:
        """Run a statement without waiting for it: the next one that is waited for, or the commit,
        comes after it and says what went wrong."""
        ...

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        """Run a statement; all its rows."""
        ...

    def fetch_new(self, sql: str, contested: str, params: Params, count: int) -> list[Row]:
        """Write `count` rows that nobody has most likely. Where somebody was a moment quicker with
        one of them, all of `sql` is undone and `contested` runs instead, which can bear that."""
        ...

    def copy(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """`COPY … FROM STDIN` with these rows."""
        ...

    def copy_out(self, sql: str, params: Params | None = None) -> Generator[bytes]:
        """`COPY … TO STDOUT`: its bytes as they come, in pieces."""
        ...

    def stream(self, sql: str, params: Params | None = None) -> Iterator[Row]:
        """Rows of a large answer, through a server-side cursor: memory stays bounded."""
        ...

    def at_most(self, seconds: float) -> None:
        """No statement of this transaction may take longer from here on: `TookTooLong`."""
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """What happens inside is undone when it raises; the transaction goes on."""
        ...


class Db(Protocol):
    """Where connections come from."""

    def transaction(self) -> AbstractContextManager[Conn]:
        """A connection in a transaction: commits at the end, rolls back when something raises."""
        ...

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        """One statement by itself, committed as it ends: a third of a transaction's round trips."""
        ...


SCAN = 20_000


def paged(
    conn: Conn, page: str, end: str, after: int, limit: int, filters: Params
) -> tuple[list[Row], int]:
    """Rows behind a key, which is their first column, and the key up to which was looked.

    However rare a filter's rows are, one page looks at `SCAN` rows at most: `page` and `end` read
    `%(scan)s` of them. So a page may be short, even empty, and yet not be the last.
    """
    rows = conn.fetch(page, {**filters, "after": after, "limit": limit, "scan": SCAN})
    if len(rows) == limit:
        return rows, int(rows[-1][0])
    ((last,),) = conn.fetch(end, {"after": after, "scan": SCAN})
    return rows, after if last is None else int(last)


class Queries:
    """The statements of one room, as attributes: `SQL.claim`."""

    def __init__(self, statements: Mapping[str, str]) -> None:
        self._statements = dict(statements)

    def __getattr__(self, name: str) -> str:
        try:
            return self._statements[name]
        except KeyError:
            raise AttributeError(f"no statement named {name!r} in queries.sql") from None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._statements.items())


_NAME = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


def parse(text: str) -> dict[str, str]:
    """Split a `queries.sql` into its statements, in order.

    >>> parse("-- name: one\\n-- why\\nselect 1;\\n")
    {'one': '-- why\\nselect 1'}
    """
    parts = _NAME.split(text)
    names, bodies = parts[1::2], parts[2::2]
    doubled = {name for name in names if names.count(name) > 1}
    if doubled:
        raise ValueError(f"statements named twice: {sorted(doubled)}")
    return {name: body.strip().removesuffix(";") for name, body in zip(names, bodies, strict=True)}


def load(package: str) -> Queries:
    """The statements in `queries.sql` of a room: `SQL = load(__package__)`."""
    return Queries(parse(files(package).joinpath("queries.sql").read_text("utf-8")))
