"""What each of staff did and what came of it: Ibis expressions, one row for each of staff."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from siyu.analytics.compile.credit import brought_by
from siyu.analytics.compile.moments import plain
from siyu.analytics.compile.people import instant, known_at
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis
from siyu.staff.model import Credit

KEPT = timedelta(days=30)
YES = ("agreed", "added", "already_added")  # what a call is for


def _sum(holds: Expression) -> Expression:
    return ibis().coalesce(holds.cast("int64").sum(), 0)


def work(begin: datetime, end: datetime, now: datetime) -> Expression:
    """Tasks of this time: staff, done, late (of these, after they were due), overdue (not done
    though due before its end), minutes, calls, answered, yes."""
    tasks = dated("task")
    done = (
        (tasks.state == "done")
        & (plain(tasks.done_at) >= instant(begin))
        & (plain(tasks.done_at) < instant(end))
    )
    due = (tasks.state == "open") & (plain(tasks.due_at) < instant(min(end, now)))
    call = done & (tasks.kind == "call")
    found = tasks.group_by("staff").agg(
        done=_sum(done),
        late=_sum(done & (plain(tasks.done_at) > plain(tasks.due_at))),
        overdue=_sum(due),
        minutes=ibis().coalesce(done.ifelse(tasks.minutes, 0).sum(), 0).cast("int64"),
        calls=_sum(call),
        answered=_sum(call & (tasks.outcome != "no_answer")),
        yes=_sum(call & tasks.outcome.isin(YES)),
    )
    return found.filter((found.done > 0) | (found.overdue > 0))


def relations(begin: datetime, end: datetime) -> Expression:
    """Friends of this time: staff, friends (just before its end), added, watched (added so that
    their 30th day is in it), kept (of these, friends on it), deleted (by the customer)."""
    rows, last = dated("friendship"), instant(end - timedelta(microseconds=1))
    added = plain(rows.first_added_at)

    def within(time: Expression, back: timedelta = timedelta(0)) -> Expression:
        return (time >= instant(begin - back)) & (time < instant(end - back))

    watched = within(added, KEPT)
    gone = plain(rows.deleted_at)
    return rows.group_by("staff").agg(
        friends=_sum(known_at(rows, last)),
        added=_sum(within(added)),
        watched=_sum(watched),
        kept=_sum(watched & known_at(rows, added + ibis().interval(days=KEPT.days))),
        deleted=_sum(within(gone) & (rows.state != "deleted_by_staff")),
    )


def heard(begin: datetime, end: datetime) -> Expression:
    """Messages that a member of staff sent themselves, where the carrier says so: staff, messages
    that arrived, replied."""
    sent = dated("touch")
    arrived = sent.filter(
        sent.staff != "", sent.channel.startswith("wecom"),
        sent.state.isin(["sent", "delivered", "read", "replied"]),
        plain(sent.sent_at) >= instant(begin), plain(sent.sent_at) < instant(end),
    )  # fmt: skip
    return arrived.group_by("staff").agg(
        messages=arrived.count(), replied=_sum(arrived.state == "replied")
    )


def faithful(first: date, last: date, begin: datetime) -> Expression:
    """Friends at the beginning: staff, had, bought (of these, who bought in these days)."""
    rows, orders = dated("friendship"), dated("orders")
    friends = rows.filter(known_at(rows, instant(begin))).select("staff", "customer_id").distinct()
    stood = orders.filter(
        orders.state == "paid", orders.customer_id.notnull(), orders.day >= first,
        orders.day <= last,
    )  # fmt: skip
    buyers = stood.select(who="customer_id").distinct()
    found = friends.left_join(buyers, friends.customer_id == buyers.who)
    return found.group_by("staff").agg(had=found.count(), bought=_sum(found.who.notnull()))


def brought(first: date, last: date, credit: Credit) -> Expression:
    """Orders by whom they are credited to: staff, currency, orders, buyers, net, of which of
    unknown cost, margin, and over buyers the squares of net."""
    mine = brought_by(first, last, credit)
    each = mine.group_by("staff", "currency", "customer_id").agg(
        orders=mine.count(),
        net=mine.net_minor.sum(),
        unknown=mine.unknown_minor.sum(),
        margin=mine.margin_minor.sum(),
    )
    net = each.net.cast("float64")
    return each.group_by("staff", "currency").agg(
        orders_=each.orders.sum().cast("int64"),
        buyers=each.count(),
        net_=each.net.sum().cast("int64"),
        unknown_=each.unknown.sum().cast("int64"),
        margin_=each.margin.sum().cast("int64"),
        squares=(net * net).sum(),
    )


def everybody() -> Expression:
    """Who works here: staff, role, store (its code; null: head office), active."""
    people, stores = dated("staff_member"), dated("store")
    named = stores.select(store_key=stores.id, store=stores.code)
    found = people.left_join(named, people.store_id == named.store_key)
    return found.select("role", "store", "active", staff=found.code)
