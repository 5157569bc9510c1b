"""Figures of years, from the lake: the books, cohorts, what customers will be worth, who lapsed."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple, Protocol

import numpy as np

from siyu.analytics import compile as figures
from siyu.analytics.decide.value import (
    BgNbd,
    GammaGamma,
    History,
    expected,
    fit_bgnbd,
    fit_gamma_gamma,
    returns,
    spend,
)
from siyu.identities import views as identities
from siyu.kernel.errors import BadInput, Refused
from siyu.kernel.money import EXPONENTS
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, Row
from siyu.segments.model import Expression
from siyu.vault import views as vault
from siyu.vault.model import Keys

DAYS: dict[str, int] = {"day": 1, "week": 7, "month": 30}
Unit = Literal["day", "week", "month"]
AHEAD = 90  # days, in which somebody lapsed may return


class Engine(Protocol):
    """What answers figures over the lake."""

    def fetch(self, expression: Expression) -> list[Row]:
        """The rows of an expression over the tables of facts."""
        ...


class Books(NamedTuple):
    """The books of one currency, in minor units; `net` = gross − refunded + corrected."""

    currency: str
    lines: int
    orders: int
    customers: int
    orders_without_customer: int
    cancelled_orders: int
    gross: int
    refunded: int
    corrected: int
    net: int


class Cohort(NamedTuple):
    """Customers who first bought in the month `cohort`, in the month `month`."""

    cohort: date
    month: date
    currency: str
    customers: int
    orders: int
    worth_minor: int


class Valued(NamedTuple):
    """Models of purchase and spend as of a day. `gamma_gamma` is None where too few bought again
    for an amount; `ahead`: days, purchases and money of all customers together."""

    until: date
    unit: Unit
    currency: str
    bgnbd: BgNbd
    gamma_gamma: GammaGamma | None
    ahead: tuple[tuple[int, float, float], ...]


class Lapsed(NamedTuple):
    """Somebody whose last order lies back for long: when, how many days with a purchase, the chance
    that they buy within `AHEAD` days, and what that is worth, in minor units."""

    customer_id: int
    last: date
    purchases: int
    chance: float
    worth_minor: int


def totals(lake: Engine) -> list[Books]:
    """The books, one line per currency."""
    return [Books(*row) for row in lake.fetch(figures.totals())]


def cohorts(lake: Engine) -> list[Cohort]:
    """By the month of the first order that stands."""
    rows = lake.fetch(figures.cohorts())
    return [Cohort(_day(row[0]), _day(row[1]), *row[2:]) for row in rows]


def buyers(conn: Conn, keys: Keys, customer_ids: Sequence[int]) -> dict[int, str]:
    """Customer → as whom a shop knows them; who was erased is missing."""
    wanted = sorted(set(customer_ids))
    items = {one: got[0][1] for one, got in identities.reach(conn, wanted, "buyer").items()}
    clear = vault.open_field(conn, keys, list(items.values()), "buyer")
    return {one: clear[item] for one, item in items.items() if item in clear}


def value(lake: Engine, until: date, unit: Unit, currency: str) -> Valued:
    """Both models, fitted on all orders up to and with that day."""
    known = _histories(lake, until, currency)
    history = _history(known, until, unit, currency)
    purchases = fit_bgnbd(history)
    money = _spent(history)
    ahead: list[tuple[int, float, float]] = []
    for days in (90, 180, 365):
        some = expected(purchases, history, days / DAYS[unit])
        each = spend(money, history) if money else np.zeros_like(some)
        ahead.append((days, float(some.sum()), float((some * each).sum())))
    return Valued(until, unit, currency, purchases, money, tuple(ahead))


def lapsed(
    lake: Engine, as_of: date, from_months: int, to_months: int, currency: str
) -> list[Lapsed]:
    """Whose last order lies between so many months before that day; those first whose return is
    worth most."""
    if not 0 <= from_months < to_months:
        raise BadInput(BACKWARDS)
    first, end = _months_before(as_of, to_months), _months_before(as_of, from_months)
    until = as_of - timedelta(days=1)
    known = _histories(lake, until, currency)
    history = _history(known, until, "day", currency)
    chances = returns(fit_bgnbd(history), history, AHEAD)
    money = _spent(history)
    each = spend(money, history) if money else np.zeros_like(chances)
    scale = 10 ** EXPONENTS[currency]
    found = [
        Lapsed(
            one.customer, one.last, one.repeats + 1, float(chance), round(chance * worth * scale)
        )
        for one, chance, worth in zip(known, chances, each, strict=True)
        if first <= one.last < end
    ]
    return sorted(found, key=lambda one: (-one.worth_minor, -one.chance, one.customer_id))


BACKWARDS = Sentence(
    "--from-months must be less than --to-months.", "--from-months 必须小于 --to-months。"
)


class _Known(NamedTuple):
    customer: int
    first: date
    last: date
    repeats: int
    worth_minor: int


def _spent(history: History) -> GammaGamma | None:
    try:
        return fit_gamma_gamma(history)
    except Refused:
        return None


def _histories(lake: Engine, until: date, currency: str) -> list[_Known]:
    return [_Known(*row) for row in lake.fetch(figures.histories(until, currency))]


def _history(known: Sequence[_Known], until: date, unit: Unit, currency: str) -> History:
    return History.of(list(_spans(known, until, DAYS[unit], 10 ** EXPONENTS[currency])))


def _spans(
    known: Sequence[_Known], until: date, days: int, scale: int
) -> Iterator[tuple[float, float, float, float]]:
    for one in known:
        mean = one.worth_minor / scale / one.repeats if one.repeats else 0.0
        yield one.repeats, (one.last - one.first).days / days, (until - one.first).days / days, mean


def _months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of its month where there is none.

    >>> _months_before(date(2026, 5, 31), 3)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _day(found: date) -> date:
    return date(found.year, found.month, found.day)
