"""How often stock is sold in a year, and how many days it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

YEAR = 365


class Count(NamedTuple):
    """What lay at a place on a day. `costed`: pieces whose cost is known, `cost_minor` in all."""

    day: date
    pieces: int
    costed: int
    cost_minor: int


class Stock(NamedTuple):
    """What lay at a place in the mean of the days."""

    counts: int
    pieces: float
    costed: float
    cost_minor: float


def mean(counts: Sequence[Count], first: date, last: date) -> Stock | None:
    """Each count, in the order of days, holds until the next one; days before the first count say
    nothing. None where none holds.

    >>> day = date(2026, 11, 1)
    >>> third = day + timedelta(days=2)
    >>> mean([Count(day, 30, 30, 3_000), Count(third, 0, 0, 0)], day, third)
    Stock(counts=2, pieces=20.0, costed=20.0, cost_minor=2000.0)
    """
    known = [one for one in counts if one.day <= last]
    ends = [*(one.day for one in known[1:]), last + timedelta(days=1)]
    held = [
        (max((end - max(one.day, first)).days, 0), one)
        for one, end in zip(known, ends, strict=False)
    ]
    days = sum(many for many, _ in held)
    if not days:
        return None
    pieces, costed, cost = (
        sum(many * getattr(one, name) for many, one in held) / days
        for name in ("pieces", "costed", "cost_minor")
    )
    return Stock(sum(many > 0 for many, _ in held), pieces, costed, cost)


def together(places: Sequence[Stock]) -> Stock:
    """Of several places."""
    return Stock(*map(sum, zip(*places, strict=True)))


def yearly(sold: float, stock: float, days: int) -> float | None:
    """Sold in so many days, as often a year as it lay there; None where nothing did.

    >>> yearly(28, 365, 28)
    1.0
    """
    return sold * YEAR / days / stock if stock > 0 else None


def lasts(sold: float, stock: float, days: int) -> float | None:
    """For how many days it is enough; None where nothing is sold.

    >>> lasts(28, 56, 28)
    56.0
    """
    return stock * days / sold if sold > 0 else None
