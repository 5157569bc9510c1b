"""Wakes who rests until there is work: in this process at once, in the others by LISTEN/NOTIFY.

Nothing hangs on it: a ring that is missed costs lateness, since everybody looks by himself, too.
So it is told after the transaction that made work, on another connection, and many rings in a row
are told once. A commit that notifies waits for every other one that does: in the accept it would
have one event after the other wait for the disk.
"""

from __future__ import annotations

import threading
from contextlib import closing

from siyu.db.pool import Pool
from siyu.kernel.errors import DatabaseDown
from siyu.kernel.sql import load
from siyu.kernel.time import doubled

SQL = load("siyu.db")
CHANNEL = "siyu_work"
TOGETHER = 0.025  # seconds: rings that come so soon after one another are told as one
LISTENED = 0.5  # seconds between looks whether the bell is closed
LONGEST_RETRY = 5.0


class Bell:
    """Once it is open it is heard in other processes, and hears theirs; until then only here."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._rung = threading.Event()
        self._tell = threading.Event()
        self._closed = threading.Event()
        self._opening = threading.Lock()
        self._threads: list[threading.Thread] = []

    def ring(self) -> None:
        """There is work."""
        self._rung.set()
        self._tell.set()

    def nudge(self) -> None:
        """There is work, of which the others need not hear."""
        self._rung.set()

    def rest(self, seconds: float) -> None:
        """Until there is work, at most so long. For one thread of a process."""
        self._rung.wait(seconds)
        self._rung.clear()

    def open(self) -> None:
        """Speak and listen from now on. Twice is once."""
        with self._opening:
            if not self._threads:
                self._threads = [
                    threading.Thread(target=work, name=f"siyu-bell-{name}", daemon=True)
                    for name, work in (("tells", self._tells), ("hears", self._hears))
                ]
                for thread in self._threads:
                    thread.start()

    def close(self) -> None:
        """Neither speak nor listen any more."""
        self._closed.set()
        self._tell.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _tells(self) -> None:
        while True:
            self._tell.wait()
            self._tell.clear()
            if self._closed.is_set():
                return
            try:
                self._pool.fetch(SQL.ring, {"who": self._pool.name})
            except DatabaseDown:
                self._closed.wait(LISTENED)  # they look by themselves
            self._closed.wait(TOGETHER)

    def _hears(self) -> None:
        failures = 0
        while not self._closed.is_set():
            try:
                with closing(self._pool.listen(CHANNEL)) as ear:
                    self._rung.set()  # what was said while nobody listened
                    failures = 0
                    while not self._closed.is_set():
                        if any(who != self._pool.name for who in ear.wait(LISTENED)):
                            self._rung.set()
            except DatabaseDown:
                failures += 1
                self._closed.wait(doubled(0.1, failures, LONGEST_RETRY))
