"""An import that is killed goes on where it stopped, and ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from siyu.commerce.actions import begin_import
from siyu.commerce.model import ImportFile
from siyu.commerce.views import imports
from siyu.connectors.orderfile.config import Mapping
from siyu.connectors.orderfile.source import run
from siyu.connectors.orderfile.source.orders import Progress, open_file
from siyu.connectors.orderfile.source.run import import_orders
from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput, Refused
from siyu.staff.actions import seed
from siyu.staff.model import Brand
from siyu.vault.model import Keys

ORDERS = 7_000
KILLS = 4
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
BRAND = Brand("B", "Asia/Shanghai", "CNY", "CN", "zh")
KEYS = Keys(b"m" * 32, b"l" * 32)
FACTS = {
    "orders": "select order_no, state, paid_at, total_minor, source_id from orders order by 1",
    "lines": "select o.order_no, i.line, i.sku, i.quantity, i.amount_minor from order_item i"
    " join orders o on o.id = i.order_id order by 1, 2",
    "refunds": "select refund_no, line, sku, amount_minor from refund order by 1, 2",
    "corrections": "select correction_no, amount_minor from correction order by 1",
    "customers": "select count(*) from customer",
    "events": "select count(*), count(distinct source_id) from event",
    "waiting": "select count(*) from event_pending",
    "refusals": "select count(*) from order_import_refusal",
}


def messy_rows(seed_of: int) -> list[str]:
    """Scattered orders, refunds, corrections, and every kind of row that can't be used."""
    chance, rows = random.Random(seed_of), list[str]()
    for number in range(ORDERS):
        who = f"b{chance.randrange(ORDERS // 3)}"
        for _ in range(chance.randint(1, 3)):
            price = chance.choice(["9.90", "15", "free"] if chance.random() < 0.02 else ["9.90"])
            day = "2150-01-01" if number % 500 == 7 else f"2026-0{1 + number % 9}-11"
            name = f"C{number}" if number % 97 == 5 else str(number)
            count = -1 if name[0] == "C" or number % 211 == 3 else chance.randint(1, 3)
            rows.append(f"{name},{day},s{chance.randrange(50)},{count},{price},{who},,")
    chance.shuffle(rows)
    rows[100:100] = [",2026-01-01,a,1,1,b,,", "5,2026-01-01", "=1+1,2026-01-01,a,x,1,b,,"]
    rows[6_000:6_000] = ['7,2026-01-01,"a,1,1,b,,', "8,2026-01-01,a\0,1,1,b,,"]
    return rows


class Shop:
    """`siyu import orders` of one file, run as its own process on one database."""

    def __init__(self, db: Pool, folder: Path, file: Path, mapping: str) -> None:
        self.db, self.folder = db, folder
        folder.mkdir()
        self.file = folder / "orders.csv"
        self.file.write_bytes(file.read_bytes())
        (folder / "own.yaml").write_text(mapping, "utf-8")
        with db.transaction() as conn:
            seed(conn, BRAND, [], [])

    def start(self) -> subprocess.Popen[str]:
        words = ["import", "orders", self.file, "--mapping", self.folder / "own.yaml", "--json"]
        command = [sys.executable, "-c", "from siyu.cli.main import main; main()", *map(str, words)]
        env = {**os.environ, "SIYU_DATABASE_URL": self.db.url, "SIYU_HOME": str(self.folder)}
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=env, text=True, stdout=pipe, stderr=pipe)

    def done(self) -> int:
        found = self.db.fetch("select events from order_import")
        return found[0][0] if found else -1

    def finish(self) -> dict[str, Any]:
        out, err = self.start().communicate(timeout=300)
        said = json.loads(out)
        assert "error" not in said, (said, err)
        return said

    def facts(self) -> dict[str, object]:
        found: dict[str, object] = {name: self.db.fetch(sql) for name, sql in FACTS.items()}
        return found | {"rejects": self.file.with_name("orders.csv.rejects.csv").read_bytes()}


COUNTS = ("orders", "lines", "refunds", "corrections", "duplicates", "rejected", "guests")


def test_killed_at_any_moment_it_ends_as_if_nothing_had_happened(
    new_db: Callable[[], Pool], tmp_path: Path, file: Callable[..., Path], text: str
) -> None:
    source = file(*messy_rows(7))
    undisturbed = Shop(new_db(), tmp_path / "a", source, text)
    whole = undisturbed.finish()
    assert whole["rejected"] > 50
    assert whole["resumed"] == 0

    chance = random.Random(11)
    killed = Shop(new_db(), tmp_path / "b", source, text)
    stops = [-1, *sorted(chance.sample(range(0, ORDERS - 1_000, 2_000), KILLS - 1))]
    for stop in stops:
        process = killed.start()
        deadline = time.monotonic() + 120
        while killed.done() <= stop and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.random() / 4)
        assert process.poll() is None, process.communicate()
        process.kill()
        process.communicate()
    at = killed.done()
    last = killed.finish()

    assert 0 < at < ORDERS
    assert last["resumed"] > 0
    assert {name: last[name] for name in COUNTS} == {name: whole[name] for name in COUNTS}
    assert killed.facts() == undisturbed.facts()
    assert len(killed.db.fetch("select from order_import where finished_at is not null")) == 1


class Cut(Exception):
    """The process is gone at this place."""


def cut_after(batches: int) -> Callable[[], None]:
    left = [batches]

    def after() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Cut

    return after


@pytest.fixture
def begun(db: Pool, file: Callable[..., Path], mapping: Mapping) -> Path:
    """An import that was cut after its first batch."""
    path = file(*(f"{n},2026-11-01,a,1,1,b{n},," for n in range(run.BATCH_EVENTS + 500)))
    with pytest.raises(Cut):
        import_orders(db, KEYS, BRAND, open_file(path, mapping), NOW, after_batch=cut_after(1))
    return path


def test_where_it_stopped_is_known_with_the_batch(db: Pool, begun: Path, mapping: Mapping) -> None:
    with db.transaction() as conn:
        (one,) = imports(conn)
    assert (one.finished_at, one.done.events, one.done.lines) == (None, 2_000, 2_000)

    told: list[Progress] = []
    report = import_orders(db, KEYS, BRAND, open_file(begun, mapping), NOW, told.append)

    assert (report.orders, report.duplicates, report.resumed) == (2_500, 0, 2_000)
    with db.transaction() as conn:
        (one,) = imports(conn)
    assert (one.finished_at, one.file, one.done.orders) == (NOW, "orders.csv", 2_500)


def test_a_file_that_was_changed_in_between_is_an_import_of_its_own(
    db: Pool, begun: Path, mapping: Mapping
) -> None:
    begun.write_bytes(begun.read_bytes() + b"x1,2026-11-01,a,1,1,b,,\n")
    report = import_orders(db, KEYS, BRAND, open_file(begun, mapping), NOW)

    assert (report.orders, report.duplicates, report.resumed) == (501, 2_000, 0)
    assert len(db.fetch("select from order_import")) == 2


def test_a_file_that_is_read_otherwise_is_an_import_of_its_own(
    db: Pool, begun: Path, mapping: Mapping
) -> None:
    abroad = Brand("B", "Europe/London", "CNY", "CN", "zh")

    assert import_orders(db, KEYS, abroad, open_file(begun, mapping), NOW).resumed == 0


def test_of_two_that_go_on_with_one_file_one_does(db: Pool, begun: Path, mapping: Mapping) -> None:
    inner: list[int] = []

    def another() -> None:
        if not inner:
            inner.append(0)
            found = import_orders(db, KEYS, BRAND, open_file(begun, mapping), NOW)
            inner.append(found.orders)

    with pytest.raises(Refused, match="Another process imports this file now"):
        import_orders(db, KEYS, BRAND, open_file(begun, mapping), NOW, before_batch=another)
    assert inner == [0, 2_500]
    assert db.fetch("select count(*) from event") == [(2_500,)]


def test_a_file_that_changes_while_it_is_read_brings_nothing_in(
    db: Pool, file: Callable[..., Path], mapping: Mapping
) -> None:
    path = file("1,2026-11-01,a,1,1,b,,")
    opened = open_file(path, mapping)
    path.write_bytes(path.read_bytes() + b"2,2026-11-01,a,1,1,b,,\n")

    with pytest.raises(BadInput, match="changed while it was read"):
        import_orders(db, KEYS, BRAND, opened, NOW)
    assert db.fetch("select count(*) from event") == [(0,)]


def test_an_import_keeps_no_word_of_the_rows_it_refused(db: Pool) -> None:
    with db.transaction() as conn:
        begin_import(conn, ImportFile("f.csv", "d", "r", "m", "s", 1), NOW)
        columns = conn.fetch(
            "select column_name from information_schema.columns"
            " where table_name = 'order_import_refusal' order by 1"
        )

    assert [name for (name,) in columns] == ["import_id", "place", "reason"]
