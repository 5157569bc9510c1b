"""What a cohort has brought for what it cost, by day since its customers came. Pure.

Day d counts only customers who came at least d days ago, with all that they brought and cost up to
their day d; whoever is younger isn't in it, neither with money nor as a head.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from siyu.analytics.decide.groups import GROUPS, Floats, jackknife
from siyu.analytics.model import Interval

LONGEST = 180  # days
DAYS = LONGEST + 1
FEWEST = 10  # customers old enough, of each kind; with fewer nothing is said of a day


class Grown(NamedTuple):
    """What changes on a day of these customers of a group: `people` more (or fewer: too young for
    the days from here on), and their margin and cost with them. `held`: None of those who
    became friends; else they were drawn, and whether to be left alone."""

    of: str
    cohort: date  # the first of a week or month
    group: int
    held: bool | None
    day: int
    people: int
    margin_minor: int
    cost_minor: int


class Spent(NamedTuple):
    """What was spent, in the time of a cohort, on customers of a group who never came."""

    of: str
    cohort: date  # the first of a week or month
    group: int
    cost_minor: int


class Point(NamedTuple):
    """A day of a curve. `ratio`: margin ÷ cost, None where no cost is sure or too few are old
    enough; `people`: how many are. `margin_minor` None: nobody knows what goods cost."""

    day: int
    people: int
    margin_minor: int | None
    cost_minor: int
    ratio: float | None
    interval: Interval | None


class Crossing(NamedTuple):
    """The first day on which the cohort has brought what it cost; None: not up to the last that is
    known. The interval: the first day on which that is possible (the upper end of the curve's), and
    on which it is sure (the lower)."""

    day: int | None
    first: int | None
    last: int | None


def curve(grown: Iterable[Grown], spent: Iterable[Spent] = ()) -> list[Point]:
    """Of these together, one point for each day. What was spent on people who never came is spread
    over those who did in the same cohort."""
    rows, lost = list(grown), list(spent)
    cohorts = _places([*(one.cohort for one in rows), *(one.cohort for one in lost)])
    sums = np.zeros((GROUPS, len(cohorts), DAYS, 4))
    if rows:
        groups, days = ([getattr(one, name) for one in rows] for name in ("group", "day"))
        places = [cohorts[one.cohort] for one in rows]
        told = [(one.people, one.margin_minor, one.cost_minor, 0) for one in rows]
        np.add.at(sums, (groups, places, days), np.array(told, dtype=np.float64))
    for one in lost:
        sums[one.group, cohorts[one.cohort], 0, 3] += one.cost_minor
    spread = jackknife(_gross, sums.cumsum(axis=2))
    return _points(spread.value, spread.low, spread.high)


def _gross(sums: Floats) -> Floats:
    """People, margin, cost and ratio by day; of cumulated sums by cohort and day."""
    people, margin, own, lost = np.moveaxis(sums, -1, 0)
    came = people[..., :1]
    part = np.where(came > 0, people / np.maximum(came, 1), 1.0)  # where nobody came, all is lost
    cost = own + part * lost[..., :1]
    return _told(people.sum(axis=-2), margin.sum(axis=-2), cost.sum(axis=-2))


def incremental(grown: Iterable[Grown]) -> list[Point]:
    """The same beyond what those brought and cost who were drawn to be left alone, scaled cohort by
    cohort to as many as were not. A day counts the cohorts that have enough of both."""
    rows = list(grown)
    cohorts = _places(one.cohort for one in rows)
    sums = np.zeros((GROUPS, len(cohorts), DAYS, 2, 3))
    for one in rows:
        at = one.group, cohorts[one.cohort], one.day, int(bool(one.held))
        sums[at] += (one.people, one.margin_minor, one.cost_minor)
    sums = sums.cumsum(axis=2)
    people = sums[..., 0].sum(axis=0)
    groups = (sums[..., 0] > 0).sum(axis=0)
    enough = ((people >= FEWEST) & (groups > 1)).all(axis=-1)
    spread = jackknife(_beyond, sums * enough[None, :, :, None, None])
    return _points(spread.value, spread.low, spread.high)


def _beyond(sums: Floats) -> Floats:
    """People, margin, cost and ratio by day; of cumulated sums by cohort, day and arm."""
    ours, theirs = sums[..., 0, :], sums[..., 1, :]
    scale = ours[..., :1] / np.maximum(theirs[..., :1], 1)
    people, margin, cost = np.moveaxis((ours - scale * theirs).sum(axis=-3), -1, 0)
    return _told(people + ours[..., 0].sum(axis=-2), margin, cost)


def _told(people: Floats, margin: Floats, cost: Floats) -> Floats:
    ratio = np.where(cost > 0, margin / np.where(cost > 0, cost, 1.0), np.nan)
    return np.stack([people, margin, cost, ratio], axis=-1)


def _points(value: Floats, low: Floats, high: Floats) -> list[Point]:
    found: list[Point] = []
    for day in range(DAYS):
        people, margin, cost, ratio = value[day].tolist()
        # Over a cost that may as well be nothing a ratio says nothing.
        known = round(people) >= FEWEST and not np.isnan(ratio) and not low[day, 2] <= 0
        sure = known and not np.isnan(low[day, 3])
        span = Interval(float(low[day, 3]), float(high[day, 3])) if sure else None
        found.append(
            Point(day, round(people), round(margin), round(cost), ratio if known else None, span)
        )
    return found


def crossing(points: Sequence[Point]) -> Crossing:
    """Where the curve and its band come to 1."""

    def first(heights: Iterable[float | None]) -> int | None:
        return next(
            (day for day, height in enumerate(heights) if height is not None and height >= 1), None
        )

    return Crossing(
        first(one.ratio for one in points),
        first(one.interval and one.interval.high for one in points),
        first(one.interval and one.interval.low for one in points),
    )


def _places(names: Iterable[date]) -> dict[date, int]:
    return {name: place for place, name in enumerate(sorted(set(names)))}
