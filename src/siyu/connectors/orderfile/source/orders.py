"""An order file as a source of events: found out how it is read, told in the order of its lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from siyu.connectors.orderfile.config import Mapping, parse
from siyu.connectors.orderfile.source import excel
from siyu.connectors.orderfile.source.files import REJECTS, Row, Scan, rows, scan
from siyu.connectors.orderfile.source.spool import Spool
from siyu.connectors.orderfile.wire import MOST_LINES, Line, Reader, event
from siyu.events.model import Incoming
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence

STEP = 5_000  # lines between two words of progress
WHY = "is empty, or holds a character that is none to see"
REFUSED = Problem("", Sentence("was refused as it was read", "读取时被拒"))


class Told(NamedTuple):
    """An event with the rows that it was made of."""

    event: Incoming
    rows: list[Row]


class Progress(NamedTuple):
    """How far a stage has come, in lines of the file."""

    stage: str  # reading, importing; going on: to where an earlier run stopped
    done: int
    of: int


Refuse = Callable[[Row, Problem], None]
Tell = Callable[[Progress], None]


@dataclass(frozen=True)
class OrderFile:
    """A `CommerceSource`: one file, its header, and the mapping that reads it."""

    path: Path
    mapping: Mapping
    header: list[str]
    scan: Scan
    reader: Reader = field(repr=False)
    stamp: tuple[int, ...] = field(repr=False)
    sheet: excel.Sheet | None = field(repr=False)

    def read_for(self, region: str, time_zone: str) -> OrderFile:
        """The same file, its phones and times read as those of this region and zone."""
        return replace(self, reader=Reader(self.mapping, self.header, region, time_zone))

    def events(self) -> Iterator[Incoming]:
        """All its events in the order of their first lines; asked again, they come again."""
        return (told.event for told in self.tell(lambda _row, _problem: None))

    def batches(self, size: int) -> Iterator[Sequence[Incoming]]:
        """The same, at most `size` at a time."""
        found = self.events()
        while batch := list(islice(found, size)):
            yield batch

    def tell(
        self, refuse: Refuse, progress: Tell = lambda _: None, *, most: int | None = None
    ) -> Iterator[Told]:
        """Its events with their rows; rows that can't be used go to `refuse` with the reason.

        `most`: for a look, of so many rows at most.
        """
        if self.mapping.order is None:
            for row in islice(self._rows(refuse, "importing", progress), most):
                name = f"{self.scan.fingerprint}:{row.line}"
                yield from self._order([row], refuse, name)
            return
        with Spool() as spool:
            total = spool.fill(self._spooled(refuse, progress, most))
            done = 0
            for _, numbered in spool.orders():
                found = list(islice(_again(numbered), MOST_LINES + 1))
                if len(found) > MOST_LINES:
                    why = Problem(
                        "order",
                        Sentence(f"has more than {MOST_LINES} lines", f"超过 {MOST_LINES} 行"),
                    )
                    for row in chain(found, _again(numbered)):
                        if row.problem is None:
                            refuse(row, why)
                else:
                    yield from self._order(found, refuse)
                done += len(found)
                if done // STEP > (done - len(found)) // STEP:
                    progress(Progress("importing", done, total))

    def _order(self, found: Sequence[Row], refuse: Refuse, name: str = "") -> Iterator[Told]:
        usable: list[Row] = []
        lines: list[Line] = []
        for row in found:
            if row.problem is not None:
                continue  # was refused as it was read; here it only counts
            line = self.reader.line(row.cells, name)
            if isinstance(line, Problem):
                refuse(row, line)
            else:
                usable.append(row)
                lines.append(line)
        if lines:
            yield from self._event(usable, lines, len(found) - len(lines), refuse)

    def _event(
        self, usable: list[Row], lines: Sequence[Line], rejected: int, refuse: Refuse
    ) -> Iterator[Told]:
        found = event(self.mapping, lines, rejected)
        if isinstance(found, Problem):
            for row in usable:
                refuse(row, found)
        else:
            yield Told(found, usable)

    def _rows(self, refuse: Refuse, stage: str, progress: Tell) -> Iterator[Row]:
        if self.sheet is not None:
            found = self.sheet.rows(self.mapping.time.format)
        else:
            found = rows(self.path, self.scan.encoding, self.mapping.delimiter)
        next(found)  # the header
        for count, row in enumerate(found, start=1):
            if row.problem is not None:
                refuse(row, row.problem)
            yield row
            if count % STEP == 0:
                progress(Progress(stage, count, self.scan.lines))
        if self.sheet is None and _stamp(self.path) != self.stamp:
            raise BadInput(
                Sentence(
                    f"{self.path.name} changed while it was read. Import it again.",
                    f"{self.path.name} 在读取时变了。请重新导入。",
                )
            )

    def _spooled(
        self, refuse: Refuse, progress: Tell, most: int | None
    ) -> Iterator[tuple[str, int, list[str] | None]]:
        for row in islice(self._rows(refuse, "reading", progress), most):
            name = self.reader.order_no(row.cells)
            if name and name.isprintable():
                yield name, row.line, row.cells if row.problem is None else None
            elif row.problem is None:
                refuse(row, Problem(self.mapping.order.column if self.mapping.order else "", WHY))


def _stamp(path: Path) -> tuple[int, ...]:
    """Changes when somebody writes to the file."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _again(numbered: Iterator[tuple[int, list[str] | None]]) -> Iterator[Row]:
    """Rows that come back from the spool."""
    for number, cells in numbered:
        yield Row(number, cells or [], REFUSED if cells is None else None)


def mappings() -> dict[str, Mapping]:
    """The mappings that come with Siyu, by name; `examples/mappings` holds the same files."""
    folder = files("siyu.connectors.orderfile") / "mappings"
    texts = sorted((one.name, one.read_text("utf-8")) for one in folder.iterdir())
    found = [parse(text, name) for name, text in texts if name.endswith(".yaml")]
    return {one.mapping: one for one in found}


def read_mapping(path: Path) -> Mapping:
    """A mapping of the user's own; BadInput says what is wrong with it."""
    try:
        return parse(path.read_text("utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        words = (
            Sentence(str(error.strerror), str(error.strerror))
            if isinstance(error, OSError)
            else Sentence("it is not UTF-8", "不是 UTF-8")
        )
        raise BadInput(
            Sentence(f"{path} can't be read: {words}.", f"{path} 无法读取：{words.zh}。")
        ) from None


class Opened(NamedTuple):
    """A file that was looked through, before anybody says how it is read."""

    path: Path
    header: list[str]
    scan: Scan
    stamp: tuple[int, ...]
    book: excel.Sheet | None

    def rows(self, delimiter: str = ",") -> Iterator[Row]:
        """All its rows, the header first."""
        if self.book is not None:
            return self.book.rows()
        return rows(self.path, self.scan.encoding, delimiter)


def look_through(path: Path, sheet: str | None = None, delimiter: str = ",") -> Opened:
    """Find out what a file holds; BadInput in words where it can't be read at all."""
    book = excel.read(path, sheet) if excel.is_excel(path) else None
    stamp = _stamp(path)
    if book is None and sheet is not None:
        raise BadInput(
            Sentence(
                f"{path.name} is no Excel file: it has no sheets.",
                f"{path.name} 不是 Excel 文件：没有工作表。",
            )
        )
    looked = book.scan if book is not None else scan(path)
    found = Opened(path, [], looked, stamp, book)
    first = next(found.rows(delimiter), None)
    header = [cell.strip() for cell in first.cells] if first else []
    if header[: len(REJECTS)] == REJECTS:
        raise BadInput(
            Sentence(
                f"{path.name} is a file of rejected rows. Mend the rows in the file that they "
                "came from"
                " and import that again: what is there already stays as it is.",
                f"{path.name} 是被拒行的文件。请在原文件里改好再导入：已有的保持不变。",
            )
        )
    return found._replace(header=header)


def open_file(
    path: Path,
    mapping: Mapping | None = None,
    *,
    sheet: str | None = None,
    region: str = "",
    time_zone: str = "UTC",
) -> OrderFile:
    """Look through a file and find out how it is read; BadInput in words where that fails.

    Without a region phones are read as the mapping's brand would. `sheet`: of an Excel file.
    """
    opened = look_through(path, sheet, mapping.delimiter if mapping else ",")
    return read_as(opened, mapping or _recognised(opened), region, time_zone)


def read_as(opened: Opened, chosen: Mapping, region: str, time_zone: str) -> OrderFile:
    """The file as this mapping reads it; BadInput in words where the two don't fit."""
    header, name = opened.header, opened.path.name
    missing = sorted({column for _, column in chosen.columns()} - set(header))
    if missing:
        problems = tuple(
            Problem(column, Sentence("is not in the header", "表头里没有")) for column in missing
        )
        raise BadInput(
            Sentence(
                f"{name} does not fit the mapping {chosen.mapping}.",
                f"{name} 与对应关系 {chosen.mapping} 不符。",
            ),
            problems,
        )
    doubled = sorted({one for _, one in chosen.columns() if header.count(one) > 1})
    if doubled:
        raise BadInput(
            Sentence(
                f"{name} has several columns named {', '.join(doubled)}.",
                f"{name} 有几列同名：{', '.join(doubled)}。",
            )
        )
    region = region or (chosen.brand.region if chosen.brand else "CN")
    reader = Reader(chosen, header, region, time_zone)
    return OrderFile(opened.path, chosen, header, opened.scan, reader, opened.stamp, opened.book)


def fitting(header: Sequence[str], known: Iterable[Mapping]) -> Mapping | None:
    """Of these mappings the one that recognises the header, by most columns."""
    found = [one for one in known if set(one.header) <= set(header)]
    return max(found, key=lambda one: len(one.header)) if found else None


def _recognised(opened: Opened) -> Mapping:
    known = mappings()
    found = fitting(opened.header, known.values())
    if found is not None:
        return found
    whose, book = opened.path.name, opened.book
    if book is not None and len(book.names) > 1:
        whose = f"the sheet {book.name} of {whose} (its sheets: {', '.join(book.names)})"
    raise BadInput(
        Sentence(
            f"The header of {whose} is none that Siyu knows ({', '.join(known)}). Describe it in"
            " a mapping file, like those in examples/mappings, and name that file with --mapping.",
            f"{whose} 的表头 Siyu 不认识（{', '.join(known)}）。请参照 examples/mappings "
            "写一份对应关系文件，用 --mapping 指明。",
        )
    )
