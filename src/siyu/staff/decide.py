"""Who is at work, and when the next one comes: pure, in the brand's zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from siyu.kernel.time import Hours, doubled
from siyu.staff.model import Duty

AHEAD = 31  # days that are looked at for somebody's next hour
ALL_DAY = (Hours(clock_time(0), clock_time.max),)

IDLE = timedelta(hours=12)  # a session that nobody uses so long is over
LONGEST_SESSION = timedelta(days=14)
FREE_BY_ACCOUNT = 5  # wrong passwords before the first wait
FREE_BY_ADDRESS = 30  # a store's people come from one
FORGET = timedelta(days=1)
LONGEST_WAIT = 15 * 60.0  # seconds


def at_work(duty: Duty, now: datetime, zone: ZoneInfo) -> bool:
    """In their hours, and not off."""
    return _leave_ends(duty, now) == now and any(
        opens <= now < closes for opens, closes in _day(duty, now, 0, zone)
    )


def next_at_work(duty: Duty, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment from now on; None: not within a month, or nobody knows when."""
    moment = _leave_ends(duty, now)
    for days in range(AHEAD):
        for opens, closes in _day(duty, now, days, zone):
            while moment is not None and moment < closes:
                begins = max(opens, moment)
                again = _leave_ends(duty, begins)
                if again == begins:
                    return begins
                moment = again
    return None


def open_hours(
    duty: Duty, since: datetime, until: datetime, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    """When somebody works in a span: their windows, cut to it and less their leaves, in order."""
    found: list[tuple[datetime, datetime]] = []
    for days in range(min((until - since).days + 2, AHEAD)):
        for opens, closes in _day(duty, since, days, zone):
            found += _without(duty, max(opens, since), min(closes, until))
    return found


def _without(duty: Duty, opens: datetime, closes: datetime) -> Iterable[tuple[datetime, datetime]]:
    for off in sorted(duty.off, key=lambda one: one.since):
        if off.since < closes and (off.until is None or off.until > opens):
            if opens < off.since:
                yield opens, off.since
            opens = closes if off.until is None else max(opens, off.until)
    if opens < closes:
        yield opens, closes


def first_at_work(duties: Iterable[Duty], now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the first of them comes."""
    found = [at for duty in duties if (at := next_at_work(duty, now, zone)) is not None]
    return min(found, default=None)


def midnight(now: datetime, zone: ZoneInfo) -> datetime:
    """When the day began."""
    today = now.astimezone(zone).date()
    return datetime.combine(today, clock_time(0), zone).astimezone(UTC)


def _leave_ends(duty: Duty, now: datetime) -> datetime | None:
    """`now` itself outside any leave; None: a leave without an end."""
    for off in sorted(duty.off):
        if off.since <= now:
            if off.until is None:
                return None
            now = max(now, off.until)
    return now


def _day(
    duty: Duty, now: datetime, days: int, zone: ZoneInfo
) -> Iterable[tuple[datetime, datetime]]:
    day = now.astimezone(zone).date() + timedelta(days=days)
    usual = ALL_DAY if duty.week is None else duty.week.get(day.isoweekday(), ())
    for start, end in duty.days.get(day, usual):
        closes = day + timedelta(days=1) if end == clock_time.max else day
        yield (
            datetime.combine(day, start, zone).astimezone(UTC),
            datetime.combine(
                closes, clock_time(0) if end == clock_time.max else end, zone
            ).astimezone(UTC),
        )


def waits(free: int) -> list[int]:
    """Seconds to wait after the first try, the second, …; after more as after the last.

    >>> waits(2)
    [0, 0, 4, 8, 16, 32, 64, 128, 256, 512, 900]
    """
    return [0] * free + [int(doubled(4.0, times, LONGEST_WAIT)) for times in range(9)]
