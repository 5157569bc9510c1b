"""Who works, how the sweeps fare, and what is stuck: for people and monitors."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from siyu.kernel.sql import Conn, Db
from siyu.worker.beats import BEAT_EVERY
from siyu.worker.sweeps import SQL, Times, due

FRESH = timedelta(seconds=4 * BEAT_EVERY)
STUCK = timedelta(minutes=1)
LATELY = timedelta(minutes=5)
UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)  # due at once, and nobody knows since when


class Live(NamedTuple):
    """A process that works, or did: `alive` by its beat and by its sessions."""

    name: str
    lanes: list[str]
    applies: bool
    started_at: datetime
    beat_at: datetime
    sessions: int
    alive: bool


class Fared(NamedTuple):
    """How a sweep fared lately, over all processes; `lag` in seconds."""

    sweep: str
    runs: int
    items: int
    seconds: float
    failures: int
    last_error: str
    lag: float

    @property
    def fails(self) -> bool:
        """Did it do nothing but fail?"""
        return self.failures > 0 and self.failures == self.runs


def workers(conn: Conn, real: datetime) -> list[Live]:
    """Processes that have not left, the eldest first."""
    return [
        Live(*row, alive=row[4] > real - FRESH and row[5] > 0) for row in conn.fetch(SQL.workers)
    ]


def lately(conn: Conn, real: datetime, span: timedelta = LATELY) -> list[Fared]:
    """How each sweep fared in the last minutes."""
    since = (real - span).replace(second=0, microsecond=0)
    return [Fared(*row) for row in conn.fetch(SQL.lately, {"since": since})]


def lags(db: Db | Conn, channels: Collection[str], now: datetime) -> dict[str, float]:
    """For how many seconds the oldest due work of each sweep has waited; 0: none is due."""
    return waited(due(db, channels), now)


def waited(times: Times, now: datetime) -> dict[str, float]:
    """The same, of times that were asked for already."""
    return {
        name: max((now - at).total_seconds(), 0.0) if at is not None and at > UNKNOWN else 0.0
        for name, at in times.items()
    }


class Owed(NamedTuple):
    """What waits to go out on a channel; `oldest` is when the first of it was due."""

    channel: str
    lane: str
    touches: int
    oldest: datetime


class Total(NamedTuple):
    """What a sweep did since ever."""

    sweep: str
    runs: int
    items: int
    seconds: float
    failures: int


class Measured(NamedTuple):
    """Everything that a monitor asks for at once."""

    applied: int
    pending: int
    parked: int
    lags: dict[str, float]
    owed: list[Owed]
    unknown: dict[str, int]
    totals: list[Total]
    failing: set[str]
    alive: int


def measure(db: Db, channels: Collection[str], now: datetime, real: datetime) -> Measured:
    """How the installation stands now. Counts cost what waits, not what was."""
    with db.transaction() as conn:
        ((applied, pending, parked),) = conn.fetch(SQL.inbox)
        return Measured(
            applied,
            pending,
            parked,
            lags(conn, channels, now),
            [Owed(*row) for row in conn.fetch(SQL.owed_now)],
            dict(conn.fetch(SQL.unknown_now)),
            [Total(*row) for row in conn.fetch(SQL.totals)],
            {one.sweep for one in lately(conn, real, timedelta(minutes=1)) if one.fails},
            sum(one.alive for one in workers(conn, real)),
        )
