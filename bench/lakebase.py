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

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SEED = 20261120
DAYS = 730  # over which everything is spread

# {n}: customers; chance(k) of a row i is 0 … 999 999, drawn anew for each k.
ROWS = {
    "customer": "select i as id, moment(i, 1) as created_at, (1 + chance(i, 2) % 5)::smallint as stage,"
    " false as synthetic, case when chance(i, 3) < 10000 then 1 + chance(i, 4) % {n} end as merged_into"
    " from range(1, {n} + 1) t(i)",
    "orders": "select i as id, 1 + draw(i, 1) % {n} as customer_id, 'shop-' || chance(i, 2) % 10 as shop,"
    " case when chance(i, 3) < 950000 then 'paid' else 'cancelled' end as state,"
    " moment(i, 4) as paid_at, 'CNY' as currency, 1000 + chance(i, 5) % 50000 as total_minor,"
    " 0::bigint as refunded_minor, false as synthetic from range(1, 2 * {n} + 1) t(i)",
    "order_item": "select 1 + i // 2 as order_id, (1 + i % 2)::smallint as line,"
    " 'sku-' || chance(i, 1) % 2000 as sku, 'cat-' || (chance(i, 1) % 2000) % 12 as category,"
    " (1 + chance(i, 2) % 3)::int as quantity, 1000::bigint as unit_minor,"
    " 1000::bigint as amount_minor from range(0, 4 * {n}) t(i) where i % 2 = 0 or chance(i, 3) < 500000",
    "refund": "select order_id as id, order_id, null::bigint as customer_id, 'shop' as shop,"
    " 'r' || order_id as refund_no, sku, 1::int as quantity, 100::bigint as amount_minor,"
    " 'CNY' as currency, timestamp '2026-01-01' as refunded_at, false as whole"
    " from order_item where order_id % 10 = 0",
    "tag": "select 1 + draw(i, 1) % {n} as customer_id, 'tag-' || chance(i, 2) % 40 as name,"
    " 'crm' as source, moment(i, 3) as tagged_at from range(0, 3 * {n}) t(i)",
    "touch": "select i as id, 1 + draw(i, 1) % {n} as customer_id, null::bigint as visit_id,"
    " 'j' || chance(i, 2) % 9 as journey, 's' || chance(i, 3) % 5 as step,"
    " case when chance(i, 4) < 600000 then 'wecom_message' else 'sms' end as channel,"
    " 'promotion' as purpose, '' as shop, 'm' as material, 'delivered' as state, '' as reason,"
    " moment(i, 5) as wished_at, moment(i, 5) as sent_at, moment(i, 5) as finished_at, '' as outcome,"
    " '' as intent, '' as staff from range(0, 7 * {n}) t(i)",
    "friendship": "select i as customer_id, 'guide-' || chance(i, 1) % 500 as staff,"
    " 'wecom' as carrier, case when chance(i, 2) < 900000 then 'live' else 'deleted_by_customer' end as state,"
    " '' as way, moment(i, 3) as first_added_at, moment(i, 3) as added_at, null::timestamp as deleted_at"
    " from range(1, {n} + 1, 2) t(i)",
}
ORDER = {"customer": "id", "order_item": "order_id", "refund": "order_id"}  # else by customer


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
        source = f"({rows.format(n=customers)}) order by {ORDER.get(table, 'customer_id')}"
        to = home / f"{table}.parquet"
        db.execute(f"copy (select * from {source}) to '{to}' (format parquet)")
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
