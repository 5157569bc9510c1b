"""Months of age: a child is known by the month of birth alone, and the whole of it is month 0."""

from __future__ import annotations

from datetime import date

OLDEST = 216  # months: at 18 years nobody is a child any more


def month_of(day: date, ago: int = 0) -> str:
    """The month that lies so many before that of `day`.

    >>> month_of(date(2026, 1, 31)), month_of(date(2026, 1, 31), 2)
    ('2026-01', '2025-11')
    """
    months = day.year * 12 + day.month - 1 - ago
    return f"{months // 12:04}-{months % 12 + 1:02}"


def age(born: str, today: date) -> int:
    """In whole months, of who was born in that month.

    >>> age("2025-11", date(2026, 2, 1))
    3
    """
    year, month = map(int, born.split("-"))
    return (today.year - year) * 12 + today.month - month


def turns(born: str, months: int) -> date:
    """The day on which they come to that age: the first of a month.

    >>> turns("2025-11", 3)
    datetime.date(2026, 2, 1)
    """
    year, month = map(int, born.split("-"))
    at = year * 12 + month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def next_mark(born: str, marks: tuple[int, ...], after: date) -> date | None:
    """The first day, `after` included, on which they come to one of these ages.

    >>> next_mark("2025-11", (3, 6), date(2026, 2, 2)), next_mark("2025-11", (3,), date(2026, 2, 2))
    (datetime.date(2026, 5, 1), None)
    """
    return min((day for one in marks if (day := turns(born, one)) >= after), default=None)
