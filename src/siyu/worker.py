"""Which sweeps run, and in which order, until nothing is due.

A tick asks every room when its next work is due and runs only the sweeps that have some.
`siyu serve` ticks in a thread on the real clock; the sandbox ticks on its virtual one. Same code.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import NamedTuple

import structlog

from siyu.acquisition import sweep as acquisition
from siyu.app import App
from siyu.budget import sweep as budget
from siyu.events import sweep as events
from siyu.events.actions import ensure_partitions
from siyu.journeys import sweep as journeys
from siyu.kernel.errors import DatabaseDown
from siyu.kernel.sql import Conn, Db, load
from siyu.offers import actions as offers
from siyu.outbox import sweep as outbox
from siyu.subscribers import sweep as subscribers

SQL = load("siyu")
log = structlog.get_logger(__name__)

ROUNDS = 50  # a tick that still finds work after so many rounds goes on in the next one
LONGEST_NAP = 1.0  # seconds
RETRY_NAP = 2.0  # seconds, after a sweep failed
RECLAIM_EVERY = 15.0  # seconds of real time between looks for leases that ran out


Times = dict[str, datetime | None]


class Sweep(NamedTuple):
    """One batch of one kind of work; it answers how much. `after`: who usually makes it work."""

    name: str
    run: Callable[[App, Db, datetime], int]
    after: str = ""


def _apply(app: App, db: Db, now: datetime) -> int:
    return events.apply(db, app.projections, now).claimed


def _journeys(app: App, db: Db, now: datetime) -> int:
    """What visits wish for is ruled before it is written: each touch is written once."""
    rule = partial(budget.rule_new, zone=app.context.zone, now=now)
    return journeys.sweep(db, app.journeys, now, rule=rule).claimed


def _budget(app: App, db: Db, now: datetime) -> int:
    with db.transaction() as conn:
        return budget.rule(conn, app.context.zone, now).claimed


def _freeze(app: App, db: Db, now: datetime) -> int:
    with db.transaction() as conn:
        return acquisition.freeze(conn, app.keys, app.ids, now).claimed


def _cancel(app: App, db: Db, now: datetime) -> int:
    return outbox.cancel(db, app.channels, app.context, now)


def _send(app: App, db: Db, now: datetime) -> int:
    return outbox.send(db, app.channels, app.context, now, app.clock.real()).claimed


def _reconcile(app: App, db: Db, now: datetime) -> int:
    return outbox.reconcile(db, app.channels, app.context, now)


def _lapse(app: App, db: Db, now: datetime) -> int:  # noqa: ARG001 - the form of every sweep
    with db.transaction() as conn:
        return offers.lapse(conn, now)


def _tell(app: App, db: Db, now: datetime) -> int:
    """Only begins it: each subscriber is told in a thread of its own, and nobody waits."""
    begun = subscribers.sweep(db, app.telling, now, app.threads)
    for one in begun:
        one.add_done_callback(_failed)
    return len(begun)


def _failed(telling: Future[int]) -> None:
    """What ends a telling early is said; after its lease somebody takes it up again."""
    if not telling.cancelled() and (error := telling.exception()) is not None:
        log.error("telling a subscriber failed", error=type(error).__name__)


# In this order within a round: what makes a friend is applied before anything is sent.
SWEEPS = (
    Sweep("apply", _apply),
    Sweep("journeys", _journeys, "apply"),
    Sweep("budget", _budget),
    Sweep("freeze", _freeze),
    Sweep("cancel", _cancel),
    Sweep("send", _send),
    Sweep("reconcile", _reconcile),
    Sweep("lapse", _lapse),
    Sweep("tell", _tell),
)
NAMES = [sweep.name for sweep in SWEEPS]  # the columns of `due`, in its order


def due(db: Db | Conn, channels: Collection[str]) -> Times:
    """When each sweep has work next on these channels; None: it waits for others."""
    (row,) = db.fetch(SQL.due, {"channels": sorted(channels)})
    return dict(zip(NAMES, row, strict=True))


def ready(times: Times, now: datetime) -> set[str]:
    """The sweeps that have work by now."""
    return {name for name, at in times.items() if at is not None and at <= now}


def next_at(times: Times, now: datetime) -> datetime | None:
    """When the first work after now comes of itself."""
    return min((at for at in times.values() if at is not None and at > now), default=None)


class Ticked(NamedTuple):
    """How much each sweep did, and when there is work again."""

    did: Counter[str]
    times: Times


def tick(
    app: App,
    now: datetime,
    *,
    applier: Db | None = None,
    times: Times | None = None,
    without: Collection[str] = (),
) -> Ticked:
    """Run what is due until nothing is left.

    `applier` is the session that holds the applier's lock; without it nothing is applied here.
    `times` are those of the tick before, where nobody else can have made work but through events.
    A sweep that is due but does nothing (another worker holds its rows) is left for the next tick.
    """
    did: Counter[str] = Counter()
    idle = {*without} if applier is not None else {*without, "apply"}
    known = due(app.db, app.channels) if times is None else {**times, "apply": now}
    for _ in range(ROUNDS):
        wanted = ready(known, now) - idle
        if not wanted:
            break
        worked: set[str] = set()
        for sweep in SWEEPS:
            if sweep.name in idle or not (sweep.name in wanted or sweep.after in worked):
                continue
            count = sweep.run(app, applier if applier and sweep.name == "apply" else app.db, now)
            did[sweep.name] += count
            if count:
                worked.add(sweep.name)
            elif sweep.name in wanted:
                idle.add(sweep.name)
        if not worked and times is not None:
            return Ticked(did, {**known, "apply": None})  # known: what round one has made counts
        known = due(app.db, app.channels)
    return Ticked(did, known)


class Worker:
    """Ticks in a thread until it is stopped; sleeps until the next due time, or until woken."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="siyu-worker", daemon=True)
        self._reclaimed = 0.0
        self._month = (0, 0)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch under way and end."""
        self._stop.set()
        self._app.wake()
        self._thread.join(timeout=30)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._hold_and_tick()
            except DatabaseDown as error:
                log.warning("the database is away; trying again", why=str(error))
                self._stop.wait(RETRY_NAP)
            except Exception as error:  # noqa: BLE001 - one bad sweep must not end the worker
                # not the trace: it may quote values
                log.error("a sweep failed", error=events.describe(error))  # noqa: TRY400
                self._stop.wait(RETRY_NAP)

    def _hold_and_tick(self) -> None:
        """As the applier while the lock can be had; as one who only sweeps otherwise."""
        lock = self._app.db.try_lock(events.APPLIER)
        try:
            while not self._stop.is_set():
                self._turn(lock)
                if lock is None:
                    lock = self._app.db.try_lock(events.APPLIER)
        finally:
            if lock is not None:
                lock.release()

    def _turn(self, lock: Db | None) -> None:
        app = self._app
        now = app.clock.now()
        if self._month != (now.year, now.month):
            with app.db.transaction() as conn:
                ensure_partitions(conn, now)
            self._month = (now.year, now.month)
        if time.monotonic() - self._reclaimed > RECLAIM_EVERY:
            outbox.reclaim(app.db, now, app.clock.real())
            subscribers.reclaim(app.db, app.clock.real())
            self._reclaimed = time.monotonic()
        ticked = tick(app, now, applier=lock)
        if ticked.did.total():
            log.debug("swept", **ticked.did)
        upcoming = next_at(ticked.times, now)
        nap = LONGEST_NAP if upcoming is None else (upcoming - app.clock.now()).total_seconds()
        app.rest(min(max(nap, 0.0), LONGEST_NAP))
