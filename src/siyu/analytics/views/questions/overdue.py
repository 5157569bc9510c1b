"""Of `lapsed`: who is past the repurchase cycle of the category that they bought last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siyu.analytics.compile import again
from siyu.analytics.decide.overdue import (
    FEWEST,
    NO_CATEGORY,
    Limit,
    Silence,
    limits,
    silence,
)
from siyu.analytics.model.answer import Cell, Column, Sources, Table
from siyu.analytics.views.cycles import cycles_of
from siyu.analytics.views.histories import Known
from siyu.kernel.sentence import Sentence

_CYCLE = Sentence("Cycle in days", "复购周期（天）")
_NONE = Sentence("no category", "无品类")
COLUMNS = (
    Column("category", Sentence("Category bought last", "最近购买的品类")),
    Column("after_days", Sentence("Lapsed after (days)", "超过多少天算流失"), "count"),
)
CYCLES = (
    Column("category", Sentence("Category", "品类")),
    COLUMNS[1],
    Column("cycle_days", _CYCLE, "count"),
    Column("cycle_days_low", _CYCLE, "count", low_of="cycle_days"),
    Column("cycle_days_high", _CYCLE, "count", high_of="cycle_days"),
    Column("gaps", Sentence("Gaps", "间隔数"), "count"),
    Column("customers", Sentence("Customers lapsed", "流失客户"), "count"),
)
DEFINITION = Sentence(
    "Nothing was ordered for longer than the repurchase cycle of the category of the last order: "
    "the median of days between two days with a purchase of it, as the report repurchase has it. "
    "Of several categories the one with the longest cycle counts.",
    "未下单的时间已超过最近一单所属品类的复购周期"
    "（相邻两个购买日间隔天数的中位数，与复购报表相同）；一单有多个品类时取周期最长者。",
)


class Overdue(NamedTuple):
    """Whom of everybody it is: `gone`; by which category each is measured, and the limits."""

    gone: NDArray[np.bool_]
    silence: Silence
    limits: Mapping[str, Limit]


def overdue(of: Sources, known: Known, first: date, end: date, day: date) -> Overdue:
    """Who bought last from `first` on and longer than their cycle ago, on that day; where it is
    not known before `end`."""
    bought = of.lake.once(again.purchases(day - timedelta(days=1)))
    cycles = cycles_of(of.lake, bought)
    found = of.lake.arrays(again.latest(bought, first))
    who = np.asarray(found["customer_id"], dtype=np.int64)
    on = np.asarray(found["day"], dtype="datetime64[D]")
    places = np.minimum(np.searchsorted(known.customers, who), len(known.customers) - 1)
    theirs = (known.customers[places] == who) & (known.last[places] == on)
    categories = [str(one) for one in np.asarray(found["category"])[theirs]]
    limit = limits(sorted({*categories}), cycles, (day - end).days)
    told = silence(len(known.customers), places[theirs], categories, limit)
    silent = (np.datetime64(day, "D") - known.last).astype(np.int64)
    gone = (known.last >= np.datetime64(first, "D")) & (silent > told.after)
    return Overdue(gone, told, limit)


def called(category: str) -> str:
    """As people read it."""
    return category or _NONE


def table(found: Overdue) -> Table:
    """By which categories they are measured, most lapsed first."""
    names, many = np.unique(found.silence.category[found.gone].astype(str), return_counts=True)
    lapsed = dict(zip(names.tolist(), many.tolist(), strict=True))
    order = sorted(found.limits, key=lambda one: (-lapsed.get(one, 0), one))
    rows = tuple(_row(one, found.limits[one], lapsed.get(one, 0)) for one in order)
    return Table("cycles", Sentence("Cycles", "复购周期"), CYCLES, rows)


def _row(category: str, limit: Limit, lapsed: int) -> tuple[Cell, ...]:
    cycle = (None, None, None, None) if limit.cycle is None else limit.cycle
    return (called(category), limit.days, *cycle, lapsed)


def notes(found: Overdue, months: tuple[int, int], days: int) -> Iterator[Sentence]:
    """Who is measured by months all the same, and whom the far end, so many days ago, leaves out;
    `months` as they were asked for."""
    by_months, far = months
    named = {one: limit for one, limit in found.limits.items() if one != NO_CATEGORY}
    few = sum(limit.cycle is None for limit in named.values())
    such = [one for one, limit in found.limits.items() if limit.cycle is None]
    people = int(np.isin(found.silence.category[found.gone].astype(str), such).sum())
    if not named:
        yield Sentence(
            f"No last order has a category, so all are measured by {by_months} months.",
            f"最近一单都没有品类，因此全部按 {by_months} 个月衡量。",
        )
        return
    yield Sentence(
        f"{few:,} of {len(named):,} categories have fewer than {FEWEST} repurchases: of these, and "
        f"of a last order without a category, {by_months} months count instead, so {people:,} "
        "customers here are measured by these.",
        f"{len(named):,} 个品类中有 {few:,} 个的复购不足 {FEWEST} 次：这些品类，以及最近一单"
        f"没有品类的客户，改按 {by_months} 个月衡量，本表中有 {people:,} 位。",
    )
    long = sum(limit.days >= days for limit in named.values())
    if long:
        yield Sentence(
            f"{long:,} categories have a cycle of {far} months and more, so nobody is listed by "
            "them: look further back with to_months.",
            f"有 {long:,} 个品类的复购周期达到 {far} 个月及以上，没有客户按其列出："
            "请调大 to_months。",
        )
    yield Sentence(
        "The cycle knows only gaps that have ended, and half of them are longer than it: to be "
        "past it is a reason to look, and the ranking says whom first.",
        "复购周期只统计已结束的间隔，且有一半间隔比它长：超过周期只是值得关注，先后看排序。",
    )
