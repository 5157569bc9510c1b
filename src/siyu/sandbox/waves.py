"""When the warehouse plans, freezes and ships: pure times of day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.sandbox.parameters import Wave


class Round(NamedTuple):
    """A wave of one day: orders paid before `plan` are frozen at `cutoff` and leave at `ships`."""

    plan: datetime
    cutoff: datetime
    ships: datetime


def next_round(waves: Sequence[Wave], after: datetime, zone: ZoneInfo) -> Round:
    """The first round whose plan is made later than `after`.

    >>> from datetime import UTC
    >>> wave = Wave("05:00", "15:00", "18:00")
    >>> str(next_round([wave], datetime(2026, 3, 2, 6, tzinfo=UTC), ZoneInfo("UTC")).cutoff)
    '2026-03-03 15:00:00+00:00'
    """
    first = after.astimezone(zone).date()
    rounds = [
        Round(*(datetime.combine(day, time.fromisoformat(clock), zone) for clock in clocks))
        for day in (first, first + timedelta(days=1))
        for clocks in ((wave.plan, wave.cutoff, wave.ships) for wave in waves)
    ]
    return min(found for found in rounds if found.plan > after)
