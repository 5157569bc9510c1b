"""Who bought again, overall and by category: Ibis expressions over the lake.

A category stands in an order while more units of it were bought than given back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis


def purchases(until: date) -> Expression:
    """Orders that stand, each under the category '' and once under each of its own: customer_id,
    category, day, place (of the customer's orders of it the first is 0), before (the day of the one
    before; null: none)."""
    orders = dated("orders")
    kept = orders.filter(orders.state == "paid", orders.customer_id.notnull(), orders.day <= until)
    stood = kept.select("customer_id", "day", order_id=kept.id)
    every = stood.select("customer_id", category=ibis().literal(""), day="day")
    bought = every.union(stood.join(_left(), "order_id").select("customer_id", "category", "day"))
    window = ibis().window(group_by=("customer_id", "category"), order_by=bought.day)
    return bought.mutate(
        place=ibis().row_number().over(window), before=bought.day.lag().over(window)
    )


def _left() -> Expression:
    """What orders still have of a category: order_id, category. Of a thing that was given back all
    lines of its order know, once in each category."""
    items, refunds = dated("order_item"), dated("refund")
    lines = items.filter(items.category.notnull(), items.category != "")
    given = refunds.filter(refunds.sku.notnull()).group_by("order_id", "sku")
    back = given.agg(back=ibis()._.quantity.sum())
    gone = lines.join(back, ["order_id", "sku"]).select("order_id", "sku", "category", "back")
    units = lines.select("order_id", "category", units=lines.quantity.cast("int64")).union(
        gone.distinct().select("order_id", "category", units=-ibis()._.back.cast("int64"))
    )
    left = units.group_by("order_id", "category").agg(units=units.units.sum())
    return left.filter(left.units > 0).select("order_id", "category")


def rates(bought: Expression, until: date, within: Sequence[int]) -> Expression:
    """Of `purchases`, by category: customers, then for each span of days those who were watched for
    so long after their first order, and those of them who ordered again in it."""
    some = bought.filter(bought.place < 2)
    two = some.mutate(
        first=some.before.isnull(), since=ibis().coalesce(some.before, some.day),
        gap=some.day.delta(some.before, unit="day"),
    )  # fmt: skip
    counts: dict[str, Expression] = {}
    for days in within:
        watched = two.since <= ibis().literal(until - timedelta(days=days))
        counts[f"watched_{days}"] = (two["first"] & watched).sum()
        counts[f"again_{days}"] = ((two.gap <= days) & watched).sum().coalesce(0)
    found = two.group_by("category").agg(customers=two["first"].sum(), **counts)
    return found.order_by(ibis().desc("customers"), "category")


def gaps(bought: Expression) -> Expression:
    """Of `purchases`, how many days lie between two days with one: category, days, times."""
    apart = bought.filter(bought.day > bought.before)
    apart = apart.mutate(days=apart.day.delta(apart.before, unit="day"))
    found = apart.group_by("category", "days").agg(times=apart.count())
    return found.order_by("category", "days")


def latest(bought: Expression, since: date) -> Expression:
    """Of `purchases`, on which day from `since` on somebody bought of a category last: customer_id,
    category, day."""
    some = bought.filter(bought.category != "", bought.day >= since)
    return some.group_by("customer_id", "category").agg(day=some.day.max())


def crossing(bought: Expression) -> Expression:
    """Of `purchases`, one row: customers with two orders and more, those of them with two
    categories and more."""
    every = bought.category == ""
    each = bought.group_by("customer_id").agg(
        again=(every & (bought.place == 1)).sum(), kinds=(~every & (bought.place == 0)).sum()
    )
    many = each.filter(each.again > 0)
    return many.agg(customers=many.count(), crossed=(many.kinds >= 2).sum().coalesce(0))
