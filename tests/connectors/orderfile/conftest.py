"""Files as shops export them, and their import into a clean database."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Names
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from tests.exports import Export, Row, Told, events

from siyu.commerce import project as commerce
from siyu.connectors.orderfile.config import Mapping, parse
from siyu.connectors.orderfile.source.orders import open_file
from siyu.connectors.orderfile.source.run import Report, import_orders
from siyu.customers import project as customers
from siyu.db.pool import Pool
from siyu.events.sweep import apply
from siyu.identities import project as identities
from siyu.staff.model import Brand
from siyu.vault.model import Keys

PROJECTIONS = (identities.PROJECTION, customers.PROJECTION, commerce.PROJECTION)
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
MAPPING = """
mapping: own
title: {zh: 自己的, en: own}
source: own
header: [nr, when, sku, n, price, who, phone, name]
shop: {code: own, name: Own, platform: tmall}
currency: CNY
time: {column: when, zone: Asia/Shanghai}
order: {column: nr, refund_prefix: C, not_positive: correction}
line: {sku: sku, quantity: n, price: price}
customer: {buyer: who, phone: phone, name: name}
"""
HEADER = "nr,when,sku,n,price,who,phone,name"


@pytest.fixture
def mapping() -> Mapping:
    return parse(MAPPING)


@pytest.fixture
def text() -> str:
    return MAPPING


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """`file("1,2026-…", …)`: a file with the header of `MAPPING` and these rows."""

    def write(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = tmp_path / "orders.csv"
        path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
        return path

    return write


@pytest.fixture
def bring(db: Pool) -> Callable[..., Report]:
    """`bring(path, mapping)`: imported and applied."""

    def imported(
        path: Path, mapping: Mapping | None, sheet: str | None = None, **words: Any
    ) -> Report:
        def after() -> None:
            while (done := apply(db, PROJECTIONS, NOW)).claimed:
                assert done.parked == 0

        brand = Brand("B", "Asia/Shanghai", "CNY", "CN", words.pop("locale", "en"))
        keys = Keys(b"m" * 32, b"l" * 32)
        file = open_file(path, mapping, sheet=sheet)
        return import_orders(db, keys, brand, file, NOW, after_batch=after, **words)

    return imported


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """`told(export, row, …)`: what a file of these rows tells."""

    def read(export: Export, *rows: Row, name: str = "orders.csv", **words: Any) -> list[Any]:
        path = tmp_path / name
        path.write_bytes(export.csv(*rows, **words))
        return events(path)

    return read


Book = Callable[[Names[str, Sequence[Sequence[object]]]], Path]
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = "http://schemas.openxmlformats.org/package/2006"


@pytest.fixture
def workbook(tmp_path: Path) -> Book:
    """`workbook({"Orders": [["nr", …], ["1", …]]})`: numbers as numbers, datetimes as dates."""

    def write(sheets: Names[str, Sequence[Sequence[object]]]) -> Path:
        path = tmp_path / "orders.xlsx"
        path.write_bytes(book_of(sheets))
        return path

    return write


def book_of(sheets: Names[str, Sequence[Sequence[object]]]) -> bytes:
    """The bytes of a workbook."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in _parts(list(sheets)).items():
            book.writestr(name, text)
        for number, rows in enumerate(sheets.values(), start=1):
            book.writestr(f"xl/worksheets/sheet{number}.xml", sheet_xml(rows))
    return held.getvalue()


def sheet_xml(rows: Sequence[Sequence[object]]) -> str:
    """One sheet; None is a cell that is not there."""
    lines = [
        f'<row r="{line}">{"".join(_cell(value, line, at) for at, value in enumerate(row))}</row>'
        for line, row in enumerate(rows, start=1)
        if row
    ]
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(value: object, line: int, at: int) -> str:
    place = f"{chr(65 + at)}{line}"
    if value is None:
        return ""
    if isinstance(value, datetime):
        days = (value - datetime(1899, 12, 30)).total_seconds() / 86_400  # noqa: DTZ001 - Excel's own
        return f'<c r="{place}" s="1"><v>{days!r}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def _parts(names: Sequence[str]) -> dict[str, str]:
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPES}.worksheet+xml"/>'
        for n in range(1, len(names) + 1)
    )
    formats = (
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs>'
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{PARTS}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override'
        f' PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PARTS}/relationships"><Relationship Id="r0"'
        f' Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{sheets}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PARTS}/relationships">{links}'
        f'<Relationship Id="rs" Type="{LINKS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{formats}</styleSheet>',
    }
