"""What models of value know of customers, from the lake."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, NamedTuple

from siyu.analytics import compile as figures
from siyu.analytics.decide.value import GammaGamma, History, fit_gamma_gamma
from siyu.analytics.model.answer import Ask, Lake
from siyu.kernel.errors import Refused
from siyu.kernel.money import EXPONENTS
from siyu.kernel.sentence import Sentence

Unit = Literal["day", "week", "month"]
UNITS = (Sentence("day", "天"), Sentence("week", "周"), Sentence("month", "月"))
DAYS: dict[Unit, int] = {"day": 1, "week": 7, "month": 30}
Currency = Annotated[
    str,
    Ask(
        Sentence("Currency", "币种"),
        Sentence(
            "Orders in this currency; empty: the brand's.", "只看这个币种的订单；留空为品牌币种。"
        ),
    ),
]


class Known(NamedTuple):
    """One customer: days of the first and last purchase, days with one after the first, and what
    these were worth."""

    customer: int
    first: date
    last: date
    repeats: int
    worth_minor: int


def known_of(lake: Lake, until: date, currency: str) -> list[Known]:
    """Everybody who has bought in this currency by that day."""
    return [Known(*row) for row in lake.fetch(figures.histories(until, currency))]


def history(known: Sequence[Known], until: date, unit: Unit, currency: str) -> History:
    """The same as models take it: times in units, money in major units."""
    return History.of(list(_spans(known, until, DAYS[unit], 10 ** EXPONENTS[currency])))


def _spans(
    known: Sequence[Known], until: date, days: int, scale: int
) -> Iterator[tuple[float, float, float, float]]:
    for one in known:
        mean = one.worth_minor / scale / one.repeats if one.repeats else 0.0
        yield one.repeats, (one.last - one.first).days / days, (until - one.first).days / days, mean


def spent(of: History) -> GammaGamma | None:
    """What a purchase is worth; None where too few bought again to say."""
    try:
        return fit_gamma_gamma(of)
    except Refused:
        return None


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of its month where there is none.

    >>> months_before(date(2026, 5, 31), 3)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
