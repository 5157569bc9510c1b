"""A ratio of two sums over customers, and how sure it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import NamedTuple, Self

from siyu.analytics.model import Interval, Z

FEWEST = 30  # customers; of fewer nothing is said of a mean


class Sums(NamedTuple):
    """Over customers: how many; of each an amount and what it is of (1 of each: a mean a head), the
    sums of both, of their squares and of their product."""

    people: int = 0
    amount: float = 0.0
    of: float = 0.0
    amount_2: float = 0.0
    of_2: float = 0.0
    both: float = 0.0

    @classmethod
    def heads(cls, people: int, amount: float, amount_2: float) -> Self:
        """Where each is one."""
        return cls(people, amount, people, amount_2, people, amount)

    @property
    def ratio(self) -> float | None:
        """None where there is nothing to divide by.

        >>> Sums.heads(4, 100, 3000).ratio
        25.0
        """
        return self.amount / self.of if self.of > 0 else None

    @property
    def interval(self) -> Interval | None:
        """95 %, by how much customers differ (Taylor); None with too few of them.

        >>> low, high = Sums.heads(100, 1000, 20_000).interval
        >>> round(low, 2), round(high, 2)
        (8.03, 11.97)
        """
        ratio = self.ratio
        if ratio is None or self.people < FEWEST:
            return None
        spread = self.amount_2 - 2 * ratio * self.both + ratio * ratio * self.of_2
        half = Z * sqrt(max(spread, 0.0) * self.people / (self.people - 1)) / self.of
        return Interval(ratio - half, ratio + half)


def apart(one: Sums, other: Sums) -> Interval | None:
    """Where the difference of two ratios lies, of different customers, 95 %."""
    first, second = one.interval, other.interval
    if first is None or second is None or one.ratio is None or other.ratio is None:
        return None
    gap = one.ratio - other.ratio
    half = sqrt((first.high - one.ratio) ** 2 + (second.high - other.ratio) ** 2)
    return Interval(gap - half, gap + half)


def together(parts: Iterable[Sums]) -> Sums:
    """Of all of these customers, who are different ones."""
    return Sums(*map(sum, zip(*parts, strict=True))) if (parts := list(parts)) else Sums()
