"""What touched customers before their orders: Ibis expressions.

A customer's touches between two orders that stand are a walk: what came before the earlier order is
no cause of the later one.
"""

from __future__ import annotations

from datetime import date, datetime

from siyu.analytics.compile.moments import plain, relations, seconds, touches
from siyu.analytics.decide.groups import GROUPS
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis

STEP, PART = ">", "@"  # between the steps of a path; between the channel of one and its journey

SECONDS = 10  # digits of a time in seconds: as texts they sort like times


def _line() -> Expression:
    """Touches and orders that stand, each with how many orders came before it: customer_id, at,
    step (null: an order), order_id, walk."""
    orders = dated("orders")
    stood = orders.filter(orders.state == "paid", orders.customer_id.notnull())
    sent = touches()
    both = stood.select(
        "customer_id", at=plain(stood.paid_at), step=ibis().null("string"), order_id=stood.id
    ).union(
        sent.select(
            "customer_id", "at", step=sent.channel + PART + sent.journey,
            order_id=ibis().null("int64"),
        )
    )  # fmt: skip
    # Touches come before an order of the same moment, and of two such orders the one told first.
    order = ["at", both.order_id.notnull(), "order_id"]
    window = ibis().window(group_by="customer_id", order_by=order, preceding=None, following=0)
    ordered = both.order_id.notnull().cast("int64")
    return both.mutate(walk=ordered.sum().over(window) - ordered)


def paths(first: date, last: date, days: int) -> Expression:
    """Orders of the period that stand: path (of touches within so many days before it; '' : none),
    shop, currency, friend (whether the customer was one then), orders, worth_minor."""
    line, orders, friends = _line(), dated("orders"), relations()
    stood = orders.filter(orders.state == "paid", orders.day.between(first, last))
    bought = stood.select(
        "shop", "currency", "customer_id", order_id=stood.id, moment=plain(stood.paid_at),
        worth=stood.total_minor - stood.refunded_minor,
    )  # fmt: skip
    steps = line.filter(line.step.notnull()).select("customer_id", "walk", "at", "step")
    mine = line.filter(line.order_id.notnull()).select(
        "customer_id", "walk", "order_id", moment="at"
    )
    before = mine.join(steps, ["customer_id", "walk"])
    near = before.filter(before["at"] >= before.moment - ibis().interval(days=days))
    told = near.group_by("order_id").agg(path=_in_order(near))
    known = bought.join(friends, "customer_id").filter(
        ibis()._.begins <= ibis()._.moment,
        ibis()._.ends.isnull() | (ibis()._.moment < ibis()._.ends),
    )
    pool = known.select("order_id").distinct().mutate(friend=ibis().literal(value=True))
    found = bought.left_join(told, "order_id").drop("order_id_right")
    found = found.left_join(pool, "order_id").drop("order_id_right")
    return found.group_by(
        "shop", "currency", path=ibis().coalesce(found.path, ""),
        friend=ibis().coalesce(found.friend, ibis().literal(value=False)),
    ).agg(orders=found.count(), worth_minor=found.worth.sum().cast("int64"))  # fmt: skip


def ended(first: datetime, last: datetime, days: int) -> Expression:
    """Walks that came to nothing: path, walks. Their last touch lies between these times (UTC), and
    for so many days after it nothing was bought."""
    line = _line()
    steps = line.filter(line.step.notnull())
    walks = steps.group_by("customer_id", "walk").agg(end=steps["at"].max())
    orders = line.filter(line.order_id.notnull()).select("customer_id", "walk", bought="at")
    after = walks.left_join(orders, ["customer_id", "walk"])
    span = ibis().interval(days=days)
    vain = after.filter(
        after.end >= first, after.end < last,
        after.bought.isnull() | (after.bought > after.end + span),
    ).select("customer_id", "walk", "end")  # fmt: skip
    rows = vain.join(steps.select("customer_id", "walk", "at", "step"), ["customer_id", "walk"])
    near = rows.filter(rows["at"] >= rows.end - span)
    each = near.group_by("customer_id", "walk").agg(path=_in_order(near))
    return each.group_by("path").agg(walks=each.count())


def _in_order(near: Expression) -> Expression:
    """The steps of a group of rows, the oldest first; within a second by name."""
    timed = seconds(near["at"]).cast("string") + near.step
    return timed.collect().sort().map(_untimed).join(STEP)


def _untimed(timed: Expression) -> Expression:
    return timed.substr(SECONDS)


def truth(first: date, last: date, days: int, currency: str) -> Expression:
    """Who was drawn for a hold-out in these days, and what they bought within so many days after
    it: scope, held, group, people, orders, worth_minor."""
    draws, orders = dated("holdout"), dated("orders")
    drawn = draws.filter(draws.day.between(first, last)).select(
        "customer_id", "scope", "held", drawn=plain(draws.assigned_at)
    )
    stood = orders.filter(orders.state == "paid", orders.currency == currency).select(
        "customer_id", moment=plain(orders.paid_at),
        worth=orders.total_minor - orders.refunded_minor,
    )  # fmt: skip
    bought = drawn.join(stood, "customer_id").filter(
        ibis()._.moment >= ibis()._.drawn,
        ibis()._.moment < ibis()._.drawn + ibis().interval(days=days),
    )
    each = bought.group_by("scope", "customer_id").agg(
        orders=bought.count(), worth=bought.worth.sum()
    )
    found = drawn.left_join(each, ["scope", "customer_id"])
    return found.group_by(
        "scope", "held", group=(found.customer_id % GROUPS).cast("int64")
    ).agg(
        people=found.count(),
        orders=ibis().coalesce(found.orders.sum(), 0).cast("int64"),
        worth_minor=ibis().coalesce(found.worth.sum(), 0).cast("int64"),
    )  # fmt: skip
