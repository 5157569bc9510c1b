"""What a plan brought beyond what comes without it: who was drawn to be left alone says. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from siyu.analytics.decide.groups import GROUPS, Floats, jackknife
from siyu.analytics.model import Interval

FEWEST = 20  # left alone; with fewer nothing is said


class Drawn(NamedTuple):
    """What the customers of a group did after a draw; `held`: they were left alone."""

    scope: str
    held: bool
    group: int
    people: int
    orders: int
    worth_minor: int


class Brought(NamedTuple):
    """Of a plan: how many were not left alone and how many were, what each of them ordered, and
    what it brought beyond that in all, with intervals; None where too few were left alone."""

    treated: int
    held: int
    each: float | None
    each_held: float | None
    orders: float | None = None
    orders_interval: Interval | None = None
    worth_minor: float | None = None
    worth_interval: Interval | None = None


def brought(rows: Iterable[Drawn]) -> Brought:
    """Orders and money of all who were not left alone, less as many times what those left alone
    did each."""
    sums = np.zeros((GROUPS, 2, 3))
    for one in rows:
        sums[one.group, int(one.held)] += (one.people, one.orders, one.worth_minor)
    total = sums.sum(axis=0)
    treated, held = int(total[0, 0]), int(total[1, 0])
    each, alone = ((float(arm[1] / arm[0]) if arm[0] else None) for arm in total)
    known = Brought(treated, held, each, alone)
    groups = int((sums[:, 1, 0] > 0).sum())
    if held < FEWEST or not treated or groups < 2:
        return known
    spread = jackknife(_beyond, sums)
    if np.isnan(spread.low).any():
        return known
    (orders, worth), low, high = (one.tolist() for one in spread)
    return known._replace(
        orders=orders, orders_interval=Interval(low[0], high[0]),
        worth_minor=worth, worth_interval=Interval(low[1], high[1]),
    )  # fmt: skip


def _beyond(sums: Floats) -> Floats:
    ours, theirs = sums[..., 0, :], sums[..., 1, :]
    return ours[..., 1:] - ours[..., :1] * theirs[..., 1:] / theirs[..., :1]
