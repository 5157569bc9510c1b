"""Recency, frequency and money of each customer, in bands: Ibis expressions over the lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from siyu.analytics.compile import returned, standing
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import ibis

BANDS = 5


def customers(as_of: date, days: int, currency: str) -> Expression:
    """Who bought in the days before: customer_id, last (a day), orders, worth_minor."""
    bought = standing(as_of)
    orders = bought.mutate(bought=1)
    every = orders.union(returned(as_of).mutate(bought=0).select(*orders.columns))
    such = every.filter(
        every.currency == currency, every.day > ibis().literal(as_of - timedelta(days=days))
    )
    known = such.group_by("customer_id").agg(
        last=such.day.max(where=such.bought == 1),
        orders=such.bought.sum(),
        worth_minor=such.worth_minor.sum(),
    )
    return known.filter(known.orders > 0)


def by_quantile(as_of: date, days: int, currency: str) -> Expression:
    """Each in fifths of the customers; who is alike is in one band, the lower one."""
    known = customers(as_of, days, currency)
    return known.mutate(
        r=_fifth(known["last"]), f=_fifth(known.orders), m=_fifth(known.worth_minor)
    )


def _fifth(column: Expression) -> Expression:
    rank = ibis().percent_rank().over(ibis().window(order_by=column))
    return ibis().least((rank * BANDS).floor().cast("int64") + 1, BANDS)


def by_limit(
    as_of: date,
    days: int,
    currency: str,
    limits: tuple[Sequence[int], Sequence[int], Sequence[int]],
) -> Expression:
    """Each by fixed limits: days since the last order, orders, worth in minor units."""
    known = customers(as_of, days, currency)
    recency, frequency, money = limits
    young = [
        (known["last"] >= ibis().literal(as_of - timedelta(days=limit)), BANDS - place)
        for place, limit in enumerate(recency)
    ]
    return known.mutate(
        r=ibis().cases(*young, else_=1),
        f=_above(known.orders, frequency),
        m=_above(known.worth_minor, money),
    )


def _above(column: Expression, limits: Sequence[int]) -> Expression:
    return ibis().cases(
        *((column >= limit, place + 2) for place, limit in reversed(list(enumerate(limits)))),
        else_=1,
    )


def starts(banded: Expression, axis: str) -> Expression:
    """Where each band begins that somebody is in: band, the least that is in it (of recency a day,
    of money minor units), people; the best band first."""
    value = banded[{"r": "last", "f": "orders", "m": "worth_minor"}[axis]]
    found = banded.group_by(band=banded[axis]).agg(least=value.min(), people=banded.count())
    return found.order_by(ibis().desc("band"))


def within(banded: Expression, cells: Mapping[str, int]) -> Expression:
    """Who is in these bands: customer_id."""
    found = banded.filter([banded[name] == band for name, band in cells.items()])
    return found.select("customer_id").order_by("customer_id")


def cells(banded: Expression) -> Expression:
    """r, f, m, people, orders, worth_minor."""
    found = banded.group_by("r", "f", "m").agg(
        people=banded.count(), orders=banded.orders.sum(), worth_minor=banded.worth_minor.sum()
    )
    return found.order_by(ibis().desc("r"), ibis().desc("f"), ibis().desc("m"))
