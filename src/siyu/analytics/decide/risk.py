"""How many more relations end after a touch than without one. Pure.

Each touch is compared with moments without one that are like it: as old a friend, as often and as
lately touched before, as lately a buyer (a stratum). Within a stratum the shares that end are
compared; over strata they are weighted as the touches are. What differs otherwise between whom we
touch and whom we don't stays in the figure: only a hold-out takes it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from siyu.analytics.decide.groups import GROUPS, Floats, jackknife
from siyu.analytics.model import Interval

FEWEST_MOMENTS = 30  # without a touch, in a stratum; with fewer its touches have nothing to be like
FEWEST_ENDS = 10  # of touched and others together; with fewer no effect is said
FEWEST_TOUCHES = 100
AGES = (1, 3, 7, 14, 30, 90)  # days of a friendship: those between two of these are alike
BEFORE = 3  # touches within the 7 days before; so many or more are alike


class Stratum(NamedTuple):
    """What makes moments alike, each part counted from 0: how old the friendship is, how many
    touches there were within 7 days, whether one within a day, whether an order within 30 days. The
    parts are numbers, or expressions of numbers."""

    age: Any
    before: Any
    lately: Any
    bought: Any

    @property
    def number(self) -> Any:
        """All of it in one."""
        return ((self.age * (BEFORE + 1) + self.before) * 2 + self.lately) * 2 + self.bought

    @classmethod
    def of(cls, number: int) -> Stratum:
        """
        >>> Stratum.of(Stratum(4, 3, 1, 0).number)
        Stratum(age=4, before=3, lately=1, bought=0)
        """
        rest, bought = divmod(number, 2)
        rest, lately = divmod(rest, 2)
        age, before = divmod(rest, BEFORE + 1)
        return cls(age, before, lately, bought)


class Moments(NamedTuple):
    """So many moments of the customers of a group in a stratum; of these `ended` were followed by
    the end of the relation. `arm`: '' without a touch, else its channel."""

    arm: str
    group: int
    stratum: int
    moments: int
    ended: int


class Risk(NamedTuple):
    """`rate` of touches after which the relation ended, `without`: of moments like theirs. `more`
    is the difference; it and its interval are None where too little is known to say.
    `alone`: touches that nothing compares with; no rate is of these."""

    touches: int
    alone: int
    ended: int
    rate: float | None
    without: float | None
    more: float | None = None
    interval: Interval | None = None

    @property
    def harms(self) -> bool:
        """Whether more end for sure."""
        return self.interval is not None and self.interval.low > 0


def risks(found: Iterable[Moments], arm_of: Callable[[Moments], str | None]) -> dict[str, Risk]:
    """Each arm against the moments without a touch; `arm_of` names it, None leaves it out."""
    rows = list(found)
    strata = {name: place for place, name in enumerate(sorted({one.stratum for one in rows}))}
    others = np.zeros((GROUPS, len(strata), 2))
    arms: dict[str, Floats] = {}
    for one in rows:
        name = arm_of(one) if one.arm else ""
        if name is not None:
            sums = arms.setdefault(name, np.zeros_like(others)) if one.arm else others
            sums[one.group, strata[one.stratum]] += (one.moments, one.ended)
    return {name: risk(arms[name], others) for name in sorted(arms)}


def risk(touched: Floats, others: Floats) -> Risk:
    """Of sums by group and stratum: moments, and how many were followed by an end."""
    moments = others.sum(axis=0)[:, 0]
    groups = (others[:, :, 0] > 0).sum(axis=0)
    like = (moments >= FEWEST_MOMENTS) & (groups > 1)
    all_of_it, ended = int(touched[:, :, 0].sum()), int(touched[:, :, 1].sum())
    mine, theirs = touched[:, like], others[:, like]
    many = int(mine[:, :, 0].sum())
    if not many:
        return Risk(all_of_it, all_of_it, ended, None, None)
    spread = jackknife(_more, np.stack([mine, theirs], axis=1))
    rate, without, more = spread.value.tolist()
    known = Risk(all_of_it, all_of_it - many, ended, rate, without)
    ends = mine[:, :, 1].sum() + theirs[:, mine[:, :, 0].sum(axis=0) > 0, 1].sum()
    if many < FEWEST_TOUCHES or ends < FEWEST_ENDS or np.isnan(spread.low[2]):
        return known
    return known._replace(more=more, interval=Interval(float(spread.low[2]), float(spread.high[2])))


def _more(sums: Floats) -> Floats:
    """Rate, rate without, difference; of sums by arm (touched, others) and stratum."""
    touches, ended = sums[..., 0, :, 0], sums[..., 0, :, 1]
    share = sums[..., 1, :, 1] / np.maximum(sums[..., 1, :, 0], 1)
    many = touches.sum(axis=-1)
    rate, without = ended.sum(axis=-1) / many, (touches * share).sum(axis=-1) / many
    return np.stack([rate, without, rate - without], axis=-1)
