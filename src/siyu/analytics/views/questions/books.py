"""The books: what was bought, given back and corrected, per currency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from siyu.analytics import compile as figures
from siyu.analytics.model.answer import Answer, Chart, Column, Lake, Question, Sources, Span, Table
from siyu.kernel.money import show
from siyu.kernel.sentence import Sentence


class Books(NamedTuple):
    """The books of one currency, in minor units; `net` = gross − refunded + corrected."""

    currency: str
    lines: int = 0
    orders: int = 0
    customers: int = 0
    orders_without_customer: int = 0
    cancelled_orders: int = 0
    gross: int = 0
    refunded: int = 0
    corrected: int = 0
    net: int = 0


def totals(lake: Lake) -> list[Books]:
    """One line per currency."""
    return [Books(*row) for row in lake.fetch(figures.totals())]


COLUMNS = (
    Column("currency", Sentence("Currency", "币种")),
    Column("lines", Sentence("Lines", "明细行"), "count"),
    Column("orders", Sentence("Orders", "订单"), "count"),
    Column("customers", Sentence("Customers", "客户"), "count"),
    Column("orders_without_customer", Sentence("Orders of guests", "无客户订单"), "count"),
    Column("cancelled_orders", Sentence("Cancelled orders", "取消订单"), "count"),
    Column("gross", Sentence("Gross", "销售额"), "money"),
    Column("refunded", Sentence("Refunded", "退款"), "money"),
    Column("corrected", Sentence("Corrected", "调整"), "money"),
    Column("net", Sentence("Net", "净额"), "money"),
)

BY_MONTH = Sentence("Net by the month of the order", "各月净额（按下单月）")
MONTHS = (
    Column("month", Sentence("Month", "月份"), "month"),
    Column("currency", Sentence("Currency", "币种")),
    Column("orders", Sentence("Orders that stand", "有效订单"), "count"),
    Column("net", Sentence("Net", "净额"), "money"),
)


@dataclass(frozen=True)
class Totals(Question):
    """The books: lines, orders, customers, gross, refunded, net; one line per currency."""

    name = "totals"
    title = Sentence("What do the books say?", "账上一共多少？")

    def answer(self, of: Sources) -> Answer:
        found = totals(of.lake)
        of_brand = [one for one in found if one.currency == of.brand.currency]
        main = (of_brand or found or [Books(of.brand.currency)])[0]
        net = show(main.net, main.currency)
        return Answer(
            says=Sentence(
                f"{main.orders:,} orders of {main.customers:,} customers come to {net} net.",
                f"{main.customers:,} 位客户共 {main.orders:,} 单，净额 {net}。",
            ),
            definition=Sentence(
                "Net = gross − refunded + corrected. Gross is what was paid for all orders; "
                "refunded "
                "is what was given back, and what cancelled orders had brought.",
                "净额 = 销售额 − 退款 + 调整。销售额为全部订单的实付；"
                "退款含退回的金额与已取消订单的金额。",
            ),
            population=Sentence("All orders, guests' too", "全部订单，含无客户订单"),
            period=Span(None, of.today),
            currency=main.currency,
            tables=(
                Table("books", Sentence("Books", "账目"), COLUMNS, tuple(found)),
                Table("months", BY_MONTH, MONTHS, tuple(sorted(of.lake.fetch(figures.months())))),
            ),
            charts=(
                Chart("months", BY_MONTH, "line", "months", x="month", y=("net",), by="currency"),
            ),
            keys={**main._asdict(), "currencies": [one._asdict() for one in found]},
        )
