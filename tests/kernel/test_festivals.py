"""Festivals by rule, and the lunar years that brands plan with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from borax.calendars.lunardate import LunarDate  # pyright: ignore[reportMissingTypeStubs]

from siyu.kernel.calendar import Yearly, falling_on
from siyu.kernel.festivals import FESTIVALS, coming


@pytest.mark.parametrize(
    ("code", "year", "day"),
    [
        ("spring_festival", 2026, date(2026, 2, 17)),
        ("new_years_eve", 2026, date(2026, 2, 16)),  # of a twelfth month of 29 days
        ("new_years_eve", 2024, date(2024, 2, 9)),  # of one of 30
        ("qixi", 2025, date(2025, 8, 29)),  # behind a leap sixth month
        ("mid_autumn", 2026, date(2026, 9, 25)),
        ("dragon_boat", 2026, date(2026, 6, 19)),
        ("mothers_day", 2026, date(2026, 5, 10)),
        ("fathers_day", 2027, date(2027, 6, 20)),
        ("520", 2026, date(2026, 5, 20)),
    ],
)
def test_a_festival_comes_on_its_day(code: str, year: int, day: date) -> None:
    assert coming(code, date(year, 1, 1)) == day
    assert coming(code, day) == day
    behind = coming(code, day + timedelta(days=1))
    assert behind is not None
    assert 300 < (behind - day).days < 400


def test_each_festival_has_a_day_that_some_year_has_and_a_name_of_its_own() -> None:
    for one in FESTIVALS.values():
        assert not isinstance(one.day, Yearly) or one.day.real
    assert len({one.zh for one in FESTIVALS.values()}) == len(FESTIVALS)


def test_the_lunar_days_of_2024_to_2035_are_those_of_borax() -> None:
    """Both ways, each day, leap months among them: 2025 the 6th, 2028 the 5th, 2031 the 3rd, 2033
    the 11th."""
    leaps: set[tuple[int, int]] = set()
    day = date(2024, 1, 1)
    while day < date(2036, 1, 1):
        theirs = LunarDate.from_solar(day)
        ours = {(one.month, one.day) for one in falling_on(day) if one.calendar == "lunar"}
        if theirs.leap:
            leaps.add((theirs.year, theirs.month))
            assert ours == set()
        else:
            assert (theirs.month, theirs.day) in ours
            assert ours <= {(theirs.month, theirs.day), (theirs.month, 30)}
            assert Yearly("lunar", theirs.month, theirs.day).on(theirs.year) == day
        day += timedelta(days=1)
    assert leaps == {(2025, 6), (2028, 5), (2031, 3), (2033, 11)}
