"""Who belongs to the pool at a moment, and whose friends orders are of: Ibis expressions.

A friend at a moment was added before, and not gone again then. Moments are UTC.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from siyu.analytics.compile.moments import plain
from siyu.analytics.compile.money import margins
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis, table


def instant(moment: datetime) -> Expression:
    """A moment, as the lake's times are written."""
    return ibis().literal(moment.replace(tzinfo=None), type="timestamp")


def known_at(rows: Expression, at: Expression) -> Expression:
    """Whether these friendships lived at that moment."""
    added, gone, again = plain(rows.first_added_at), plain(rows.deleted_at), plain(rows.added_at)
    over = gone.notnull() & (gone <= at)
    back = again.notnull() & (again >= gone) & (again <= at)
    return (added <= at) & (~over | back)


def friends(end: datetime) -> Expression:
    """Who is a friend just before that moment: customer_id, once each."""
    rows, last = dated("friendship"), instant(end - timedelta(microseconds=1))
    return rows.filter(known_at(rows, last)).select("customer_id").distinct()


def grouped(end: datetime) -> Expression:
    """Who is in a group just before that moment: customer_id, once each."""
    rows, at = dated("group_member"), instant(end)
    joined, left = plain(rows.joined_at), plain(rows.left_at)
    within = (joined < at) & (left.isnull() | (left < joined) | (left >= at))
    return rows.filter(within).select("customer_id").distinct()


def owned(first: date, last: date) -> Expression:
    """Orders of these days that stand, by whose friend the customer was then: order_id, staff. Of
    several the one who was added last; who was nobody's friend is not here."""
    orders, rows = dated("orders"), dated("friendship")
    stood = orders.filter(
        orders.state == "paid", orders.customer_id.notnull(), orders.day >= first,
        orders.day <= last,
    ).select("customer_id", order_id=orders.id, paid=plain(orders.paid_at))  # fmt: skip
    both = stood.join(rows, "customer_id")
    known = both.filter(known_at(both, both.paid))
    latest = ibis().greatest(
        plain(known.first_added_at),
        (plain(known.added_at) <= known.paid).ifelse(
            plain(known.added_at), plain(known.first_added_at)
        ),
    )
    order = [ibis().desc("since"), ibis().asc("staff")]
    ranked = known.select("order_id", "staff", since=latest)
    ranked = ranked.mutate(
        place=ibis().row_number().over(ibis().window(group_by="order_id", order_by=order))
    )
    return ranked.filter(ranked.place == 0).select("order_id", "staff")


def sold(first: date, last: date) -> Expression:
    """Orders of these days that stand: order_id, customer_id, shop, day, currency, net_minor,
    known_minor, assumed_minor, unknown_minor, margin_minor, and `staff` whose friend the buyer was
    (null: nobody's)."""
    orders = dated("orders")
    stood = orders.filter(orders.state == "paid", orders.day >= first, orders.day <= last)
    found = margins(stood).left_join(owned(first, last), "order_id")
    return found.drop("order_id_right", "cost_minor", "stands")


def per_head(first: date, last: date, end: datetime) -> Expression:
    """Buyers of these days by what they are at their end: currency, kind (group: a friend who is in
    a group; friend; only_group; none), whether they have a member's number, people, orders,
    worth_minor, and the sum of its squares."""
    orders, refunds = dated("orders"), dated("refund")
    stood = orders.filter(
        orders.state == "paid", orders.customer_id.notnull(), orders.day >= first,
        orders.day <= last,
    )  # fmt: skip
    bought = stood.select(
        "customer_id", "currency", orders=ibis().literal(1, type="int64"),
        worth=(stood.total_minor - stood.refunded_minor).cast("int64"),
    )  # fmt: skip
    loose = refunds.filter(
        refunds.order_id.isnull(), refunds.customer_id.notnull(), ~refunds.whole,
        refunds.day >= first, refunds.day <= last,
    )  # fmt: skip
    back = loose.select(
        "customer_id", "currency", orders=ibis().literal(0, type="int64"),
        worth=(-loose.amount_minor).cast("int64"),
    )  # fmt: skip
    every = bought.union(back)
    each = every.group_by("customer_id", "currency").agg(
        orders=every.orders.sum(), worth=every.worth.sum()
    )
    buyers = each.filter(each.orders > 0)
    yes = ibis().literal(value=True)
    friend = friends(end).select(known="customer_id", friend=yes)
    member = grouped(end).select(within="customer_id", member=yes)
    found = buyers.left_join(friend, buyers.customer_id == friend.known)
    found = found.left_join(member, found.customer_id == member.within)
    numbered = table("identity").filter(ibis()._.kind == "member", ibis()._.customer_id.notnull())
    carded = numbered.select(holds="customer_id", card=yes).distinct()
    found = found.left_join(carded, found.customer_id == carded.holds)
    is_friend, is_member = found.friend.notnull(), found.member.notnull()
    kind = ibis().cases(
        (is_friend & is_member, "group"), (is_friend, "friend"), (is_member, "only_group"),
        else_="none",
    )  # fmt: skip
    named = found.select("currency", "orders", "worth", kind=kind, loyal=found.card.notnull())
    square = named.worth.cast("float64") * named.worth.cast("float64")
    return named.group_by("currency", "kind", "loyal").agg(
        people=named.count(),
        orders_=named.orders.sum().cast("int64"),
        worth_=named.worth.sum().cast("int64"),
        squares=square.sum(),
    )
