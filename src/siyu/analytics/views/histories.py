"""What models of value know of customers, from the lake."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from siyu.analytics import compile as figures
from siyu.analytics.decide.value import Floats, GammaGamma, History, fit_gamma_gamma
from siyu.analytics.model.answer import Ask, Lake
from siyu.kernel.errors import Refused
from siyu.kernel.money import EXPONENTS
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression

Unit = Literal["day", "week", "month"]
UNITS = (Sentence("day", "天"), Sentence("week", "周"), Sentence("month", "月"))
DAYS: dict[Unit, int] = {"day": 1, "week": 7, "month": 30}
Currency = Annotated[
    str,
    Ask(
        Sentence("Currency", "币种"),
        Sentence(
            "Orders in this currency; empty: the brand's.",
            "只看这个币种的订单；留空为品牌币种。",
        ),
    ),
]


class Known(NamedTuple):
    """Everybody who has bought by a day, an entry each: who, the day of the last purchase, and
    what models take. `later`: days with a purchase after that day, where it was asked for."""

    customers: NDArray[np.int64]
    last: NDArray[np.datetime64]
    history: History
    later: Floats


def known_of(lake: Lake, until: date, unit: Unit, currency: str, then: date | None = None) -> Known:
    """As of `until`; with what they did up to `then`."""
    asked: Expression = figures.histories(until, currency)
    if then is not None:
        asked = figures.with_later(until, then, currency)
    found = lake.arrays(asked)
    first, last = _days(found["first"]), _days(found["last"])
    repeats = np.asarray(found["repeats"], dtype=np.float64)
    paid = np.asarray(found["worth_minor"], dtype=np.float64) / 10 ** EXPONENTS[currency]
    length = DAYS[unit]
    history = History(
        repeats,
        (last - first).astype(np.float64) / length,
        (np.datetime64(until, "D") - first).astype(np.float64) / length,
        np.where(repeats > 0, paid / np.maximum(repeats, 1), 0.0),
    )
    later = np.asarray(found.get("later", np.zeros(len(repeats))), dtype=np.float64)
    return Known(np.asarray(found["customer_id"], dtype=np.int64), last, history, later)


def _days(column: Any) -> NDArray[np.datetime64]:
    return np.asarray(column, dtype="datetime64[D]")


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
