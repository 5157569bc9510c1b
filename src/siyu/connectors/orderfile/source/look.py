"""A look at an order file before it is imported: how it is read, what it holds, what would come in.

Whatever of it leaves this file is masked: samples are for recognising a column, not a person.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import msgspec

from siyu.connectors.orderfile import config
from siyu.connectors.orderfile.config import plain_column, several
from siyu.connectors.orderfile.source.draft import Proposal, as_text, propose
from siyu.connectors.orderfile.source.lists import ListFile
from siyu.connectors.orderfile.source.opened import Opened, fitting, look_through, mappings
from siyu.connectors.orderfile.source.orders import OrderFile, Tell, read_as
from siyu.events.check import apart, parse
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence, within
from siyu.vault.model import mask_name, mask_phone

__all__ = [
    "Dry",
    "ListFile",
    "Look",
    "completed",
    "count",
    "known",
    "list_columns",
    "look",
    "proposed",
    "read_looked",
]
SAMPLES = 3
LOOKED_AT = 200  # rows that samples and the draft are taken from
LONGEST_SAMPLE = 60
MOST_REASONS = 30
MOST_COLUMNS = 300
BATCH = 2_000  # events that are looked up at once
_PLAIN = re.compile(r"[-+]?[\d,]{1,6}(\.\d+)?|\d{4}\W\d{1,2}\W\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2})?)?")
_LONG_DIGITS = re.compile(r"\d{7,}")
_VALUE = re.compile(r"'[^']*'|\"[^\"]*\"|[+-]?\d(\.\d+)?[eE]\+\d+")
_BORN = re.compile(r"生日|出生|birth", re.IGNORECASE)

Recognised = Literal["", "known", "yours", "given"]


class Column(NamedTuple):
    """A column, the fields of ours that it is read as, and some of its values, masked."""

    name: str
    fields: list[str]
    samples: list[str]


class Look(NamedTuple):
    """What a file is. `mapping` is the document by which it is read, if there is one; else `draft`
    is one to begin with, in which whatever is not known is missing; `sure`: of each of its fields,
    such as `order.column`, how sure it is (0 to 1); `missing`: fields that somebody must say."""

    kind: str  # csv, excel
    encoding: str
    delimiter: str
    sheet: str
    sheets: list[str]
    lines: int
    digest: str
    recognised: Recognised
    mapping: dict[str, Any] | None
    draft: dict[str, Any]
    sure: dict[str, float]
    columns: list[Column]
    missing: list[str]


class Reason(NamedTuple):
    """So many rows can't be used, for one reason."""

    field: str
    why: str
    zh: str
    rows: int


class Dry(NamedTuple):
    """What an import would bring, without bringing it: `rows` were read (`whole`: all there are);
    orders, refunds and corrections that are `new`, or `known` already; `unpaid` rows are none."""

    rows: int
    whole: bool
    new: int
    known: int
    guests: int
    rejected: int
    masked_phones: int
    reasons: list[Reason]
    unpaid: int


Known = Callable[[Sequence[tuple[str, str]]], int]


def look(
    path: Path,
    given: Mapping[str, Any] | None,
    yours: Iterable[Mapping[str, Any]],
    *,
    sheet: str | None,
    currency: str,
) -> tuple[Look, Opened]:
    """How the file is read: as `given`, else as one of `yours` or of ours recognises its header."""
    said = None if given is None else config_of(given)
    names = [name for _, name in said.columns()] if said is not None else []
    opened = look_through(path, sheet, said.delimiter if said is not None else ",", names)
    if len(opened.header) > MOST_COLUMNS:
        raise BadInput(
            Sentence(
                f"{path.name} has more than {MOST_COLUMNS} columns: that is no order file.",
                f"{path.name} 超过 {MOST_COLUMNS} 列：这不是订单文件。",
            )
        )
    recognised, mapping = _mapping(opened, given, yours)
    rows = [row.cells for row in islice(opened.rows(), 1, LOOKED_AT) if not row.problem]
    book = opened.book
    proposed = propose(opened, rows, currency)
    return (
        Look(
            "csv" if book is None else "excel",
            opened.scan.encoding,
            opened.delimiter,
            book.name if book else "",
            list(book.names) if book else [],
            opened.scan.lines,
            opened.scan.digest,
            recognised,
            None if mapping is None else document(mapping),
            proposed.draft,
            proposed.sure,
            _columns(opened.header, rows, mapping),
            _missing(proposed.draft) if mapping is None else [],
        ),
        opened,
    )


NEEDED = {  # what somebody must say of a file → the fields of which one does
    "time.column": ("time.column",),
    "line.sku": ("line.sku", "line.fixed_sku"),
    "line.amount": ("line.amount", "line.price"),
}


def _missing(draft: Mapping[str, Any]) -> list[str]:
    """What a draft lacks, the shop left aside: that can't be seen in a file."""
    said = {f"{part}.{field}" for part, fields in draft.items() for field in _texts(fields)}
    return [name for name, fields in NEEDED.items() if said.isdisjoint(fields)]


def proposed(path: Path, sheet: str | None, currency: str) -> tuple[Look, str]:
    """A look, and the text of a mapping to go on with."""
    found, opened = look(path, None, (), sheet=sheet, currency=currency)
    return found, as_text(Proposal(found.draft, found.sure), opened.header)


def list_columns(file: ListFile) -> list[tuple[str, str, list[str]]]:
    """The columns of a list, what each is read as (empty: nothing), and some values, masked."""
    named = {place: name for name, place in file.places.items()}
    like = {"tag": "line.title", "shop": "order.shop", "order_no": "order.column"}
    rows = [row.cells for row in file.first]
    found: list[tuple[str, str, list[str]]] = []
    for place, column in enumerate(file.header):
        name = named.get(place, "")
        fields = [like.get(name, f"customer.{name}")] if name else []
        samples = _samples(rows, place, fields, column)
        found.append((column[:LONGEST_SAMPLE], name, samples))
    return found


def read_looked(opened: Opened, given: Mapping[str, Any], region: str, zone: str) -> OrderFile:
    """The file as the mapping of its look reads it."""
    return read_as(opened, config_of(given), region, zone)


def count(
    file: OrderFile, here: Known, now: datetime, region: str, progress: Tell, most: int
) -> Dry:
    """Read it as an import would, `most` rows of it, and store nothing."""
    reasons: Counter[tuple[str, str, str]] = Counter()
    totals: Counter[str] = Counter()
    batch: list[tuple[str, str]] = []

    def refuse(_: object, problem: Problem) -> None:
        zh = within("zh", problem.why)
        reasons[problem.where, _without_values(problem.why), _without_values(zh)] += 1

    def look_up() -> None:
        names = set(batch)
        found = here(sorted(names))
        totals["known"] += found + len(batch) - len(names)
        totals["new"] += len(names) - found
        batch.clear()

    def leave_out(_: object) -> None:
        totals["unpaid"] += 1

    for told in file.as_of(now).tell(refuse, progress, most=most, unpaid=leave_out):
        event = told.event
        totals["masked"] += sum(file.reader.masked(row.cells) for row in told.rows)
        wrong = parse(event, region, now)
        if isinstance(wrong, str):
            field, why = apart(wrong)
            reasons[field, why[:], why.zh] += len(told.rows)
            continue
        totals["rows"] += len(told.rows)
        totals["guests"] += event.kind == "order.paid" and not event.keys.keys() - {"order"}
        batch.append((event.source, event.id))
        if len(batch) == BATCH:
            look_up()
    look_up()
    rejected = reasons.total()
    read = totals["rows"] + rejected + totals["unpaid"]
    return Dry(
        read,
        read < most,
        totals["new"],
        totals["known"],
        totals["guests"],
        rejected,
        totals["masked"] + sum(many for (_, why, _), many in reasons.items() if "masked" in why),
        [Reason(*what, many) for what, many in reasons.most_common(MOST_REASONS)],
        totals["unpaid"],
    )


def _without_values(why: str) -> str:
    """A reason may quote the cell; one reason is one line, and a cell may be a person's."""
    return _VALUE.sub("…", why)


def known() -> dict[str, dict[str, Any]]:
    """The mappings that come with Siyu, as data."""
    return {name: document(one) for name, one in mappings().items()}


def config_of(given: Mapping[str, Any]) -> config.Mapping:
    """A mapping that comes as data; BadInput names each field that is wrong."""
    return config.parse(msgspec.json.encode(given).decode(), "The mapping")


def document(mapping: config.Mapping) -> dict[str, Any]:
    """A mapping as data."""
    found: dict[str, Any] = msgspec.to_builtins(mapping)
    return found


def completed(given: Mapping[str, Any], header: Sequence[str]) -> dict[str, Any]:
    """A mapping with what follows from the file and the shop, where it does not say it itself."""
    said = dict(given)
    code = _texts(said.get("shop")).get("code", "")
    said.setdefault("mapping", code)
    said.setdefault("source", code)
    said.setdefault("title", {"zh": code, "en": code})
    named = {column for part in said.values() for column in _texts(part).values()}
    known = cast("list[str | list[str]]", said.get("header") or [])
    seen = {name for names in known for name in several(names)}
    new = [column for column in header if column in named and column not in seen]
    said["header"] = [*known, *new] or list(header)
    checked = config_of(said)
    there = _plain(header)
    missing = tuple(
        Problem(where, Sentence("is not in the file's header", "文件的表头里没有"))
        for where, names in checked.wanted()
        if isinstance(names, str) and plain_column(names) not in there
    )
    if missing:
        raise BadInput(
            Sentence("The mapping does not fit the file.", "对应关系与文件不符。"), missing
        )
    return document(checked)


def _texts(part: object) -> dict[str, str]:
    if not isinstance(part, dict):
        return {}
    pairs = cast("dict[object, object]", part).items()
    return {str(name): text for name, text in pairs if isinstance(text, str)}


def _mapping(
    opened: Opened, given: Mapping[str, Any] | None, yours: Iterable[Mapping[str, Any]]
) -> tuple[Recognised, config.Mapping | None]:
    if given is not None:
        return "given", config_of(given)
    found = fitting(opened.header, mappings().values())
    own = [one for one in map(config_of, yours) if one.known_by(_plain(opened.header))]
    mine = fitting(opened.header, own)
    if mine is None:
        return ("known", found) if found is not None else ("", None)
    one_shop = len({one.shop.code for one in own}) == 1
    if found is None or (one_shop and len(mine.header) >= len(found.header)):
        return "yours", mine
    return "known", found


def _plain(header: Sequence[str]) -> set[str]:
    return {plain_column(name) for name in header}


def _columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], mapping: config.Mapping | None
) -> list[Column]:
    named: dict[str, list[str]] = {}
    for field, column in mapping.columns() if mapping is not None else ():
        named.setdefault(plain_column(column), []).append(field)
    found: list[Column] = []
    for place, name in enumerate(header):
        fields = named.get(plain_column(name), [])
        found.append(Column(name[:LONGEST_SAMPLE], fields, _samples(rows, place, fields, name)))
    return found


def _samples(
    rows: Sequence[Sequence[str]], place: int, fields: Sequence[str], name: str
) -> list[str]:
    values = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
    samples = dict.fromkeys(_masked(value, fields, name) for value in values[: SAMPLES * 10])
    return list(samples)[:SAMPLES]


def _masked(value: str, fields: Sequence[str], name: str) -> str:
    """Enough to see what a column holds. A column that nobody has named may hold anything."""
    if any(field.startswith("customer.phone") for field in fields):
        return value if "*" in value else mask_phone(value)
    if any(field.startswith("customer.") for field in fields):
        return mask_name(value)
    if fields:
        return value[:LONGEST_SAMPLE]
    if _BORN.search(name):
        return "**"
    if _PLAIN.fullmatch(value):
        return value
    if _LONG_DIGITS.search(value):
        return f"{value[:3]}****{value[-2:]}"
    return mask_name(value)
