"""What a process tells of itself: that it lives, and how its sweeps fare, every few seconds."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from siyu.kernel.sql import Db
from siyu.worker.sweeps import SQL

BEAT_EVERY = 5.0  # seconds
SILENT_DAYS = 1  # after so long a silent process is no longer listed


@dataclass
class Minute:
    """How one sweep fared in one minute."""

    runs: int = 0
    items: int = 0
    seconds: float = 0.0
    failures: int = 0
    last_error: str = ""
    lag: float = 0.0


class Beats:
    """Adds up in memory what lanes tell, and writes it in one statement."""

    def __init__(self, name: str, lanes: Sequence[str], started: datetime) -> None:
        self._me = {"name": name, "lanes": list(lanes), "started": started}
        self._lock = threading.Lock()
        self._minute = _minute(started)
        self._told: dict[tuple[datetime, str], Minute] = {}

    def ran(self, sweep: str, items: int, seconds: float, error: str) -> None:
        """A batch is over; `error` where something was wrong."""
        with self._lock:
            one = self._told.setdefault((self._minute, sweep), Minute())
            one.runs += 1
            one.items += items
            one.seconds += seconds
            if error:
                one.failures += 1
                one.last_error = error[:500]

    def late(self, lags: Mapping[str, float]) -> None:
        """For how long the oldest due work of these sweeps has waited."""
        with self._lock:
            for sweep, lag in lags.items():
                one = self._told.setdefault((self._minute, sweep), Minute())
                one.lag = max(one.lag, lag)

    def write(self, db: Db, real: datetime, *, applies: bool) -> None:
        """Tell the database; what could not be told is told with the next beat."""
        with self._lock:
            told, self._told, self._minute = self._told, {}, _minute(real)
        rows = sorted(told.items())
        try:
            db.fetch(
                SQL.beat,
                {
                    **self._me,
                    "applies": applies,
                    "real": real,
                    "minutes": [minute for (minute, _), _ in rows],
                    "sweeps": [sweep for (_, sweep), _ in rows],
                    "runs": [one.runs for _, one in rows],
                    "items": [one.items for _, one in rows],
                    "seconds": [one.seconds for _, one in rows],
                    "failures": [one.failures for _, one in rows],
                    "errors": [one.last_error for _, one in rows],
                    "lags": [one.lag for _, one in rows],
                },
            )
        except BaseException:
            self._keep(told)
            raise

    def leave(self, db: Db) -> None:
        """The end, said in order."""
        with db.transaction() as conn:
            conn.execute(SQL.leave, {"name": self._me["name"]})

    def _keep(self, told: Mapping[tuple[datetime, str], Minute]) -> None:
        with self._lock:
            for key, old in told.items():
                new = self._told.setdefault(key, Minute())
                new.runs += old.runs
                new.items += old.items
                new.seconds += old.seconds
                new.failures += old.failures
                new.last_error = new.last_error or old.last_error
                new.lag = max(new.lag, old.lag)


def prune(db: Db, real: datetime, days: int) -> int:
    """Forget minutes older than that, and processes that have long been silent."""
    with db.transaction() as conn:
        times = {
            "before": real - timedelta(days=days),
            "silent": real - timedelta(days=SILENT_DAYS),
        }
        return conn.execute(SQL.prune, times)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
