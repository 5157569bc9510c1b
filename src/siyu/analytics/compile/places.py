"""What shops and stores bring, and the hours of work in them: Ibis expressions."""

from __future__ import annotations

from datetime import date, datetime

from siyu.analytics.compile.colleagues import everybody
from siyu.analytics.compile.credit import brought_by
from siyu.analytics.compile.moments import plain
from siyu.analytics.compile.people import instant, sold
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis
from siyu.staff.model import Credit


def by_shop(first: date, last: date) -> Expression:
    """Orders of these days by shop and currency; `amounts` says in which columns."""
    return _summed(sold(first, last), "shop")


def by_store(first: date, last: date, credit: Credit) -> Expression:
    """The same of the orders credited to a store's staff, by that store."""
    mine = brought_by(first, last, credit)
    placed = mine.inner_join(everybody().select("staff", "store"), "staff").filter(
        ibis()._.store.notnull()
    )
    return _summed(placed, "store")


def _summed(rows: Expression, place: str) -> Expression:
    """place, currency, buyers (each guest's order is one), orders, private orders (of friends),
    net, private net, margin, unknown and assumed net; then over buyers the squares of net, of
    private net and of margin, and net × private net."""
    zero = ibis().literal(0, type="int64")
    friend = rows.staff.notnull()
    told = rows.mutate(
        who=ibis().coalesce(rows.customer_id, -rows.order_id),
        private=friend.ifelse(rows.net_minor, zero),
        of_friends=friend.cast("int64"),
    )
    each = told.group_by(place, "currency", "who").agg(
        orders=told.count(),
        of_friends=told.of_friends.sum(),
        **{
            name: told[name].sum()
            for name in ("net_minor", "private", "margin_minor", "unknown_minor", "assumed_minor")
        },
    )
    net, private, margin = (
        each[name].cast("float64") for name in ("net_minor", "private", "margin_minor")
    )
    sums = {
        name: each[name].sum().cast("int64")
        for name in (
            "orders", "of_friends", "net_minor", "private", "margin_minor", "unknown_minor",
            "assumed_minor",
        )
    }  # fmt: skip
    return each.group_by(place, "currency").agg(
        buyers=each.count(),
        **{f"{name}_": one for name, one in sums.items()},
        net_2=(net * net).sum(),
        private_2=(private * private).sum(),
        margin_2=(margin * margin).sum(),
        both=(net * private).sum(),
    )


def shop_minutes(first: date, last: date) -> Expression:
    """Minutes of work booked in these days: shop, minutes."""
    booked = dated("ledger_entry")
    work = booked.filter(
        booked.kind == "staff_minute", booked.quantity > 0, booked.day >= first, booked.day <= last
    )
    return work.group_by("shop").agg(minutes=work.quantity.sum().cast("int64"))


def store_minutes(begin: datetime, end: datetime) -> Expression:
    """Minutes of the tasks that a store's staff did in this time: store, minutes."""
    tasks = dated("task")
    done = tasks.filter(
        tasks.state == "done", plain(tasks.done_at) >= instant(begin),
        plain(tasks.done_at) < instant(end),
    )  # fmt: skip
    placed = done.inner_join(everybody().select("staff", "store"), "staff").filter(
        ibis()._.store.notnull()
    )
    return placed.group_by("store").agg(minutes=placed.minutes.sum().cast("int64"))
