"""What a dry run costs: `bench/dry_run.py --json`; must: 100,000 customers × 30 days in 300 s.

A file of two orders per customer over a year is imported into an embedded PostgreSQL; then two
journeys are tried on 30 of its days: the cascade, for whoever buys in them, and one that takes
everybody in on the second day. CPU is this process plus the server's.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import house
from import_orders import MAPPING, write

from siyu.app import PREDICATES, App, open_app, order_file
from siyu.dryrun.model import Asked
from siyu.dryrun.run import run
from siyu.ledger import actions as ledger
from siyu.ledger.model import PRICE_KINDS, Price
from siyu.playbooks import actions as playbooks
from siyu.settings import load
from siyu.worker.imports import import_file

SINCE, UNTIL = date(2025, 6, 1), date(2025, 6, 30)
EVERYBODY = """
journey: everybody
title: {zh: 全部, en: Everybody}
enter: {every: monday 10:00, segment: {stage: {at_least: A1}}, max_age: 12h}
reenter: never
steps:
  - id: sms
    send: {channel: sms, material: invite-sms, purpose: order_invitation, lane: window, priority: 3}
  - {id: week, wait: 7d}
  - {id: end, exit: told}
"""
CONSENTS = """
insert into consent
select id, customer_id, c.channel, p.purpose, 'given', 'consent', 'bench', '2025-01-01', 's', '1'
from identity, (values ('sms'), ('voice')) c (channel),
  (values ('order_invitation'), ('promotion')) p (purpose)
where kind = 'phone'
"""


def main() -> None:
    """Run and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--customers", type=int, default=100_000)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as folder:
        Path(folder).chmod(0o755)
        figures = measure(Path(folder), given.customers)
    print(json.dumps(figures, indent=None if given.json else 2))


def measure(folder: Path, customers: int) -> dict[str, object]:
    """Make the base, try both."""
    path, mapping = folder / "orders.csv", folder / "bench.yaml"
    write(path, customers * 4, 2)
    mapping.write_text(MAPPING, "utf-8")
    found: dict[str, object] = {"customers": customers, "days": (UNTIL - SINCE).days + 1}
    with open_app(load(None, home=folder / "home")) as app:
        began = time.perf_counter()
        import_file(app, order_file(path, mapping), lambda _: None)
        found["base_s"] = round(time.perf_counter() - began, 1)
        cascade = playbooks.read("cascade")
        with app.db.transaction() as conn:
            playbooks.install(conn, cascade, "CNY", PREDICATES, app.clock.now())
            conn.execute(CONSENTS)
            conn.execute("delete from quiet_hours")
            ledger.set_prices(conn, [Price(kind, 5, "CNY") for kind in PRICE_KINDS])
        found["cascade"] = tried(app, cascade.journeys["journeys/cascade.yaml"])
        found["everybody"] = tried(app, EVERYBODY)
    return found


def tried(app: App, text: str) -> dict[str, object]:
    """One text, with the load before it."""
    load_before, home = round(os.getloadavg()[0], 1), app.settings.home
    cpu, server = time.process_time(), house.database_seconds(home)
    told = run(app, Asked(text, SINCE, UNTIL, {}), lambda _, __: True)
    counted = told.counted
    return {
        "load_before": load_before,
        "seconds": round(told.seconds, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "cpu_s_server": round(house.database_seconds(home) - server, 1),
        "heard": counted.heard,
        "entered": counted.entered,
        "touches": sum(one.wished for one in counted.steps),
        "ranges_of": round(told.ranges_of, 2),
    }


if __name__ == "__main__":
    sys.exit(main())
