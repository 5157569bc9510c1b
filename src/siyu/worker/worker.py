"""A process at work: one looks what is due and gives it to the lanes, one contends for the apply.

Several processes share a database. One of them applies, by a session lock; of everything else each
takes what no other has in hand.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from contextlib import closing, suppress
from datetime import datetime, timedelta

import structlog

from siyu.app import PREDICATES, App
from siyu.connections import actions as connections
from siyu.events.actions import ensure_partitions
from siyu.events.sweep import APPLIER, describe
from siyu.kernel.errors import DatabaseDown
from siyu.kernel.sql import Db
from siyu.kernel.time import doubled
from siyu.lake import news
from siyu.ledger.actions import book_months
from siyu.outbox import sweep as outbox
from siyu.segments import sweep as segments
from siyu.subscribers import sweep as subscribers
from siyu.worker import lake, pulls
from siyu.worker.beats import BEAT_EVERY, Beats, prune
from siyu.worker.lanes import LANES, LONGEST_RETRY, Done, Job, Lane, lanes, senders
from siyu.worker.status import waited
from siyu.worker.sweeps import SQL, SWEEPS, Times, due

log = structlog.get_logger(__name__)

LONGEST_NAP = 2.0  # seconds: then somebody looks, even if nobody rang
CONTEND_EVERY = 0.3  # seconds between looks whether the applier's lock is free
RECLAIM_EVERY = 15.0  # seconds of real time between looks for leases that ran out
PARTITIONS_EVERY = PRUNE_EVERY = MONTHS_EVERY = 3600.0
GIVES_WAY = 0.4  # seconds at most that the applier waits before a batch while visits are late …
LATE = timedelta(milliseconds=50)  # … by more than that
LOOKS_EVERY = 0.02
PATIENCE = 20.0  # seconds that batches under way are given at the end


class Worker:
    """Works in threads until it is stopped, in these lanes."""

    def __init__(self, app: App, wanted: Collection[str] = LANES) -> None:
        self._app = app
        self._stop = threading.Event()
        self._lock: Db | None = None
        self._lost = threading.Event()
        self._sends = "send" in wanted
        self._wired = app.wired
        self._lanes = lanes(app, wanted)
        (apply,) = (sweep for sweep in SWEEPS if sweep.name == "apply")
        self._apply = apply.run
        self._applier = Lane("apply", [Job("apply", self._applied)])
        if "apply" in wanted:
            self._lanes.insert(0, self._applier)
        if "house" in wanted:
            self._lanes.append(Lane("chores", self._chores()))
            if app.settings.lake_every:
                self._lanes.append(Lane("lake", [lake.job(app)]))
        watchers = [self._watch, self._contend] if "apply" in wanted else [self._watch]
        self._threads = [threading.Thread(target=work, daemon=True) for work in watchers]
        self._failures = 0
        self._names = {job.name for lane in self._lanes for job in lane.jobs}
        self._beats = Beats(app.db.name, [*wanted], app.clock.real())
        self._beaten = float("-inf")
        self._said: bool | None = None  # did the last beat say that this one applies?

    @property
    def applies(self) -> bool:
        """Is this the one that applies?"""
        return self._lock is not None

    def start(self) -> None:
        """Begin to work."""
        pulls.plan(self._app)
        segments.ready(self._app.db, PREDICATES)
        self._app.bell.open()
        for lane in self._lanes:
            lane.start(self._app.clock.now, self._beats.ran, self._after)
        for thread in self._threads:
            thread.start()

    def stop(self, patience: float = PATIENCE) -> bool:
        """Finish the batches under way and end; False if some took longer than that."""
        deadline = time.monotonic() + patience
        self._stop.set()
        self._app.bell.nudge()
        for lane in self._lanes:
            lane.end()
        late = [lane.name for lane in self._lanes if not lane.join(deadline - time.monotonic())]
        if late:
            log.warning("stopped in the middle of a batch", lanes=late)
        self._lost.set()
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 1.0))
        with suppress(DatabaseDown):
            self._beats.write(self._app.db, self._app.clock.real(), applies=False)
            self._beats.leave(self._app.db)
        return not late

    # ── the one that looks ──

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                self._rewire()
                nap = self._look()
                self._beat()
                self._failures = 0
            except Exception as error:  # noqa: BLE001 - whatever it is, work must go on afterwards
                self._failures += 1
                log.warning("can't look what is due; trying again", why=describe(error))
                nap = doubled(0.25, self._failures, LONGEST_RETRY)
                if isinstance(error, DatabaseDown) and self._revived():
                    nap = 0.0
            self._app.rest(nap)

    def _rewire(self) -> None:
        """Settings that are kept under way work from the next batch on; a channel that is new gets
        its lanes, and one that is no more leaves them idle."""
        self._app.take_up()
        now, before = self._app.wired, self._wired
        if now is before:
            return
        pulls.plan_anew(self._app, before.pulls)
        if self._sends:
            fresh = senders(self._app, now.channels.keys() - before.channels.keys())
            there = {lane.name for lane in self._lanes}
            for lane in (one for one in fresh if one.name not in there):
                lane.start(self._app.clock.now, self._beats.ran, self._after)
                self._lanes.append(lane)
        self._names = {job.name for lane in self._lanes for job in lane.jobs}
        self._wired = now

    def _revived(self) -> bool:
        """Is the embedded database up again, which nobody else would start?"""
        try:
            revived = self._app.revive()
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("the embedded database does not come up", why=describe(error))
            return False
        if revived:
            log.warning("the embedded database was gone; it is up again")
        return revived

    def _look(self) -> float:
        """Give idle lanes what is due; how long nothing more will be.

        Idle before we ask: what a busy lane has in hand may still look as if nobody had it.
        """
        idle = [lane for lane in self._lanes if lane.idle]
        now = self._app.clock.now()
        times = self._times(now)
        self._beats.late(
            {n: lag for n, lag in waited(times, now).items() if lag and n in self._names}
        )
        moment = time.monotonic()
        nap = LONGEST_NAP
        for lane in idle:
            if lane is self._applier and not self.applies:
                continue
            ready: list[Job] = []
            for job in lane.jobs:
                at = now if job.every else times.get(job.name)
                if at is None or at > now:
                    job.passes = 0
                wait = _wait(job, at, now, moment)
                if wait <= 0:
                    ready.append(job)
                else:
                    nap = min(nap, wait)
            if ready:
                lane.give(ready)
        return nap

    def _beat(self) -> None:
        applies = self.applies
        if time.monotonic() - self._beaten > BEAT_EVERY or applies != self._said:
            self._beats.write(self._app.db, self._app.clock.real(), applies=applies)
            self._beaten = time.monotonic()
            self._said = applies

    def _times(self, now: datetime) -> Times:
        """When each job has work next; sends by channel and lane."""
        app = self._app
        times = due(app.db, app.channels, app.pulls)
        send = times.pop("send")
        if send is not None and (send - now).total_seconds() < LONGEST_NAP:
            for channel, lane, at in app.db.fetch(SQL.send_due, {"channels": sorted(app.channels)}):
                times[f"send:{channel}:{lane}"] = at
        return times

    # ── the one that applies ──

    def _contend(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                with closing(self._app.db.contend(APPLIER)) as contender:
                    failures = 0
                    while not self._stop.is_set():
                        lock = contender.try_lock()
                        if lock is None:
                            self._stop.wait(CONTEND_EVERY)
                            continue
                        self._hold(lock)
                        break
            except DatabaseDown:
                failures += 1
                self._stop.wait(doubled(CONTEND_EVERY, failures, LONGEST_RETRY))

    def _hold(self, lock: Db) -> None:
        """Until it is lost, or until the end."""
        self._lost.clear()
        self._lock = lock
        self._app.bell.nudge()
        if not self._stop.is_set():
            self._lost.wait()
        self._lock = None

    def _applied(self, now: datetime) -> Done:
        lock = self._lock
        if lock is None:
            return Done(0)
        self._give_way()
        try:
            return Done(self._apply(self._app, lock, now))
        except DatabaseDown:
            self._lost.set()
            raise

    def _give_way(self) -> None:
        """While visits are late the cores are theirs, for a moment: facts are promised to be
        applied within a second, and a batch of them takes a third of one."""
        until = time.monotonic() + GIVES_WAY
        while time.monotonic() < until and not self._stop.is_set():
            if not self._app.db.fetch(SQL.late, {"at": self._app.clock.now() - LATE}):
                return
            self._stop.wait(LOOKS_EVERY)

    # ── what has no due time ──

    def _chores(self) -> list[Job]:
        app = self._app

        def reclaim(now: datetime) -> Done:
            real = app.clock.real()
            subscribers.reclaim(app.db, real)
            return Done(outbox.reclaim(app.db, now, real, app.context.vendors))

        def months(now: datetime) -> Done:
            with app.db.transaction() as conn:
                return Done(book_months(conn, now))

        def partitions(now: datetime) -> Done:
            with app.db.transaction() as conn:
                ensure_partitions(conn, now)
            return Done(0)

        def forget(now: datetime) -> Done:
            with app.db.transaction() as conn:
                connections.forget(conn, now)
                news.forget(conn, app.clock.real())
            return Done(prune(app.db, app.clock.real(), app.settings.sweep_run_days))

        return [
            Job("reclaim", reclaim, RECLAIM_EVERY),
            Job("partitions", partitions, PARTITIONS_EVERY),
            Job("months", months, MONTHS_EVERY),
            Job("prune", forget, PRUNE_EVERY),
        ]

    def _after(self, items: int) -> None:
        """What was done may have made work for others, here and elsewhere."""
        if items:
            self._app.bell.ring()
        else:
            self._app.bell.nudge()


def _wait(job: Job, at: datetime | None, now: datetime, moment: float) -> float:
    """Seconds until this job is to be given out."""
    due_in = LONGEST_NAP if at is None else (at - now).total_seconds()
    return max(due_in, job.rest_until - moment)
