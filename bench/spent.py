"""Where the time goes, statements per batch, and bytes per row: in one process, phase by phase.

A phase lasts until the next begins: what Python does after a statement belongs to the statement's
phase. `client` is CPU of this process; what is left of `wall` is the server's work and waiting.
The clocks hang on from here; the engine knows nothing of them.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import house

import siyu
from siyu.app import App
from siyu.budget import sweep as budget
from siyu.events import sweep as events
from siyu.events.actions import accept
from siyu.events.model import Projection
from siyu.journeys import sweep as journeys
from siyu.kernel.sql import Conn, Db, Params, Row, parse

BATCH = 2_000
Figures = dict[str, Any]


# ── Events ───────────────────────────────────────────────────────────────────────────────────────


def events_spent(app: App, count: int) -> tuple[Figures, Figures]:
    """Accept, then apply: where each spends its time; and what the rows weigh."""
    before = _size(app)
    taking, applying = Watch(app), Watch(app)
    items = house.told(count, 1)
    with taking.counting():
        for first in range(0, count, BATCH):
            taking.start("parse and check")
            with taking.transaction() as conn:
                accept(conn, app.keys, "CN", items[first : first + BATCH], house.NOW)
            taking.stop()
    lock = app.db.try_lock(events.APPLIER)
    assert lock is not None
    projections = [_timed(applying, one) for one in app.projections]
    left = count
    with lock, applying.counting():
        applying.db = lock
        while left > 0:
            applying.start("claim")
            applied = events.apply(applying, projections, house.NOW, limit=BATCH)
            applying.stop()
            assert applied.claimed
            assert not applied.parked
            left -= applied.claimed
    house.settle(app)
    found = {"accept": taking.figures(count), "apply": applying.figures(count)}
    return found, {"per_event": round((_size(app) - before) / count), "rows": _rows(app, count)}


def _timed(watch: Watch, projection: Projection) -> Projection:
    def project(*given: Any) -> None:
        with watch.inside(projection.room):
            projection.project(*given)

    return replace(projection, project=project)


# ── Transitions ──────────────────────────────────────────────────────────────────────────────────


def transitions_spent(app: App, count: int) -> tuple[Figures, Figures]:
    """A sweep: claim, facts, decide, rule, write; and what a visit weighs."""
    house.settle(app)
    before = _size(app)
    house.waiting_visits(app, count)
    waiting = _size(app) - before
    house.due_visits(app, count)
    house.settle(app)
    before = _size(app)
    watch = Watch(app, marks=False)
    ruled = partial(budget.rule_new, zone=app.context.zone, now=house.NOW)

    def rule(conn: Conn, wishes: Sequence[Any]) -> tuple[Sequence[Any], Any]:
        with watch.inside("rule"):
            stands, note = ruled(conn, wishes)
        return stands, _within(watch, "rule", note)

    left = count
    with watch.counting(), _hung_on(watch):
        while left > 0:
            watch.start("claim")
            swept = journeys.sweep(watch, app.journeys, house.NOW, limit=BATCH, rule=rule)
            watch.stop()
            assert swept.claimed
            assert not swept.parked
            left -= swept.claimed
    house.settle(app)
    sizes = {
        "per_waiting_visit": round(waiting / count),
        "per_transition": round((_size(app) - before) / count),
        "rows": _rows(app, count),
    }
    return {"transitions": watch.figures(count)}, sizes


@contextmanager
def _hung_on(watch: Watch) -> Iterator[None]:
    """The sweep's own functions, each with the watch around it; as before at the end."""
    hangs = (
        (journeys.facts, "journeys", "facts", ""),
        (journeys.facts, "known", "facts", "decide"),
        (journeys.apply, "apply", "write moves", "commit"),
        (journeys.apply, "wish", "write wishes", "commit"),
    )
    with ExitStack() as stack:
        for module, name, phase, then in hangs:
            original = getattr(module, name)
            stack.callback(setattr, module, name, original)
            setattr(module, name, _within(watch, phase, original, then))
        yield


def _within(
    watch: Watch, phase: str, function: Callable[..., Any], then: str = ""
) -> Callable[..., Any]:
    def timed(*given: Any) -> Any:
        with watch.inside(phase):
            answer = function(*given)
        if then:
            watch.to(then)
        return answer

    return timed


# ── The watch ────────────────────────────────────────────────────────────────────────────────────


class Watch:
    """A `Db` that knows which phase it is in: seconds, CPU seconds and statements of each.

    With `marks`, each statement outside of `inside` begins a phase of its name.
    """

    def __init__(self, app: App, *, marks: bool = True) -> None:
        self.db: Db = app.db
        self.marks = marks
        self._app = app
        self._names = _names()
        self._seen: list[str] = []
        self._phases: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        self._statements: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._stack: list[str] = []
        self._since = (0.0, 0.0, 0.0)
        self._batches = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Statements are counted inside, by the pool itself."""
        with self._app.db.counting() as self._seen:
            yield

    def start(self, phase: str) -> None:
        """A batch begins."""
        self._batches += 1
        self._stack = [phase]
        self._since = self._now()

    def stop(self) -> None:
        """It is over."""
        self._book()

    def to(self, phase: str) -> None:
        """The next phase begins."""
        self._book()
        self._stack[-1] = phase

    @contextmanager
    def inside(self, phase: str) -> Generator[None]:
        """A phase within another, which goes on afterwards."""
        self._book()
        self._stack.append(phase)
        try:
            yield
        finally:
            self._book()
            self._stack.pop()

    @contextmanager
    def transaction(self) -> Iterator[Conn]:
        """As that of the `Db`, watched."""
        with self.db.transaction() as conn:
            yield _Watched(conn, self)
            if len(self._stack) == 1:
                self.to("commit")

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        """One statement by itself."""
        return self.run(self.db.fetch, sql, params)

    def run(self, call: Callable[..., Any], sql: str, given: Any) -> Any:
        """A statement, with its time."""
        name = self._names.get(sql, "compiled")
        if self.marks and len(self._stack) == 1:
            self.to(name)
        began = time.perf_counter()
        answer = call(sql, given)
        row = self._statements[name]
        row[0] += time.perf_counter() - began
        row[1] += 1
        return answer

    def figures(self, count: int) -> Figures:
        """Per item in microseconds; per batch in statements; the largest first."""
        total = sum(wall for wall, _, _ in self._phases.values())
        phases = {
            name: {
                "percent": round(wall / total * 100, 1),
                "wall_us_each": round(wall / count * 1e6, 2),
                "client_us_each": round(cpu / count * 1e6, 2),
                "statements_per_batch": round(statements / self._batches, 2),
            }
            for name, (wall, cpu, statements) in sorted(
                self._phases.items(), key=lambda item: -item[1][0]
            )
        }
        slowest = sorted(self._statements.items(), key=lambda item: -item[1][0])[:8]
        return {
            "batch": BATCH,
            "batches": self._batches,
            "statements_per_batch": round(len(self._seen) / self._batches, 2),
            "wall_us_each": round(total / count * 1e6, 2),
            "phases": phases,
            "slowest_statements": {
                name: {
                    "us_each": round(wall / count * 1e6, 2),
                    "per_batch": round(number / self._batches, 2),
                }
                for name, (wall, number) in slowest
            },
        }

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.process_time(), len(self._seen)

    def _book(self) -> None:
        now = self._now()
        row = self._phases[self._stack[-1]]
        for place, (at, since) in enumerate(zip(now, self._since, strict=True)):
            row[place] += at - since
        self._since = now


class _Watched:
    """A `Conn` whose statements the watch sees."""

    def __init__(self, conn: Conn, watch: Watch) -> None:
        self._conn = conn
        self._watch = watch

    def execute(self, sql: str, params: Params | None = None) -> int:
        return self._watch.run(self._conn.execute, sql, params)

    def send(self, sql: str, params: Params | None = None) -> None:
        """Waited for, unlike in the engine: so its time is booked where it was caused."""
        self._watch.run(self._conn.execute, sql, params)

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        return self._watch.run(self._conn.fetch, sql, params)

    def fetch_new(self, sql: str, contested: str, params: Params, count: int) -> list[Row]:
        def call(sql: str, params: Params) -> list[Row]:
            return self._conn.fetch_new(sql, contested, params, count)

        return self._watch.run(call, sql, params)

    def copy(self, sql: str, rows: Any) -> None:
        self._watch.run(self._conn.copy, sql, rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)


def _names() -> dict[str, str]:
    """Every named statement's name by its text: `journeys.claim`."""
    return {
        sql: f"{path.parent.name}.{name}"
        for path in sorted(Path(str(files(siyu))).rglob("queries.sql"))
        for name, sql in parse(path.read_text("utf-8")).items()
    }


def first_three(profile: Figures) -> list[str]:
    """What takes longest between an event's arrival and its owed message, in words."""
    phases = [
        (phase["wall_us_each"], phase["client_us_each"], f"{part}: {name}")
        for part, found in profile.items()
        for name, phase in found["phases"].items()
    ]
    whole = sum(wall for wall, _, _ in phases)
    return [
        f"{name}, {wall:.1f} µs each ({wall / whole:.0%}), {client:.1f} µs of it this process's CPU"
        for wall, client, name in sorted(phases, reverse=True)[:3]
    ]


# ── Bytes ────────────────────────────────────────────────────────────────────────────────────────


def _size(app: App) -> int:
    """Bytes of our tables; the server's own catalogues shrink whenever it tidies up."""
    ((size,),) = app.db.fetch(
        """select sum(pg_total_relation_size(oid))::bigint
           from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"""
    )
    return int(size)


def _rows(app: App, count: int) -> dict[str, int]:
    """Bytes per row with indexes and what is kept aside, of the tables that grow with the work."""
    found = app.db.fetch(
        """select coalesce(pg_partition_root(oid), oid)::regclass::text,
             sum(pg_total_relation_size(oid))::bigint, sum(greatest(reltuples, 0))::bigint
           from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
           group by 1 having sum(reltuples) >= %(least)s::bigint order by 1""",
        {"least": count // 20},
    )
    return {name: round(size / rows) for name, size, rows in found}
