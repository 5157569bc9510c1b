"""What becomes of an order file: good rows go in once, the others are written down."""

from __future__ import annotations

import csv
import gzip
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from siyu.commerce import views
from siyu.connectors.orderfile.config import Mapping
from siyu.connectors.orderfile.source import files
from siyu.connectors.orderfile.source.files import Row, rows, scan
from siyu.connectors.orderfile.source.opened import mappings
from siyu.connectors.orderfile.source.orders import Progress, open_file
from siyu.connectors.orderfile.source.run import Report
from siyu.connectors.orderfile.source.spool import Spool
from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput

File = Callable[..., Path]
Bring = Callable[..., Report]
GOOD = "1,2026-11-01T10:00:00,a,2,9.90,b1,,"
EXAMPLES = Path(__file__).parents[3] / "examples" / "mappings"


def rejects(report: Report) -> list[list[str]]:
    assert report.rejects_path is not None
    with report.rejects_path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def order(db: Pool, order_no: str) -> tuple[int, int, str]:
    with db.transaction() as conn:
        fact = views.orders(conn, [("own", order_no)])["own", order_no]
        lines = conn.fetch(
            "select count(*) from order_item where order_id = %(id)s", {"id": fact.id}
        )
    return fact.total_minor, lines[0][0], fact.state


def test_rows_of_one_order_find_each_other_and_exact_duplicates_stay(
    db: Pool, file: File, bring: Bring, mapping: Mapping
) -> None:
    path = file(GOOD, "2,2026-11-02,b,1,1,,,", GOOD)
    report = bring(path, mapping)

    assert report == Report(orders=2, lines=3, guests=1)
    assert order(db, "1") == (3960, 2, "paid")
    assert not path.with_name("orders.csv.rejects.csv").exists()


def test_importing_twice_changes_nothing(
    db: Pool, file: File, bring: Bring, mapping: Mapping
) -> None:
    path = file(GOOD, "C1,2026-11-03,a,-1,9.90,b1,,", "3,2026-11-03,x,0,0,,,")
    first = bring(path, mapping)
    with db.transaction() as conn:
        before = views.totals(conn)

    assert bring(path, mapping) == Report(lines=3, duplicates=3)
    assert first == Report(orders=1, lines=3, refunds=1, corrections=1)
    with db.transaction() as conn:
        assert views.totals(conn) == before


def test_a_backfill_is_marked_as_such(db: Pool, file: File, bring: Bring, mapping: Mapping) -> None:
    bring(file(GOOD), mapping)

    with db.transaction() as conn:
        assert conn.fetch("select backfill, source_id from event") == [(True, "1")]


def test_rejected_rows_are_written_with_line_field_and_reason_and_only_for_their_owner(
    db: Pool, file: File, bring: Bring, mapping: Mapping
) -> None:
    report = bring(
        file(
            GOOD,
            "2,yesterday,a,1,1,b2,,",
            "3,2026-11-01,,1,1,b2,,",
            "4,2026-11-01,a,1.5,1,b2,,",
            "5,2026-11-01,a,1,free,b2,,",
            "6,2026-11-01,a,1,1,b2,138****0001,",
            ",2026-11-01,a,1,1,b2,,",
            "8,2026-11-01,a,1",
            "9,0000-11-01,a,1,1,b2,,",
            "10,2026-11-01,a,1,-1e99,b2,,",
            "C11,2026-11-01,a,1,1,b2,,",
            "12,2026-11-01,a,1,1,b2,,",
            "12,2026-11-01,a,1,1,b3,,",
        ),
        mapping,
    )

    found = rejects(report)
    assert {(row[0], row[1]) for row in found} == {
        ("3", "when"), ("4", "sku"), ("5", "n"), ("6", "price"), ("7", "phone"), ("8", "nr"),
        ("9", ""), ("10", "when"), ("11", "price"), ("12", "quantity"), ("13", "customer"),
        ("14", "customer"),
    }  # fmt: skip
    assert all(row[2] for row in found)
    assert (report.orders, report.rejected) == (1, 12)
    assert report.rejects_path is not None
    assert report.rejects_path.stat().st_mode & 0o777 == 0o600


def test_an_order_that_lacked_rows_is_made_whole_by_the_mended_file(
    db: Pool, file: File, bring: Bring, mapping: Mapping
) -> None:
    broken = "1,2026-11-01T10:00:00,b,two,5,b1,,"
    worse = bring(file(GOOD, broken, broken), mapping)
    assert (worse.orders, worse.lines, worse.rejected) == (1, 1, 2)
    assert order(db, "1") == (1980, 1, "paid")
    assert bring(file(GOOD, broken, broken), mapping).duplicates == 1

    bring(file(GOOD, broken.replace("two", "2"), broken), mapping)
    assert order(db, "1") == (2980, 2, "paid")
    bring(file(GOOD, *[broken.replace("two", "2")] * 2), mapping)
    assert order(db, "1") == (3980, 3, "paid")
    bring(file(GOOD, broken, broken), mapping)
    assert order(db, "1") == (3980, 3, "paid")


def test_a_rejects_file_is_not_imported(file: File, bring: Bring, mapping: Mapping) -> None:
    report = bring(file("2,yesterday,a,1,1,b2,,"), mapping)

    with pytest.raises(BadInput, match="rejected rows"):
        bring(report.rejects_path, mapping)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("packed", [True, False])
def test_chinese_is_read_however_it_was_saved(
    file: File, mapping: Mapping, encoding: str, *, packed: bool
) -> None:
    path = file("1,2026-11-01,面膜,1,15,b1,13800000001,王芳", encoding=encoding)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    (event,) = open_file(path, mapping).events()

    assert event.person == {"name": "王芳"}
    assert event.keys == {"phone": "+8613800000001", "buyer": "own/b1", "order": "own/1"}


def test_one_damaged_line_does_not_turn_the_file_into_gibberish(
    file: File, bring: Bring, mapping: Mapping
) -> None:
    path = file(
        "1,2026-11-01,面膜,1,15,b1,,", "2,2026-11-01,面膜,1,15,b1,,", "3,2026-11-01,?,1,1,b1,,"
    )
    path.write_bytes(path.read_bytes().replace(b"?", b"\xc3\xe6"))
    report = bring(path, mapping)

    assert report.orders == 2
    assert [row[:3] for row in rejects(report)] == [["4", "", "can't be read as UTF-8"]]


def test_a_quote_that_never_closes_costs_one_row(
    file: File, bring: Bring, mapping: Mapping
) -> None:
    good = [f"{number},2026-11-01,a,1,1,b1,," for number in range(2, 200)]
    report = bring(file(GOOD, '1000,2026-11-01,"a,1,1,b1,,', *good), mapping)

    assert (report.orders, report.rejected) == (199, 1)
    assert rejects(report)[0][0] == "3"


def test_a_cell_may_hold_a_line_break_and_line_numbers_stay_true(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('a,b\n"x\ny",1\n\n2,3\n', "utf-8")

    assert list(rows(path, "utf-8")) == [
        Row(1, ["a", "b"]),
        Row(2, ["x\ny", "1"]),
        Row(5, ["2", "3"]),
    ]


def test_a_line_without_an_end_is_one_rejected_row(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"a\n" + b"x" * (files.LONGEST_LINE + 10) + b"\nb\n")

    assert [(row.line, row.problem is None) for row in rows(path, "utf-8")] == [
        (1, True),
        (2, False),
        (3, True),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b"a,b\n1,2\n", "none that Siyu knows"),
        (gzip.compress(b"a,b\n" * 5000, mtime=0)[:40], "damaged gzip"),
    ],
    ids=["empty", "utf-16", "unknown header", "damaged gzip"],
)
def test_a_file_that_can_t_be_read_says_why(
    tmp_path: Path, bring: Bring, content: bytes, words: str
) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)

    with pytest.raises(BadInput, match=words):
        bring(path, None)
    with pytest.raises(BadInput, match="no file"):
        bring(tmp_path / "g.csv", None)


def test_a_file_that_lacks_a_column_of_its_mapping_is_refused_by_name(
    file: File, bring: Bring, mapping: Mapping
) -> None:
    with pytest.raises(BadInput, match=r"does not fit[\s\S]*price"):
        bring(file("1", header="nr,when,sku,n,who,phone,name"), mapping)


def test_only_what_happened_before_a_day_is_brought_in(
    db: Pool, file: File, bring: Bring, mapping: Mapping
) -> None:
    path = file(GOOD, "2,2026-11-02T00:00:00,b,1,1,b1,,")
    until = datetime(2026, 11, 1, 16, 0, tzinfo=UTC)

    assert bring(path, mapping, until=until).orders == 1
    assert bring(path, mapping).orders == 1


def test_progress_is_told(file: File, bring: Bring, mapping: Mapping) -> None:
    told: list[Progress] = []
    bring(file(*[f"{n // 2},2026-11-01,a,1,1,b1,," for n in range(12_000)]), mapping,
          progress=told.append)  # fmt: skip

    assert {one.stage for one in told} == {"reading", "importing"}
    assert all(0 < one.done <= one.of for one in told)


def test_the_same_events_come_each_time_and_in_the_order_of_the_file(
    file: File, mapping: Mapping
) -> None:
    source = open_file(file("9,2026-11-01,a,1,1,b1,,", GOOD, "9,2026-11-01,b,1,1,b1,,"), mapping)
    told = list(source.events())

    assert [event.id for event in told] == ["9", "1"]
    assert list(source.events()) == told
    assert [len(batch) for batch in source.batches(1)] == [1, 1]


def test_the_spool_has_no_name_once_it_is_open() -> None:
    folder = Path(tempfile.gettempdir())
    before = set(folder.glob("siyu-import-*"))
    with Spool() as spool:
        assert set(folder.glob("siyu-import-*")) <= before
        assert spool.fill([("1", 2, ["x"]), ("2", 3, None), ("1", 4, ["y"])]) == 3
        found = [(name, list(rows)) for name, rows in spool.orders()]

    assert found == [("1", [(2, ["x"]), (4, ["y"])]), ("2", [(3, None)])]


def test_a_file_is_known_by_its_start_not_by_its_name(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.csv", tmp_path / "b.csv.gz"
    plain.write_bytes(b"a,b\n" * 3000)
    packed.write_bytes(gzip.compress(b"a,b\n" * 3000))

    assert scan(plain) == scan(packed)
    packed.write_bytes(b"a,c\n" * 3000)
    assert scan(plain).fingerprint != scan(packed).fingerprint


def test_the_examples_are_the_mappings_that_are_shipped() -> None:
    shipped = Path(files.__file__).parents[1] / "mappings"
    texts = {path.name: path.read_bytes() for path in shipped.glob("*.yaml")}

    assert {path.name: path.read_bytes() for path in EXAMPLES.glob("*.yaml")} == texts
    assert {f"{name}.yaml" for name in mappings()} == texts.keys()
