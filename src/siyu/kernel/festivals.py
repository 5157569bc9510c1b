"""Festivals and shopping days, by rule: a day of a calendar, or a weekday of a month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal, NamedTuple, TypeAlias, get_args

from siyu.kernel.calendar import Yearly

FestivalCode: TypeAlias = Literal[
    "new_year", "valentines", "womens_day", "520", "childrens_day", "618", "teachers_day",
    "national_day", "singles_day", "double_12", "christmas", "mothers_day", "fathers_day",
    "laba", "new_years_eve", "spring_festival", "lantern", "dragon_boat", "qixi", "mid_autumn",
    "double_ninth",
]  # fmt: skip
_SUNDAY = 6


class Weekday(NamedTuple):
    """The n-th such day of the week in a month."""

    month: int
    nth: int
    weekday: int = _SUNDAY

    def on(self, year: int) -> date:
        """The day of this year."""
        first = date(year, self.month, 1)
        return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1))

    def next(self, after: date) -> date:
        """The first one, `after` included."""
        this = self.on(after.year)
        return this if this >= after else self.on(after.year + 1)


class Festival(NamedTuple):
    """What it is called, and when it comes."""

    zh: str
    en: str
    day: Yearly | Weekday


def _solar(month: int, day: int) -> Yearly:
    assert 1 <= day <= monthrange(2024, month)[1]  # noqa: S101 - the table below is ours
    return Yearly("solar", month, day)


def _lunar(month: int, day: int) -> Yearly:
    return Yearly("lunar", month, day)


# New Year's Eve is the last day of the twelfth lunar month: its 30th, on the 29th of a short one.
FESTIVALS: Mapping[str, Festival] = {
    "new_year": Festival("元旦", "New Year", _solar(1, 1)),
    "valentines": Festival("情人节", "Valentine's Day", _solar(2, 14)),
    "womens_day": Festival("妇女节", "Women's Day", _solar(3, 8)),
    "520": Festival("520", "520", _solar(5, 20)),
    "childrens_day": Festival("儿童节", "Children's Day", _solar(6, 1)),
    "618": Festival("618", "618", _solar(6, 18)),
    "teachers_day": Festival("教师节", "Teachers' Day", _solar(9, 10)),
    "national_day": Festival("国庆节", "National Day", _solar(10, 1)),
    "singles_day": Festival("双十一", "Singles' Day", _solar(11, 11)),
    "double_12": Festival("双十二", "Double 12", _solar(12, 12)),
    "christmas": Festival("圣诞节", "Christmas", _solar(12, 25)),
    "mothers_day": Festival("母亲节", "Mother's Day", Weekday(5, 2)),
    "fathers_day": Festival("父亲节", "Father's Day", Weekday(6, 3)),
    "laba": Festival("腊八节", "Laba", _lunar(12, 8)),
    "new_years_eve": Festival("除夕", "New Year's Eve", _lunar(12, 30)),
    "spring_festival": Festival("春节", "Spring Festival", _lunar(1, 1)),
    "lantern": Festival("元宵节", "Lantern Festival", _lunar(1, 15)),
    "dragon_boat": Festival("端午节", "Dragon Boat Festival", _lunar(5, 5)),
    "qixi": Festival("七夕", "Qixi", _lunar(7, 7)),
    "mid_autumn": Festival("中秋节", "Mid-Autumn", _lunar(8, 15)),
    "double_ninth": Festival("重阳节", "Double Ninth", _lunar(9, 9)),
}
assert FESTIVALS.keys() == set(get_args(FestivalCode))  # noqa: S101 - one list, written twice


def coming(code: str, after: date) -> date | None:
    """The first day of this festival, `after` included; None behind the lunar tables.

    >>> coming("mid_autumn", date(2026, 1, 1)), coming("mothers_day", date(2026, 1, 1))
    (datetime.date(2026, 9, 25), datetime.date(2026, 5, 10))
    """
    return FESTIVALS[code].day.next(after)
