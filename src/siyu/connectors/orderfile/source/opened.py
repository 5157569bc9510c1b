"""A file that was looked through: where its header is, and which mapping knows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from siyu.connectors.orderfile.config import Mapping, parse, plain_column, shown_column
from siyu.connectors.orderfile.source import excel
from siyu.connectors.orderfile.source.files import REJECTS, Row, Scan, rows, scan, stamp_of
from siyu.connectors.orderfile.wire.cells import clean
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

DELIMITERS = ",;\t|"
HEADER_WITHIN = 20  # rows
TELLING = 3  # columns of known names make a header


@cache
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
    above: int = 0  # rows above the header
    delimiter: str = ","

    def all_rows(self) -> Iterator[Row]:
        """Everything, titles above the header as well."""
        if self.book is not None:
            return self.book.rows()
        return rows(self.path, self.scan.encoding, self.delimiter)

    def rows(self) -> Iterator[Row]:
        """All its rows, the header first."""
        return islice(self.all_rows(), self.above, None)


def look_through(
    path: Path, sheet: str | None = None, delimiter: str = ",", names: Iterable[str] = ()
) -> Opened:
    """Find out what a file holds; BadInput in words where it can't be read at all.

    The header is the first row with several known names (those of `names` are known as well), else
    the first row. One that comes as a single column is tried with other delimiters.
    """
    book = excel.read(path, sheet) if excel.is_excel(path) else None
    stamp = stamp_of(path)
    if book is None and sheet is not None:
        raise BadInput(
            Sentence(
                f"{path.name} is no Excel file: it has no sheets.",
                f"{path.name} 不是 Excel 文件：没有工作表。",
            )
        )
    looked = book.scan if book is not None else scan(path)
    found = _with_header(Opened(path, [], looked, stamp, book, 0, delimiter), names)
    if book is None and len(found.header) == 1:
        likely = max(DELIMITERS, key=found.header[0].count)
        found = _with_header(found._replace(delimiter=likely), names)
    header = found.header
    if header[: len(REJECTS)] == REJECTS:
        raise BadInput(
            Sentence(
                f"{path.name} is a file of rejected rows. Mend the rows in the file that they "
                "came from"
                " and import that again: what is there already stays as it is.",
                f"{path.name} 是被拒行的文件。请在原文件里改好再导入：已有的保持不变。",
            )
        )
    return found


def _with_header(opened: Opened, names: Iterable[str]) -> Opened:
    known = _known_columns() | {plain_column(name) for name in names}
    first = list(islice(opened.all_rows(), HEADER_WITHIN))
    told = [len({plain_column(clean(cell)) for cell in row.cells} & known) for row in first]
    above = next((place for place, many in enumerate(told) if many >= TELLING), 0)
    cells = first[above].cells if first else []
    header = [shown_column(clean(cell)) for cell in cells]
    return opened._replace(header=header, above=above)


@cache
def _known_columns() -> frozenset[str]:
    """Names of columns that shops are known to use."""
    found = mappings().values()
    return frozenset(plain_column(name) for one in found for _, name in one.columns())


def fitting(header: Sequence[str], known: Iterable[Mapping]) -> Mapping | None:
    """Of these mappings the one that recognises the header, by most columns."""
    plain = {plain_column(name) for name in header}
    found = [one for one in known if one.known_by(plain)]
    return max(found, key=lambda one: len(one.header)) if found else None
