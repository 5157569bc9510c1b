"""PostgreSQL → lake: how many events a second. `bench/lake_export.py --customers 100000 --json`.

The base is made by set statements: ten events for each customer, every other one an order of two
lines with all that the product writes down of it, three tags and a touch each. `whole` is the first
sync, of all tables; `events` writes all events again and nothing else; `hundredth` what a hundredth
of the customers did since; at `nothing`, nothing has happened.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import house
import msgspec

import engine
from siyu.app import App
from siyu.kernel.sql import parse
from siyu.lake import files
from siyu.lake.model import EVENT

SQL = list(parse(Path(__file__).with_suffix(".sql").read_text("utf-8")).items())


def main() -> None:
    """Run and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--customers", type=int, default=100_000)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    with engine.home() as app:
        found = measure(app, given.customers)
    print(json.dumps(found, indent=2) if given.json else found)


def measure(app: App, customers: int) -> dict[str, Any]:
    """Each kind of sync, with the load before."""
    _run(app, customers, since=False)
    found: dict[str, Any] = {"customers": customers}
    found["whole"] = _synced(app)
    _forget_events(app)
    found["events"] = _synced(app)
    _run(app, customers, since=True)
    found["hundredth"] = _synced(app)
    found["nothing"] = _synced(app)
    return found


def _synced(app: App) -> dict[str, Any]:
    load, cpu = round(os.getloadavg()[0], 1), time.process_time()
    with house.metered(app) as spent:
        synced = app.lake.sync()
    cpu, rows = time.process_time() - cpu, sum(synced.rows.values())
    wall, database, _ = spent[0]
    events = synced.rows.get(EVENT, 0)
    return {
        "load": load,
        "seconds": round(wall, 2),
        "events_per_s": round(events / wall),
        "rows": rows,
        "rows_per_s": round(rows / wall),
        "cpu_s": {"python_and_duckdb": round(cpu, 2), "database": round(database, 2)},
        "owners": synced.owners,
    }


def _forget_events(app: App) -> None:
    """The lake is as it was, without its events: the next sync writes them, and nothing else."""
    folder, before = app.lake.folder, app.lake.manifest()
    columns = {table: of for table, of in before.columns.items() if table != EVENT}
    named = {table: of for table, of in before.files.items() if table != EVENT}
    files.write(folder, msgspec.structs.replace(before, columns=columns, files=named), before)


def _run(app: App, customers: int, *, since: bool) -> None:
    with app.db.transaction() as conn:
        for name, statement in SQL:
            if name.startswith("since_") == since:
                conn.execute(statement, {"n": customers})


if __name__ == "__main__":
    main()
