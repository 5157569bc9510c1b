"""Who is past the repurchase cycle of what they bought last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siyu.analytics.decide.median import Median

FEWEST = 30  # gaps of a category below which its cycle is not gone by
NO_CATEGORY = ""


class Limit(NamedTuple):
    """After how many days without an order somebody has lapsed; `cycle` None: by months."""

    days: int
    cycle: Median | None


class Silence(NamedTuple):
    """For each customer by which category they are measured ('' : none), and after how many days
    they have lapsed."""

    category: NDArray[np.object_]
    after: NDArray[np.int64]


def limits(
    categories: Sequence[str], cycles: Mapping[str, Median], months: int
) -> dict[str, Limit]:
    """By category, and of an order without one; `months` in days where a cycle is not known.

    >>> usual = {"tea": Median(40, 30, 50, 99), "cups": Median(9, 9, 9, 2)}
    >>> found = limits(["tea", "cups"], usual, 92)
    >>> found["tea"].days, found["cups"], found[NO_CATEGORY].days
    (40, Limit(days=92, cycle=None), 92)
    """
    found = {NO_CATEGORY: Limit(months, None)}
    for one in categories:
        cycle = cycles.get(one)
        known = cycle is not None and cycle.many >= FEWEST
        found[one] = Limit(cycle.value, cycle) if cycle and known else Limit(months, None)
    return found


def silence(
    many: int, places: NDArray[np.int64], categories: Sequence[str], limit: Mapping[str, Limit]
) -> Silence:
    """Of so many customers; `places` are those of the customers who bought of the `categories`
    last. Of several the one with the longest limit counts: whoever is past it is past all."""
    category = np.full(many, NO_CATEGORY, dtype=object)
    after = np.full(many, limit[NO_CATEGORY].days, dtype=np.int64)
    names = np.array(categories, dtype=object)
    days = np.array([limit[one].days for one in categories], dtype=np.int64)
    order = np.lexsort((names.astype(str), days))  # what is written last stays: the longest
    category[places[order]], after[places[order]] = names[order], days[order]
    return Silence(category, after)
