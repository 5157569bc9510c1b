"""The files of a report, read as a spreadsheet and a browser read them, beside its JSON."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from itertools import zip_longest
from typing import Any, NamedTuple

import pytest

Json = Mapping[str, Any]
MOST_ROWS = 1_000  # of a page
NAME = {"zh": "名称", "en": "name"}  # heads what stands beside codes
PLACES = {"JPY": 0}  # of a currency; 2 of all others


class Block(NamedTuple):
    """A table of a file: its title, its heads, its rows. `words`: what stands there instead."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: str = ""


# ── The file for a spreadsheet ───────────────────────────────────────────────────────────────────


def csv_holds(told: Json, title: Mapping[str, str], text: str, lang: str) -> None:
    """The file says how to read the report, and has every row of its JSON."""
    assert text.startswith("\ufeff")
    head, *rest = _blocks(text.removeprefix("\ufeff"))
    assert head[0] == [title[lang]]
    said = [line[1] for line in head[1:]]
    assert said[:3] == [told[part][lang] for part in ("answer", "definition", "population")]
    period, fresh, *notes = said[3:]
    assert all(day in period for day in told["period"].values() if day)
    assert told["fresh"]["as_of"][:10] in fresh
    assert notes == [_unquoted(one[lang]) for one in told["notes"]]
    tables = [Block(lines[0][0], lines[1], lines[2:]) for lines in rest]
    for table, found in zip_longest(told["tables"], tables):
        assert found.title == table["title"][lang]
        for row, cells in zip_longest(table["rows"], found.rows):
            _same_line(told, table, row, dict(enumerate(cells)), found.heads, lang)


def _blocks(text: str) -> Iterator[list[list[str]]]:
    """Lines between empty lines."""
    lines: list[list[str]] = []
    for line in csv.reader(io.StringIO(text, newline="")):
        if line:
            lines.append([_unquoted(cell) for cell in line])
        else:
            yield lines
            lines = []
    yield lines


def _unquoted(cell: str) -> str:
    """Without the mark of a text that would run as a formula."""
    return re.sub(r"^'(?=[=+\-@\t\r])", "", cell)


def _same_line(
    told: Json, table: Json, row: Sequence[Any], cells: Mapping[int, str], heads: Sequence[str],
    lang: str,
) -> None:  # fmt: skip
    assert len(cells) == len(heads)
    currency, place = _currency(told, table, row), 0
    for column, cell in zip(table["columns"], row, strict=True):
        of = column["low_of"] or column["high_of"] or column["name"]
        assert _titles(table)[of][lang] in heads[place]
        named = place + 1 < len(heads) and heads[place + 1] == f"{heads[place]} ({NAME[lang]})"
        name = cells[place + 1] if named else ""
        _reads(cells[place], cell, column["kind"], currency, lang, name)
        place += 1 + named
    assert [cells[at] for at in range(place, len(heads))] in ([], [currency])


def _reads(text: str, cell: Any, kind: str, currency: str, lang: str, name: str) -> None:
    """`name`: what stands beside a code."""
    if cell is None:
        assert text == ""
    elif kind == "money":
        assert Decimal(text) == _major(cell, currency)
    elif kind in ("rate", "number"):
        assert float(text) == pytest.approx(cell, abs=6e-5)
    elif kind == "count":
        assert int(text) == cell
    else:
        assert _words(cell, kind, lang) in (text, _called(name, text, lang))


# ── The page ─────────────────────────────────────────────────────────────────────────────────────


class Page(HTMLParser):
    """What a page shows: headings, sentences, tables. Scripts and styles are not shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lang = self.title = self.says = ""
        self.words: list[str] = []
        self.blocks: list[Block] = []
        self.charts: list[str] = []
        self._in: list[str] = []
        self._heading, self._cell = "", None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        known = dict(attrs)
        self._in.append("says" if known.get("class") == "says" else tag)
        self.lang = known.get("lang", self.lang) if tag == "html" else self.lang
        self.charts += [known["data-chart"]] if "data-chart" in known else []
        if tag == "table":
            self.blocks.append(Block(self._heading, [], []))
        if tag == "tr":
            self._line: list[str] = []
        if tag in ("th", "td"):
            self._line.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() not in (tag, "says"):
            pass
        if tag == "tr":
            of = self.blocks[-1]
            self.blocks[-1] = of._replace(rows=[*of.rows, self._line]) if of.heads else of._replace(
                heads=self._line
            )  # fmt: skip

    def handle_data(self, data: str) -> None:
        match self._in[-1] if self._in else "":
            case "script" | "style" | "title":
                return
            case "h1":
                self.title = data
            case "h2":
                self._heading = data
            case "says":
                self.says = data
            case "th" | "td":
                self._line[-1] += data
            case _ if data.strip():
                self.words.append(data)
                if self._heading:
                    self.blocks.append(Block(self._heading, [], [], data))
            case _:
                pass


def page_holds(told: Json, title: Mapping[str, str], text: str, lang: str) -> None:
    """The page has title, answer, definition, period, population, freshness and all rows."""
    page = Page(text)
    assert page.lang == {"zh": "zh-CN", "en": "en"}[lang]
    assert (page.title, page.says) == (title[lang], told["answer"][lang])
    under = page.words[0]
    assert all(day in under for day in told["period"].values() if day)
    assert told["population"][lang] in under
    assert told["fresh"]["as_of"][:10] in under
    for said in (told["definition"], *told["notes"]):
        assert said[lang] in page.words
    if page.charts:  # without a built console it says that it has none
        assert page.charts == [one["name"] for one in told["charts"]]
    blocks = {one.title: one for one in reversed(page.blocks)}
    for table in told["tables"]:
        block, titles = blocks[table["title"][lang]], _titles(table)
        if not table["rows"]:
            assert block.words
            continue
        own = [one for one in table["columns"] if not one["low_of"] and not one["high_of"]]
        assert block.heads == [titles[one["name"]][lang] for one in own]
        for row, cells in zip_longest(table["rows"][:MOST_ROWS], block.rows):
            _same_row(told, table, row, cells, lang)


def _same_row(told: Json, table: Json, row: Sequence[Any], cells: Sequence[str], lang: str) -> None:
    known = dict(zip((one["name"] for one in table["columns"]), row, strict=True))
    currency = _currency(told, table, row)
    own = [one for one in table["columns"] if not one["low_of"] and not one["high_of"]]
    for column, shown in zip(own, cells, strict=True):
        ends = [
            known[one["name"]]
            for one in table["columns"]
            if column["name"] in (one["low_of"], one["high_of"])
        ]
        kind, text = column["kind"], shown
        if len(ends) == 2 and None not in ends:
            text, _, span = shown.removesuffix(")").partition(" (")
            for part, end in zip(span.split("–"), ends, strict=True):
                _shows(told, part, end, kind, currency, lang)
        _shows(told, text, known[column["name"]], kind, currency, lang)


def _shows(told: Json, text: str, cell: Any, kind: str, currency: str, lang: str) -> None:
    if cell is None:
        assert text == "–"
    elif kind == "money":
        amount = Decimal(re.sub(r"[^\d.-]", "", text))
        assert abs(amount - _major(cell, currency)) <= _major(0.5, currency)
    elif kind == "rate":
        assert float(text.removesuffix("%")) == pytest.approx(100 * cell, abs=0.051)
    elif kind == "number":
        assert float(text.replace(",", "")) == pytest.approx(cell, rel=6e-4, abs=1e-9) or (
            abs(cell) >= 100 and abs(float(text.replace(",", "")) - cell) <= 0.5
        )
    elif kind == "count":
        assert text == f"{cell:,}"
    else:
        words, things = _words(cell, kind, lang), told.get("names", {}).values()
        called = [_called(names[words], words, lang) for names in things if words in names]
        assert text in (words, *called)


# ── Of both ──────────────────────────────────────────────────────────────────────────────────────


def _titles(table: Json) -> Mapping[str, Mapping[str, str]]:
    return {one["name"]: one["title"] for one in table["columns"]}


def _currency(told: Json, table: Json, row: Sequence[Any]) -> str:
    names = [one["name"] for one in table["columns"]]
    return row[names.index("currency")] if "currency" in names else told["currency"]


def _called(name: str, code: str, lang: str) -> str:
    """As people read a code that has a name."""
    return f"{name}（{code}）" if lang == "zh" else f"{name} ({code})"


def _major(minor: float, currency: str) -> Decimal:
    return Decimal(str(minor)).scaleb(-PLACES.get(currency, 2))


def _words(cell: Any, kind: str, lang: str) -> str:
    if kind == "month":
        return str(cell)[:7]
    return cell[lang] if isinstance(cell, dict) else str(cell)


def says_how_it_is_read(told: Json) -> None:
    """An answer, its definition, of whom, of when and from what, in both languages; and figures."""
    for part in ("answer", "definition", "population"):
        zh, en = told[part]["zh"], told[part]["en"]
        assert re.search("[\u4e00-\u9fff]", zh), zh
        assert en.isascii() or not re.search("[\u4e00-\u9fff]", en), en
        assert zh != en
    words = [told[part][lang] for part in ("answer", "definition") for lang in ("zh", "en")]
    words += [one[lang] for one in told["notes"] for lang in ("zh", "en")]
    for one in words:
        assert one.endswith((".", "。")), one
        assert not re.search(r"\bnan\b|\bNone\b(?! of)|\binf\b|[\[\]{}]", one), one
    assert told["period"]["first"] or told["period"]["last"]
    assert told["fresh"]["applied_seq"] > 0
    assert told["fresh"]["waiting"] == 0
    assert datetime.fromisoformat(told["fresh"]["as_of"]).tzinfo is not None
    nobody = re.match(r"Nobody |Nothing |No ", told["answer"]["en"])
    assert nobody or any(one["rows"] for one in told["tables"])
    for one in told["tables"]:
        assert {len(row) for row in one["rows"]} <= {len(one["columns"])}
