"""A brand abroad, whose clocks change: waits held against clocks that are read minute by minute,
and against the two calendars, read day by day."""

from __future__ import annotations

from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import cast
from zoneinfo import ZoneInfo

from borax.calendars.lunardate import LunarDate  # pyright: ignore[reportMissingTypeStubs]
from hypothesis import example, given
from hypothesis import strategies as st

from siyu.journeys.model import StepId
from siyu.journeys.model.enter import DateName
from siyu.journeys.nodes.wait import Daily, OfCustomer, Wait, Weekly
from siyu.kernel.calendar import Yearly
from siyu.kernel.time import Weekday, instant

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONDON = ZoneInfo("Europe/London")
# One that jumps by half an hour, and one that jumps at midnight: a day of its begins at one.
ZONES = [LONDON, *map(ZoneInfo, ("America/New_York", "Australia/Lord_Howe", "America/Santiago"))]


@cache
def days(zone: ZoneInfo, year: int) -> dict[date, list[datetime]]:
    """The minutes of each day of theirs within two days of a change of clocks."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    noons = [start + n * DAY for n in range(367)]
    changes = [
        at
        for at in noons
        if (at + DAY).astimezone(zone).utcoffset() != at.astimezone(zone).utcoffset()
    ]
    found: dict[date, list[datetime]] = {}
    for at in changes:
        for n in range(-4 * 1440, 5 * 1440):
            minute = at + n * MINUTE
            found.setdefault(minute.astimezone(zone).date(), []).append(minute)
    return found


def shows(minutes: list[datetime], at: time, zone: ZoneInfo) -> datetime:
    """When clocks show this on that day: for the first time where they do so twice, and so long
    after the day's beginning where they never do."""
    shown = (minute for minute in minutes if minute.astimezone(zone).time() == at)
    return next(shown, minutes[0] + timedelta(hours=at.hour, minutes=at.minute))


clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
early = st.builds(time, st.integers(0, 3), st.integers(0, 59))
minutes_off = st.integers(-2 * 1440, 2 * 1440)


@given(st.sampled_from(ZONES), st.integers(2026, 2029), st.integers(0, 1), minutes_off,
       st.one_of(st.just(time(10)), early, clocks))  # fmt: skip
def test_a_time_of_day_is_the_next_one_that_clocks_show_over_every_change(
    zone: ZoneInfo, year: int, which: int, off: int, at: time
) -> None:
    around = days(zone, year)
    middle = sorted(around)[len(around) * (1 + 2 * which) // 4]
    since = around[middle][0] + off * MINUTE
    known = [shows(minutes, at, zone) for day, minutes in sorted(around.items())
             if abs(day - middle) <= 3 * DAY]  # fmt: skip
    expected = min(shown for shown in known if shown > since)

    found = Wait(Daily(at)).over(since, zone)
    assert found == expected
    if at == time(10):
        assert found.astimezone(zone).time() == at
        assert timedelta() < found - since <= timedelta(hours=25)
    weekday = cast("Weekday", expected.astimezone(zone).strftime("%A").lower())
    assert Wait(Weekly(weekday, at)).over(since, zone) == expected


# ── Yearly dates ─────────────────────────────────────────────────────────────────────────────────


def comes(yearly: Yearly, day: date) -> bool:
    """By the rules as they are written in the guide, docs/guides/tags.md."""
    if yearly.calendar == "solar":
        leap_day = (yearly.month, yearly.day) == (2, 29) and not isleap(day.year)
        return (day.month, day.day) == ((2, 28) if leap_day else (yearly.month, yearly.day))
    lunar, tomorrow = LunarDate.from_solar(day), LunarDate.from_solar(day + DAY)
    if lunar.leap or lunar.month != yearly.month:
        return False
    short = lunar.day == 29 and tomorrow.day == 1
    return lunar.day == yearly.day or (yearly.day == 30 and short)


SOLAR = [Yearly("solar", *day) for day in ((2, 28), (2, 29), (3, 1), (3, 28), (10, 25), (12, 31))]
LUNAR = [Yearly("lunar", *day) for day in ((1, 1), (2, 30), (6, 1), (6, 30), (12, 29), (12, 30))]
yearly = st.one_of(
    st.sampled_from(SOLAR + LUNAR),
    st.builds(Yearly, st.just("solar"), st.integers(1, 12), st.integers(1, 28)),
    st.builds(Yearly, st.just("lunar"), st.integers(1, 12), st.integers(1, 30)),
)


@given(yearly, st.integers(0, 10), st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1)),  # noqa: DTZ001
       st.one_of(st.just(time(10)), clocks))  # fmt: skip
@example(Yearly("solar", 2, 29), 0, datetime(2027, 2, 27), time(10))  # noqa: DTZ001 - a common year
@example(Yearly("solar", 2, 29), 1, datetime(2028, 2, 27), time(10))  # noqa: DTZ001 - and a leap one
@example(Yearly("solar", 3, 28), 0, datetime(2027, 3, 27), time(1, 30))  # noqa: DTZ001 - the hour is lost
@example(Yearly("lunar", 6, 1), 0, datetime(2025, 7, 24), time(10))  # noqa: DTZ001 - a leap sixth month
@example(Yearly("lunar", 2, 30), 0, datetime(2033, 1, 1), time(10))  # noqa: DTZ001 - before a leap month
def test_a_yearly_date_comes_on_its_day_at_the_hour_that_clocks_in_london_show(
    yearly: Yearly, less: int, since: datetime, at: time
) -> None:
    length = OfCustomer(DateName("birthday"), at, StepId("s"), less * DAY)
    behind = since.replace(tzinfo=UTC)
    found = length.next(yearly, behind, LONDON)
    assert found is not None

    first = behind.astimezone(LONDON).date()
    for n in count():  # every day is looked at, the first that fits is the one
        day = first + n * DAY
        if comes(yearly, day + less * DAY):
            midnight = datetime.combine(day, time(), LONDON)
            minutes = [midnight.astimezone(UTC) + m * MINUTE for m in range(25 * 60)]
            due = shows([m for m in minutes if m.astimezone(LONDON).date() == day], at, LONDON)
            if due > behind:
                break
    assert found == due
    assert found.astimezone(LONDON).date() == day


def test_clocks_are_read_right() -> None:
    """The two changes of 2027 in London: a Sunday of 23 hours and one of 25."""
    around = days(LONDON, 2027)
    spring, autumn = date(2027, 3, 28), date(2027, 10, 31)
    assert (len(around[spring]), len(around[autumn])) == (23 * 60, 25 * 60)
    for day, at, shown in (
        (spring, time(10), "2027-03-28T09:00:00Z"), (spring, time(1, 30), "2027-03-28T01:30:00Z"),
        (autumn, time(10), "2027-10-31T10:00:00Z"), (autumn, time(1, 30), "2027-10-31T00:30:00Z"),
    ):  # fmt: skip
        assert shows(around[day], at, LONDON) == instant(shown)
