"""How many buy again, how soon, and in how many categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from siyu.analytics.compile import again
from siyu.analytics.decide.median import Median
from siyu.analytics.model import Group
from siyu.analytics.model.answer import (
    Answer,
    Ask,
    Cell,
    Chart,
    Column,
    Question,
    Sources,
    Span,
    Table,
    between,
    percent,
)
from siyu.analytics.views.cycles import cycles_of
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression

CURVE = (7, 14, 30, 60, 90, 120, 180, 365)  # days
ALL = Sentence("All", "全部")
_RATE, _CYCLE = Sentence("Repurchase rate", "复购率"), Sentence("Cycle in days", "复购周期（天）")
COLUMNS = (
    Column("category", Sentence("Category", "品类")),
    Column("customers", Sentence("Customers", "客户"), "count"),
    Column("watched", Sentence("Watched long enough", "观察期已满"), "count"),
    Column("again", Sentence("Bought again", "复购人数"), "count"),
    Column("rate", _RATE, "rate"),
    Column("rate_low", _RATE, "rate", low_of="rate"),
    Column("rate_high", _RATE, "rate", high_of="rate"),
    Column("cycle_days", _CYCLE, "count"),
    Column("cycle_days_low", _CYCLE, "count", low_of="cycle_days"),
    Column("cycle_days_high", _CYCLE, "count", high_of="cycle_days"),
    Column("gaps", Sentence("Gaps", "间隔数"), "count"),
)
BY_DAYS = (
    Column("days", Sentence("Days after the first", "首购后天数"), "count"),
    *COLUMNS[2:7],
)


@dataclass(frozen=True)
class Repurchase(Question):
    """Who buys again within so many days of the first order, and after how long; by category."""

    name = "repurchase"
    title = Sentence("How many buy again, and how soon?", "多少客户会复购，隔多久？")

    days: Annotated[
        int,
        Ask(
            Sentence("Within days", "首购后天数"),
            Sentence(
                "A second order within so many days of the first.", "首购后多少天内的第二单。"
            ),
        ),
    ] = 90
    until: Annotated[
        date | None,
        Ask(
            Sentence("Known up to", "数据截至"),
            Sentence("Orders up to this day; empty: today.", "只看截至这一天的订单；留空为今天。"),
        ),
    ] = None

    def __post_init__(self) -> None:
        if not 1 <= self.days <= 3650:
            raise ValueError(
                Sentence("`days` must be between 1 and 3650", "`days` 必须在 1 到 3650 之间")
            )

    def answer(self, of: Sources) -> Answer:
        until = self.until or of.today
        spans = sorted({self.days, *CURVE})
        bought = of.lake.once(again.purchases(until))
        by_category = _rates(of, bought, until, spans)
        whole = by_category.pop("", {})
        cycles = cycles_of(of.lake, bought)
        group = _group(whole, self.days)
        rows = [_row(ALL, whole, self.days, cycles.get(""))]
        rows += [_row(one, got, self.days, cycles.get(one)) for one, got in by_category.items()]
        ((many, crossed),) = of.lake.fetch(again.crossing(bought))
        cross = Group(many if by_category else 0, crossed)
        return Answer(
            says=_says(group, self.days, cycles.get("")),
            definition=Sentence(
                "Repurchase rate = customers with a second paid order within the days after their "
                "first ÷ customers with a first, of those whose first lies at least so long "
                "back. Of a "
                "category: orders with it. Cycle = the median of days between two days with a "
                "purchase. Cross-category rate = customers with two orders and two categories ÷ "
                "customers with two orders.",
                "复购率 = 首购后若干天内有第二笔付款订单的客户 ÷ "
                "有首单的客户（仅计首单距今已满该天数者）。"
                "品类复购只看含该品类的订单。复购周期 = 相邻两个购买日间隔天数的中位数。"
                "跨品类率 = 至少两单且买过至少两个品类的客户 ÷ 至少两单的客户。",
            ),
            population=Sentence("Customers with an order that stands", "有有效订单的客户"),
            period=Span(None, until),
            currency=of.brand.currency,
            tables=(
                Table("categories", Sentence("By category", "按品类"), COLUMNS, tuple(rows)),
                Table(
                    "curve",
                    Sentence("By days after the first order", "按首购后天数"),
                    BY_DAYS,
                    tuple((days, *_counted(_group(whole, days))) for days in spans),
                ),
                _crossing(cross),
            ),
            charts=_charts(categories=bool(by_category)),
            notes=_notes(categories=bool(by_category)),
            keys={"days": self.days, "until": str(until)},
        )  # fmt: skip


Counts = Mapping[str, int]


def _rates(of: Sources, bought: Expression, until: date, spans: Sequence[int]) -> dict[str, Counts]:
    names = ["customers", *(f"{part}_{days}" for days in spans for part in ("watched", "again"))]
    rows = of.lake.fetch(again.rates(bought, until, spans))
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}


def _group(counts: Counts, days: int) -> Group:
    return Group(int(counts.get(f"watched_{days}", 0)), int(counts.get(f"again_{days}", 0)))


def _counted(group: Group) -> tuple[Cell, ...]:
    low, high = group.interval or (None, None)
    return (*group, group.rate, low, high)


def _row(category: str, counts: Counts, days: int, cycle: Median | None) -> tuple[Cell, ...]:
    usual = (None, None, None, 0) if cycle is None else cycle
    return (category, counts.get("customers", 0), *_counted(_group(counts, days)), *usual)


def _crossing(cross: Group) -> Table:
    title = Sentence("Cross-category rate", "跨品类率")
    columns = (
        Column("customers", Sentence("With two orders and more", "至少两单的客户"), "count"),
        Column("crossed", Sentence("With two categories and more", "买过至少两个品类"), "count"),
        Column("rate", title, "rate"),
        Column("rate_low", title, "rate", low_of="rate"),
        Column("rate_high", title, "rate", high_of="rate"),
    )
    return Table("crossing", title, columns, (_counted(cross),) if cross.buyers else ())


def _says(group: Group, days: int, cycle: Median | None) -> Sentence:
    if group.rate is None or group.interval is None:
        return Sentence(
            f"Nobody's first order lies {days} days back yet.",
            f"还没有客户的首单满 {days} 天。",
        )
    share, span = percent(group.rate), between(group.interval)
    usual = (
        Sentence("", "")
        if cycle is None
        else Sentence(
            f", usually {cycle.value} days ({cycle.low}–{cycle.high}) after the one before",
            f"，通常距上一次 {cycle.value} 天（{cycle.low}–{cycle.high}）",
        )
    )
    return Sentence(
        f"{share} ({span}) of {group.buyers:,} customers buy again within {days} days{usual}.",
        f"{group.buyers:,} 位客户中，{share}（{span}）在首购后 {days} 天内复购{usual.zh}。",
    )


def _charts(*, categories: bool) -> tuple[Chart, ...]:
    along = Chart(
        "curve", Sentence("Repurchase rate by days", "复购率随天数"), "line", "curve",
        x="days", y=("rate",),
    )  # fmt: skip
    beside = Chart(
        "categories", Sentence("Repurchase rate by category", "各品类复购率"), "bar",
        "categories", x="category", y=("rate",),
    )  # fmt: skip
    return (along, beside) if categories else (along,)


def _notes(*, categories: bool) -> tuple[Sentence, ...]:
    notes = [
        Sentence(
            "The cycle knows only gaps that have ended: while a brand is young it looks shorter "
            "than "
            "it is. The interval takes gaps of one customer for independent.",
            "复购周期只统计已结束的间隔：品牌数据越短，看起来越短。"
            "区间把同一客户的多次间隔视为独立。",
        )
    ]
    if not categories:
        notes.append(
            Sentence(
                "No line of an order has a category, so nothing can be said by category.",
                "订单明细没有品类，无法按品类统计。",
            )
        )
    return tuple(notes)
