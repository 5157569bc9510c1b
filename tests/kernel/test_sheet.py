from __future__ import annotations

import csv
import io
from pathlib import Path

from siyu.connectors.orderfile.source import excel
from siyu.kernel.sheet import written

ROWS = [["原始单号", "备注"], ["6917926768823643751", "=HYPERLINK(1)"], ["-12.5", "a&b <c>\x01"]]


def test_a_workbook_keeps_every_cell_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(written("xlsx", ROWS))

    read = [row.cells for row in excel.read(path, None).rows()]

    assert read == [*ROWS[:2], ["-12.5", "a&b <c>"]]
    assert written("xlsx", ROWS) == path.read_bytes()


def test_a_csv_is_read_as_utf_8_and_runs_nothing() -> None:
    text = written("csv", ROWS[:2]).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(text))) == [
        ROWS[0], ["6917926768823643751", "'=HYPERLINK(1)"],
    ]  # fmt: skip
