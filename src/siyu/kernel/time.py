"""Time: `now` is always an argument, aware and in UTC; local hours belong to a brand's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple, Protocol, TypeAlias, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from siyu.kernel.sentence import Sentence


class Clock(Protocol):
    """The one clock of a process. Real, or the sandbox's virtual one."""

    def now(self) -> datetime:
        """The time that facts and due dates live in; virtual in the sandbox."""
        ...

    def real(self) -> datetime:
        """Wall-clock time: only leases and back-off use it."""
        ...


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d{1,9})([smhdw])")


def duration(text: str) -> timedelta:
    """`5m`, `2h`, `1h30m`, `14d` as a span of time; ValueError says what would be right.

    >>> duration("1h30m")
    datetime.timedelta(seconds=5400)
    """
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(
            Sentence(
                f"{text!r} is not a duration; write it like 30s, 5m, 2h, 14d or 1h30m",
                f"{text!r} 不是时长；请写成 30s、5m、2h、14d 或 1h30m",
            )
        )
    seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if seconds > 10 * 366 * 86400:
        raise ValueError(Sentence(f"{text!r} is longer than ten years", f"{text!r} 超过十年"))
    return timedelta(seconds=seconds)


def doubled(first: float, times: int, longest: float) -> float:
    """What to wait after trouble: doubled each time, up to `longest`, for however long it lasts."""
    return min(first * 2 ** min(times, 60), longest)  # 2 ** 1024 is no number of seconds any more


def zone(name: str) -> ZoneInfo:
    """An IANA time zone; ValueError if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            Sentence(
                f"{name!r} is not a time zone; write it like Asia/Shanghai",
                f"{name!r} 不是时区；请写成 Asia/Shanghai",
            )
        ) from None


class Hours(NamedTuple):
    """A daily window of local time, from `start` (in) to `end` (out); never over midnight."""

    start: time
    end: time

    def next(self, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The window that `now` is in, else the next one, as (opens or now, closes), in UTC."""
        local = now.astimezone(zone)
        for days in range(3):
            day = local.date() + timedelta(days=days)
            opens = datetime.combine(day, self.start, zone).astimezone(UTC)
            closes = datetime.combine(day, self.end, zone).astimezone(UTC)
            if now < closes and opens < closes:  # else lost in the hour that clocks jump over
                return max(opens, now), closes
        raise AssertionError("no zone loses its window twice in a row")


Weekday: TypeAlias = Literal[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
]


def next_time(at: time, now: datetime, zone: ZoneInfo, weekday: Weekday | None = None) -> datetime:
    """The next moment, always later than `now`, at which clocks in the zone show this, on any day
    or on this day of the week; in UTC.

    In the hour that a change of clocks leaves out, the same span after midnight is meant.
    """
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=days) for days in range(10))
    wanted = None if weekday is None else get_args(Weekday).index(weekday)
    shown = (moment(day, at, zone) for day in days if wanted in (None, day.weekday()))
    return next(found for found in shown if found > now)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When clocks in the zone show this on that day, in UTC; lost hours as in `next_time`."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def hours(text: str) -> Hours:
    """`08:00-22:00` as a daily window.

    >>> hours("08:00-22:00").end
    datetime.time(22, 0)
    """
    try:
        start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise ValueError(
            Sentence(
                f"{text!r} are no hours; write them like 08:00-22:00",
                f"{text!r} 不是时段；请写成 08:00-22:00",
            )
        ) from None
    if start >= end:
        raise ValueError(
            Sentence(
                f"{text!r}: the end must be later than the start on the same day",
                f"{text!r}：结束必须晚于同一天的开始",
            )
        )
    return Hours(start, end)


@dataclass(frozen=True)
class Opening:
    """The hours of a day in which a touch may go out: one window, or several."""

    windows: tuple[Hours, ...]

    def next(self, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The window that `now` is in, else the next: (opens or now, closes)."""
        return min(window.next(now, zone) for window in self.windows)


def opening(text: str) -> Opening:
    """`09:00-21:00`, or several: `10:00-12:00, 14:00-20:00`; ValueError says what would be right.

    >>> len(opening("10:00-12:00, 14:00-20:00").windows)
    2
    """
    return Opening(tuple(sorted(hours(part) for part in text.split(","))))


EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def instant(text: str) -> datetime:
    """An ISO 8601 time with its offset, in UTC; ValueError names what is wrong.

    >>> instant("2026-11-20T10:00:00+08:00").isoformat()
    '2026-11-20T02:00:00+00:00'
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            Sentence(f"{text!r} is not an ISO 8601 time", f"{text!r} 不是 ISO 8601 时间")
        ) from None
    if found.tzinfo is None:
        raise ValueError(
            Sentence(
                f"{text!r} has no offset; add +08:00 or Z", f"{text!r} 没有时差；请加上 +08:00 或 Z"
            )
        )
    try:
        at = found.astimezone(UTC)
    except OverflowError:
        raise ValueError(
            Sentence(f"{text!r} is outside the years that can be used", f"{text!r} 超出可用的年份")
        ) from None
    if at < EARLIEST or at.year > 2200:
        raise ValueError(
            Sentence(
                f"{text!r} is outside the years 1990 to 2200", f"{text!r} 不在 1990 到 2200 年之间"
            )
        )
    return at
