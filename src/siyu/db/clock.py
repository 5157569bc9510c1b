"""The clocks: the only file that reads the real time; what all others get is an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Db, load
from siyu.kernel.time import Clock

SQL = load("siyu.db")
LOOK_AGAIN_SECONDS = 0.5


class RealClock:
    """Both times are the wall clock's."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)

    def real(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """The sandbox's time, for the one who makes it: it stands still until it is set again.

    Other processes read it from a row, through an `OffsetClock`. They look twice a second, so the
    row is written no more often; `tell` writes it at once.
    """

    def __init__(self, db: Db) -> None:
        self._db = db
        self._now: datetime | None = None
        self._told = float("-inf")

    def now(self) -> datetime:
        """The time that was set last, here or before this process began."""
        if self._now is None:
            row = _row(self._db)
            if row is None:
                raise Refused(
                    Sentence("The virtual clock has not been set yet.", "虚拟时钟还没有设定。")
                )
            self._now = row[0]
        return self._now

    def real(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)

    def set(self, now: datetime) -> None:
        """Step to this time; never backwards."""
        row = _row(self._db) if self._now is None else (self._now,)
        if row is not None and now < row[0]:
            raise Refused(
                Sentence(
                    f"The virtual clock stands at {row[0]}; it does not go back to {now}.",
                    f"虚拟时钟在 {row[0]}；不能退回到 {now}。",
                )
            )
        self._now = now
        if time.monotonic() - self._told > LOOK_AGAIN_SECONDS:
            self.tell()

    def tell(self) -> None:
        """Write the row that other processes read."""
        with self._db.transaction() as conn:
            conn.execute(SQL.set_clock_offset, {"virtual": self.now(), "real": self.real()})
        self._told = time.monotonic()


class OffsetClock:
    """Virtual time as any other process sees it: goes on from what was set, at the real pace."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._looked = 0.0
        self._row: tuple[datetime, datetime] | None = None

    def now(self) -> datetime:
        """Virtual time now; the wall clock where no virtual time was ever set."""
        if self._row is None or time.monotonic() - self._looked > LOOK_AGAIN_SECONDS:
            self._row = _row(self._db)
            self._looked = time.monotonic()
        if self._row is None:
            return self.real()
        virtual, real = self._row
        return virtual + (self.real() - real)

    def real(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)


def clock_of(db: Db) -> Clock:
    """The clock that this database lives by: real, unless a sandbox ever set a virtual one."""
    return RealClock() if _row(db) is None else OffsetClock(db)


def _row(db: Db) -> tuple[datetime, datetime] | None:
    with db.transaction() as conn:
        rows = conn.fetch(SQL.clock_offset)
    return (rows[0][0], rows[0][1]) if rows else None
