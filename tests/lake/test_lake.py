"""The lake is what PostgreSQL says, whatever happened between two syncs."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.build import facts, tell
from tests.lake.told import WITHOUT_EVENT, Story, opened, rows_of, same, same_books, steps

from siyu.db.clock import RealClock
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.kernel.errors import Refused
from siyu.lake import engine, export, files
from siyu.lake.lake import Lake
from siyu.lake.model import COLUMNS, EVENT, OWNER
from siyu.segments.predicates.facts import dated
from siyu.staff import actions as staff
from siyu.staff.model import Brand


@settings(max_examples=10)
@given(told=st.lists(steps, max_size=12), few=st.integers(1, 3))
def test_any_syncs_end_with_what_the_database_says(
    databases: Any, told: list[Any], few: int
) -> None:
    name = databases.take()
    db = Pool(databases.url(name))
    folder = Path(tempfile.mkdtemp(prefix="siyu-lake-"))
    most = export.MOST_FILES
    export.MOST_FILES = few  # so that files are brought together all the time
    story = Story(db, folder)
    try:
        for what, *how in told:
            story.play(what, *how)
        story.lake.sync()
        story.open.close()
        story.lake.sync()
        same(story.db, story.lake)
        same_books(story.db, story.lake)
        named = {folder / one.path for one in files.named(story.lake.manifest())}
        assert set(folder.glob("*/**/*.parquet")) == named
    finally:
        story.open.close()
        export.MOST_FILES = most
        shutil.rmtree(folder)
        db.close()
        databases.give_back(name)


def test_what_nothing_happened_to_is_not_written_again(db: Pool, tmp_path: Path) -> None:
    story = Story(db, tmp_path)
    for number in "123":
        story.paid(number, {"phone": f"1380000000{number}"})
    assert story.lake.sync().rows["orders"] == 3
    story.cancel("2")
    story.paid("4", {"phone": "13800000001"})
    found = story.lake.sync()
    assert found.rows["customer"] == 2
    assert found.rows["orders"] == 3  # both orders of the first customer, one of the second
    assert story.lake.sync().rows == {}


def test_a_base_of_many_months_is_brought_together_only_where_files_pile_up(
    db: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_FILES", 2)
    story = Story(db, tmp_path)
    for month in range(6):
        story.count = -7 * 31 * month  # a seventh of a day each
        story.paid(f"{month}", {"phone": f"1380000000{month}"})
    assert not story.lake.sync().compacted
    alone = story.lake.manifest().files["orders"][2]  # of a month in which nothing happens any more
    compacted = 0
    for _ in range(4):
        story.cancel("0")
        story.paid("9", {"phone": "13800000009"})
        compacted += story.lake.sync().compacted
    assert compacted
    found = story.lake.manifest().files["orders"]
    assert alone in found
    assert max(Counter(Path(one.path).parent for one in found).values()) <= 2
    same(db, story.lake)


def test_while_another_writes_what_is_in_force_is_read(db: Pool, tmp_path: Path) -> None:
    story = Story(db, tmp_path)
    story.paid("1", {"phone": "13800000001"})
    with files.writing(tmp_path), pytest.raises(Refused), story.lake.asked():
        pass  # there is nothing yet
    story.lake.sync()
    known = story.lake.manifest()
    story.paid("2", {"phone": "13800000001"})
    with files.writing(tmp_path):
        with pytest.raises(Refused):
            story.lake.sync()
        with story.lake.asked() as duck:
            assert (duck.seq, duck.read_at) == (known.seq, known.read_at)
            assert duck.rows("select id from orders") == [(1,)]
    with story.lake.asked() as duck:
        assert duck.rows("select id from orders order by id") == [(1,), (2,)]


def test_what_cannot_be_written_is_said_and_the_next_sync_is_exact(
    db: Pool, tmp_path: Path
) -> None:
    story = Story(db, tmp_path)
    story.paid("1", {"phone": "13800000001"})
    with db.transaction() as conn:
        conn.execute(  # more than a pipe holds
            "insert into tag (identity_id, customer_id, name, source, tagged_at)"
            " select id, customer_id, 'tag, \"' || n || E'\"\\x01\\n', '', created_at"
            " from identity, generate_series(1, 3000) n where kind = 'phone'"
        )
    (tmp_path / "tag").touch()  # where its folder ought to be
    with pytest.raises(FileExistsError):
        story.lake.sync()
    assert not story.lake.manifest().version
    (tmp_path / "tag").unlink()
    assert story.lake.sync().rows["tag"] == 3000
    same(db, story.lake)


def test_what_is_worked_out_once_can_be_asked_and_stands(db: Pool, tmp_path: Path) -> None:
    story = Story(db, tmp_path)
    for number in "12":
        story.paid(number, {"phone": "13800000001"})
    orders = dated("orders")
    with story.lake.asked() as duck:
        first, both = duck.once(orders.filter(orders.id == 1)), duck.once(orders)
        duck.rows("drop view orders")
        assert duck.fetch(first.select("id")) == [(1,)]
        assert duck.fetch(both.semi_join(first, "customer_id").count().as_table()) == [(2,)]


def test_what_somebody_reads_stays_while_it_is_written_anew(db: Pool, tmp_path: Path) -> None:
    story = Story(db, tmp_path)
    story.paid("1", {"phone": "13800000001"})
    with story.lake.asked() as duck:
        for _ in range(2):
            story.lake.sync(anew=True)
        assert duck.rows("select id from orders") == [(1,)]
    story.lake.sync()
    assert set(tmp_path.glob("*/**/*.parquet")) == {
        tmp_path / one.path for one in files.named(story.lake.manifest())
    }


def test_a_lake_of_other_columns_is_written_anew(db: Pool, tmp_path: Path) -> None:
    story = Story(db, tmp_path)
    story.paid("1", {"phone": "13800000001"})
    story.lake.sync()
    old = story.lake.manifest()
    other = {**old.columns, "orders": {"id": "int64"}}
    files.write(tmp_path, msgspec.structs.replace(old, columns=other), old)
    found = story.lake.sync().rows
    assert {name for name, rows in found.items() if rows} == {"orders", OWNER}
    same(db, story.lake)


def test_nothing_personal_is_in_the_lake(db: Pool, tmp_path: Path) -> None:
    one = facts()(
        "order.paid", keys={"phone": "13800000001", "buyer": "s/李雷"},
        person={"name": "李雷雷", "address": "静安路一号"}, order_no="1", total_minor=1,
    )  # fmt: skip
    tell(db, [one])
    story = Story(db, tmp_path)
    for table in WITHOUT_EVENT:
        story.play("written", table, 0)
    lake = Lake(db, tmp_path, RealClock())
    lake.sync()
    with engine.Duck() as duck:
        duck.open(lake.folder, lake.manifest())
        said = str([duck.rows(f"select * from {table}") for table in (*COLUMNS, EVENT)])
    for personal in ("13800000001", "李雷", "静安"):
        assert personal not in said


def test_of_an_event_only_what_may_be_known_is_in_the_lake(db: Pool, tmp_path: Path) -> None:
    told = facts()
    who = {"phone": "13800000001"}
    tell(
        db,
        [
            told("order.paid", keys=who, order_no="1", total_minor=700),
            told("order.cancelled", order_no="1", reason="Li Lei of Jing'an Road"),
            told("customer.identified", keys=who, how="said at the till"),
            told("message.received", keys=who, person={"text": "翡翠烧卖"}),
        ],
    )
    lake = Lake(db, tmp_path, RealClock())
    lake.sync()
    with opened(lake) as duck:
        found = {kind: json.loads(data) for kind, data in rows_of(duck, EVENT, ["kind", "data"])}
    assert found == {
        "order.paid": {"d": {"shop": "s", "order_no": "1", "currency": "CNY", "total_minor": 700}},
        "order.cancelled": {"d": {"shop": "s", "order_no": "1"}},
        "customer.identified": {"d": {}},
        "message.received": {"d": {}},
    }


def test_a_row_lies_in_the_month_of_the_brand(db: Pool, tmp_path: Path) -> None:
    """Midnight of Shanghai, not of London."""
    with db.transaction() as conn:
        staff.seed(conn, Brand("B", "Asia/Shanghai", "CNY", "CN", "zh"))
    told = facts()
    tell(db, [_at(told, "2026-11-30T17:00:00+00:00")])
    lake = Lake(db, tmp_path, RealClock())
    lake.sync()
    (one,) = lake.manifest().files["orders"]
    assert "month=2026-12" in one.path


def _at(told: Callable[..., Incoming], moment: str) -> Incoming:
    one = told("order.paid", keys={"phone": "13800000001"}, order_no="1", total_minor=1)
    return msgspec.structs.replace(one, occurred_at=moment)
