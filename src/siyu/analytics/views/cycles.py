"""The repurchase cycle: the usual gap between two days with a purchase."""

from __future__ import annotations

from siyu.analytics.compile import again
from siyu.analytics.decide.median import Median, median
from siyu.analytics.model.answer import Lake
from siyu.segments.model import Expression


def cycles_of(lake: Lake, bought: Expression) -> dict[str, Median]:
    """Of `again.purchases`, by category; '' : of all orders. What nobody bought twice has none."""
    found: dict[str, list[tuple[int, int]]] = {}
    for category, days, times in lake.fetch(again.gaps(bought)):
        found.setdefault(category, []).append((int(days), int(times)))
    return {
        category: usual
        for category, counts in found.items()
        if (usual := median(counts)) is not None
    }
