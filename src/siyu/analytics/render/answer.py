"""An answer for programs (JSON) and for spreadsheets (CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, cast

from siyu.analytics.model.answer import Answer, Cell, Chart, Column, Kind, Table, Told
from siyu.analytics.render import BOM, harmless
from siyu.kernel.errors import NotFound
from siyu.kernel.money import EXPONENTS
from siyu.kernel.sentence import Language, Sentence, within

CURRENCY = Column("currency", Sentence("Currency", "币种"))
_LOW, _HIGH = Sentence("low, 95%", "95% 下限"), Sentence("high, 95%", "95% 上限")


def plain(told: Told) -> dict[str, object]:
    """All of it as JSON knows it; a text of ours in both languages."""
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
        "tables": [_table(one) for one in answer.tables],
        "charts": [_chart(one) for one in answer.charts],
        **answer.keys,
    }


def _both(said: str) -> dict[str, str]:
    return {"zh": within("zh", said), "en": said[:]}


def _value(cell: object) -> object:
    if isinstance(cell, Sentence):
        return _both(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def _table(table: Table) -> dict[str, object]:
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
        "rows": [[_value(cell) for cell in row] for row in table.rows],
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


def sheet(answer: Answer, language: Language, only: str = "") -> str:
    """Its tables one below the other as CSV, with the byte order mark; `only`: this one, without
    its title above it. Amounts are in major units with their currency beside them."""
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
    for place, table in enumerate(wanted):
        if len(wanted) > 1:
            writer.writerows([()] * (place > 0))
            writer.writerow([within(language, table.title)])
        for row in _lines(table, answer.currency, language):
            writer.writerow([harmless(cell) for cell in row])
    return BOM + text.getvalue()


def _lines(table: Table, currency: str, language: Language) -> Iterator[list[str]]:
    columns = table.columns
    names = [one.name for one in columns]
    own = names.index("currency") if "currency" in names else None
    beside = own is None and any(one.kind == "money" for one in columns)
    heads = [heading(one, table, language) for one in columns]
    yield [*heads, within(language, CURRENCY.title)] if beside else heads
    for row in table.rows:
        of = currency if own is None else str(row[own])
        cells = [
            written(cell, one.kind, of, language) for cell, one in zip(row, columns, strict=True)
        ]
        yield [*cells, of] if beside else cells


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
