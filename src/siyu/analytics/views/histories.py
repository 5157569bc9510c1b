"""What models of value know of customers, from the lake."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
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
    what models take."""

    customers: NDArray[np.int64]
    last: NDArray[np.datetime64]
    history: History


class Tried(NamedTuple):
    """What models took of those who had bought by an earlier day, and on how many days each bought
    from then on."""

    history: History
    later: Floats


def known_of(lake: Lake, until: date, unit: Unit, currency: str) -> Known:
    """As of `until`."""
    return _known(lake.arrays(figures.histories(until, currency)), until, unit, currency)


def known_since(
    lake: Lake, then: date, until: date, unit: Unit, currency: str
) -> tuple[Tried, Known]:
    """As of `then` with what they did up to `until`, and as of that."""
    found = lake.arrays(figures.histories(until, currency, then))
    here = np.asarray(found["repeats_then"]) >= 0
    early = {
        "first": found["first"],
        **{name: found[f"{name}_then"] for name in ("last", "repeats", "worth")},
    }
    early = {name: np.asarray(column)[here] for name, column in early.items()}
    later = np.asarray(found["repeats"], dtype=np.float64)[here] - early["repeats"]
    tried = _history(early, early["worth"], then, unit, currency)
    return Tried(tried, later), _known(found, until, unit, currency)


def _known(found: Mapping[str, Any], until: date, unit: Unit, currency: str) -> Known:
    return Known(
        np.asarray(found["customer_id"], dtype=np.int64),
        _days(found["last"]),
        _history(found, found["worth_minor"], until, unit, currency),
    )


def _history(
    found: Mapping[str, Any], worth: Any, until: date, unit: Unit, currency: str
) -> History:
    first, last = _days(found["first"]), _days(found["last"])
    repeats = np.asarray(found["repeats"], dtype=np.float64)
    paid = np.asarray(worth, dtype=np.float64) / 10 ** EXPONENTS[currency]
    length = DAYS[unit]
    return History(
        repeats,
        (last - first).astype(np.float64) / length,
        (np.datetime64(until, "D") - first).astype(np.float64) / length,
        np.where(repeats > 0, paid / np.maximum(repeats, 1), 0.0),
    )


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
