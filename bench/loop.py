"""Events accepted and applied; transitions; lateness: the engine's three figures."""

from __future__ import annotations

import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from threading import Event
from typing import Any

import house
from run import crew

from siyu.app import App
from siyu.budget import sweep as budget
from siyu.events import sweep as events
from siyu.events.actions import accept
from siyu.journeys import sweep as journeys
from siyu.worker.worker import Worker

BATCH = 2_000
Figures = dict[str, Any]
Job = Generator[None, None, Any]


# ── Events ───────────────────────────────────────────────────────────────────────────────────────


def feed(app: App, stop: Event, count: int, seed: int, batch: int) -> Job:
    """Accepts as fast as it can."""
    items = house.told(count, seed)
    yield
    for first in range(0, count, batch):
        with app.db.transaction() as conn:
            answers = accept(conn, app.keys, "CN", items[first : first + batch], house.NOW)
        assert all(answer.status == "accepted" for answer in answers)
    return None


def apply(app: App, stop: Event, count: int, batch: int) -> Job:
    """The one applier, until so many are applied."""
    lock = app.db.try_lock(events.APPLIER)
    assert lock is not None
    yield
    done = 0
    with lock:
        while done < count and not stop.is_set():
            applied = events.apply(lock, app.projections, house.NOW, limit=batch)
            assert applied.parked == 0
            done += applied.claimed
            if not applied.claimed:
                time.sleep(0.005)
    return done


def events_figures(app: App, count: int) -> Figures:
    """Accept and apply at the same time: one process each."""
    home = app.settings.home
    jobs = (feed, (count, 1, BATCH)), (apply, (count, BATCH))
    with crew(home, *jobs) as workers, house.metered(app) as spent:
        workers.go()
        (_, feeding), (_, applying) = workers.ended()
    ((customers, orders, visits),) = app.db.fetch(
        "select (select count(*) from customer), (select count(*) from orders),"
        " (select count(*) from visit)"
    )
    return _each(count, spent[0], {"client": feeding, "engine": applying}) | {
        "wal_bytes_each": round(spent[0].wal / count),
        "customers": customers,
        "orders": orders,
        "visits": visits,
    }


def _each(count: int, spent: house.Spent, processes: dict[str, float]) -> Figures:
    """Per second, and CPU of each part per item."""
    parts = {**processes, "database": spent.database}
    return {
        "per_s": round(count / spent.wall),
        "count": count,
        "cpu_ms_each": round(sum(parts.values()) / count * 1e3, 4),
        "cpu_ms_by": {name: round(cpu / count * 1e3, 4) for name, cpu in parts.items()},
    }


# ── Transitions ──────────────────────────────────────────────────────────────────────────────────


def sweep(app: App, stop: Event, batch: int) -> Job:
    """Moves what is due until nothing is left: wishes with their rulings."""
    rule = partial(budget.rule_new, zone=app.context.zone, now=house.NOW)
    # what a process reads and compiles once, with the first visit of all: before the clock runs
    done = journeys.sweep(app.db, app.journeys, house.NOW, limit=1, rule=rule).moved
    yield
    while not stop.is_set():
        swept = journeys.sweep(app.db, app.journeys, house.NOW, limit=batch, rule=rule)
        assert swept.parked == 0
        if not swept.claimed:
            break
        done += swept.moved
    return done


def transitions_figures(app: App, count: int, workers: int) -> Figures:
    """So many visits whose wait is over, and as many sweepers as there are cores."""
    house.due_visits(app, count)
    house.settle(app)
    home = app.settings.home
    with crew(home, *[(sweep, (BATCH,))] * workers) as sweepers, house.metered(app) as spent:
        sweepers.go()
        ended = sweepers.ended()
    assert sum(done for done, _ in ended) == count
    ((owed,),) = app.db.fetch("select count(*) from touch where state = 'owed'")
    return _each(count, spent[0], {"engine": sum(cpu for _, cpu in ended)}) | {
        "sweepers": workers,
        "owed_in_all": owed,
        "wal_bytes_each": round(spent[0].wal / count),
    }


def beside_waiting(app: App, crowded: App, count: int, waiting: int, rounds: int) -> Figures:
    """The same alone and beside a million others that wait, in turns; medians."""
    house.waiting_visits(crowded, waiting)
    house.settle(crowded)
    alone, beside = [], []
    for _ in range(rounds):
        alone.append(transitions_figures(app, count, 1)["cpu_ms_each"])
        beside.append(transitions_figures(crowded, count, 1)["cpu_ms_each"])
    return {
        "waiting": waiting,
        "rounds": rounds,
        "count": count,
        "cpu_ms_alone": median(alone),
        "cpu_ms_beside": median(beside),
        "ratio": round(median(beside) / median(alone), 3),
    }


# ── Lateness ─────────────────────────────────────────────────────────────────────────────────────


def work(app: App, stop: Event) -> Job:
    """The product's own worker, on the real clock; of two, one applies and both sweep."""
    worker = Worker(app)
    yield
    worker.start()
    stop.wait()
    worker.stop()
    return None


def trickle(app: App, stop: Event, per_second: int, seconds: int, seed: int) -> Job:
    """Events at a steady rate, ten batches a second."""
    batch = per_second // 10
    items = house.told(per_second * seconds, seed, datetime.now(UTC))
    yield
    began, late = time.monotonic(), 0.0
    for number in range(seconds * 10):
        if stop.is_set():
            break
        pause = began + number / 10 - time.monotonic()
        late = max(late, -pause)
        time.sleep(max(pause, 0))
        with app.db.transaction() as conn:
            chunk = items[number * batch : (number + 1) * batch]
            accept(conn, app.keys, "CN", chunk, app.clock.now())
    return round(late, 3)


def lateness_figures(app: App, count: int, per_second: int, seed: int) -> Figures:
    """Due → the owed touch is committed: the server's own times, read once all of it is over."""
    found: Figures = {"due": count, "events_per_s_meanwhile": per_second}
    house.at_any_hour(app)
    for name, length in (("at_one_instant", 0), ("over_one_second", 1)):
        spread = timedelta(seconds=length)
        seconds = 12
        seed += 1
        home = app.settings.home
        due = datetime.now(UTC) + timedelta(seconds=25)
        first, last = house.due_visits(app, count, due, spread)
        house.settle(app)
        jobs = (work, ()), (work, ()), (trickle, (per_second, seconds, seed))
        with crew(home, *jobs) as workers:
            pause = (due - datetime.now(UTC)).total_seconds() - seconds / 2
            if pause < 0:
                raise SystemExit("this machine takes too long to get ready for lateness")
            time.sleep(pause)
            workers.go()
            _all_moved(app, due + spread)
        late = house.lateness(app, first, last, due, spread)
        found[name] = {
            "p50_s": round(house.at_percent(late, 50), 3),
            "p99_s": round(house.at_percent(late, 99), 3),
            "worst_s": round(max(late), 3),
        }
    return found


def _all_moved(app: App, last: datetime) -> None:
    """Rest until nothing is left that was due by then: a look at an index, four times a second."""
    while True:
        time.sleep(max(0.25, (last - datetime.now(UTC)).total_seconds()))
        ((first,),) = app.db.fetch("select min(due_at) from visit where state = 0")
        if first is None or first > last:
            return
        if datetime.now(UTC) > last + timedelta(seconds=60):
            raise SystemExit("not everything was moved within a minute")
