"""A lake of a given size, as the exporter lays it out: the same rows for the same size and seed.

Per customer two orders of one or two lines, seven touches, three tags, half a friendship; of every
tenth order each line gives one back. Values are hashes of the row's number.
"""

# ruff: noqa: S608 - names of ours

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from siyu.kernel.sql import parse as named
from siyu.lake import files
from siyu.lake.engine import Duck
from siyu.lake.model import COLUMNS, SHAPE, File, Manifest, Run

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SEED = 20261120
DAYS = 730  # over which everything is spread

ROWS = dict(named(Path(__file__).with_name("lakebase.sql").read_text("utf-8")))


def made(folder: Path, customers: int, memory: str | None = None) -> Path:
    """The lake's folder; written if it is not there yet, in so much of memory."""
    home = folder / f"lake-{customers}"
    if (home / files.MANIFEST).exists():
        return home
    home.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[File]] = {}
    with Duck() as duck:
        if memory:
            duck.rows(f"set memory_limit = '{memory}'")
        duck.rows(f"set temp_directory = '{home}/coming-sorted'")
        duck.rows(f"create macro draw(i, k) as (hash(i, k, {SEED}) >> 1)::bigint")
        duck.rows("create macro chance(i, k) as draw(i, k + 100) % 1000000")
        duck.rows(
            "create macro moment(i, k) as timestamp '2026-11-20 04:00:00'"
            f" - to_seconds(draw(i, k + 200) % {DAYS * 86_400})"
        )
        duck.rows("create macro day(moment) as (moment + interval 8 hour)::date")  # Shanghai's
        duck.rows(f"create macro everybody() as {customers}::bigint")
        duck.rows(
            "create macro buyer(i) as 1 + draw(i, 1) % (case when chance(i, 7) < 400000"
            " then greatest(everybody() // 10, 1) else everybody() end)"
        )
        duck.rows(
            "create macro paid(i) as (1000 + 100 * sqrt(draw(buyer(i), 9) % 40000)"
            " * (20 + chance(i, 5) % 160) / 100)::bigint"
        )
        for table, rows in ROWS.items():
            began = time.monotonic()
            source = f"select *, 1::bigint as version from ({rows})"
            found[table] = duck.write(source, home, table, Run(1, "base"))
            print(f"{table}: {time.monotonic() - began:.1f} s", file=sys.stderr)
    base = Manifest(shape=SHAPE, version=1, read_at=NOW, zone="Asia/Shanghai", files=found)
    files.write(home, base, Manifest(shape=SHAPE))
    return home


# What the database's tables ask for besides.
BESIDE = {
    "orders": {"order_no": "id", "source": "'s'", "source_id": "id", "event_id": "0"},
    "order_item": {"title": "''"},
    "refund": {"line": "1", "source": "'s'", "source_id": "id || sku"},
    "tag": {"identity_id": "row_number() over ()"},
    "touch": {
        "node": "'n'", "round": "id", "lane": "'now'", "priority": "5", "order_no": "''",
        "locale": "'zh'", "due_at": "wished_at",
    },
    "friendship": {
        "identity_id": "customer_id", "changed_at": "added_at", "changed_source": "'s'",
        "changed_source_id": "'1'",
    },
}  # fmt: skip


def filled(home: Path, url: str) -> None:
    """The same rows in a PostgreSQL."""
    with Duck() as duck, psycopg.connect(url, autocommit=True) as db:
        duck.open(home, files.read(home))
        db.execute("set time zone 'UTC'")
        for table in ROWS:
            columns = {name: name for name in COLUMNS[table]} | BESIDE.get(table, {})
            asked = ", ".join(f"{value} as {name}" for name, value in columns.items())
            text = home / f"{table}.csv"
            duck.rows(f"copy (select {asked} from {table}) to '{text}' (header false)")
            into = f"copy {table} ({', '.join(columns)}) from stdin (format csv)"
            with text.open("rb") as rows, db.cursor().copy(into) as copy:
                while piece := rows.read(1 << 20):
                    copy.write(piece)
            text.unlink()
        db.execute("vacuum analyze")
