"""To whom of us orders are credited, over the lake: the rule of `decide/assisted.py`, as sets."""

from __future__ import annotations

from datetime import date

from siyu.analytics.compile.moments import plain
from siyu.analytics.compile.people import owned, sold
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis, table
from siyu.staff.model import Credit

AMOUNTS = ("net_minor", "known_minor", "assumed_minor", "unknown_minor", "margin_minor")


def credited(first: date, last: date, credit: Credit) -> Expression:
    """Orders of these days that stand: order_id, staff, place (from 0), parts. Nobody's orders are
    not here."""
    every = _named(first, last, credit)
    size = ibis().window(group_by="order_id")
    return every.select(
        "order_id", "staff",
        place=ibis().row_number().over(ibis().window(group_by="order_id", order_by="staff")),
        parts=every.count().over(size),
    )  # fmt: skip


def brought_by(first: date, last: date, credit: Credit) -> Expression:
    """`sold`, once for each of us whom an order is credited to, with their part of its money."""
    every, shares = sold(first, last).drop("staff"), credited(first, last, credit)
    found = every.inner_join(shares, "order_id")
    amounts = {name: _part(found[name], found.place, found.parts) for name in AMOUNTS}
    return found.mutate(**amounts).drop("place", "parts")


def _part(minor: Expression, place: Expression, parts: Expression) -> Expression:
    """Of an amount in whole units; the parts add up to it."""
    return _down(minor * (place + 1), parts) - _down(minor * place, parts)


def _down(amount: Expression, parts: Expression) -> Expression:
    """Divided and rounded down, also below nought, in every engine."""
    rest = ((amount % parts) + parts) % parts
    return ((amount - rest) / parts).round().cast("int64")


def _named(first: date, last: date, credit: Credit) -> Expression:
    paid, owners = _paid(first, last), owned(first, last)
    rest = owners.anti_join(paid, owners.order_id == paid.order_id)
    if credit.rule == "owner":
        return paid.union(rest)
    done = _done(first, last, credit.days)
    done = done.anti_join(paid, done.order_id == paid.order_id)
    if credit.rule == "shared":
        each = done.select("order_id", "staff").union(rest).distinct()
        return paid.union(each)
    latest = [ibis().desc("at"), ibis().asc("staff")]
    ranked = done.mutate(
        turn=ibis().row_number().over(ibis().window(group_by="order_id", order_by=latest))
    )
    doers = ranked.filter(ranked.turn == 0).select("order_id", "staff")
    others = rest.anti_join(doers, rest.order_id == doers.order_id)
    return paid.union(doers).union(others)


def _orders(first: date, last: date) -> Expression:
    orders = dated("orders")
    return orders.filter(orders.state == "paid", orders.day >= first, orders.day <= last).select(
        "customer_id", order_id=orders.id, paid=plain(orders.paid_at)
    )


def _paid(first: date, last: date) -> Expression:
    """Orders that were paid in a chat, and to whom."""
    told, stood = table("paid_to"), _orders(first, last)
    return told.join(stood, "order_id").select("order_id", "staff")


def _done(first: date, last: date, days: int) -> Expression:
    """What each of us did for a customer in so many days before an order: order_id, staff, at."""
    tasks, touches = dated("task"), dated("touch")
    work = tasks.filter(
        tasks.state == "done", tasks.staff.notnull(), tasks.staff != "", tasks.done_at.notnull()
    ).select(who="customer_id", staff="staff", at=plain(tasks.done_at))
    wrote = touches.filter(
        touches.staff.notnull(), touches.staff != "", touches.sent_at.notnull()
    ).select(who="customer_id", staff="staff", at=plain(touches.sent_at))
    stood = _orders(first, last)
    stood = stood.filter(stood.customer_id.notnull())
    deeds = work.union(wrote)
    both = stood.join(deeds, stood.customer_id == deeds.who)
    span = ibis().interval(days=days)
    return both.filter(both["at"] <= both.paid, both["at"] > both.paid - span).select(
        "order_id", "staff", "at"
    )
