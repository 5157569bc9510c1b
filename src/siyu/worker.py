"""Which sweeps run, in which order: apply → journeys → budget → freeze → outbox, until nothing is due.

A tick asks every room when its next work is due and runs only the sweeps that have some.
`siyu serve` ticks in a thread on the real clock; the sandbox ticks on its virtual one. Same code.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import NamedTuple

import structlog

from siyu.acquisition import sweep as acquisition
from siyu.acquisition import views as acquisition_views
from siyu.app import App
from siyu.budget import sweep as budget
from siyu.events import sweep as events
from siyu.events import views as events_views
from siyu.events.actions import ensure_partitions
from siyu.journeys import sweep as journeys
from siyu.journeys import views as journeys_views
from siyu.kernel.errors import DatabaseDown
from siyu.kernel.sql import Conn, Db
from siyu.offers import actions as offers
from siyu.offers import views as offers_views
from siyu.outbox import sweep as outbox
from siyu.outbox import views as outbox_views

log = structlog.get_logger(__name__)

ROUNDS = 50  # a tick that still finds work after so many rounds goes on in the next one
LONGEST_NAP = 1.0  # seconds
RETRY_NAP = 2.0  # seconds, after a sweep failed
RECLAIM_EVERY = 15.0  # seconds of real time between looks for leases that ran out
APPLIER = "siyu.applier"


class Sweep(NamedTuple):
    """One kind of work: when it is due next, and one batch of it. `run` answers how much it did."""

    name: str
    next_due: Callable[[App, Conn], datetime | None]
    run: Callable[[App, Db, datetime], int]


def _apply(app: App, db: Db, now: datetime) -> int:
    return events.apply(db, app.projections, now).claimed


def _journeys(app: App, db: Db, now: datetime) -> int:
    with db.transaction() as conn:
        return journeys.sweep(conn, app.journeys, now).claimed


def _budget(app: App, db: Db, now: datetime) -> int:  # noqa: ARG001 - the form of every sweep
    with db.transaction() as conn:
        return budget.rule(conn, now).claimed


def _freeze(app: App, db: Db, now: datetime) -> int:
    with db.transaction() as conn:
        return acquisition.freeze(conn, app.keys, app.ids, now).claimed


def _outbox(app: App, db: Db, now: datetime) -> int:
    asked = outbox.cancel(db, app.channels, app.context, now)
    sent = outbox.send(db, app.channels, app.context, now, app.clock.real())
    found = outbox.reconcile(db, app.channels, app.context, now)
    return asked + sent.claimed + found


def _lapse(app: App, db: Db, now: datetime) -> int:  # noqa: ARG001 - the form of every sweep
    with db.transaction() as conn:
        return offers.lapse(conn, now)


def _next_send(app: App, conn: Conn) -> datetime | None:
    return outbox_views.next_due(conn, list(app.channels))


def _by_room(view: Callable[[Conn], datetime | None]) -> Callable[[App, Conn], datetime | None]:
    return lambda _app, conn: view(conn)


# In this order within a round: what makes a friend is applied before anything is sent.
SWEEPS = (
    Sweep("apply", _by_room(events_views.next_due), _apply),
    Sweep("journeys", _by_room(journeys_views.next_due), _journeys),
    Sweep("budget", _by_room(outbox_views.next_wish), _budget),
    Sweep("freeze", _by_room(acquisition_views.next_due), _freeze),
    Sweep("outbox", _next_send, _outbox),
    Sweep("lapse", _by_room(offers_views.next_lapse), _lapse),
)


class Due(NamedTuple):
    """What has work at this moment, and when the next work comes of itself."""

    now: frozenset[str]
    next_at: datetime | None


def due(app: App, now: datetime, among: Collection[Sweep] = SWEEPS) -> Due:
    """Ask every room, in one transaction and one statement each."""
    with app.db.transaction() as conn:
        times = {sweep.name: sweep.next_due(app, conn) for sweep in among}
    later = [at for at in times.values() if at is not None and at > now]
    ready = frozenset(name for name, at in times.items() if at is not None and at <= now)
    return Due(ready, min(later, default=None))


def tick(
    app: App, now: datetime, *, applier: Db | None = None, without: Collection[str] = ()
) -> Counter[str]:
    """Run what is due until nothing is left; how much each sweep did.

    `applier` is the session that holds the applier's lock; without it nothing is applied here.
    A sweep that is due but does nothing (its rows are locked by another worker) is not asked again.
    """
    did: Counter[str] = Counter()
    idle: set[str] = {*without} if applier is not None else {*without, "apply"}
    for _ in range(ROUNDS):
        ready = due(app, now, [sweep for sweep in SWEEPS if sweep.name not in idle]).now
        if not ready:
            break
        worked: set[str] = set()
        for sweep in SWEEPS:
            follows = FOLLOWS.get(sweep.name) in worked
            if sweep.name in idle or not (sweep.name in ready or follows):
                continue
            count = sweep.run(app, applier if applier and sweep.name == "apply" else app.db, now)
            did[sweep.name] += count
            if count:
                worked.add(sweep.name)
            elif sweep.name in ready:
                idle.add(sweep.name)
    return did


# Which sweep usually makes work for which: taken up in the same round, without asking again.
FOLLOWS = {"journeys": "apply", "budget": "journeys", "outbox": "budget"}


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
                log.error("a sweep failed; trying again", error=events.describe(error))
                self._stop.wait(RETRY_NAP)

    def _hold_and_tick(self) -> None:
        """As the applier while the lock can be had; as one who only sweeps otherwise."""
        lock = self._app.db.try_lock(APPLIER)
        try:
            while not self._stop.is_set():
                self._turn(lock)
                if lock is None:
                    lock = self._app.db.try_lock(APPLIER)
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
            outbox.send(app.db, app.channels, app.context, now, app.clock.real())
            self._reclaimed = time.monotonic()
        did = tick(app, now, applier=lock)
        if did.total():
            log.debug("swept", **did)
        next_at = due(app, now).next_at
        nap = LONGEST_NAP if next_at is None else (next_at - app.clock.now()).total_seconds()
        app.rest(min(max(nap, 0.0), LONGEST_NAP))
