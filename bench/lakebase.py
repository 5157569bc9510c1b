"""A lake of a given size, written straight to Parquet: the same rows for the same size and seed.

Per customer two orders of one or two lines, seven touches, three tags, half a friendship; of every
tenth order each line gives one back. Values are hashes of the row's number.
"""

# ruff: noqa: S608 - names of ours

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from siyu.kernel.sql import parse as named

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SEED = 20261120
DAYS = 730  # over which everything is spread

ROWS = dict(named(Path(__file__).with_name("lakebase.sql").read_text("utf-8")))


def made(folder: Path, customers: int) -> Path:
    """The lake's folder; written if it is not there yet."""
    home = folder / f"lake-{customers}"
    done = home / "done"
    if done.exists():
        return home
    home.mkdir(parents=True, exist_ok=True)
    db = duckdb.connect(":memory:")
    db.execute(f"create macro draw(i, k) as (hash(i, k, {SEED}) >> 1)::bigint")
    db.execute("create macro chance(i, k) as draw(i, k + 100) % 1000000")
    db.execute(
        "create macro moment(i, k) as timestamp '2026-11-20 04:00:00'"
        f" - to_seconds(draw(i, k + 200) % {DAYS * 86_400})"
    )
    for table, rows in ROWS.items():
        began = time.monotonic()
        to = home / f"{table}.parquet"
        known = {"n": customers} if "$n" in rows else {}
        db.execute(f"copy ({rows}) to '{to}' (format parquet)", known)
        db.execute(f"create view {table} as select * from read_parquet('{to}')")
        print(f"{table}: {time.monotonic() - began:.1f} s", file=sys.stderr)
    done.touch()
    return home


def opened(home: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB over these files, as the lake's engine sees its own."""
    db = duckdb.connect(":memory:")
    db.execute("set timezone = 'UTC'")
    for table in ROWS:
        db.execute(f"create view {table} as select * from read_parquet('{home / table}.parquet')")
    return db
