"""From an accepted event to a journey, by way of live segments. `bench/membership.py --json`.

A hundred segments are live on a base of customers; ten journeys take in who comes into ten of them.
Events are told at a steady pace on the real clock while one worker applies and sweeps. What counts:
from the accept of an event until another session sees that its customer came into a segment, and
until it sees the visit.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import house
import msgspec
from run import crew

from siyu.app import PREDICATES, App, open_app, stop_database
from siyu.events import sweep as events
from siyu.events.actions import accept
from siyu.journeys import actions as journeys
from siyu.kernel.sql import load as load_sql
from siyu.segments import actions as segments
from siyu.segments import sweep as members
from siyu.settings import load
from siyu.worker.worker import Worker

EVENTS = load_sql("siyu.events")
BATCHES = 10  # a second
LOOK = 0.02
PATIENCE = 60.0
CODE = "bench-{}"
JOURNEYS = 10
LAG = 3_000  # event numbers that may be seen later than larger ones
SEEN = """select id from event where id > %(after)s and source = 'siyu'
and kind = 'segment.entered'"""
VISITS = "select id, key from visit where id > %(after)s"
WHICH = """select id, source_id from event where source = 'bench'"""
WRITTEN = """select n_tup_ins + n_tup_upd + n_tup_del from pg_stat_user_tables
where relname = 'segment_member'"""
CAUSE = """select id, source_id from event where source = 'siyu' and kind = 'segment.entered'"""


def text(number: int) -> str:
    """One of many segments: buyers of a category lately, carriers of a tag, who spent so much. An
    event moves its customer in or out of one or two of them."""
    lately = {"orders": {"category": f"c{number % 50}", "within": f"{30 + number}d"}}
    spent = {"spent": {"at_least": str(400 * (number % 20 + 1))}}
    tag = {"tag": f"t{number % 20}"}
    kinds = ([lately, {"not": tag}], [tag, {"orders": {}}], [spent, {"friend": True}])
    parts = kinds[0 if number < 50 else 1 if number < 80 else 2]
    said = {"segment": CODE.format(number), "title": {"zh": "一", "en": "S"}, "live": True}
    return json.dumps(said | {"when": {"all": parts}}, ensure_ascii=False)


def journey(number: int) -> str:
    """It waits, so that nothing is sent."""
    return (
        f"journey: bench-{number}\ntitle: {{zh: 一, en: J}}\nreenter: each\n"
        f"enter: {{on: segment.entered, segment: {CODE.format(number)}}}\n"
        "steps:\n  - {id: w, wait: 30d}\n  - {id: end, exit: done}\n"
    )


def event(chance: random.Random, name: str, customers: int, at: datetime) -> msgspec.Raw:
    """An order, a tag or a friend of one of them."""
    who = chance.randrange(customers)
    said: dict[str, Any] = {"source": "bench", "id": name, "occurred_at": at.isoformat()}
    said["keys"] = {"phone": f"138{who:08d}"}
    turn = chance.random()
    if turn < 0.7:
        data = house.order(name)
        data["lines"][0]["category"] = f"c{chance.randrange(50)}"
        said |= {"kind": "order.paid", "data": data}
    elif turn < 0.9:
        data = {"name": f"t{chance.randrange(20)}", "on": turn < 0.8}
        said |= {"kind": "tag.set", "data": data}
    else:
        said["keys"]["external_userid"] = f"wm{who}"
        said |= {"kind": "friend.added", "data": {"staff": "guide-1"}}
    return msgspec.Raw(msgspec.json.encode(said))


def work(app: App, stop: Any) -> Generator[None, None, dict[str, int]]:
    """One worker with every lane, as `siyu worker`; what it asked, by batches of events."""
    worker = Worker(app)
    members.ready(app.db, PREDICATES)  # as its start does, in seconds of CPU: no event waits for it
    yield
    with app.db.counting() as seen:
        worker.start()
        stop.wait()
        worker.stop()
    settled = [one for one in seen if "segment_member" in one or "a0_0" in one]
    return {
        "batches": seen.count(EVENTS.load),
        "statements": len(seen),
        "of_segments": len(settled),
    }


def base(app: App, count: int, customers: int) -> None:
    """What has happened before: applied, and every segment filled."""
    chance, now = random.Random(1), datetime.now(UTC)
    lock = app.db.try_lock(events.APPLIER)
    assert lock is not None
    with lock:
        for first in range(0, count, 2000):
            some = range(first, min(first + 2000, count))
            ago = [now - timedelta(days=chance.random() * 200) for _ in some]
            told = [
                event(chance, f"b{one}", customers, at) for one, at in zip(some, ago, strict=True)
            ]
            with app.db.transaction() as conn:
                accept(conn, app.keys, "CN", told, now, backfill=True)
            while events.apply(lock, app.projections, now).claimed:
                pass
    with app.db.transaction() as conn:
        conn.execute("analyze")


class Watch(threading.Thread):
    """When another session first sees an entry into a segment, and a visit."""

    def __init__(self, app: App) -> None:
        super().__init__(daemon=True)
        self._app, self.ending = app, threading.Event()
        self.entered: dict[int, float] = {}
        self.visits: dict[str, float] = {}

    def run(self) -> None:
        ((event_id,), (visit,)) = (
            self._app.db.fetch("select coalesce(max(id), 0) from event")[0],
            self._app.db.fetch("select coalesce(max(id), 0) from visit")[0],
        )
        while not self.ending.wait(LOOK):
            for (id_,) in self._app.db.fetch(SEEN, {"after": event_id - LAG}):
                self.entered.setdefault(id_, time.time())
                event_id = max(event_id, id_)
            rows = self._app.db.fetch(VISITS, {"after": visit})
            for _, key in rows:
                self.visits.setdefault(key, time.time())
            visit = max([visit, *(id_ for id_, _ in rows)])


def measure(app: App, given: argparse.Namespace) -> dict[str, Any]:
    """Set up, tell, look."""
    house.install(app)
    base(app, given.base, given.customers)
    now = datetime.now(UTC)
    with app.db.transaction() as conn:
        for number in range(given.segments):
            segments.keep(conn, text(number), PREDICATES, "bench", now)
        for number in range(min(JOURNEYS, given.segments)):
            journeys.publish(conn, journey(number), None, PREDICATES, "bench", now)
    began = time.monotonic()
    while members.recheck(app.db, PREDICATES, datetime.now(UTC)):
        pass
    filled = time.monotonic() - began
    accepted: dict[str, float] = {}
    app.bell.open()  # as a server does: the worker hears of what is accepted here
    watch = Watch(app)
    with crew(app.settings.home, (work, ())) as worker:
        worker.go()
        watch.start()
        time.sleep(given.warm)
        load_before, wrote = os.getloadavg(), _written(app)
        with house.metered(app) as spent:
            behind = _tell(app, given, accepted)
            _drain(app)
        watch.ending.set()
        watch.join()
        worker.stop.set()
        ((asked, cpu),) = worker.ended()
        wrote = _written(app) - wrote
    ids = {id_: accepted[name] for id_, name in app.db.fetch(WHICH) if name in accepted}
    causes = dict(app.db.fetch(CAUSE))
    into = [
        seen - ids[cause]
        for id_, seen in watch.entered.items()
        if (cause := _cause(causes[id_])) in ids
    ]
    enrolled = [
        seen - ids[cause] for key, seen in watch.visits.items() if (cause := _cause(key)) in ids
    ]
    ((customers, held),) = app.db.fetch(
        "select (select count(*) from customer), (select count(*) from segment_member)"
    )
    return {
        "machine": {"cores": os.cpu_count(), "load": [round(one, 2) for one in load_before]},
        "rate_per_s": given.rate,
        "seconds": given.seconds,
        "segments": given.segments,
        "customers": customers,
        "memberships": held,
        "first_look_s": round(filled, 2),
        "events": len(accepted),
        "most_s_behind": round(behind, 3),
        "cpu_ms_per_event": {
            "engine": round(1000 * cpu / len(accepted), 3),
            "database": round(1000 * spent[0].database / len(accepted), 3),
        },
        "asked": asked,
        "member_rows_written_per_event": round(wrote / len(accepted), 2),
        "accept_to_entered_s": _spread(into),
        "accept_to_enrolled_s": _spread(enrolled),
    }


def _written(app: App) -> int:
    """Rows of members written ever; sessions tell it about a second late."""
    time.sleep(1.5)
    ((count,),) = app.db.fetch(WRITTEN)
    return int(count)


def _cause(name: str) -> int:
    """The event that a fact of ours, or a visit's key, names last."""
    return int(name.rpartition("/")[2]) if "/event/" in name else 0


def _tell(app: App, given: argparse.Namespace, accepted: dict[str, float]) -> float:
    """At a steady pace; by how much it was late at most, which is this machine's doing."""
    chance, began, late = random.Random(2), time.monotonic(), 0.0
    each = given.rate // BATCHES
    for turn in range(int(given.seconds * BATCHES)):
        wait = began + turn / BATCHES - time.monotonic()
        late = max(late, -wait)
        time.sleep(max(0.0, wait))
        now = datetime.now(UTC)
        names = [f"e{turn}-{one}" for one in range(each)]
        told = [event(chance, name, given.customers, now) for name in names]
        with app.db.transaction() as conn:
            accept(conn, app.keys, "CN", told, now)
        app.wake()
        at = time.time()
        accepted |= dict.fromkeys(names, at)
    return late


def _drain(app: App) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and app.db.fetch("select from event_pending limit 1"):
        time.sleep(0.1)
    time.sleep(0.5)


def _spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {"count": 0}
    points = {"p50": 50, "p99": 99, "p99.9": 99.9}
    found = {name: round(house.at_percent(values, at), 3) for name, at in points.items()}
    return {"count": len(values)} | found | {"most": round(max(values), 3)}


def main() -> None:
    """Run and print."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--rate", type=int, default=500, help="events a second")
    asked.add_argument("--seconds", type=float, default=30)
    asked.add_argument("--warm", type=float, default=8, help="seconds for the worker to begin")
    asked.add_argument("--segments", type=int, default=100)
    asked.add_argument("--customers", type=int, default=20_000)
    asked.add_argument("--base", type=int, default=40_000, help="events before")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="siyu-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        with open_app(load({}, home=home)) as app:
            found = measure(app, given)
        stop_database(home)
    json.dump(found, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
