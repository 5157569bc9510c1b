"""Runs the dry runs that people asked for: one after the other, in a thread beside the server.

All that it knows is in the database. Of several servers one runs at a time, and not while a command
does; one that died is followed by the next, which drops what that one left and begins anew.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from datetime import datetime

import structlog

from siyu.app import App
from siyu.dryrun import check, queue
from siyu.dryrun.model import LOCK, Asked, DryRun, Ended, Tell
from siyu.dryrun.place import clear
from siyu.dryrun.render import plain
from siyu.dryrun.run import Cancelled, run
from siyu.events.sweep import describe
from siyu.kernel.errors import DatabaseDown, SiyuError
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.5  # seconds between looks whether somebody wants one
TELL_EVERY = 0.5  # seconds between what it writes of how far it is
PRUNE_EVERY = 3600.0
LAST = 19  # the kernel gives others the cores first
TRIES = 3  # of one that ends its server each time
TROUBLE = Sentence(
    "Something went wrong on our side; it has been logged.", "我们这边出了问题，已记入日志。"
)
DEADLY = Sentence(
    f"The server ended {TRIES} times while it ran; it is not tried again. Try fewer days.",
    f"运行它时服务器中断了 {TRIES} 次，不再重试。请缩短时段。",
)


class Keeper:
    """Runs what waits, until it is stopped."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._ending = threading.Event()
        self._pruned = float("-inf")
        self._thread = threading.Thread(target=self._keep, name="siyu-dry-runs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, patience: float) -> None:
        """End soon; what is under way waits again."""
        self._ending.set()
        self._thread.join(patience)

    def run_once(self) -> bool:
        """Run the next one; False where none waits, or another one is under way."""
        if self._due() is None:
            self._prune()
            return False
        lock = self._app.db.try_lock(LOCK)
        if lock is None:
            return False
        with lock:
            clear(self._app)
            one = self._due()
            if one is not None:
                self._run(one)
            return one is not None

    def _run(self, one: DryRun) -> None:
        app = self._app
        with app.db.transaction() as conn:
            turn = queue.take(conn, one.id)
        if not turn:
            return
        try:
            ended = self._tried(one, turn)
        except Cancelled:
            if self._ending.is_set():
                with app.db.transaction() as conn:
                    queue.give_back(conn, one.id, turn)
                return
            ended = Ended("cancelled")
        except DatabaseDown:
            raise
        except SiyuError as error:
            ended = Ended("failed", None, error.detail, error.problems)
        except Exception as error:  # noqa: BLE001 - whatever it is, people have to know
            log.error("a dry run failed", why=describe(error))  # noqa: TRY400 - a trace quotes values
            ended = Ended("failed", None, TROUBLE)
        with app.db.transaction() as conn:
            queue.end(conn, one.id, turn, ended, app.clock.now())

    def _tried(self, one: DryRun, turn: int) -> Ended:
        if one.cancel_wanted:
            raise Cancelled
        if turn > TRIES:
            return Ended("failed", None, DEADLY)
        if one.journey.startswith(queue.PLAYBOOK):
            asked = queue.tried_playbook(self._app, one.journey, one)
        else:
            rates = check.given(one.rates)
            asked = Asked(one.text, one.since, one.until, rates, one.seed, one.ranges)
        told = run(self._app, asked, self._teller(one, turn), held=True)
        return Ended("done", plain(told))

    def _teller(self, one: DryRun, turn: int) -> Tell:
        """Writes down how far it is, now and then; says when it is to stop."""
        local = zone(self._app.brand.time_zone)
        told = float("-inf")

        def tell(at: datetime, share: float) -> bool:
            nonlocal told
            if self._ending.is_set():
                return False
            moment = time.monotonic()
            if moment - told < TELL_EVERY:
                return True
            told = moment
            with self._app.db.transaction() as conn:
                return queue.how_far(conn, one.id, turn, share, at.astimezone(local).date())

        return tell

    def _clear(self) -> None:
        """What a server that was killed has left."""
        with suppress(DatabaseDown):
            lock = self._app.db.try_lock(LOCK)
            if lock is not None:
                with lock:
                    clear(self._app)

    def _due(self) -> DryRun | None:
        with self._app.db.transaction() as conn:
            return queue.due(conn)

    def _keep(self) -> None:
        with suppress(OSError, AttributeError):  # this thread alone
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LAST)
        self._clear()
        while not self._ending.is_set():
            try:
                if self.run_once():
                    continue
            except Exception as error:  # noqa: BLE001 - whatever it is, the next one must go on
                log.warning("can't look after dry runs; trying again", why=describe(error))
            self._ending.wait(LOOK_EVERY)

    def _prune(self) -> None:
        moment = time.monotonic()
        if moment - self._pruned < PRUNE_EVERY:
            return
        self._pruned = moment
        with self._app.db.transaction() as conn:
            queue.prune(conn, self._app.clock.now())
