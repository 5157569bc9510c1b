"""What customers will buy, and what that is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, NamedTuple

import numpy as np

from siyu.analytics.decide.value import expected, fit_bgnbd, spend
from siyu.analytics.model.answer import Answer, Ask, Column, Question, Sources, Span, Table
from siyu.analytics.views.histories import DAYS, UNITS, Currency, Unit, history, known_of, spent
from siyu.kernel.money import EXPONENTS, show
from siyu.kernel.sentence import Sentence

HORIZONS = (90, 180, 365)  # days
COLUMNS = (
    Column("days", Sentence("Days ahead", "未来天数"), "count"),
    Column("purchases", Sentence("Purchases", "购买次数"), "number"),
    Column("money", Sentence("Worth", "消费"), "money"),
)


@dataclass(frozen=True)
class Value(Question):
    """What customers will buy: BG/NBD and gamma-gamma, fitted by maximum likelihood."""

    name = "value"
    title = Sentence("What will our customers be worth?", "客户未来还会带来多少？")

    until: Annotated[
        date | None,
        Ask(
            Sentence("Known up to", "数据截至"),
            Sentence(
                "Fitted on orders up to this day; empty: today.",
                "用截至这一天的订单拟合；留空为今天。",
            ),
        ),
    ] = None
    unit: Annotated[
        Unit,
        Ask(
            Sentence("Unit of time", "时间单位"),
            Sentence("Of time.", "模型参数的时间单位。"),
            UNITS,
        ),
    ] = "week"
    currency: Currency = ""

    def answer(self, of: Sources) -> Answer:
        until, currency = self.until or of.today, self.currency or of.brand.currency
        seen = history(known_of(of.lake, until, currency), until, self.unit, currency)
        purchases, money = fit_bgnbd(seen), spent(seen)
        scale = 10 ** EXPONENTS[currency]
        ahead: list[tuple[int, float, float]] = []
        for days in HORIZONS:
            some = expected(purchases, seen, days / DAYS[self.unit])
            each = spend(money, seen) if money else np.zeros_like(some)
            ahead.append((days, float(some.sum()), float((some * each).sum())))
        worth = show(round(ahead[0][2] * scale), currency)
        return Answer(
            says=Sentence(
                f"In the coming {HORIZONS[0]} days {worth} is to be expected of "
                f"{purchases.customers:,} customers.",
                f"未来 {HORIZONS[0]} 天，预计 {purchases.customers:,} 位客户会消费 {worth}。",
            ),
            definition=Sentence(
                "BG/NBD says who will buy and how often, gamma-gamma what a purchase is worth; "
                "both "
                "by maximum likelihood on all orders that stand. Days with several orders count "
                "once.",
                "BG/NBD 给出谁会买、买几次，Gamma-Gamma 给出单次消费；"
                "均用全部有效订单做极大似然估计。同一天多单算一次。",
            ),
            population=Sentence("All customers with an order", "全部下过单的客户"),
            period=Span(None, until),
            currency=currency,
            tables=(
                Table(
                    "expected",
                    Sentence("Expected of all customers", "全部客户的预期"),
                    COLUMNS,
                    tuple((days, some, round(sum_ * scale)) for days, some, sum_ in ahead),
                ),
            ),
            keys={
                "until": str(until),
                "unit": self.unit,
                "bgnbd": _plain(purchases),
                "gamma_gamma": _plain(money) if money else None,
                "expected": [
                    dict(zip(("days", "purchases", "money"), one, strict=True)) for one in ahead
                ],
            },
        )


def _plain(model: NamedTuple) -> dict[str, float]:
    return model._asdict()
