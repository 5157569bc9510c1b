"""The median of whole numbers that are known by how often each comes, and where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, sqrt
from typing import NamedTuple

from siyu.analytics.model import Z


class Median(NamedTuple):
    """With its 95 % interval, by the ranks that the true one lies between (binomial)."""

    value: int
    low: int
    high: int
    many: int


def median(counts: Sequence[tuple[int, int]]) -> Median | None:
    """Of (number, how often), rising; None of nothing.

    >>> median([(10, 1), (20, 1), (30, 3)]), median([])
    (Median(value=30, low=10, high=30, many=5), None)
    """
    many = sum(times for _, times in counts)
    if not many:
        return None
    half = Z * sqrt(many) / 2
    low = max(floor(many / 2 - half), 1)
    high = min(ceil(1 + many / 2 + half), many)
    return Median(_at(counts, (many + 1) // 2), _at(counts, low), _at(counts, high), many)


def _at(counts: Sequence[tuple[int, int]], rank: int) -> int:
    seen = 0
    for number, times in counts:
        seen += times
        if seen >= rank:
            return number
    raise ValueError(rank)
