"""A lake of a given size, as the exporter lays it out: the same rows for the same size and seed.

Per customer two orders of one or two lines, seven touches, three tags, half a friendship; of every
tenth order each line gives one back: what segments are asked of. For reports besides, each of its
touches costs something, and there are ten events, a draw for a hold-out, 0.3 tasks and 0.2 groups.
Values are hashes of the row's number. Nothing is caused by anything: no touch brings an order.
"""

# ruff: noqa: S608 - names of ours

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psycopg

from siyu.kernel.sql import parse as named
from siyu.lake import files
from siyu.lake.engine import Duck
from siyu.lake.model import COLUMNS, EVENT, SHAPE, Manifest, Run

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SEED = 20261120
DAYS = 730  # over which everything is spread


def _rows(name: str) -> dict[str, str]:
    return dict(named(Path(__file__).with_name(name).read_text("utf-8")))


SEGMENTS = _rows("lakebase.sql")
ROWS = SEGMENTS | _rows("lakereports.sql")
# everybody() is the number of customers; draw, chance (0 … 999 999) and moment are hashes of a
# row's number and of a second one, so that each column is drawn for itself; day is the brand's.
MACROS = f"""
ended() as timestamp '2026-11-20 04:00:00'
draw(i, k) as (hash(i, k, {SEED}) >> 1)::bigint
chance(i, k) as draw(i, k + 100) % 1000000
moment(i, k) as ended() - to_seconds(draw(i, k + 200) % {DAYS * 86_400})
day(moment) as (moment + interval 8 hour)::date
guide(i) as 'guide-' || chance(i, 1) % 500
-- Whose an order is: a tenth of all buy more often, and each has a level of their own.
buyer(i) as 1 + draw(i, 1) % (case when chance(i, 7) < 400000 then greatest(everybody() // 10, 1) else everybody() end)
paid(i) as (1000 + 100 * sqrt(draw(buyer(i), 9) % 40000) * (20 + chance(i, 5) % 160) / 100)::bigint
back(i) as least(moment(1 + i // 2, 4) + to_days((1 + chance(i, 4) % 14)::int), ended())
touched(i) as 1 + draw(i, 1) % everybody()
channel(i) as case when chance(i, 4) < 550000 then 'wecom_message' when chance(i, 4) < 900000 then 'sms' else 'voice_ai' end
parted(i) as moment(i, 3) + to_days((1 + chance(i, 4) % 400)::int)
gone(i) as chance(i, 2) >= 800000 and parted(i) < ended()
worked(i) as chance(i, 33) < 950000 and moment(i, 23) < ended() - to_days(3)
"""  # noqa: E501


def made(
    folder: Path, customers: int, tables: Mapping[str, str] = SEGMENTS, memory: str | None = None
) -> Path:
    """The lake's folder, with these tables. One is written where it is not there yet, or was by
    another statement, in so much of memory."""
    home = folder / f"lake-{customers}"
    home.mkdir(parents=True, exist_ok=True)
    kept = home / "made.json"
    prints = msgspec.json.decode(kept.read_bytes(), type=dict[str, str]) if kept.exists() else {}
    anew = {name: rows for name, rows in tables.items() if prints.get(name) != _print(rows)}
    if not anew:
        return home
    before = files.read(home) if prints else Manifest(shape=SHAPE)
    found = dict(before.files)
    with Duck() as duck:
        if memory:
            duck.rows(f"set memory_limit = '{memory}'")
        duck.rows(f"set temp_directory = '{home}/coming-sorted'")
        duck.rows(f"create macro everybody() as {customers}::bigint")
        for macro in _macros():
            duck.rows(f"create macro {macro}")
        for table, rows in anew.items():
            began = time.monotonic()
            shutil.rmtree(home / table, ignore_errors=True)
            version = "" if table == EVENT else ", 1::bigint as version"
            found[table] = duck.write(
                f"select *{version} from ({rows})", home, table, Run(1, "base")
            )
            print(f"{table}: {time.monotonic() - began:.1f} s", file=sys.stderr)
    base = Manifest(shape=SHAPE, version=1, read_at=NOW, zone="Asia/Shanghai", files=found)
    files.write(home, base, Manifest(shape=SHAPE))
    prints |= {table: _print(rows) for table, rows in anew.items()}
    kept.write_bytes(msgspec.json.encode(prints))
    return home


def _macros() -> Iterator[str]:
    yield from (one for one in MACROS.splitlines() if one and not one.startswith("--"))


def _print(rows: str) -> str:
    return hashlib.sha256((MACROS + rows).encode()).hexdigest()[:16]


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
    "friend_match": {"identity_id": "customer_id"},
    "ledger_entry": {"cause_id": "id", "unit_minor": "amount_minor"},
}  # fmt: skip


# Of what reports read in the database: all that their last weeks are about.
LATELY = "day >= date '2026-08-01'"
REPORTS = {
    "orders": LATELY, "touch": LATELY, "ledger_entry": LATELY, "friendship": "true",
    "friend_match": "true", "holdout": "true",
}  # fmt: skip


def filled(home: Path, url: str, tables: Mapping[str, str]) -> None:
    """The same rows in a PostgreSQL: of each table those for which a condition holds."""
    with Duck() as duck, psycopg.connect(url, autocommit=True) as db:
        duck.open(home, files.read(home))
        db.execute("set time zone 'UTC'")
        for table, some in tables.items():
            columns = {name: name for name in COLUMNS[table]} | BESIDE.get(table, {})
            asked = ", ".join(f"{value} as {name}" for name, value in columns.items())
            text = home / f"{table}.csv"
            duck.rows(f"copy (select {asked} from {table} where {some}) to '{text}' (header false)")
            into = f"copy {table} ({', '.join(columns)}) from stdin (format csv)"
            with text.open("rb") as rows, db.cursor().copy(into) as copy:
                while piece := rows.read(1 << 20):
                    copy.write(piece)
            text.unlink()
        db.execute("vacuum analyze")
