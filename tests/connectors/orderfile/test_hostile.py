"""Whatever a file holds: what is wrong is said with line, field and reason; the rest comes in."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from siyu.connectors.orderfile.config import Mapping
from siyu.connectors.orderfile.source import files
from siyu.connectors.orderfile.source.orders import open_file
from siyu.connectors.orderfile.source.rejects import LONGEST_REASON
from siyu.connectors.orderfile.source.run import Report
from siyu.connectors.orderfile.wire.lines import LONGEST_CELL
from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput

File = Callable[..., Path]
Bring = Callable[..., Report]
GOOD = "1,2026-11-01T10:00:00,a,2,9.90,b1,,"


def rejected(report: Report) -> list[list[str]]:
    assert report.rejects_path is not None
    with report.rejects_path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        ("2,2026-11-01,a,1,1,b2,,,,", "", "has 10 columns, the header has 8"),
        ("2,2026-11-01", "", "has 2 columns, the header has 8"),
        ("2,2026-11-01,a,1,NaN,b2,,", "price", "not an amount"),
        ("2,2026-11-01,a,1,inf,b2,,", "price", "not an amount"),
        ("2,2026-11-01,a,1,1e308,b2,,", "price", "not an amount"),
        ("2,2026-11-01,a,1," + "9" * 400 + ",b2,,", "price", "400 characters: not"),
        ("2,2026-11-01,a,1,１．５,b2,,", "price", "not an amount"),
        ("2,2026-11-01,a,NaN,1,b2,,", "n", "too large for a quantity"),
        ("2,2026-11-01,a,1e308,1,b2,,", "n", "too large for a quantity"),
        ("2,2026-11-01,a,1e-999999999,1,b2,,", "n", "not a whole number"),
        ("2,2026-11-01,a,1_0,1,b2,,", "n", "not a number"),
        ("2,2026-11-01,a,0x10,1,b2,,", "n", "not a number"),
        ("2,2026-11-01,a,999999999,999999999999,b2,,", "price", "too large"),
        ("2,9999-12-31T23:59:59-23:59,a,1,1,b2,,", "when", "is not an ISO 8601 time"),
        ("2,1899-12-30,a,1,1,b2,,", "when", "outside the years"),
        ("2,2026-02-30,a,1,1,b2,,", "when", "is not an ISO 8601 time"),
        ("2,45962.5,a,1,1,b2,,", "when", "is not an ISO 8601 time"),
        ("2,2026-11-01,a\0,1,1,b2,,", "", "NUL character"),
        ("2,2026-11-01,a,1,1,b2,," + "n" * 201, "name", "longer than 200"),
        (f"2,2026-11-01,a,1,1,{'b' * (LONGEST_CELL + 1)},,", "who", "longer than 10,000"),
        ("2,2026-11-01,a,1,-99999999999999999999,b2,,", "price", "too large"),
        ("\u200b,2026-11-01,a,1,1,b2,,", "nr", "none to see"),
        ("2,2150-01-01,a,1,1,b2,,", "occurred_at", ""),
        ("2,2026-11-01,a,1,1,,138****0001,", "phone", ""),
        ("9" * 150 + ",2026-11-01,a,1,1,b2,,", "nr", "longer than 120"),
    ],
    ids=lambda value: None if len(value) > 40 or "\0" in value else value,
)
def test_a_row_that_cannot_be_used_is_said_and_its_neighbours_come_in(
    db: Pool, file: File, bring: Bring, mapping: Mapping, row: str, field: str, words: str
) -> None:
    report = bring(file(GOOD, row, "3,2026-11-01,a,1,1,b3,,"), mapping)

    assert (report.orders, report.rejected) == (2, 1)
    _, told = rejected(report)
    assert told[:2] == ["3", field]
    assert words in told[2]
    assert 0 < len(told[2]) <= LONGEST_REASON


def test_a_brand_that_reads_chinese_is_told_in_chinese(
    file: File, bring: Bring, mapping: Mapping
) -> None:
    rows = ("2,2026-11-01,a,1,NaN,b2,,", "3,2150-01-01,a,1,1,b2,,")  # the reader's, the event's
    report = bring(file(GOOD, *rows), mapping, locale="zh")

    _, *found = rejected(report)

    assert [one[1:3] for one in found] == [
        ["price", "'NaN' 不是金额"], ["occurred_at", "比现在晚一天以上"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        "2,2026-11-01,a,２,1,b2,,",  # digits as they are typed in Chinese
        "2,2026-11-01,a,2.0,1,b2,,",
        '2,"2026-11-01",a,2,"1",b2,,"a ""quoted"" name"',
        "2,2026-11-01,=cmd|' /C calc'!A0,2,1,b2,,@SUM(1+1)",
        "2,2026-11-01,a,2,1,b2,,\ufeff林",
        "２,2026-11-01,a,2,1,b2,,",
    ],
)
def test_what_is_only_unusual_comes_in(
    db: Pool, file: File, bring: Bring, mapping: Mapping, row: str
) -> None:
    assert (bring(file(row), mapping).orders, bring(file(row), mapping).duplicates) == (1, 1)
    assert db.fetch("select total_minor from orders") == [(200,)]


def test_a_formula_is_stored_as_it_is_and_harmless_among_the_rejected(
    db: Pool, file: File, bring: Bring, mapping: Mapping
) -> None:
    evil = "=cmd|' /C calc'!A0"
    path = file(
        f"1,2026-11-01,{evil},1,1,b1,,",
        f"{evil},2026-11-01,{evil},-x,-9.90,+8613800000001,@x,+1+1",
        header="nr,when,sku,n,price,who,phone,name".replace("name", "=name"),
    )
    found = open_file(path, mapping=_renamed(mapping))
    assert found.header[-1] == "=name"
    report = bring(path, _renamed(mapping))

    assert db.fetch("select sku from order_item") == [(evil,)]
    header, told = rejected(report)
    assert header[-1] == "'=name"
    assert told[3:] == [
        f"'{evil}", "2026-11-01", f"'{evil}", "'-x", "-9.90", "+8613800000001", "'@x", "'+1+1",
    ]  # fmt: skip


def _renamed(mapping: Mapping) -> Mapping:
    import msgspec  # noqa: PLC0415 - here only

    header = [*mapping.header[:-1], "=name"]
    customer = msgspec.structs.replace(mapping.customer, name="=name")
    return msgspec.structs.replace(mapping, header=header, customer=customer)


def test_blank_lines_before_the_header_and_between_rows_are_no_rows(
    file: File, bring: Bring, mapping: Mapping
) -> None:
    path = file(GOOD, "", ",,,,,,,", "2,2026-11-01,a,x,1,b2,,")
    path.write_bytes(b"\n\r\n,,,\n" + path.read_bytes())
    report = bring(path, mapping)

    assert (report.orders, report.rejected) == (1, 1)
    assert rejected(report)[1][0] == "8"


def test_a_row_of_many_lines_is_bounded_by_its_size_too(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    long = b"x" * (files.LONGEST_LINE // 3) + b"\n"
    path.write_bytes(b'a\n"' + long * 8 + b"b\n")
    found = list(files.rows(path, "utf-8"))

    assert sum(len(row.cells[0]) for row in found if row.problem is not None) < files.LONGEST_LINE
    assert found[0].problem is None
    assert found[-1] == files.Row(10, ["b"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("nr,when\n".encode("utf-16-le"), "UTF-16"),
        ("nr,when\n".encode("utf-16-be"), "UTF-16"),
        ("nr,when\n".encode("utf-32"), "UTF-16 or UTF-32"),
        (b"\n\n \n", "does not fit"),
        (b"nr,when,sku,n,price,who,phone,name,nr\n", "several columns named nr"),
        (b"nr,when,sku,n,cost,who,phone,name\n", "price: is not in the header"),
        (b"1,2026-11-01,a,2,1,b2,,\n", "is not in the header"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_says_why(
    tmp_path: Path, mapping: Mapping, content: bytes, words: str
) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)

    with pytest.raises(BadInput, match=words):
        open_file(path, mapping)


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, mapping: Mapping) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "nowhere").symlink_to("gone.csv")
    for path, words in {
        tmp_path: "is a folder",
        tmp_path / "pipe": "is a pipe or a device",
        Path("/dev/zero"): "is a pipe or a device",
        tmp_path / "loop": "can't be opened",
        tmp_path / "nowhere": "There is no file",
        tmp_path / "x" / "y": "There is no file",
        tmp_path / ("n" * 300): "can't be opened",
        Path("a\0b"): "can't be opened",
    }.items():
        with pytest.raises(BadInput, match=words):
            open_file(path, mapping)


def test_a_link_to_a_file_is_that_file(file: File, bring: Bring, mapping: Mapping) -> None:
    path = file(GOOD)
    link = path.with_name("link.csv")
    link.symlink_to(path)

    assert bring(link, mapping).orders == 1


def test_a_gzip_bomb_is_refused_while_it_is_looked_through(
    tmp_path: Path, mapping: Mapping
) -> None:
    path = tmp_path / "f.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(files.FREELY_UNPACKED // (16 << 20) + 1):
            file.write(b"\n" + b"," * ((16 << 20) - 1))

    with pytest.raises(BadInput, match="more than 100 times its size"):
        open_file(path, mapping)


def test_rejected_rows_are_not_written_into_what_is_no_file_or_the_file_itself(
    file: File, bring: Bring, mapping: Mapping
) -> None:
    path = file(GOOD, "2,x,a,1,1,b,,")
    before = path.read_bytes()
    pipe, other, link = (path.with_name(name) for name in ("pipe", "other", "link"))
    os.mkfifo(pipe)
    os.link(path, other)
    link.symlink_to(path)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    for target in (path, other, link, pipe, path.parent):
        with pytest.raises(BadInput, match="can't be written"):
            bring(path, mapping, rejects=target)
    os.close(reader)

    assert path.read_bytes() == before
