"""Who bought again, overall and by category: Ibis expressions over the lake.

A category stands in an order while more units of it were bought than given back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis

_MINE = ("customer_id", "category")


def purchases(until: date) -> Expression:
    """Orders that stand, once per category in them: id, customer_id, paid_at, day, category."""
    items, refunds = dated("order_item"), dated("refund")
    given = refunds.filter(refunds.sku.notnull()).group_by("order_id", "sku")
    back = given.agg(back=ibis()._.quantity.sum())
    lines = items.filter(items.category.notnull(), items.category != "")
    units = lines.group_by("order_id", "sku", "category").agg(units=lines.quantity.sum())
    left = units.left_join(back, ["order_id", "sku"]).select(
        "order_id", "category", left=units.units - back.back.coalesce(0)
    )
    kept = left.group_by("order_id", "category").agg(left=left.left.sum())
    kept = kept.filter(kept.left > 0).select("order_id", "category")
    orders = _orders(until)
    return orders.join(kept, orders.id == kept.order_id).select(
        "id", "customer_id", "paid_at", "day", "category"
    )


def every_order(until: date) -> Expression:
    """Orders that stand, all under the category ''."""
    return _orders(until).mutate(category=ibis().literal(""))


def _orders(until: date) -> Expression:
    orders = dated("orders")
    kept = orders.filter(orders.state == "paid", orders.customer_id.notnull(), orders.day <= until)
    return kept.select("id", "customer_id", "paid_at", "day")


def rates(bought: Expression, until: date, within: Sequence[int]) -> Expression:
    """By category: customers, then for each span of days those who were watched for so long after
    their first order, and those of them who ordered again in it."""
    place = (
        ibis()
        .row_number()
        .over(ibis().window(group_by=_MINE, order_by=[bought.paid_at, bought.id]))
    )
    ordered = bought.mutate(place=place)
    firsts = ordered.group_by(*_MINE).agg(
        first=ordered.day.min(where=ordered.place == 0),
        second=ordered.day.max(where=ordered.place == 1),
    )
    counts: dict[str, Expression] = {}
    for days in within:
        watched = firsts["first"] <= ibis().literal(until - timedelta(days=days))
        soon = firsts.second <= firsts["first"] + ibis().interval(days=days)
        counts[f"watched_{days}"] = watched.sum()
        counts[f"again_{days}"] = (watched & soon.fill_null(False)).sum()
    found = firsts.group_by("category").agg(customers=firsts.count(), **counts)
    return found.order_by(ibis().desc("customers"), "category")


def gaps(bought: Expression) -> Expression:
    """How many days lie between two days with a purchase of a category: category, days, times."""
    days = bought.select(*_MINE, "day").distinct()
    before = days.day.lag().over(ibis().window(group_by=_MINE, order_by=days.day))
    apart = days.mutate(days=days.day.delta(before, unit="day"))
    some = apart.filter(apart.days.notnull())
    found = some.group_by("category", "days").agg(times=some.count())
    return found.order_by("category", "days")


def crossing(until: date) -> Expression:
    """One row: customers with two orders and more, those of them with two categories and more."""
    orders = _orders(until)
    many = orders.group_by("customer_id").agg(orders=orders.count())
    many = many.filter(many.orders >= 2)
    bought = purchases(until)
    kinds = bought.group_by("customer_id").agg(kinds=bought.category.nunique())
    both = many.left_join(kinds, "customer_id").select(two=(kinds.kinds.coalesce(0) >= 2))
    return both.agg(customers=both.count(), crossed=both.two.sum().coalesce(0))
