"""The same job done otherwise: one row at a time, by DBOS, by procrastinate. Beside the engine.

An event arrives, is stored once and begins a wait; when the wait is over one message is owed,
exactly once. Each contender is one process on a database of its own in the engine's cluster, so
the machine, the disk and the server's settings are the same. They do no more than this; the engine
also finds the person, keeps personal data apart, and rules each message by consent, caps and hours.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import quote

import house
import loop
import psycopg
from half import Half, measured, orders
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from run import crew

from siyu.app import App
from siyu.budget import sweep as budget
from siyu.events import sweep as events
from siyu.events.actions import accept
from siyu.journeys import actions as journeys
from siyu.journeys import sweep as journeys_sweep

Figures = dict[str, Any]
Job = Generator[None, None, Figures]
AT_ONCE = 16  # events, or steps, that an asynchronous contender has under way

EVENT = """create table event (id text primary key, kind text not null, data jsonb not null,
  received_at timestamptz not null default now())"""
VISIT = """create table visit (id bigint generated always as identity primary key,
  event_id text not null unique, due_at timestamptz not null, state smallint not null default 0)"""
DUE = "create index on visit (due_at) where state = 0"
OWED = """create table owed (key text primary key, channel text not null,
  owed_at timestamptz not null default now())"""
STORE = "insert into event (id, kind, data) values (%s, 'order.paid', %s) on conflict do nothing"
OWE = "insert into owed (key, channel) values (%s, 'sms') on conflict do nothing"


def figures(app: App, count: int) -> Figures:
    """The engine and each contender, on the same cluster; how many times its CPU each takes."""
    found: Figures = _engine(app, count)
    for name, contender in CONTENDERS.items():
        missing = [one for one in NEEDS[name] if not _installed(one)]
        if missing:
            why = f"not measured: {' and '.join(missing)} not installed; pip install -e .[bench]"
            found[name] = {"missing": why}
            continue
        versions = {one: version(one) for one in NEEDS[name]}
        with _database(app, f"bench_{name}") as url:
            found[name] = versions | _alone(app, contender, url, count)
    found["times_the_engines_cpu"] = ratios(found)
    return found


def ratios(found: Figures) -> Figures:
    """CPU per item of each contender, in that of the engine."""
    halves = ("arrive", "after_wait")
    engine = found["engine"]
    return {
        name: {
            half: round(one[half]["cpu_ms_each"] / engine[half]["cpu_ms_each"], 1)
            for half in halves
        }
        for name, one in found.items()
        if name != "engine" and "missing" not in one
    }


def _engine(app: App, count: int) -> Figures:
    """The engine's own, on this cluster: as it is, and in batches of one."""
    whole: Figures = {}
    ones: Figures = {"note": "the engine itself, a transaction per event and per visit"}
    house.publish(app)
    whole["after_wait"] = loop.transitions_figures(app, count, 1)
    house.due_visits(app, count)
    house.settle(app)
    ones |= _alone(app, sweep_by_one, count)
    with app.db.transaction() as conn:  # so that an event begins one visit: that of the cascade
        journeys.stop(conn, "bench", "bench", house.NOW, limit=0)
    house.settle(app)
    whole["arrive"] = loop.events_figures(app, count)
    ones |= _alone(app, feed_by_one, count)
    return {"engine": whole, "engine_by_one": ones}


def _alone(app: App, job: Callable[..., Job], *given: Any) -> Figures:
    """What a process of its own found."""
    with crew(app.settings.home, (job, given)) as process:
        process.go()
        ((found, _),) = process.ended()
    return found


@contextmanager
def _database(app: App, name: str) -> Iterator[str]:
    """A database beside the engine's; gone at the end."""
    with psycopg.connect(app.db.url, autocommit=True) as conn:
        conn.execute(f"create database {name}")  # type: ignore[arg-type]
        try:
            yield make_conninfo(app.db.url, dbname=name)
        finally:
            conn.execute(f"drop database {name} with (force)")  # type: ignore[arg-type]


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _owed(url: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute("select count(*) from owed").fetchone()
    return row[0] if row else 0


# ── The engine in batches of one ─────────────────────────────────────────────────────────────────


def sweep_by_one(app: App, stop: Any, count: int) -> Job:
    """A transaction per visit whose wait is over."""
    rule = partial(budget.rule_new, zone=app.context.zone, now=house.NOW)
    assert app.journeys  # read before the clock runs
    yield
    found: Figures = {}
    done = [0]
    with measured(app, found, "after_wait", done) as half:
        while done[0] < count and half.goes_on():
            done[0] += journeys_sweep.sweep(
                app.db, app.journeys, house.NOW, limit=1, rule=rule
            ).moved
    return found


def feed_by_one(app: App, stop: Any, count: int) -> Job:
    """A transaction to accept an event, one to apply it."""
    items = house.told(count, 9)
    lock = app.db.try_lock(events.APPLIER)
    assert lock is not None
    yield
    found: Figures = {}
    done = [0]
    with lock, measured(app, found, "arrive", done) as half:
        for item in items:
            if not half.goes_on():
                break
            with app.db.transaction() as conn:
                accept(conn, app.keys, "CN", [item], house.NOW)
            done[0] += events.apply(lock, app.projections, house.NOW, limit=1).applied
    return found


# ── One row at a time ────────────────────────────────────────────────────────────────────────────


def rows(app: App, stop: Any, url: str, count: int) -> Job:
    """A transaction per event and one per visit, with prepared statements and the right indexes."""
    found: Figures = {}
    with psycopg.connect(url, autocommit=True) as conn:
        for table in (EVENT, VISIT, DUE, OWED):
            conn.execute(table)
        yield
        done = [0]
        with measured(app, found, "arrive", done) as half:
            for key, data in orders(count):
                if not half.goes_on():
                    break
                with conn.transaction():
                    if conn.execute(STORE, (key, data)).rowcount:
                        conn.execute(
                            "insert into visit (event_id, due_at) values (%s, %s)",
                            (key, house.NOW),
                        )
                done[0] += 1
        conn.execute("analyze")
        moved = [0]
        with measured(app, found, "after_wait", moved) as half:
            while half.goes_on() and _step(conn):
                moved[0] += 1
    assert _owed(url) == moved[0]
    return found


def _step(conn: psycopg.Connection[Any]) -> bool:
    with conn.transaction():
        row = conn.execute(
            """select id, event_id from visit where state = 0 and due_at <= %s
               order by due_at limit 1 for update skip locked""",
            (datetime.now(UTC),),
        ).fetchone()
        if row is None:
            return False
        conn.execute(OWE, (row[1],))
        conn.execute("update visit set state = 1 where id = %s", (row[0],))
    return True


# ── DBOS ─────────────────────────────────────────────────────────────────────────────────────────


def dbos(app: App, stop: Any, url: str, count: int) -> Job:
    """A durable workflow per event, named after it: sleep, then a step. All on one event loop."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(OWED)
    yield
    return asyncio.run(_dbos(app, url, count))


async def _dbos(app: App, url: str, count: int) -> Figures:
    from dbos import DBOS, SetWorkflowID  # noqa: PLC0415 - an extra
    from psycopg_pool import AsyncConnectionPool  # noqa: PLC0415

    DBOS(config={"name": "bench", "system_database_url": _as_url(url), "log_level": "CRITICAL"})
    pool = AsyncConnectionPool(url, min_size=4, max_size=8, open=False)

    @DBOS.step()
    async def owe(key: str) -> None:
        async with pool.connection() as conn:
            await conn.execute(OWE, (key,))

    @DBOS.workflow()
    async def journey(key: str, data: str, due: float) -> None:
        await DBOS.sleep_async(due - time.time())
        await owe(key)

    found: Figures = {}
    await pool.open(wait=True)
    await asyncio.to_thread(DBOS.launch)
    try:
        due = time.time() + 2 * Half.SECONDS
        started = [0]
        with measured(app, found, "arrive", started) as half:

            async def begin(key: str, data: str) -> None:
                with SetWorkflowID(key):
                    await DBOS.start_workflow_async(journey, key, data, due)
                started[0] += 1

            await _several(orders(count), begin, half)
            slept = "select count(*) from dbos.operation_outputs"
            for _ in range(100):  # 5 s at most: far from due
                if await _number(pool, slept) >= started[0]:
                    break
                await asyncio.sleep(0.05)
        await _analyze(pool)
        await asyncio.sleep(due - time.time())
        done = [0]
        ended = "select count(*) from dbos.workflow_status where status = 'SUCCESS'"
        with measured(app, found, "after_wait", done) as half:
            while done[0] < started[0] and half.goes_on():
                await asyncio.sleep(0.2)
                done[0] = await _number(pool, ended)
        assert done[0] <= await _number(pool, "select count(*) from owed")
    finally:
        await asyncio.to_thread(DBOS.destroy)
        await pool.close()
    return found


async def _number(pool: Any, sql: str) -> int:
    async with pool.connection() as conn:
        return (await (await conn.execute(sql)).fetchone())[0]


async def _analyze(pool: Any) -> None:
    """Fresh statistics: what a day of autovacuum would have left."""
    async with pool.connection() as conn:
        await conn.execute("analyze")


async def _several(
    events: Iterator[tuple[str, str]], begin: Callable[[str, str], Awaitable[None]], half: Half
) -> None:
    """Some at once, until no event or no time is left."""

    async def one() -> None:
        for key, data in events:
            if not half.goes_on():
                break
            await begin(key, data)

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))


def _as_url(conninfo: str) -> str:
    parts = conninfo_to_dict(conninfo)
    host = quote(str(parts["host"]), safe="")
    return f"postgresql://{parts['user']}@/{parts['dbname']}?host={host}&port={parts['port']}"


# ── procrastinate ────────────────────────────────────────────────────────────────────────────────


def procrastinate(app: App, stop: Any, url: str, count: int) -> Job:
    """A job per event, deferred in the event's transaction, scheduled for the end of the wait."""
    with psycopg.connect(url, autocommit=True) as conn:
        for table in (EVENT, OWED):
            conn.execute(table)
    yield
    return asyncio.run(_procrastinate(app, url, count))


async def _procrastinate(app: App, url: str, count: int) -> Figures:
    from procrastinate import App as Jobs  # noqa: PLC0415 - an extra
    from procrastinate import PsycopgConnector  # noqa: PLC0415

    connector = PsycopgConnector(conninfo=url, min_size=AT_ONCE, max_size=AT_ONCE)
    jobs = Jobs(connector=connector)

    @jobs.task(name="owe")
    async def owe(key: str) -> None:
        async with connector.pool.connection() as conn:
            await conn.execute(OWE, (key,))

    found: Figures = {}
    async with jobs.open_async():
        await jobs.schema_manager.apply_schema_async()
        done = [0]
        with measured(app, found, "arrive", done) as half:

            async def begin(key: str, data: str) -> None:
                async with connector.pool.connection() as conn:
                    if (await conn.execute(STORE, (key, data))).rowcount:
                        job = owe.configure(schedule_at=house.NOW, connection=conn)
                        await job.defer_async(key=key)
                done[0] += 1

            await _several(orders(count), begin, half)
        await _analyze(connector.pool)
        ended = [0]
        with measured(app, found, "after_wait", ended) as half:
            worker = asyncio.create_task(
                jobs.run_worker_async(
                    wait=False,
                    concurrency=AT_ONCE,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=1,
                )
            )
            await asyncio.wait([worker], timeout=half.left())
            sql = "select count(*) from procrastinate_jobs where status = 'succeeded'"
            ended[0] = await _number(connector.pool, sql)
        assert ended[0] <= await _number(connector.pool, "select count(*) from owed")
        worker.cancel()  # where its time was over
        await asyncio.wait([worker], timeout=3)
    return found


CONTENDERS = {"rows": rows, "dbos": dbos, "procrastinate": procrastinate}
NEEDS: dict[str, tuple[str, ...]] = {
    "rows": ("psycopg",),
    "dbos": ("dbos", "psycopg-pool"),
    "procrastinate": ("procrastinate", "psycopg-pool"),
}
