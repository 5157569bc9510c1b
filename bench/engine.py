"""How fast the engine is as it stands: accept, apply, transitions. `bench/engine.py --json`.

PostgreSQL with fsync on; client, engine and database share the machine's cores. CPU is this process
plus the server's processes. Nothing here is tuned for: it says what is.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from siyu.app import PREDICATES, App, open_app
from siyu.budget import actions as budget
from siyu.commerce.actions import seed_shop
from siyu.commerce.model import Shop
from siyu.events import sweep as events
from siyu.events.actions import accept
from siyu.ledger import actions as ledger
from siyu.ledger.model import Price
from siyu.offers import actions as offers
from siyu.playbooks import actions as playbooks
from siyu.settings import load
from siyu.staff.actions import seed
from siyu.staff.model import Brand, Member
from siyu.worker import tick

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
FRIENDS = 0.15
CPU_TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=20_000)
    asked.add_argument("--batch", type=int, default=2_000)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as folder:
        Path(folder).chmod(0o755)
        with open_app(load(None, home=Path(folder) / "home")) as app:
            figures = measure(app, given.events, given.batch)
    if given.json:
        print(json.dumps(figures, indent=2))
        return
    for name, figure in figures.items():
        print(f"{name:45} {figure}")


def measure(app: App, count: int, batch: int) -> dict[str, object]:
    """Accept, apply, then move every visit once: wish, ruling and all."""
    install(app)
    found: dict[str, object] = {"events": count, "batch": batch, "load_before": os.getloadavg()[0]}
    with timed(app, "accept", count, found):
        for chunk in chunks(count, batch):
            with app.db.transaction() as conn:
                accept(conn, app.keys, "CN", chunk, NOW)
    lock = app.db.try_lock(events.APPLIER)
    assert lock is not None
    with lock, timed(app, "applied_events", count, found):
        while events.apply(lock, app.projections, NOW, limit=batch).claimed:
            pass
    with app.db.transaction() as conn:
        ((due,),) = conn.fetch("select count(*) from visit where state = 0 and due_at is not null")
    found["visits_due"] = due
    with timed(app, "transitions", due, found):
        tick(app, NOW, without=("freeze", "send", "cancel", "reconcile", "lapse"))
    with app.db.transaction() as conn:
        ((wished,),) = conn.fetch("select count(*) from ruling")
    found["rulings"] = wished
    found["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return found


def install(app: App) -> None:
    """A brand with the cascade."""
    with app.db.transaction() as conn:
        seed(
            conn,
            Brand("bench", "Asia/Shanghai", "CNY", "CN", "zh"),
            (),
            [Member("guide-1", "g", "guide")],
        )
        seed_shop(conn, [Shop("s", "s", "tmall")])
        ledger.set_prices(conn, [Price(kind, 5, "CNY") for kind in ("sms_segment", "gift", "card")])
        budget.set_defaults(conn)
        playbook = playbooks.read("cascade")
        playbooks.install(conn, playbook, "CNY", PREDICATES, NOW)
        for one in playbook.manifest.offers:
            offers.stock(conn, one.sku, 1_000_000)


def chunks(count: int, batch: int) -> Iterator[list[dict[str, object]]]:
    """Orders of ever new buyers with a consent before, and some friends, as senders write them."""
    made: list[dict[str, object]] = []
    for number in range(count):
        buyer = number // 2
        at = (NOW - timedelta(seconds=(count - number) % 600)).isoformat()
        keys = {"phone": f"1380{buyer:07d}", "buyer": f"s/{buyer}"}
        event: dict[str, object] = {
            "source": "bench",
            "id": f"e{number}",
            "occurred_at": at,
            "keys": keys,
        }
        if number % 2:
            event |= {"kind": "order.paid", "person": {"name": "某人"}, "data": order(number)}
        elif number % 100 < 100 * FRIENDS:
            keys["external_userid"] = f"wm{buyer}"
            event |= {"kind": "friend.added", "data": {"staff": "guide-1"}}
        else:
            event |= {"kind": "consent.given", "data": CONSENT}
        made.append(event)
        if len(made) == batch:
            yield made
            made = []
    if made:
        yield made


CONSENT = {
    "channels": ["sms", "voice"],
    "purposes": ["order_invitation"],
    "basis": "consent",
    "evidence": "form 1",
}


def order(number: int) -> dict[str, object]:
    line = {"sku": "A1", "title": "面霜", "quantity": 1, "unit_minor": 9900, "amount_minor": 9900}
    return {
        "shop": "s",
        "order_no": f"n{number}",
        "currency": "CNY",
        "total_minor": 19800,
        "lines": [line, {**line, "sku": "B2"}],
    }


@contextmanager
def timed(app: App, name: str, items: int, found: dict[str, object]) -> Iterator[None]:
    """Rate, CPU per item and statements of what happens inside."""
    began, cpu = time.perf_counter(), cpu_seconds(app.settings.home)
    with app.db.counting() as seen:
        yield
    wall, spent = time.perf_counter() - began, cpu_seconds(app.settings.home) - cpu
    found[f"{name}_per_s"] = round(items / wall)
    found[f"{name}_cpu_ms_each"] = round(spent / items * 1e3, 3)
    found[f"{name}_statements"] = len(seen)


def cpu_seconds(home: Path) -> float:
    """This process and the server processes of this home, with their ended children."""
    total = time.process_time()
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and (folder / "cwd").readlink().is_relative_to(home):
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                total += sum(int(value) for value in fields[11:15]) / CPU_TICK
        except OSError:
            continue  # it has just ended, or is somebody else's
    return total


if __name__ == "__main__":
    sys.exit(main())
