"""What touched customers before their orders: Ibis expressions.

A customer's touches between two orders that stand are a walk: what came before the earlier order is
no cause of the later one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from siyu.analytics.compile.moments import plain, relations, seconds, touches
from siyu.analytics.decide.groups import GROUPS
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis

STEP, PART = ">", "@"  # between the steps of a path; between the channel of one and its journey

SECONDS = 10  # digits of a time in seconds: as texts they sort like times


def walks(since: datetime, until: datetime, days: int) -> Expression:
    """Touches of a customer between two orders that stand: order_id, moment (of the order they came
    to; null: none), end (of the last touch), path (of touches within so many days before the order;
    where it came later than that after the last one, or not at all, before the end). Of walks that
    came to their order or end after `since`; of what was before `until` (UTC)."""
    line = _line(since - timedelta(days=days), until)
    ordered = line.order_id.notnull().cast("int64")
    # Touches come before an order of the same moment, and of two such orders the one told first.
    order = ["at", line.order_id.notnull(), "order_id"]
    so_far = ibis().window(group_by="customer_id", order_by=order, preceding=None, following=0)
    placed = line.mutate(walk=ordered.sum().over(so_far) - ordered)
    heads = placed.group_by("customer_id", "walk").agg(
        order_id=placed.order_id.max(),
        moment=placed["at"].max(where=placed.order_id.notnull()),
        end=placed["at"].max(where=placed.order_id.isnull()),
    )
    heads = heads.filter(ibis().greatest(heads.end, ibis().coalesce(heads.moment, heads.end))
                         >= since)  # fmt: skip
    span = ibis().interval(days=days)
    to = (heads.moment <= heads.end + span).ifelse(heads.moment, heads.end)
    heads = heads.mutate(begin=ibis().coalesce(to, heads.end) - span)
    steps = placed.filter(placed.order_id.isnull()).select("customer_id", "walk", "at", "step")
    near = steps.join(heads, ["customer_id", "walk"]).filter(ibis()._["at"] >= ibis()._.begin)
    return near.group_by("customer_id", "walk").agg(
        order_id=near.order_id.max(), moment=near.moment.max(), end=near.end.max(),
        path=_in_order(near),
    )  # fmt: skip


def _line(since: datetime, until: datetime) -> Expression:
    """Touches and orders that stand, of this time: customer_id, at, step (null: an order),
    order_id (null: a touch)."""
    orders, sent = dated("orders"), touches()
    stood = orders.filter(
        orders.state == "paid", orders.customer_id.notnull(), plain(orders.paid_at) >= since,
        plain(orders.paid_at) < until,
    )  # fmt: skip
    reached = sent.filter(sent["at"] >= since, sent["at"] < until)
    return stood.select(
        "customer_id", at=plain(stood.paid_at), step=ibis().null("string"), order_id=stood.id
    ).union(
        reached.select(
            "customer_id", "at", step=reached.channel + PART + reached.journey,
            order_id=ibis().null("int64"),
        )
    )  # fmt: skip


def paths(walked: Expression, first: date, last: date, days: int) -> Expression:
    """Orders of the period that stand, by the `walks` that came to them: path ('' : none), shop,
    currency, friend (whether the customer was one then), orders, worth_minor."""
    orders, friends = dated("orders"), relations()
    stood = orders.filter(orders.state == "paid", orders.day.between(first, last))
    bought = stood.select(
        "shop", "currency", "customer_id", order_id=stood.id, moment=plain(stood.paid_at),
        worth=stood.total_minor - stood.refunded_minor,
    )  # fmt: skip
    told = walked.filter(walked.moment <= walked.end + ibis().interval(days=days))
    known = bought.join(friends, "customer_id").filter(
        ibis()._.begins <= ibis()._.moment,
        ibis()._.ends.isnull() | (ibis()._.moment < ibis()._.ends),
    )
    pool = known.select("order_id").distinct().mutate(friend=ibis().literal(value=True))
    found = bought.left_join(told.select("order_id", "path"), "order_id").drop("order_id_right")
    found = found.left_join(pool, "order_id").drop("order_id_right")
    return found.group_by(
        "shop", "currency", path=ibis().coalesce(found.path, ""),
        friend=ibis().coalesce(found.friend, ibis().literal(value=False)),
    ).agg(orders=found.count(), worth_minor=found.worth.sum().cast("int64"))  # fmt: skip


def ended(walked: Expression, first: datetime, last: datetime, days: int) -> Expression:
    """Of `walks` those that came to nothing: path, walks. Their last touch lies between these times
    (UTC), and for so many days after it nothing was bought."""
    vain = walked.filter(
        walked.end >= first, walked.end < last,
        walked.moment.isnull() | (walked.moment > walked.end + ibis().interval(days=days)),
    )  # fmt: skip
    return vain.group_by("path").agg(walks=vain.count())


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
