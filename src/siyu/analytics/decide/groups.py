"""How sure a figure is, from customers dealt into groups: the delete-a-group jackknife.

All that is known of one customer is in one group, so what a customer does twice is not taken for
two customers. A figure is worked out again without each group in turn; how much it moves says how
much it would with other customers (Kott 2001, The Delete-a-Group Jackknife, Journal of Official
Statistics 17).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GROUPS = 50  # customers are dealt by their number: who they are decides nothing
FEWEST = 10  # groups with anybody in them; of fewer no interval is said


class Spread(NamedTuple):
    """Figures, and the ends of their 95 % intervals; NaN where nothing can be said."""

    value: Floats
    low: Floats
    high: Floats


def jackknife(figure: Callable[[Floats], Floats], sums: Floats) -> Spread:
    """`sums`: of each group (first axis) what `figure` is worked out of. `figure` takes sums over
    all with any axes before theirs, and leaves those.

    >>> found = jackknife(lambda of: of[..., 0] / of[..., 1], np.array([[1.0, 2], [3, 4]] * 10))
    >>> [round(float(one), 3) for one in found]
    [0.667, 0.613, 0.72]
    """
    some = sums[np.abs(sums).reshape(len(sums), -1).sum(axis=1) > 0]
    total = some.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = figure(total)
        if len(some) < FEWEST:
            nothing = np.full_like(value, np.nan)
            return Spread(value, nothing, nothing)
        without = figure(total - some)
        many = len(some)
        moved = ((without - without.mean(axis=0)) ** 2).sum(axis=0)
        half = student(many - 1) * np.sqrt(moved * (many - 1) / many)
    return Spread(value, value - half, value + half)


@cache
def student(freedom: float) -> float:
    """The quantile of 97.5 % of Student's t. Imported when first asked for: whoever only lists
    commands needs none of it."""
    from scipy import special  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    student: Any = getattr(special, "stdtrit")  # noqa: B009 - its types are unknown
    return float(student(freedom, 0.975))
