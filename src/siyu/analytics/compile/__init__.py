"""Figures as Ibis expressions over the tables of facts; the lake's engine answers them.

An order stands unless it was cancelled or given back whole; its worth is what was paid less what
was given back. Days are the brand's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis


def last_day(tables: Iterable[str]) -> Expression:
    """The day of the last fact in these tables, of orders of those that stand, of touches of those
    that left; null without any."""
    days = [_happened(dated(name), name).select("day") for name in tables]
    every = ibis().union(*days) if len(days) > 1 else days[0]
    return every.agg(day=every.day.max())


def _happened(rows: Expression, name: str) -> Expression:
    match name:
        case "orders":
            return rows.filter(rows.state == "paid")
        case "touch":
            return rows.filter(rows.sent_at.notnull())
        case _:
            return rows


def months() -> Expression:
    """By the month of the order and currency: month, currency, orders that stand, and net: what was
    paid less what was given back of it, guests' orders too."""
    orders = dated("orders")
    stood = orders.filter(orders.state == "paid")
    by = stood.group_by(stood.currency, month=stood.day.truncate("M"))
    net = (stood.total_minor - stood.refunded_minor).sum().cast("int64")
    return by.agg(orders=stood.count(), net=net).select("month", "currency", "orders", "net")


def totals() -> Expression:
    """The books, one row per currency: currency, lines, orders, customers, orders without a
    customer, orders cancelled, gross, refunded, corrected, net."""
    orders, items, refunds, booked = map(dated, ("orders", "order_item", "refund", "correction"))
    given = refunds.filter(~refunds.whole)
    lost = (orders.state == "cancelled").ifelse(
        ibis().greatest(orders.total_minor - orders.refunded_minor, 0), 0
    )
    bought = orders.group_by("currency").agg(
        orders=orders.count(),
        guests=orders.customer_id.isnull().sum(),
        cancelled=(orders.state == "cancelled").sum(),
        gross=orders.total_minor.sum(),
        lost=lost.sum(),
    )
    sold = orders.join(items, items.order_id == orders.id).group_by("currency")
    back = given.group_by("currency").agg(back_lines=given.count(), back=given.amount_minor.sum())
    right = booked.group_by("currency").agg(
        right_lines=booked.lines.sum(), right=booked.amount_minor.sum()
    )
    who = orders.select("currency", "customer_id").union(given.select("currency", "customer_id"))
    people = who.group_by("currency").agg(customers=who.customer_id.nunique())
    money = bought.select("currency").union(back.select("currency"), distinct=True)
    money = money.union(right.select("currency"), distinct=True)
    found = money
    for part in (bought, sold.agg(lines=ibis()._.count()), back, right, people):
        found = found.left_join(part, "currency").drop("currency_right")
    none = {name: ibis().coalesce(found[name], 0) for name in found.columns if name != "currency"}
    found = found.select("currency", **none)
    refunded = found.back + found.lost
    return found.select(
        "currency",
        lines=found.lines + found.back_lines + found.right_lines,
        orders=found.orders,
        customers=found.customers,
        orders_without_customer=found.guests,
        cancelled_orders=found.cancelled,
        gross=found.gross,
        refunded=refunded,
        corrected=found.right,
        net=found.gross - refunded + found.right,
    ).order_by("currency")


def standing(until: date | None = None) -> Expression:
    """Orders that stand: customer_id, day, worth_minor, currency."""
    orders = dated("orders")
    kept = orders.filter(orders.state == "paid", orders.customer_id.notnull())
    if until is not None:
        kept = kept.filter(kept.day <= until)
    worth = kept.total_minor - kept.refunded_minor
    return kept.select("customer_id", "day", "currency", worth_minor=worth)


def returned(until: date | None = None) -> Expression:
    """What a customer got back of no order that is known: customer_id, day, currency,
    worth_minor (less than nothing)."""
    refunds = dated("refund")
    such = refunds.filter(refunds.order_id.isnull(), refunds.customer_id.notnull(), ~refunds.whole)
    if until is not None:
        such = such.filter(such.day <= until)
    return such.select("customer_id", "day", "currency", worth_minor=-such.amount_minor)


def histories(until: date, currency: str, then: date | None = None) -> Expression:
    """What models of value know of each customer on that day: customer_id, first, last (days),
    repeats (days with a purchase after the first), worth_minor (of these, in this currency); and
    what they knew on the day `then`, if it is given: last_then, repeats_then (-1: not yet a
    customer), worth_then."""
    bought = standing(until)
    days = bought.filter(bought.currency == currency).group_by("customer_id", "day")
    by_day = days.agg(worth_minor=ibis()._.worth_minor.sum().cast("int64"))
    of_first = by_day.worth_minor.argmin(by_day.day)
    told = {
        "first": by_day.day.min(),
        "last": by_day.day.max(),
        "repeats": by_day.count() - 1,
        "worth_minor": by_day.worth_minor.sum().cast("int64") - of_first,
    }
    if then is not None:
        early = by_day.day <= then
        spent = early.ifelse(by_day.worth_minor, 0).sum().cast("int64")
        told |= {
            "last_then": ibis().coalesce(by_day.day.max(where=early), by_day.day.min()),
            "repeats_then": early.cast("int64").sum().cast("int64") - 1,
            "worth_then": spent - of_first,
        }
    return by_day.group_by("customer_id").agg(**told).order_by("customer_id")


def cohorts(unit: str = "M") -> Expression:
    """Customers by the month of their first order that stands: cohort, month, currency, size (of
    the cohort, whatever they paid in), customers who bought in it, their orders, worth_minor.

    What was given back of no known order comes off in the month when that was."""
    found = _of_cohorts(unit)
    sizes = found.group_by("cohort").agg(size=found.customer_id.nunique())
    by_month = found.group_by("cohort", "month", "currency").agg(
        customers=found.customer_id.nunique(where=found.bought == 1),
        orders=found.bought.sum(),
        worth_minor=found.worth_minor.sum(),
    )
    cells = by_month.join(sizes, "cohort").select(
        "cohort", "month", "currency", "size", "customers", "orders", "worth_minor"
    )
    return cells.order_by("cohort", "month", "currency")


def of_cohort(cohort: date, month: date, currency: str) -> Expression:
    """Who of a cohort bought in a month, in this currency: customer_id."""
    found = _of_cohorts("M")
    such = found.filter(
        found.bought == 1,
        found.cohort == ibis().literal(cohort),
        found.month == ibis().literal(month),
        found.currency == currency,
    )
    return such.select("customer_id").distinct().order_by("customer_id")


def _of_cohorts(unit: str) -> Expression:
    """What each customer bought and gave back, with their cohort and its own month."""
    bought = standing()
    first = bought.group_by("customer_id").agg(first=bought.day.min())
    orders = bought.mutate(bought=1)
    every = orders.union(returned().mutate(bought=0).select(*orders.columns))
    joined = every.join(first, "customer_id")
    return joined.mutate(cohort=joined["first"].truncate(unit), month=joined.day.truncate(unit))
