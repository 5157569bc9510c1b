"""Dates that come every year: each year once, on a day that the year has, by stated rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.calendar import FIRST_LUNAR, LAST_LUNAR, Yearly, falling_on

SOLAR = st.builds(Yearly, st.just("solar"), st.integers(1, 12), st.integers(1, 31))
LUNAR = st.builds(Yearly, st.just("lunar"), st.integers(1, 12), st.integers(1, 30))
YEARLY = st.one_of(SOLAR, LUNAR).filter(lambda yearly: yearly.real)
DAYS = st.dates(date(1901, 1, 1), date(2100, 1, 1))


@given(YEARLY, DAYS)
def test_the_next_day_is_the_first_on_which_the_date_falls(yearly: Yearly, after: date) -> None:
    found = yearly.next(after)

    assert found is not None
    assert yearly in falling_on(found)
    days = (after + timedelta(days=count) for count in range((found - after).days))
    assert not any(yearly in falling_on(day) for day in days)


@given(YEARLY, st.integers(FIRST_LUNAR, LAST_LUNAR))
def test_a_date_comes_once_in_each_year_of_its_calendar(yearly: Yearly, year: int) -> None:
    day = yearly.on(year)

    assert day is not None
    assert yearly in falling_on(day)


@pytest.mark.parametrize(
    ("yearly", "year", "day"),
    [
        (Yearly("solar", 2, 29), 2028, date(2028, 2, 29)),
        (Yearly("solar", 2, 29), 2100, date(2100, 2, 28)),  # no leap year
        (Yearly("solar", 2, 29), 2000, date(2000, 2, 29)),
        (Yearly("lunar", 1, 1), 2026, date(2026, 2, 17)),
        (Yearly("lunar", 8, 15), 2026, date(2026, 9, 25)),
        (
            Yearly("lunar", 12, 30),
            2024,
            date(2025, 1, 28),
        ),  # 除夕 of a short month
        (Yearly("lunar", 12, 30), 2023, date(2024, 2, 9)),
        (Yearly("lunar", 6, 1), 2025, date(2025, 6, 25)),  # and not in the leap sixth month
        (Yearly("lunar", 12, 29), 2100, date(2101, 1, 28)),
        (Yearly("lunar", 1, 1), 2101, None),
        (Yearly("lunar", 1, 1), 1899, None),
    ],
)
def test_the_stated_rules(yearly: Yearly, year: int, day: date | None) -> None:
    assert yearly.on(year) == day


def test_a_lunar_leap_month_repeats_nothing() -> None:
    leap = date(2025, 7, 25)  # the first day of the leap sixth month of 2025

    assert [yearly.calendar for yearly in falling_on(leap)] == ["solar"]


def test_behind_the_tables_only_solar_dates_come() -> None:
    assert Yearly("lunar", 1, 1).next(date(2101, 1, 1)) is None
    assert Yearly("solar", 1, 1).next(date(2101, 1, 2)) == date(2102, 1, 1)
    assert falling_on(date(2101, 1, 29)) == [Yearly("solar", 1, 29)]
    assert falling_on(date(1900, 1, 30)) == [Yearly("solar", 1, 30)]
    assert [one.calendar for one in falling_on(date(2101, 1, 28))] == ["solar", "lunar", "lunar"]


@pytest.mark.parametrize(
    ("calendar", "month", "day"),
    [("solar", 2, 30), ("solar", 4, 31), ("solar", 13, 1), ("lunar", 1, 31), ("lunar", 0, 1)],
)
def test_days_that_no_year_has(calendar: str, month: int, day: int) -> None:
    assert not Yearly("lunar" if calendar == "lunar" else "solar", month, day).real
