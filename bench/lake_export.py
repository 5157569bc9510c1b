"""PostgreSQL → lake: how many events a second. `bench/lake_export.py --customers 100000 --json`.

The base is made by set statements: ten events for each customer, an order of two lines for each
second one, three tags and a touch each. The first sync writes everything; the second one what a
hundredth of the customers did since.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import engine
from siyu.app import App
from siyu.kernel.sql import parse

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
    """The first sync, the next one, and one where nothing has happened."""
    _run(app, customers, since=False)
    found: dict[str, Any] = {"customers": customers, "load_before": os.getloadavg()[0]}
    for name in ("whole", "hundredth", "nothing"):
        if name == "hundredth":
            _run(app, customers, since=True)
        began, cpu = time.monotonic(), time.process_time()
        synced = app.lake.sync()
        took = time.monotonic() - began
        found[name] = {
            "seconds": round(took, 2),
            "python_and_duckdb_cpu_s": round(time.process_time() - cpu, 2),
            "events_per_s": round(synced.rows.get("event", 0) / took),
            "rows_per_s": round(sum(synced.rows.values()) / took),
            "owners": synced.owners,
        }
    found["load_after"] = os.getloadavg()[0]
    return found


def _run(app: App, customers: int, *, since: bool) -> None:
    with app.db.transaction() as conn:
        for name, statement in SQL:
            if name.startswith("since_") == since:
                conn.execute(statement, {"n": customers})


if __name__ == "__main__":
    main()
