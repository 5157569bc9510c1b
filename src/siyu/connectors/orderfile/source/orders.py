"""An order file as a source of events: found out how it is read, told in the order of its lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import chain, islice, repeat
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace as replace_struct

from siyu.connectors.orderfile.config import SHOP_CODE, Mapping
from siyu.connectors.orderfile.source import excel
from siyu.connectors.orderfile.source.files import Row, Scan, exported_at, rows, stamp_of
from siyu.connectors.orderfile.source.opened import Opened, fitting, look_through, mappings
from siyu.connectors.orderfile.source.spool import Spool
from siyu.connectors.orderfile.wire.lines import UNPAID, Line, Reader
from siyu.connectors.orderfile.wire.orders import MOST_LINES, events
from siyu.events.model import Incoming
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence

STEP = 5_000  # lines between two words of progress
WHY = Sentence("is empty, or holds a character that is none to see", "是空的，或含有看不见的字符")
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
LeaveOut = Callable[[Row], None]
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
    above: int = 0  # rows above the header
    delimiter: str = ","
    now: datetime | None = None

    def as_of(self, now: datetime) -> OrderFile:
        """The same file, looked at now: nothing of it is exported later."""
        return replace(self, now=now)

    def read_for(self, region: str, time_zone: str) -> OrderFile:
        """The same file, its phones and times read as those of this region and zone."""
        return replace(
            self, reader=_reader(self.mapping, self.header, region, time_zone, self.sheet)
        )

    def of_shop(self, code: str) -> OrderFile:
        """The same file, its orders those of this shop."""
        shop = self.mapping.shop
        if shop.column is not None or not re.fullmatch(SHOP_CODE, code):
            why = (
                Sentence("each of its rows names its own", "文件里每行各有自己的店铺")
                if shop.column is not None
                else Sentence("a code is letters, digits, . _ and -", "只能用小写字母、数字、. _ -")
            )
            raise BadInput(
                Sentence(
                    f"{self.path.name} can't be that of one shop: {why}.",
                    f"{self.path.name} 不能作为该店铺的文件：{why.zh}。",
                )
            )
        mapping = replace_struct(self.mapping, shop=replace_struct(shop, code=code))
        return replace(self, mapping=mapping, reader=self.reader.told_by(mapping))

    def events(self) -> Iterator[Incoming]:
        """All its events in the order of their first lines; asked again, they come again."""
        return (told.event for told in self.tell(lambda _row, _problem: None))

    def batches(self, size: int) -> Iterator[Sequence[Incoming]]:
        """The same, at most `size` at a time."""
        found = self.events()
        while batch := list(islice(found, size)):
            yield batch

    def tell(
        self,
        refuse: Refuse,
        progress: Tell = lambda _: None,
        *,
        most: int | None = None,
        unpaid: LeaveOut = lambda _: None,
    ) -> Iterator[Told]:
        """Its events with their rows; rows that can't be used go to `refuse` with the reason, rows
        that nobody has paid (yet) to `unpaid`.

        `most`: for a look, of so many rows at most.
        """
        if self.mapping.order is None:
            for row in islice(self._rows(refuse, "importing", progress), most):
                name = f"{self.scan.fingerprint}:{row.line}"
                yield from self._order([row], refuse, unpaid, name)
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
                    yield from self._order(found, refuse, unpaid)
                done += len(found)
                if done // STEP > (done - len(found)) // STEP:
                    progress(Progress("importing", done, total))

    def _order(
        self, found: Sequence[Row], refuse: Refuse, unpaid: LeaveOut, name: str = ""
    ) -> Iterator[Told]:
        usable: list[Row] = []
        lines: list[Line] = []
        left_out = 0
        for row in found:
            if row.problem is not None:
                continue  # was refused as it was read; here it only counts
            line = self.reader.line(row.cells, name)
            if isinstance(line, Problem):
                refuse(row, line)
            elif line == UNPAID:
                unpaid(row)
                left_out += 1
            else:
                usable.append(row)
                lines.append(line)
        if lines:
            yield from self._told(usable, lines, len(found) - len(lines) - left_out, refuse)

    def _told(
        self, usable: list[Row], lines: Sequence[Line], rejected: int, refuse: Refuse
    ) -> Iterator[Told]:
        """The events of one order; its rows come with the first of them."""
        found = events(self.mapping, lines, rejected, self.exported_at)
        if isinstance(found, Problem):
            for row in usable:
                refuse(row, found)
        else:
            yield from map(Told, found, chain([usable], repeat([])))

    @cached_property
    def exported_at(self) -> datetime:
        """When the shop's back office wrote it."""
        found = exported_at(self.path)
        return found if self.now is None else min(found, self.now)

    def _rows(self, refuse: Refuse, stage: str, progress: Tell) -> Iterator[Row]:
        if self.sheet is not None:
            found = self.sheet.rows(self.mapping.time.format)
        else:
            found = rows(self.path, self.scan.encoding, self.delimiter)
        for _ in islice(found, self.above + 1):
            pass  # titles, and the header
        for count, row in enumerate(found, start=1):
            if row.problem is not None:
                refuse(row, row.problem)
            yield row
            if count % STEP == 0:
                progress(Progress(stage, count, self.scan.lines))
        if self.sheet is None and stamp_of(self.path) != self.stamp:
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
                refuse(row, Problem(self.reader.order_column, WHY))


def _again(numbered: Iterator[tuple[int, list[str] | None]]) -> Iterator[Row]:
    """Rows that come back from the spool."""
    for number, cells in numbered:
        yield Row(number, cells or [], REFUSED if cells is None else None)


def _reader(
    mapping: Mapping, header: Sequence[str], region: str, zone: str, sheet: excel.Sheet | None
) -> Reader:
    return Reader(mapping, header, region, zone, sheet=sheet is not None)


def open_file(
    path: Path,
    mapping: Mapping | None = None,
    *,
    sheet: str | None = None,
    shop: str | None = None,
    region: str = "",
    time_zone: str = "UTC",
) -> OrderFile:
    """Look through a file and find out how it is read; BadInput in words where that fails.

    Without a region phones are read as the mapping's brand would. `sheet`: of an Excel file;
    `shop`: whose orders these are, if not those of the mapping's own.
    """
    names = [name for _, name in mapping.columns()] if mapping else []
    opened = look_through(path, sheet, mapping.delimiter if mapping else ",", names)
    found = read_as(opened, mapping or _recognised(opened), region, time_zone)
    return found if shop is None else found.of_shop(shop)


def read_as(opened: Opened, chosen: Mapping, region: str, time_zone: str) -> OrderFile:
    """The file as this mapping reads it; BadInput in words where the two don't fit."""
    header, name = opened.header, opened.path.name
    region = region or (chosen.brand.region if chosen.brand else "CN")
    reader = _reader(chosen, header, region, time_zone, opened.book)
    missing = reader.missing()
    if missing:
        raise BadInput(
            Sentence(
                f"{name} does not fit the mapping {chosen.mapping}.",
                f"{name} 与对应关系 {chosen.mapping} 不符。",
            ),
            tuple(sorted(missing, key=lambda one: one.where)),
        )
    doubled = reader.doubled()
    if doubled:
        raise BadInput(
            Sentence(
                f"{name} has several columns named {', '.join(doubled)}.",
                f"{name} 有几列同名：{', '.join(doubled)}。",
            )
        )
    return OrderFile(
        opened.path, chosen, header, opened.scan, reader, opened.stamp, opened.book, opened.above,
        opened.delimiter,
    )  # fmt: skip


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
