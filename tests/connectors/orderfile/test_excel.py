"""Excel files come in by the same way as CSV; what Excel has spoilt is said."""

from __future__ import annotations

import csv
import os
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from siyu.connectors.orderfile.config import Mapping, parse
from siyu.connectors.orderfile.source import excel
from siyu.connectors.orderfile.source.orders import open_file
from siyu.kernel.errors import BadInput

HEADER = ["nr", "when", "sku", "n", "price", "who", "phone", "name"]
TEN = datetime(2026, 11, 1, 10, 0)  # noqa: DTZ001 - a cell has no zone
ROW = ["A1", TEN, "面膜", 2, 9.9, "b1", 13800000001, "王芳"]


def reasons(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row[:3]) for row in csv.reader(file)][1:]


def test_a_sheet_says_the_same_as_its_csv(workbook, file, mapping: Mapping) -> None:
    sheet = open_file(workbook({"订单": [HEADER, ROW]}), mapping)
    text = open_file(file("A1,2026-11-01T10:00:00,面膜,2,9.9,b1,13800000001,王芳"), mapping)

    assert list(sheet.events()) == list(text.events())
    assert list(sheet.events()) == list(sheet.events())


def test_a_file_of_the_old_excel_is_read(mapping: Mapping) -> None:
    (event,) = open_file(Path(__file__).with_name("orders.xls"), mapping).events()

    assert (event.id, event.occurred_at) == ("A1", "2026-11-01T02:00:00+00:00")
    assert event.keys == {"phone": "+8613800000001", "buyer": "own/b1", "order": "own/A1"}


def test_a_date_cell_is_read_whatever_the_mapping_writes_times_like(workbook, text: str) -> None:
    mapping = parse(text.replace("column: when", "column: when, format: '%d/%m/%Y %H:%M:%S'"))
    odd = datetime(2026, 11, 1, 23, 59, 59)  # noqa: DTZ001 - no whole fraction of a day
    path = workbook({"s": [HEADER, ["1", odd, *ROW[2:]], ["2", "01/11/2026 23:59:59", *ROW[2:]]]})
    times = [event.occurred_at for event in open_file(path, mapping).events()]

    assert times == ["2026-11-01T15:59:59+00:00"] * 2


def test_blank_rows_and_columns_are_no_orders_and_lines_are_those_of_excel(
    workbook, bring, mapping: Mapping
) -> None:
    rows = [[], [], HEADER, ROW, [], [None] * 8, ["A2", "yesterday", *ROW[2:]]]
    report = bring(workbook({"s": rows}), mapping)

    assert (report.orders, report.rejected) == (1, 1)
    assert [row[:2] for row in reasons(report.rejects_path)] == [("7", "when")]


def test_an_order_number_that_excel_has_rounded_is_refused_and_one_that_is_whole_is_not(
    workbook, bring, mapping: Mapping
) -> None:
    rows = [
        [4_012_345_678_901, *ROW[1:]],
        [4.01234567890123e18, *ROW[1:]],
        ["A2", TEN, "s", 1, 1, "b", 1.38e17, None],
        ["A3", TEN, 6.9012345e15, 1, 1, "b", None, None],
    ]
    report = bring(workbook({"s": [HEADER, *rows]}), mapping)

    assert report.orders == 1
    found = reasons(report.rejects_path)
    assert [row[:2] for row in found] == [("3", "nr"), ("4", "phone"), ("5", "sku")]
    assert all("keeps 15 digits only" in row[2] for row in found)
    assert "4.01234567890123E+18" in found[0][2]


def test_a_number_in_scientific_notation_in_a_csv_is_refused_likewise(
    file, bring, mapping: Mapping
) -> None:
    rows = [f"4.01235E+18,2026-11-01,{sku},1,1,b1,," for sku in "ab"]
    report = bring(file(*rows, "1E5,2026-11-01,a,1,1,b1,,"), mapping)

    assert report.orders == 1
    assert [row[:2] for row in reasons(report.rejects_path)] == [("2", "nr"), ("3", "nr")]


def test_the_first_sheet_is_read_unless_another_is_named(workbook, mapping: Mapping) -> None:
    path = workbook({"说明": [["看这里"]], "订单": [HEADER, ROW], "空": []})
    named = open_file(path, mapping, sheet="订单")

    assert named.sheet is not None
    assert named.sheet.names == ("说明", "订单", "空")
    assert len(list(named.events())) == 1
    for sheet, words in {
        None: "does not fit",
        "定单": "no sheet named 定单; its sheets: 说明, 订单, 空",
        "空": "is empty; it also holds 说明, 订单: name one with --sheet",
    }.items():
        with pytest.raises(BadInput, match=words):
            open_file(path, mapping, sheet=sheet)
    with pytest.raises(BadInput, match=r"the sheet 说明 of orders\.xlsx \(its sheets: 说明, 订单"):
        open_file(path)


def test_a_csv_has_no_sheets(file, mapping: Mapping) -> None:
    with pytest.raises(BadInput, match="no Excel file"):
        open_file(file(), mapping, sheet="x")


def test_saved_again_it_is_the_same_file(workbook, mapping: Mapping) -> None:
    first = open_file(workbook({"s": [HEADER, ROW]}), mapping).scan
    path = workbook({"s": [HEADER, ROW]})
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("docProps/core.xml", "<x/>")

    assert open_file(path, mapping).scan == first
    assert open_file(workbook({"s": [HEADER, [*ROW[:-1], "王"]]}), mapping).scan != first


def _with(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr(name, content)
    return path


def test_a_bomb_is_refused_before_it_is_read(workbook, mapping: Mapping) -> None:
    path = _with(workbook({"s": [HEADER]}), "xl/media/x", bytes(excel.FREELY_UNPACKED + 1))

    with pytest.raises(BadInput, match="more than 100 times its size"):
        open_file(path, mapping)


def test_a_cell_in_the_farthest_corner_does_not_take_the_memory_of_the_machine(
    workbook, mapping: Mapping
) -> None:
    path = workbook({"s": [HEADER, ROW]})
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", corner.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)

    with pytest.raises(BadInput, match="spread too far"):
        open_file(path, mapping)


def _archive(path: Path) -> None:
    path.unlink()
    _with(path, "orders.csv", b"a,b\n1,2\n")


def _broken_sheet(path: Path) -> None:
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content[:-40] if "sheet1" in name else content)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:400]), "damaged or locked"),
        (lambda path: path.write_bytes(excel.OLD + b"x" * 3000), "damaged"),
        (lambda path: path.write_bytes(excel.ZIP), "damaged or locked"),
        (_archive, "archive and no Excel file"),
        (_broken_sheet, "damaged"),
    ],
    ids=["half", "old", "start", "archive", "sheet"],
)
def test_a_damaged_workbook_is_refused_in_words(
    workbook, mapping: Mapping, spoil: Callable[[Path], object], words: str
) -> None:
    path = workbook({"s": [HEADER, ROW]})
    spoil(path)

    with pytest.raises(BadInput, match=words):
        open_file(path, mapping)


def test_no_file_stays_open_or_behind(workbook, mapping: Mapping) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - numbers
    found = open_file(workbook({"s": [HEADER, ROW]}), mapping)
    assert len(list(found.events())) == 1
    del found

    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - numbers
