"""Who bought again, by when they first bought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, NamedTuple

from siyu.analytics import compile as figures
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
    main_currency,
    percent,
)
from siyu.kernel.sentence import Sentence

COLUMNS = (
    Column("cohort", Sentence("First bought in", "首购月份"), "month"),
    Column("month", Sentence("Month", "月份"), "month"),
    Column("age", Sentence("Months later", "第几个月"), "count"),
    Column("size", Sentence("Cohort", "群组人数"), "count"),
    Column(
        "customers",
        Sentence("Bought", "购买人数"),
        "count",
        counts=("cohort", "month", "currency"),
    ),
    Column("rate", Sentence("Share", "购买率"), "rate"),
    Column("rate_low", Sentence("Share", "购买率"), "rate", low_of="rate"),
    Column("rate_high", Sentence("Share", "购买率"), "rate", high_of="rate"),
    Column("orders", Sentence("Orders", "订单"), "count"),
    Column("currency", Sentence("Currency", "币种")),
    Column("worth_minor", Sentence("Worth", "净消费"), "money"),
)


EARLY = Sentence(
    "A month before the first: something was given back then for an order that no file names.",
    "早于首购的月份：当月有退款，但对应的订单不在任何文件里。",
)


class Cohort(NamedTuple):
    """Customers who first bought in the month `cohort`, in the month `month`."""

    cohort: date
    month: date
    currency: str
    size: int  # of the cohort, whatever they paid in
    customers: int
    orders: int
    worth_minor: int


@dataclass(frozen=True)
class Cohorts(Question):
    """Customers by the month of their first order: who bought again, month by month."""

    name = "cohorts"
    title = Sentence("Do those who once bought come back?", "买过的客户，后来还回来买吗？")

    by: Annotated[
        Literal["month"],
        Ask(
            Sentence("Cohorts by", "分组方式"),
            Sentence("What makes a cohort.", "按什么划分群组。"),
            (Sentence("Month of the first order", "首购月份"),),
        ),
    ] = "month"

    def answer(self, of: Sources) -> Answer:
        found = of.lake.fetch(figures.cohorts())
        rows = [Cohort(_day(row[0]), _day(row[1]), *row[2:]) for row in found]
        currency = main_currency(of, [one.currency for one in rows])
        cells = tuple(_row(one) for one in rows)
        return Answer(
            says=_says([one for one in rows if one.currency == currency], of.today),
            definition=Sentence(
                "A cohort is who bought first in a month. Share = those of it who bought in a "
                "later "
                "month ÷ the cohort. Worth = paid less given back. Orders that were cancelled or "
                "given back whole never were.",
                "群组为首次下单在同一个月的客户。购买率 = 该月购买的群组成员 ÷ 群组人数。"
                "净消费 = 实付 − 退款。已取消或全额退款的订单不计。",
            ),
            population=Sentence("Customers with an order that stands", "有有效订单的客户"),
            period=Span(min((one.cohort for one in rows), default=None), of.today),
            currency=currency,
            tables=(Table("cohorts", Sentence("Cohorts", "群组"), COLUMNS, cells),),
            charts=(
                Chart(
                    "share",
                    Sentence("Share who bought", "购买率"),
                    "heat",
                    "cohorts",
                    x="age",
                    y=("rate",),
                    by="cohort",
                ),
            ),
            notes=(EARLY,) if any(_age(one) < 0 for one in rows) else (),
            keys={
                "by": self.by,
                "cohorts": [
                    {
                        **one._asdict(),
                        "cohort": f"{one.cohort:%Y-%m}",
                        "month": f"{one.month:%Y-%m}",
                    }
                    for one in rows
                ],
            },
        )

    def behind(self, of: Sources, cells: Mapping[str, str]) -> list[int]:
        first, month = (date.fromisoformat(cells[name]) for name in ("cohort", "month"))
        found = of.lake.fetch(figures.of_cohort(first, month, cells["currency"]))
        return [int(row[0]) for row in found]


def _row(one: Cohort) -> tuple[Cell, ...]:
    group = Group(one.size, one.customers)
    low, high = group.interval or (None, None)
    return (
        one.cohort, one.month, _age(one), one.size, one.customers, group.rate, low, high,
        one.orders, one.currency, one.worth_minor,
    )  # fmt: skip


def _age(one: Cohort) -> int:
    return (one.month.year - one.cohort.year) * 12 + one.month.month - one.cohort.month


def _says(rows: Sequence[Cohort], today: date) -> Sentence:
    """Of the cohorts whose next month is over."""
    this = today.year * 12 + today.month
    sizes = {
        one.cohort: one.size for one in rows if one.cohort.year * 12 + one.cohort.month + 1 < this
    }
    again = sum(one.customers for one in rows if one.cohort in sizes and _age(one) == 1)
    group = Group(sum(sizes.values()), again)
    if group.rate is None or group.interval is None:
        return Sentence("No cohort is a whole month old yet.", "还没有满一个月的群组。")
    share, span = percent(group.rate), between(group.interval)
    return Sentence(
        f"In the month after their first, {share} ({span}) of {group.buyers:,} customers "
        "bought again.",
        f"{group.buyers:,} 位客户中，{share}（{span}）在首购的次月又下了单。",
    )


def _day(found: date) -> date:
    return date(found.year, found.month, found.day)
