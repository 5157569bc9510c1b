"""Stock turnover by place: what the counts of goods say, beside what was sold."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from siyu.analytics.compile.money import goods
from siyu.analytics.decide.turnover import Count, Stock, lasts, mean, together, yearly
from siyu.analytics.model.answer import Cell, Column, Named, Sources, Table, percent
from siyu.analytics.views.days import Days
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import load

SQL = load("siyu.analytics")
ALL = Sentence("all together", "合计")
TITLE = Sentence("Stock turnover", "库存周转")
COLUMNS = (
    Column("place", Sentence("Shop or warehouse", "店铺/仓库")),
    Column("counts", Sentence("Counts", "盘点次数"), "count"),
    Column("stock", Sentence("Pieces in stock, on average", "平均库存件数"), "number"),
    Column("sold", Sentence("Pieces sold", "售出件数"), "count"),
    Column("turns", Sentence("Turnover of pieces a year", "件数年周转次数"), "number"),
    Column("lasts_days", Sentence("Stock lasts, days", "可售天数"), "number"),
    Column("currency", Sentence("Currency", "币种")),
    Column("stock_minor", Sentence("Stock at cost, on average", "平均库存成本"), "money"),
    Column("sold_minor", Sentence("Cost of goods sold", "销售成本"), "money"),
    Column("cost_turns", Sentence("Turnover at cost a year", "成本年周转次数"), "number"),
    Column("costed", Sentence("Stock with a known cost", "库存成本已知占比"), "rate"),
)
DEFINITION = Sentence(
    "Stock turnover = cost of goods sold ÷ average stock at cost, as often as that is in 365 days, "
    "both of goods whose cost is known; and the same in pieces. Each count holds until the next.",
    "库存周转 = 销售成本 ÷ 平均库存成本（折合 365 天），只计成本已知的商品；另按件数计算。"
    "每次盘点有效至下一次盘点。",
)
UNKNOWN = Sentence("stock turnover is not known", "库存周转未知")
NOTE = Sentence(
    "No count of goods has come in for these days, so there is no stock turnover: siyu goods "
    "import FILE brings one in. Floor space is not known here: there is no margin per square "
    "metre.",
    "这些天没有商品盘点数据，因此没有库存周转率：请用 siyu goods import FILE 导入。"
    "未接入门店面积，因此没有坪效。",
)
COUNTED = Sentence(
    "Stock is as counts say. A place that is no shop (a warehouse) counts in the sum only, beside "
    "the sales of all shops; without one the sum is of counted shops. Floor space is not known "
    "here: there is no margin per square metre.",
    "库存以盘点为准。不是店铺的地点（仓库）只计入合计，与全部店铺的销售相比；"
    "没有仓库时合计只含已盘点的店铺。未接入门店面积，因此没有坪效。",
)


class Sold(NamedTuple):
    """Pieces that were kept, those whose cost is known, and what these cost."""

    pieces: int
    costed: int
    cost_minor: int


class Stocked(NamedTuple):
    """A place, what it held on average, and what it sold: None of what is no shop."""

    place: str
    stock: Stock
    sold: Sold | None


def stocked(of: Sources, span: Days, currency: str) -> list[Stocked]:
    """Every place that was counted, and all of them together at the end; none where none was."""
    counts: defaultdict[str, list[Count]] = defaultdict(list)
    said = {"first": span.first, "last": span.last, "currency": currency}
    with of.db.transaction() as conn:
        for place, *count in conn.fetch(SQL.counted_goods, said):
            counts[place].append(Count(*count))
    means = {
        place: found
        for place, every in counts.items()
        if (found := mean(every, span.first, span.last)) is not None
    }
    if not means:
        return []
    sold = _sold(of, span, currency)
    found = [Stocked(place, one, sold.get(place)) for place, one in sorted(means.items())]
    # A warehouse serves all shops; without one the others' sales come from what nobody counted.
    served = sold if means.keys() - sold.keys() else means.keys() & sold.keys()
    every = Sold(*map(sum, zip(*(sold[shop] for shop in served), strict=True)))
    return [*found, Stocked("", together(list(means.values())), every)]


def _sold(of: Sources, span: Days, currency: str) -> dict[str, Sold]:
    """By shop: pieces are those of every currency, costs of this one."""
    found: dict[str, Sold] = {}
    for shop, own, pieces, costed, cost in of.lake.fetch(goods((span.first, span.last))):
        before = found.get(shop, Sold(0, 0, 0))
        mine = own == currency
        found[shop] = Sold(
            before.pieces + pieces, before.costed + costed * mine, before.cost_minor + cost * mine
        )
    return found


def table(found: list[Stocked], days: int, currency: str) -> Table:
    """A row for each."""
    return Table("stock", TITLE, COLUMNS, tuple(_row(one, days, currency) for one in found))


def says(found: list[Stocked], days: int) -> Sentence:
    """Of all places together."""
    if not found:
        return UNKNOWN
    _, stock, sold = found[-1]
    if sold is None or not stock.pieces:
        return UNKNOWN
    turns = yearly(sold.cost_minor, stock.cost_minor, days)
    share = stock.costed / stock.pieces
    if turns is None:
        turns = yearly(sold.pieces, stock.pieces, days) or 0.0
        return Sentence(
            f"stock is turned over {turns:.1f} times a year by pieces; no cost of it is known",
            f"库存按件数年周转 {turns:.1f} 次；库存成本未知",
        )
    return Sentence(
        f"stock is turned over {turns:.1f} times a year at cost, which is known of "
        f"{percent(share)} of its pieces",
        f"库存按成本年周转 {turns:.1f} 次（{percent(share)} 的库存成本已知）",
    )


def turnover(found: list[Stocked], days: int) -> float | None:
    """At cost, of all places together, a year."""
    if not found or (sold := found[-1].sold) is None:
        return None
    return yearly(sold.cost_minor, found[-1].stock.cost_minor, days)


def _row(one: Stocked, days: int, currency: str) -> tuple[Cell, ...]:
    stock, sold = one.stock, one.sold
    share = stock.costed / stock.pieces if stock.pieces else None
    money = round(stock.cost_minor) if stock.costed else None
    held = (Named("shop", one.place) if one.place else ALL, stock.counts, round(stock.pieces, 1))
    if sold is None:
        return (*held, None, None, None, currency, money, None, None, share)
    return (
        *held, sold.pieces, yearly(sold.pieces, stock.pieces, days),
        lasts(sold.pieces, stock.pieces, days), currency, money,
        sold.cost_minor if sold.costed else None,
        yearly(sold.cost_minor, stock.cost_minor, days) if sold.costed else None, share,
    )  # fmt: skip
