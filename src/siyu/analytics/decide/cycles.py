"""The repurchase cycles of categories as numbers in a segment's text: who is past their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import yaml

from siyu.analytics.decide.median import Median
from siyu.analytics.decide.overdue import FEWEST, NO_CATEGORY
from siyu.kernel.sentence import Sentence


class Span(NamedTuple):
    """From how many cycles on somebody has lapsed, and up to how many; for what has no cycle, after
    which time, and up to which."""

    at_least: str = "1.00"
    at_most: str = "2.00"
    older_than: str = "91d"
    within: str = "183d"


class Told(NamedTuple):
    """Category → its cycle in days, where there are gaps enough to go by; and how many have too
    few."""

    days: Mapping[str, int]
    thin: int


def told(cycles: Mapping[str, Median]) -> Told:
    """Which categories have a cycle.

    >>> told({"tea": Median(40, 30, 50, 99), "cups": Median(9, 9, 9, 2), "": Median(1, 1, 1, 99)})
    Told(days={'tea': 40}, thin=1)
    """
    named = {name: cycle for name, cycle in cycles.items() if name != NO_CATEGORY}
    good = {name: max(one.value, 1) for name, one in sorted(named.items()) if one.many >= FEWEST}
    return Told(good, len(named) - len(good))


def segment(code: str, day: date, found: Told, span: Span) -> str:
    """The text of the segment, with how it came about."""
    many, thin = len(found.days), found.thin
    title = Sentence(f"Past the repurchase cycle, cycles of {day}", f"超过复购周期（{day} 的周期）")
    lapsed: dict[str, object] = {"at_least": span.at_least, "at_most": span.at_most}
    if found.days:
        lapsed["cycles"] = [f"{name} {days}d" for name, days in found.days.items()]
    lapsed |= {"older_than": span.older_than, "within": span.within}
    said = {
        "segment": code,
        "title": {"zh": title.zh, "en": title[:]},
        "when": {"lapsed": lapsed},
    }
    text: str = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=100)  # pyright: ignore[reportUnknownMemberType]
    return (
        f"# {day} 的复购周期：{many} 个品类按自己的周期（间隔天数的中位数）；{thin} 个品类的"
        f"复购不足 {FEWEST} 次，按 {span.older_than} 至 {span.within} 衡量。\n"
        f"# Cycles of {day}: {many} categories by their own (the median of days between two "
        f"purchases); {thin} with fewer than {FEWEST} repurchases by {span.older_than} to "
        f"{span.within}.\n{text}"
    )
