"""Dates that come back every year, in the solar calendar or the lunar one.

The rules, for days that a year may lack:

- 29 February comes on 28 February in a common year;
- the 30th of a lunar month that has only 29 days comes on the 29th;
- a lunar leap month repeats nothing: who was born in one keeps the month of the same number.

The lunar tables hold the years 1900 to 2100; behind them no lunar date comes any more.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal, NamedTuple, TypeAlias

Calendar: TypeAlias = Literal["solar", "lunar"]

FIRST_LUNAR, LAST_LUNAR = 1900, 2100  # lunar years
_TABLES = date(1900, 1, 31), date(2101, 1, 28)  # the solar days that they cover
_MONTHS, _LONGEST_LUNAR, _LEAP = 12, 30, 2024
FEBRUARY, LEAP_DAY = 2, 29


class Yearly(NamedTuple):
    """A month and a day of a calendar, without a year."""

    calendar: Calendar
    month: int
    day: int

    @property
    def real(self) -> bool:
        """Whether some year has such a day."""
        if not 1 <= self.month <= _MONTHS:
            return False
        lunar = self.calendar == "lunar"
        longest = _LONGEST_LUNAR if lunar else monthrange(_LEAP, self.month)[1]
        return 1 <= self.day <= longest

    def on(self, year: int) -> date | None:
        """The day on which it comes in this year of its calendar; None outside the tables.

        >>> Yearly("solar", 2, 29).on(2026), Yearly("lunar", 1, 1).on(2026)
        (datetime.date(2026, 2, 28), datetime.date(2026, 2, 17))
        """
        if self.calendar == "solar":
            return date(year, self.month, min(self.day, monthrange(year, self.month)[1]))
        if not FIRST_LUNAR <= year <= LAST_LUNAR:
            return None
        day = min(self.day, _lunar_days(year, self.month))
        return _solar(year, self.month, day)

    def next(self, after: date) -> date | None:
        """The first day on which it comes, `after` included; None behind the lunar tables."""
        days = (self.on(year) for year in range(after.year - 1, after.year + 2))
        return next((day for day in days if day is not None and day >= after), None)


def falling_on(day: date) -> list[Yearly]:
    """Every yearly date that comes on this day: the other way round of `Yearly.on`.

    >>> falling_on(date(2026, 2, 28))[:2]
    [Yearly(calendar='solar', month=2, day=28), Yearly(calendar='solar', month=2, day=29)]
    """
    found = [Yearly("solar", day.month, day.day)]
    tomorrow = day + timedelta(days=1)
    if (day.month, day.day) == (FEBRUARY, LEAP_DAY - 1) and tomorrow.month != FEBRUARY:
        found.append(Yearly("solar", FEBRUARY, LEAP_DAY))
    first, last = _TABLES
    if not first <= day <= last:
        return found
    year, month, number, leap = _lunar(day)
    if leap:
        return found
    found.append(Yearly("lunar", month, number))
    if number == _lunar_days(year, month) < _LONGEST_LUNAR:
        found.append(Yearly("lunar", month, _LONGEST_LUNAR))
    return found


# ── The tables: imported where a lunar date is met first ─────────────────────────────────────────


def _lunar(day: date) -> tuple[int, int, int, bool]:
    from borax.calendars.lunardate import LunarDate  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    found = LunarDate.from_solar(day)
    return found.year, found.month, found.day, bool(found.leap)


def _solar(year: int, month: int, day: int) -> date:
    from borax.calendars.lunardate import LunarDate  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    return LunarDate(year, month, day).to_solar_date()


def _lunar_days(year: int, month: int) -> int:
    from borax.calendars.lunardate import LCalendars  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    return LCalendars.ndays(year, month)
