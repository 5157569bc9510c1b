"""An answer for programs (JSON) and for spreadsheets (CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, cast

from siyu.analytics.model import Freshness
from siyu.analytics.model.answer import Answer, Cell, Chart, Column, Kind, Named, Span, Table, Told
from siyu.analytics.render import BOM, harmless
from siyu.kernel.errors import NotFound
from siyu.kernel.money import EXPONENTS
from siyu.kernel.sentence import Language, Sentence, within

CURRENCY = Column("currency", Sentence("Currency", "币种"))
_NAME = Sentence("name", "名称")
_LOW, _HIGH = Sentence("low, 95%", "95% 下限"), Sentence("high, 95%", "95% 上限")
PARTS = {
    "answer": Sentence("Answer", "结论"),
    "definition": Sentence("What the figures mean", "口径"),
    "population": Sentence("Of whom", "统计对象"),
    "period": Sentence("Period", "期间"),
    "fresh": Sentence("Freshness", "数据时间"),
    "notes": Sentence("To be kept in mind", "说明"),
}


def plain(told: Told, *, called: bool = False) -> dict[str, object]:
    """All of it as JSON knows it; a text of ours in both languages. Codes are codes, with the names
    that they have in `names`; `called`: as people read them, a text in both languages."""
    question, answer, fresh = told
    asked = {one.name: _value(getattr(question, one.name)) for one in fields(cast("Any", question))}
    return {
        "name": question.name,
        "title": _both(question.title),
        "asked": asked,
        "answer": _both(answer.says),
        "definition": _both(answer.definition),
        "population": _both(answer.population),
        "period": {"first": _value(answer.period.first), "last": _value(answer.period.last)},
        "fresh": {**fresh._asdict(), "as_of": fresh.as_of.isoformat()},
        "currency": answer.currency,
        "notes": [_both(one) for one in answer.notes],
        "tables": [_table(one, called=called) for one in answer.tables],
        "names": _names(answer),
        "charts": [_chart(one) for one in answer.charts],
        **answer.keys,
    }


def _both(said: str) -> dict[str, str]:
    return {"zh": within("zh", said), "en": said[:]}


def _value(cell: object, *, called: bool = False) -> object:
    match cell:
        case Named():
            return _both(cell.both) if called else cell[:]
        case Sentence():
            return _both(cell)
        case date():
            return cell.isoformat()
        case _:
            return cell


def _names(answer: Answer) -> dict[str, dict[str, str]]:
    """Of what its tables name by codes."""
    found: dict[str, dict[str, str]] = {}
    for cell in (cell for one in answer.tables for row in one.rows for cell in row):
        if isinstance(cell, Named) and cell.called:
            found.setdefault(cell.thing, {})[cell[:]] = cell.called
    return found


def _table(table: Table, *, called: bool) -> dict[str, object]:
    return {
        "name": table.name,
        "title": _both(table.title),
        "columns": [
            {
                "name": one.name,
                "title": _both(one.title),
                "kind": one.kind,
                "low_of": one.low_of,
                "high_of": one.high_of,
                "counts": list(one.counts),
            }
            for one in table.columns
        ],
        "rows": [[_value(cell, called=called) for cell in row] for row in table.rows],
    }


def _chart(chart: Chart) -> dict[str, object]:
    return {
        "name": chart.name,
        "title": _both(chart.title),
        "kind": chart.kind,
        "table": chart.table,
        "x": chart.x,
        "y": list(chart.y),
        "by": chart.by,
        "targets": [{"title": _both(one.title), "at": one.at} for one in chart.targets],
        "diagonal": chart.diagonal,
    }


def fresh(known: Freshness, language: Language) -> str:
    """Of when the figures are, and how much they rest on."""
    return within(
        language,
        Sentence(
            f"as of {known.as_of:%Y-%m-%d %H:%M %Z}, from {known.applied_seq:,} facts",
            f"统计于 {known.as_of:%Y-%m-%d %H:%M %Z}，依据 {known.applied_seq:,} 条事实",
        ),
    )


def span(period: Span, language: Language) -> str:
    """The days of which an answer speaks.

    >>> from datetime import date
    >>> span(Span(date(2026, 11, 1), date(2026, 11, 28)), "en"), span(Span(None, None), "zh")
    ('2026-11-01 to 2026-11-28', '')
    """
    first, last = period
    if first and last:
        return within(language, Sentence(f"{first} to {last}", f"{first} 至 {last}"))
    if last:
        return within(language, Sentence(f"up to {last}", f"截至 {last}"))
    return within(language, Sentence(f"since {first}", f"自 {first} 起")) if first else ""


def sheet(told: Told, language: Language, only: str = "") -> str:
    """As CSV with the byte order mark: for people, how the figures are to be read and below it all
    tables, each under its title. `only`: that table and nothing else, as programs read it. Amounts
    are in major units with their currency beside them, codes have their names beside them."""
    answer = told.answer
    wanted = [one for one in answer.tables if only in ("", one.name)]
    if not wanted:
        known = ", ".join(one.name for one in answer.tables)
        raise NotFound(
            Sentence(
                f"There is no table {only!r}; there are {known}.",
                f"没有名为 {only!r} 的表；可用的有 {known}。",
            )
        )
    text = io.StringIO()
    writer = csv.writer(text)
    if not only:
        for row in _head(told, language):
            writer.writerow([harmless(cell) for cell in row])
    for table in wanted:
        if not only:
            writer.writerows([(), [harmless(within(language, table.title))]])
        for row in _lines(table, answer.currency, language):
            writer.writerow([harmless(cell) for cell in row])
    return BOM + text.getvalue()


def _head(told: Told, language: Language) -> Iterator[list[str]]:
    """What is asked, the answer, and how it is to be read."""
    question, answer, known = told
    yield [within(language, question.title)]
    for part, text in (
        ("answer", within(language, answer.says)),
        ("definition", within(language, answer.definition)),
        ("population", within(language, answer.population)),
        ("period", span(answer.period, language)),
        ("fresh", fresh(known, language)),
        *(("notes", within(language, one)) for one in answer.notes),
    ):
        yield [within(language, PARTS[part]), text]


def _lines(table: Table, currency: str, language: Language) -> Iterator[list[str]]:
    columns = table.columns
    names = [one.name for one in columns]
    own = names.index("currency") if "currency" in names else None
    beside = own is None and any(one.kind == "money" for one in columns)
    called = {place for row in table.rows for place, cell in enumerate(row) if _called(cell)}
    heads: list[str] = []
    for place, one in enumerate(columns):
        head = heading(one, table, language)
        heads += [head, f"{head} ({within(language, _NAME)})"] if place in called else [head]
    yield [*heads, within(language, CURRENCY.title)] if beside else heads
    for row in table.rows:
        of = currency if own is None else str(row[own])
        cells: list[str] = []
        for place, (cell, one) in enumerate(zip(row, columns, strict=True)):
            cells.append(written(cell, one.kind, of, language))
            if place in called:
                cells.append(_called(cell))
        yield [*cells, of] if beside else cells


def _called(cell: Cell) -> str:
    return cell.called if isinstance(cell, Named) else ""


def heading(column: Column, table: Table, language: Language) -> str:
    """The head of a column; of an interval's end with what it is the interval of."""
    of = column.low_of or column.high_of
    if not of:
        return within(language, column.title)
    whole = next(one for one in table.columns if one.name == of)
    end = within(language, _LOW if column.low_of else _HIGH)
    return f"{within(language, whole.title)} ({end})"


def written(cell: Cell, kind: Kind, currency: str, language: Language) -> str:
    """A cell as a spreadsheet reads it.

    >>> written(123450, "money", "CNY", "en"), written(0.25, "rate", "", "en")
    ('1234.50', '0.2500')
    """
    match kind:
        case _ if cell is None:
            return ""
        case "money":
            places = EXPONENTS.get(currency, 2)
            return f"{Decimal(int(cast('int', cell))).scaleb(-places):.{places}f}"
        case "rate" | "number":
            return f"{float(cast('float', cell)):.4f}"
        case "month":
            return str(cell)[:7]
        case _:
            return within(language, cell) if isinstance(cell, str) else str(cell)
