"""Two groups that chance has made, treated and held out: how far apart they are, and how sure."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from siyu.analytics.decide.groups import student
from siyu.analytics.model import Group, Interval, Lift, lift

FEWEST = 30  # in each group, with fewer nothing is said
FEWEST_HITS = 5  # successes and failures in both groups together


class One(NamedTuple):
    """A customer whose window is over: whether it came to success, what their orders brought in it,
    whether they deleted us in it."""

    held: bool
    hit: bool
    margin_minor: int
    deleted: bool


class Mean(NamedTuple):
    """A mean of each group and their difference, with its interval."""

    treated: float
    held: float
    more: float
    interval: Interval


class Arms(NamedTuple):
    """`outcome` and `deletions` as (treated, held); `lift` None: too few to say anything."""

    outcome: tuple[Group, Group]
    deletions: tuple[Group, Group]
    lift: Lift | None
    margin: Mean | None
    trust: Lift | None

    @property
    def sure(self) -> bool:
        """The interval of the lift lies on one side of nothing."""
        return self.lift is not None and not self.lift.interval.low <= 0 <= self.lift.interval.high


def arms(some: Sequence[One]) -> Arms:
    """What the treated did beyond the held out: rates by Newcombe, money by Welch, 95 %."""
    treated = [one for one in some if not one.held]
    held = [one for one in some if one.held]
    outcome = _group(treated, "hit"), _group(held, "hit")
    deletions = _group(treated, "deleted"), _group(held, "deleted")
    enough = min(len(treated), len(held)) >= FEWEST
    return Arms(
        outcome,
        deletions,
        lift(*outcome) if enough and _varied(outcome) else None,
        _mean([one.margin_minor for one in treated], [one.margin_minor for one in held])
        if enough
        else None,
        lift(*deletions) if enough else None,
    )


def _group(some: Sequence[One], of: str) -> Group:
    return Group(len(some), sum(bool(getattr(one, of)) for one in some))


def _varied(pair: tuple[Group, Group]) -> bool:
    hits = sum(one.friends for one in pair)
    return min(hits, sum(one.buyers for one in pair) - hits) >= FEWEST_HITS


def _mean(treated: Sequence[int], held: Sequence[int]) -> Mean:
    (one, of_one), (other, of_other) = _moments(treated), _moments(held)
    wide = of_one + of_other
    if wide:
        freedom = wide**2 / (of_one**2 / (len(treated) - 1) + of_other**2 / (len(held) - 1))
        half = student(freedom) * sqrt(wide)
    else:
        half = 0.0
    more = one - other
    return Mean(one, other, more, Interval(more - half, more + half))


def _moments(some: Sequence[int]) -> tuple[float, float]:
    """The mean, and its variance."""
    mean = sum(some) / len(some)
    return mean, sum((one - mean) ** 2 for one in some) / (len(some) - 1) / len(some)
