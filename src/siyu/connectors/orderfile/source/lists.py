"""A list that somebody has filled in, such as orders with their phones. Its columns are known by
any of several names, its cells are read like those of orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from siyu.connectors.orderfile.config import plain_column
from siyu.connectors.orderfile.source.files import Row
from siyu.connectors.orderfile.source.opened import look_through
from siyu.connectors.orderfile.source.rejects import Rejects
from siyu.connectors.orderfile.wire import cells as read
from siyu.connectors.orderfile.wire.cells import Wrong, clean
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Language, Sentence, wording

LONGEST_CELL = 1_000
LOOKED_AT = 200  # rows that samples are taken from


class Entry(NamedTuple):
    """A row by field: what it says, or what is wrong with it."""

    row: Row
    values: Mapping[str, str]
    problem: Problem | None = None


class ListFile:
    """`columns`: field → the names that it goes by. Of `needed` fields each must be there."""

    def __init__(
        self,
        path: Path,
        columns: Mapping[str, Sequence[str]],
        needed: Sequence[str] = (),
        sheet: str | None = None,
    ) -> None:
        names = [name for several in columns.values() for name in several]
        self._opened = look_through(path, sheet, names=names)
        self._sheet = self._opened.book is not None
        where = {plain_column(name): at for at, name in reversed([*enumerate(self.header)])}
        self._places = {
            field: where[found]
            for field, several in columns.items()
            if (found := next((n for n in map(plain_column, several) if n in where), None))
        }
        missing = [columns[field][0] for field in needed if field not in self._places]
        if missing:
            raise BadInput(
                Sentence(
                    f"{path.name} lacks columns ({', '.join(missing)}).",
                    f"{path.name} 缺少列（{', '.join(missing)}）。",
                ),
                tuple(
                    Problem(name, Sentence("is not in the header", "表头里没有"))
                    for name in missing
                ),
            )

    @property
    def header(self) -> list[str]:
        """Its columns."""
        return self._opened.header

    @property
    def places(self) -> Mapping[str, int]:
        """Field → the place of its column."""
        return self._places

    @property
    def first(self) -> list[Row]:
        """Some rows, to see what its columns hold."""
        return [row for row in islice(self._opened.rows(), 1, LOOKED_AT) if row.problem is None]

    @property
    def digest(self) -> str:
        """Of all that it says."""
        return self._opened.scan.digest

    def write_rejects(self, why: Mapping[int, tuple[str, str]], language: Language) -> Path | None:
        """The rows of these lines, as they were, with column and reason, in FILE.rejects.csv; None:
        there are none."""
        if not why:
            return None
        path = self._opened.path
        target = path.with_name(f"{path.name}.rejects.csv")
        with Rejects(target, path, self.header, language) as written:
            for row in islice(self._opened.rows(), 1, None):
                if row.line in why:
                    column, reason = why[row.line]
                    written.add(row, Problem(column, reason))
        return target

    def column(self, field: str) -> str:
        """What a field's column is called here."""
        place = self._places.get(field)
        return field if place is None else self.header[place]

    def entries(self) -> Iterator[Entry]:
        """Its rows, one by one."""
        for row in islice(self._opened.rows(), 1, None):
            yield self._entry(row)

    def _entry(self, row: Row) -> Entry:
        if row.problem is not None:
            return Entry(row, {}, row.problem)
        if len(row.cells) != len(self.header):
            many, of = len(row.cells), len(self.header)
            why = Sentence(
                f"has {many} columns, the header has {of}", f"有 {many} 列，表头有 {of} 列"
            )
            return Entry(row, {}, Problem("", why))
        values = {field: clean(row.cells[at]) for field, at in self._places.items()}
        try:
            for field, at in self._places.items():
                self._check(field, values[field], row.cells[at], self.header[at])
        except Wrong as wrong:
            return Entry(row, {}, Problem(wrong.column, wording(wrong)))
        return Entry(row, values)

    def _check(self, field: str, text: str, raw: str, column: str) -> None:
        if len(text) > LONGEST_CELL:
            raise Wrong(column, read.longer(LONGEST_CELL))
        if field == "order_no" and text:
            read.number(text, raw, column, "listed", sheet=self._sheet)
        read.refuse_rounded(text, column)
