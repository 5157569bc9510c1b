"""Unit economics before scaling: what a friend costs, when that is earned back, and what it all
hangs on. Pure: ranges in, ranges out.

Of so many buyers each step reaches a share of those who are left, and wins a share of whom it
reaches. A friend gets the gift; who buys again brings so much a year, evenly over the year.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BUYERS = 1_000
YEAR = 365
DRAWS = 20_000
SEED = 20_260_101  # the same inputs give the same answer
LOWEST, HIGHEST = 2.5, 97.5  # percentiles of the draws: 95 % lie between


class Range(NamedTuple):
    """What an input may be. Drawn from a triangle over it."""

    low: float
    likely: float
    high: float

    @property
    def right(self) -> bool:
        """Whether it is in order and not negative."""
        return 0 <= self.low <= self.likely <= self.high


class Inputs(NamedTuple):
    """By step: what a touch costs (minor units), which share of the buyers left it reaches, which
    share of those it wins. Then what each friend gets, what an order brings, which share of friends
    buys again within a year and how often they do, how much of that they buy only because they are
    friends (1: gross), and what tools cost for each buyer."""

    cost: Mapping[str, Range]
    reach: Mapping[str, Range]
    success: Mapping[str, Range]
    gift: Range
    margin: Range
    repurchase: Range
    orders: Range
    extra: Range
    tools: Range


class Spread(NamedTuple):
    """A result at the likely inputs, and a range that holds it and 95 % of the draws. None: it
    never comes."""

    likely: float | None
    low: float | None
    high: float | None


class Swing(NamedTuple):
    """The contribution at the low and the high end of one input, all others as likely."""

    name: str
    low: float
    high: float


class Economics(NamedTuple):
    """Per 1,000 buyers: friends, what they cost to win, what they bring in a year after that.
    `payback_days`: when a friend has brought what winning one cost. The break-even values are those
    of one input alone at which the year's contribution is nothing; None: no value does it."""

    friends: Spread
    cost: Spread
    cost_per_add: Spread
    margin_per_friend: Spread
    payback_days: Spread
    contribution: Spread
    breakeven_add_rate: float | None
    breakeven_margin: float | None
    breakeven_repurchase: float | None
    sensitivity: tuple[Swing, ...]


class _Result(NamedTuple):
    """Arrays, one value for each draw."""

    friends: Array
    cost: Array
    margin_per_friend: Array

    @property
    def contribution(self) -> Array:
        return self.friends * self.margin_per_friend - self.cost


Values = Mapping[str, Array]


def economics(inputs: Inputs) -> Economics:
    """All of it, by Monte Carlo with a fixed seed: independent triangles, one for each input."""
    ranges = named(inputs)
    steps = list(inputs.cost)
    chance = np.random.default_rng(SEED)
    drawn = {name: _triangle(chance, one) for name, one in ranges.items()}
    likely = {name: np.array([float(one.likely)]) for name, one in ranges.items()}
    all_of_them, middle = _worked(steps, drawn), _worked(steps, likely)
    friends, year = float(middle.friends[0]), float(middle.margin_per_friend[0])
    each = _over(all_of_them.cost, all_of_them.friends)
    return Economics(
        friends=_spread(friends, all_of_them.friends),
        cost=_spread(float(middle.cost[0]), all_of_them.cost),
        cost_per_add=_spread(float(_over(middle.cost, middle.friends)[0]), each),
        margin_per_friend=_spread(year, all_of_them.margin_per_friend),
        payback_days=_spread(
            float(_days(middle)[0]),
            _days(all_of_them),
        ),
        contribution=_spread(float(middle.contribution[0]), all_of_them.contribution),
        breakeven_add_rate=_add_rate(steps, likely),
        breakeven_margin=_scaled(middle, inputs.margin.likely),
        breakeven_repurchase=_share(_scaled(middle, inputs.repurchase.likely)),
        sensitivity=_swings(steps, ranges, likely),
    )


def named(inputs: Inputs) -> dict[str, Range]:
    """Every input by a name of its own: cost.sms, margin, …"""
    found: dict[str, Range] = {}
    for name, one in inputs._asdict().items():
        if isinstance(one, Range):
            found[name] = one
        else:
            found |= {f"{name}.{step}": its for step, its in one.items()}
    return found


def _triangle(chance: np.random.Generator, one: Range) -> Array:
    if one.low == one.high:
        return np.full(DRAWS, float(one.low))
    return chance.triangular(one.low, one.likely, one.high, DRAWS)


def _worked(steps: Sequence[str], of: Values, times: float = 1.0) -> _Result:
    """`times`: every step wins so many times as many."""
    left = np.ones_like(of["margin"])
    cost, won = np.zeros_like(left), np.zeros_like(left)
    for step in steps:
        touched = left * np.minimum(of[f"reach.{step}"], 1)
        gained = touched * np.minimum(of[f"success.{step}"] * times, 1)
        cost += touched * of[f"cost.{step}"]
        won += gained
        left = left - gained
    friends = BUYERS * won
    spent = BUYERS * (cost + of["tools"]) + friends * of["gift"]
    year = of["repurchase"] * of["orders"] * of["margin"] * of["extra"]
    return _Result(friends, spent, year)


def _over(one: Array, other: Array) -> Array:
    """Infinite where there is nothing to divide by."""
    return np.divide(one, other, out=np.full_like(one, np.inf), where=other > 0)


def _days(of: _Result) -> Array:
    """Until a friend has brought what winning one cost: beyond the year nothing is said."""
    each = _over(of.cost, of.friends)
    days = _over(each * YEAR, of.margin_per_friend)
    days[days > YEAR] = np.inf
    return days


def _spread(likely: float, of: Array) -> Spread:
    low, high = np.percentile(of, [LOWEST, HIGHEST], method="nearest")
    ends = min(float(low), likely), max(float(high), likely)
    return Spread(*(_said(one) for one in (likely, *ends)))


def _said(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _scaled(middle: _Result, likely: float) -> float | None:
    """The year's margin of a friend is a multiple of this input: the value that pays the cost."""
    brought = float((middle.friends * middle.margin_per_friend)[0])
    return likely * float(middle.cost[0]) / brought if brought > 0 else None


def _share(value: float | None) -> float | None:
    return None if value is None or value > 1 else value


def _add_rate(steps: Sequence[str], likely: Values) -> float | None:
    """The add rate at which the contribution is nothing, with every step's success scaled alike."""

    def contribution(times: float) -> float:
        return float(_worked(steps, likely, times).contribution[0])

    best = max((float(likely[f"success.{step}"][0]) for step in steps), default=0.0)
    if best <= 0:
        return None
    high = 1 / best
    if contribution(high) < 0:
        return None
    return float(_worked(steps, likely, _root(contribution, high)).friends[0]) / BUYERS


def _root(of: Callable[[float], float], high: float) -> float:
    low = 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if of(middle) < 0 else (low, middle)
    return high


def _swings(steps: Sequence[str], ranges: Mapping[str, Range], likely: Values) -> tuple[Swing, ...]:
    """Those first on which most hangs."""
    found: list[Swing] = []
    for name, one in ranges.items():
        if one.low == one.high:
            continue
        ends = [
            float(_worked(steps, {**likely, name: np.array([float(end)])}).contribution[0])
            for end in (one.low, one.high)
        ]
        found.append(Swing(name, *ends))
    return tuple(sorted(found, key=lambda swing: (-abs(swing.high - swing.low), swing.name)))
