"""Moments of relations, with a touch and without: Ibis expressions.

A relation is a customer's friendship with one member of staff. Of one that ended and began again
only the last end is known.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.analytics.decide.groups import GROUPS
from siyu.analytics.decide.risk import AGES, BEFORE, Stratum
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis

WATCHED = 7  # days after a moment: whether the relation ends
BOUGHT = 30  # days
NEVER = ("failed", "withheld", "withdrawn")  # touches that came to nobody


def plain(moment: Expression) -> Expression:
    """A time of a table without its zone: all of the lake's are UTC."""
    return moment.cast("timestamp")


def seconds(moment: Expression) -> Expression:
    """The whole seconds of a time, since 1970. DuckDB gives a fraction, though whole ones are what
    Ibis promises, and rounds it in a cast."""
    return moment.epoch_seconds().cast("float64").floor().cast("int64")


def relations() -> Expression:
    """customer_id, begins, ends (null: not), by_customer (whether they ended it)."""
    rows = dated("friendship").filter(ibis()._.first_added_at.notnull())
    over = rows.deleted_at.notnull()
    again = rows.filter(rows.deleted_at < rows.added_at)
    # Of a relation that lives again nothing says who ended the one before: taken as by them.
    first = rows.select(
        "customer_id", begins=plain(rows.first_added_at), ends=plain(rows.deleted_at),
        by_customer=over & (rows.state != "deleted_by_staff"),
    )  # fmt: skip
    second = again.select(
        "customer_id", begins=plain(again.added_at), ends=ibis().null("timestamp"),
        by_customer=ibis().literal(value=False),
    )  # fmt: skip
    return first.union(second)


def living(at: datetime) -> Expression:
    """Customers who are friends at a time (UTC): customer_id."""
    rows = relations()
    there = rows.filter(rows.begins <= at, rows.ends.isnull() | (rows.ends > at))
    return there.select("customer_id").distinct()


def touches() -> Expression:
    """What reached or may have reached somebody: customer_id, at, channel, purpose, state,
    journey."""
    rows = dated("touch")
    gone = rows.filter(rows.sent_at.notnull(), rows.state.notin(NEVER))
    return gone.select(
        "customer_id", "channel", "purpose", "state", "journey", at=plain(gone.sent_at)
    )


def moments(first: datetime, last: datetime, every: int) -> Expression:
    """Of relations that live at them, moments from `first` to before `last` (UTC, and old enough to
    have been watched): group, arm ('' : without a touch; else its channel), stratum, moments, ended
    (by the customer within 7 days).

    Without a touch it is one moment a day, at the hour of `first`. `every`: of customers one in so
    many, where there are too many for all.
    """
    some = relations().filter(ibis()._.customer_id % every == 0)
    who = some.select("customer_id").distinct()
    line = _line(who, first, last)
    at = _touched(line).filter(ibis()._.moment >= first).union(_daily(who, line, first, last))
    lives = at.join(some, "customer_id").filter(
        ibis()._.moment >= ibis()._.begins,
        ibis()._.ends.isnull() | (ibis()._.moment < ibis()._.ends),
    )
    ends = lives.by_customer & (lives.ends < lives.moment + ibis().interval(days=WATCHED))
    return lives.group_by(
        "arm", group=(lives.customer_id % GROUPS).cast("int64"), stratum=_stratum(lives)
    ).agg(moments=lives.count(), ended=ibis().coalesce(ends.cast("int64"), 0).sum())


MOMENT = ("customer_id", "arm", "moment", "before", "lately", "bought")


def _line(who: Expression, first: datetime, last: datetime) -> Expression:
    """What these customers had that counts for a moment of this time: customer_id, at, arm (null:
    an order), touched and ordered (1 or 0)."""
    sent, orders = touches(), dated("orders")
    since = first - timedelta(days=max(WATCHED, BOUGHT))
    stood = orders.filter(orders.state == "paid").select("customer_id", at=plain(orders.paid_at))
    none, one = (ibis().literal(number, type="int64") for number in (0, 1))
    return (
        sent.filter(sent["at"] >= since, sent["at"] < last)
        .semi_join(who, "customer_id")
        .select("customer_id", "at", arm=ibis()._.channel, touched=one, ordered=none)
        .union(
            stood.filter(stood["at"] >= since, stood["at"] < last)
            .semi_join(who, "customer_id")
            .select("customer_id", "at", arm=ibis().null("string"), touched=none, ordered=one)
        )
    )


def _touched(line: Expression) -> Expression:
    """The moments of touches, each with what its customer had before it."""
    past = line.mutate(
        before=line.touched.sum().over(_back(WATCHED)) - line.touched,
        lately=line.touched.sum().over(_back(1)) - line.touched,
        bought=line.ordered.sum().over(_back(BOUGHT)) - line.ordered,
    )
    return past.filter(past.arm.notnull()).rename(moment="at").select(*MOMENT)


def _daily(who: Expression, line: Expression, first: datetime, last: datetime) -> Expression:
    """A moment of each customer a day. Before most of them was nothing: what was is laid on the
    days that it counts for, not looked for from each day."""
    days = ibis().range(
        ibis().literal(first, type="timestamp"), ibis().literal(last, type="timestamp"),
        ibis().interval(days=1),
    )  # fmt: skip
    laid = line.mutate(moment=days.unnest())
    laid = laid.filter(
        laid.moment >= laid["at"],
        laid.moment <= laid["at"] + ibis().interval(days=max(WATCHED, BOUGHT)),
    )

    def within(counted: Expression, days: int) -> Expression:
        soon = laid.moment <= laid["at"] + ibis().interval(days=days)
        return soon.ifelse(counted, 0).sum()

    had = laid.group_by("customer_id", "moment").agg(
        before=within(laid.touched, WATCHED), lately=within(laid.touched, 1),
        bought=within(laid.ordered, BOUGHT),
    )  # fmt: skip
    found = who.mutate(moment=days.unnest()).left_join(had, ["customer_id", "moment"])
    told = {name: ibis().coalesce(found[name], 0) for name in ("before", "lately", "bought")}
    return found.select("customer_id", "moment", arm=ibis().literal(""), **told).select(*MOMENT)


def _back(days: int) -> Expression:
    """So far back in a customer's line, up to a row and with it."""
    reach = (-ibis().interval(days=days), 0)
    return ibis().window(group_by="customer_id", order_by="at", range=reach)


def _stratum(lives: Expression) -> Expression:
    """As `decide.risk.Stratum` reads it."""
    bands = [
        (lives.moment < lives.begins + ibis().interval(days=days), place)
        for place, days in enumerate(AGES)
    ]
    band = ibis().cases(*bands, else_=len(AGES))
    return Stratum(
        band,
        ibis().least(lives.before, BEFORE),
        (lives.lately > 0).cast("int64"),
        (lives.bought > 0).cast("int64"),
    ).number.cast("int64")
