"""A private place on disk where the rows of one order find each other, however far apart."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from siyu.kernel.errors import Broken

CHUNK = 5_000
CACHE_KIB = 32_000


class Spool:
    """Rows by order. The file is readable by its owner only and has no name once it is open, so
    nothing stays behind, even after kill -9: rows hold what the shop knows of its buyers."""

    def __init__(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix="siyu-import-")  # 0600
        os.close(descriptor)
        try:
            self._db = sqlite3.connect(name, isolation_level=None)
            self._db.execute("pragma journal_mode = off")
            self._db.execute("pragma synchronous = off")
            self._db.execute(f"pragma cache_size = -{CACHE_KIB}")
            self._db.execute(
                "create table line (name text, number integer, row blob, "
                "primary key (name, number)) without rowid"
            )
        finally:
            Path(name).unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def fill(self, rows: Iterable[tuple[str, int, list[str] | None]]) -> int:
        """Take these rows: order, line, cells (None: a row that could not be used); how many."""
        encode = msgspec.msgpack.encode
        chunk: list[tuple[str, int, bytes | None]] = []
        count = 0
        for name, number, cells in rows:
            chunk.append((name, number, None if cells is None else encode(cells)))
            count += 1
            if len(chunk) == CHUNK:
                self._write(chunk)
        self._write(chunk)
        return count

    def _write(self, chunk: list[tuple[str, int, bytes | None]]) -> None:
        try:
            self._db.execute("begin")
            self._db.executemany("insert into line values (?, ?, ?)", chunk)
            self._db.execute("commit")
        except sqlite3.Error as error:
            folder = tempfile.gettempdir()
            raise Broken(f"The import needs room in {folder} and can't have it: {error}") from None
        chunk.clear()

    def orders(self) -> Iterator[tuple[str, Iterator[tuple[int, list[str] | None]]]]:
        """Order by order as they first come in the file, each with its rows."""
        decode = msgspec.msgpack.Decoder(list[str]).decode
        names = self._db.execute("select name from line group by name order by min(number)")
        for (name,) in names:
            found = self._db.execute(
                "select number, row from line where name = ? order by number", [name]
            )
            yield (
                name,
                ((number, None if row is None else decode(row)) for number, row in found),
            )
