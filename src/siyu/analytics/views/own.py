"""What a brand knows of its own economics: what steps have done, what things and orders bring."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from math import sqrt
from typing import NamedTuple

from siyu.analytics.compile import money as figures
from siyu.analytics.decide.economics import Range
from siyu.analytics.model import WINDOW, Asked, Group, SourceReport
from siyu.analytics.model.answer import Sources
from siyu.analytics.views.reports import plan
from siyu.kernel.sentence import Sentence
from siyu.ledger import views as ledger

LISTED = Sentence("price list", "价目表")
NONE_PAID = Sentence("no tool is paid", "没有付费工具")
MANY = 30  # orders, buyers or people reached below which nothing of the brand's own is said
PERIOD = timedelta(days=70)


class Told(NamedTuple):
    """An input and where it is from."""

    value: Range
    source: str


def own(of: Sources) -> dict[str, Told]:
    """Every input of unit economics of which the brand has enough of its own, by name."""
    return {**_own_steps(of), **_own_prices(of), **_own_orders(of)}


def _own_steps(of: Sources) -> dict[str, Told]:
    """Of the source with most buyers: those of the last weeks whom it has had all its time to win;
    where these are too few, those of the last days as well."""
    whole = of.today - WINDOW
    found = _source(of, whole - PERIOD, whole)
    if found is None or found.treated.buyers < MANY:
        found = _source(of, whole - PERIOD, of.today)
    if found is None:
        return {}
    cost: Counter[str] = Counter()
    for part in found.costs:
        cost[part.step] += part.amount_minor
    told, left = dict[str, Told](), found.treated.buyers
    for one in found.steps:
        won, reached = (
            Group(one.people, min(one.adds, one.people)),
            Group(left, min(one.people, left)),
        )
        left -= one.adds
        if one.people < MANY or not reached.buyers:
            continue
        many = f"{one.people:,}"
        source = Sentence(f"your own: {many} people", f"自有数据：{many} 人")
        told[f"cost.{one.step}"] = Told(_exactly(cost[one.step] / one.people), source)
        told[f"reach.{one.step}"] = Told(_around(reached), source)
        told[f"success.{one.step}"] = Told(_around(won), source)
    return told


def _source(of: Sources, first: date, last: date) -> SourceReport | None:
    asked = Asked(first, last)
    with of.db.transaction() as conn:
        found = plan(conn, asked, of.brand.time_zone, of.now).sources
    return max(found, key=lambda one: one.treated.buyers, default=None)


def _around(of: Group) -> Range:
    low, high = of.interval or (0.0, 0.0)
    rate = of.rate or 0.0
    return Range(min(low, rate), rate, max(high, rate))


def _own_prices(of: Sources) -> dict[str, Told]:
    """What a friend gets, and what tools cost for each buyer of the last weeks."""
    with of.db.transaction() as conn:
        held, listed, tools = (
            ledger.prices(conn, of.now),
            ledger.price_list(conn),
            ledger.tools(conn),
        )
    parts = [held[kind].unit_minor for kind in ("gift", "shipping_extra") if kind in held]
    told = {"gift": Told(_exactly(sum(parts)), LISTED)} if parts else {}
    fees = {
        one.variant: one.unit_minor
        for one in listed
        if one.kind == "tool_fee" and one.valid_from <= of.today
    }
    monthly = sum(fees.get(one.code, 0) for one in tools)
    buyers = _new_buyers(of)
    if not monthly:
        told["tools"] = Told(_exactly(0), NONE_PAID)
    elif buyers >= MANY:
        source = Sentence(
            f"your own: {buyers:,} new buyers a month", f"自有数据：每月新买家 {buyers:,} 位"
        )
        told["tools"] = Told(_exactly(monthly / buyers), source)
    return told


def _exactly(value: float) -> Range:
    return Range(value, value, value)


def _new_buyers(of: Sources) -> int:
    first = figures.first_orders(of.today - timedelta(days=30), of.today)
    ((many,),) = of.lake.fetch(first)
    return int(many)


def _own_orders(of: Sources) -> dict[str, Told]:
    """What an order brings, and how often who has been here for a year has bought again in it."""
    currency, told = of.brand.currency, dict[str, Told]()
    ((many, mean, spread, assumed),) = of.lake.fetch(
        figures.per_order(currency, of.today - timedelta(days=365))
    )
    if many >= MANY and mean is not None and mean > 0:
        half = 1.96 * (spread or 0.0) / sqrt(many)
        source = Sentence(
            f"your own: {many:,} orders, cost assumed for {assumed or 0:.0%}",
            f"自有数据：{many:,} 单，其中成本为估算的占 {assumed or 0:.0%}",
        )
        told["margin"] = Told(Range(max(mean - half, 0), mean, mean + half), source)
    ((here, again, orders),) = of.lake.fetch(figures.within_a_year(of.today))
    group = Group(int(here), int(again or 0))
    if group.buyers >= MANY and group.friends:
        source = Sentence(f"your own: {here:,} customers", f"自有数据：{here:,} 位客户")
        told["repurchase"] = Told(_around(group), source)
        told["orders"] = Told(_exactly(orders / again), source)
    return told
