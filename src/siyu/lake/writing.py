"""Tables on their way from PostgreSQL into Parquet: one is copied out while DuckDB still sorts the
one before.

Rows go through a pipe, as text, and lie nowhere meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Self

from siyu.kernel.sql import Conn, Params, load
from siyu.lake.engine import Duck
from siyu.lake.model import COLUMNS, EVENT, File, Run

SQL = load("siyu.lake")
AT_ONCE = 2  # conversions: one reads, one sorts and writes what it has read
EVENTS_AT_ONCE = 2_000_000  # as many are sorted in memory
# A null is what has no quotes. JSON is full of common quotes, and this byte is hardly anywhere.
COPIED = r"copy ({}) to stdout (format csv, force_quote *, quote E'\x01')"

Tell = Callable[[str, int, int], None]  # table, tables done, of how many


class Writing:
    """A run that writes tables; at the end of the block all of them are there."""

    def __init__(
        self, conn: Conn, folder: Path, run: Run, params: Params, tell: Tell | None
    ) -> None:
        self._conn, self._folder, self._run, self._params = conn, folder, run, params
        self._tell = tell
        self._open = ExitStack()
        self._coming: dict[str, list[Future[list[File]]]] = {}
        self.made: dict[str, list[File]] = {}

    def __enter__(self) -> Self:
        self._duck = self._open.enter_context(Duck(self._folder))
        self._others = self._open.enter_context(ThreadPoolExecutor(AT_ONCE, "lake"))
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._open:
            if kind is None:
                self.made = {
                    table: [file for one in some for file in one.result()]
                    for table, some in self._coming.items()
                }

    def tables(self, names: Sequence[str]) -> None:
        """The rows of whoever stands in `lake_owner`."""
        every = dict(SQL)
        for table in names:
            if self._tell is not None:
                self._tell(table, len(self._coming), len(COLUMNS))
            self._copied(table, every[table], self._run)

    def events(self, after: int, last: int) -> None:
        """Those that were applied after that one, up to the last, some at a time."""
        self._coming[EVENT] = []
        self._conn.execute(SQL.side_by_side)
        for begun in range(after, last, EVENTS_AT_ONCE):
            if self._tell is not None:
                self._tell(f"{EVENT} {begun:,} of {last:,}", 0, len(COLUMNS))
            some = {"after": begun, "upto": min(begun + EVENTS_AT_ONCE, last)}
            ((low, high, first, latest),) = self._conn.fetch(SQL.between, some)
            some |= {"low": low, "high": high, "first": first, "last": latest}
            part = Run(self._run.version, f"{self._run.name}-{begun}")
            self._copied(EVENT, SQL.heard, part, some)
        self._conn.execute(SQL.any_way)

    def _copied(
        self, table: str, statement: str, run: Run, params: Params = MappingProxyType({})
    ) -> None:
        coming = self._coming.setdefault(table, [])
        said = {**self._params, **params}
        with closing(self._conn.copy_out(COPIED.format(statement), said)) as rows:
            if first := next(rows, b""):
                taken, given = os.pipe()
                coming.append(self._others.submit(self._converted, taken, table, run))
                _poured(given, chain([first], rows), coming[-1])

    def _converted(self, taken: int, table: str, run: Run) -> list[File]:
        try:
            text = Path(f"/dev/fd/{taken}")
            if table == EVENT:
                return self._duck.write_events(text, self._folder, run)
            return self._duck.write_table(text, self._folder, table, run)
        finally:
            os.close(taken)


def _poured(given: int, rows: Iterable[bytes], coming: Future[list[File]]) -> None:
    try:
        with open(given, "wb") as pipe:
            pipe.writelines(rows)
    except BrokenPipeError:
        coming.result()  # says why nobody reads on
        raise
