"""How the pool is, span by span, and what those who left had before: Ibis expressions.

Times are UTC, of the brand's midnights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from siyu.analytics.compile.moments import WATCHED, plain, relations, touches
from siyu.analytics.decide.pulse import OFTEN, Component
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis, table

Spans = Sequence[tuple[datetime, datetime]]
SAID = ("message.received", "link.clicked", "offer.redeemed")  # of themselves
ANSWERED = 3  # days after a message: what they say then is an answer
ALIVE = ("answered", "agreed", "refused", "added", "already_added")  # outcomes of calls and tasks


def pulse(spans: Spans) -> Expression:
    """Of each span: component, span (its place), people, some (of them, those whom the component
    counts)."""
    parts: dict[Component, Callable[[datetime, datetime], Expression]] = {
        "deletion": _deletion,
        "reply": _reply,
        "reach": _reach,
        "silent": _silent,
    }
    found = [
        _counted(count(*span), component, place)
        for component, count in parts.items()
        for place, span in enumerate(spans)
    ]
    return ibis().union(*found)


def pool(spans: Spans) -> Expression:
    """Of each span: span, people who were friends at some time in it."""
    found = [
        _during(*span).select("customer_id").distinct().agg(
            span=ibis().literal(place, type="int64"), people=ibis()._.count()
        )
        for place, span in enumerate(spans)
    ]  # fmt: skip
    return ibis().union(*found).select("span", "people")


def opted_out(spans: Spans) -> Expression:
    """Friends who withdrew a consent, by the span of it: span, customer_id."""
    said = dated("consent").filter(ibis()._.state == "withdrawn")
    found = [
        said.filter(*_in(plain(said.changed_at), *span))
        .semi_join(_during(*span), "customer_id")
        .select("customer_id", span=ibis().literal(place, type="int64"))
        for place, span in enumerate(spans)
    ]
    return ibis().union(*found, distinct=True).select("span", "customer_id")


def _in(time: Expression, begin: datetime, end: datetime) -> tuple[Expression, Expression]:
    return time >= begin, time < end


def _counted(rows: Expression, component: str, place: int) -> Expression:
    found = rows.agg(
        component=ibis().literal(component),
        span=ibis().literal(place, type="int64"),
        people=rows.count(),
        some=ibis().coalesce(rows.some.cast("int64").sum(), 0),
    )
    return found.select("component", "span", "people", "some")


def _during(begin: datetime, end: datetime) -> Expression:
    """Relations that lived at some time of it."""
    all_of_it = relations()
    return all_of_it.filter(
        all_of_it.begins < end, all_of_it.ends.isnull() | (all_of_it.ends >= begin)
    )


def _at(moment: datetime) -> Expression:
    """Relations that live at a time."""
    all_of_it = relations()
    return all_of_it.filter(
        all_of_it.begins < moment, all_of_it.ends.isnull() | (all_of_it.ends >= moment)
    )


def _deletion(begin: datetime, end: datetime) -> Expression:
    lived = _during(begin, end)
    return lived.select(some=lived.by_customer & (lived.ends < end))


def heard(kinds: Sequence[str] = SAID) -> Expression:
    """What customers said or did of themselves: customer_id, said."""
    event, subject, identity = table("event"), table("event_subject"), table("identity")
    of = identity.join(subject, subject.identity_id == identity.id)
    found = of.join(event.filter(event.kind.isin(kinds)), ibis()._.event_id == event.id)
    return found.select("customer_id", said=plain(found.occurred_at))


def _reply(begin: datetime, end: datetime) -> Expression:
    """Those that had so many days for an answer by the end of it."""
    sent, told, span = dated("touch"), heard(), ibis().interval(days=ANSWERED)
    late = timedelta(days=ANSWERED)
    arrived = sent.filter(
        sent.purpose == "service", sent.state.isin(["sent", "delivered", "read", "replied"]),
        *_in(plain(sent.sent_at), begin - late, end - late),
    ).select("id", "customer_id", "state", at=plain(ibis()._.sent_at))  # fmt: skip
    answered = arrived.join(told, "customer_id").filter(
        ibis()._.said >= ibis()._["at"], ibis()._.said < ibis()._["at"] + span
    )
    known = answered.select("id").distinct().mutate(answered=ibis().literal(value=True))
    found = arrived.left_join(known, "id")
    return found.select(some=(found.state == "replied") | found.answered.notnull())


def _reach(begin: datetime, end: datetime) -> Expression:
    del begin
    people, members = dated("customer"), dated("group_member")
    known = people.filter(plain(people.created_at) < end, people.merged_into.isnull())
    within = members.filter(
        plain(members.joined_at) < end,
        members.left_at.isnull()
        | (members.left_at < members.joined_at)
        | (plain(members.left_at) >= end),
    )
    reached = _at(end).select("customer_id").union(within.select("customer_id"), distinct=True)
    found = known.left_join(reached, known.id == reached.customer_id)
    return found.select(some=found.customer_id.notnull())


def _silent(begin: datetime, end: datetime) -> Expression:
    """Of those who were friends all the time: who bought, read and said nothing."""
    orders, sent = dated("orders"), dated("touch")
    friends = _at(end)
    whole = friends.filter(friends.begins <= begin).select("customer_id").distinct()
    bought = orders.filter(orders.state == "paid", *_in(plain(orders.paid_at), begin, end))
    said = sent.filter(
        sent.state.isin(["read", "replied"]) | sent.outcome.isin(ALIVE),
        *_in(plain(sent.sent_at), begin, end),
    )
    every = heard()
    told = every.filter(*_in(every.said, begin, end))
    lively = ibis().union(
        *(rows.select("customer_id") for rows in (bought, said, told)), distinct=True
    )
    lively = lively.filter(lively.customer_id.notnull()).mutate(lively=ibis().literal(value=True))
    found = whole.left_join(lively, "customer_id")
    return found.select(some=found.lively.isnull())


def before(begin: datetime, end: datetime) -> Expression:
    """What relations had in the 7 days before: those that customers ended in this time, before they
    did (gone), and those that lived in the middle of it, before that: gone, people, and of these
    those with each of the causes."""
    middle = begin + (end - begin) / 2
    lived, stay = relations(), _at(middle)
    ended = lived.filter(lived.by_customer, *_in(lived.ends, begin, end))
    row = ("customer_id", "begins", "moment", "gone")
    rows = ended.select(
        "customer_id", "begins", moment=ended.ends, gone=ibis().literal(value=True)
    ).union(
        stay.select(
            "customer_id", "begins", moment=ibis().literal(middle, type="timestamp"),
            gone=ibis().literal(value=False),
        )
    )  # fmt: skip
    since = rows.moment - ibis().interval(days=WATCHED)
    sent, refunds = touches(), dated("refund")
    told = rows.join(sent, "customer_id").filter(
        ibis()._["at"] < ibis()._.moment,
        ibis()._["at"] >= ibis()._.moment - ibis().interval(days=WATCHED),
    )
    kinds = told.group_by(*row).agg(
        touches=told.count(),
        promotions=(told.purpose == "promotion").cast("int64").sum(),
        calls=told.channel.isin(["voice_ai", "voice_human"]).cast("int64").sum(),
    )
    given = refunds.select("customer_id", back=plain(refunds.refunded_at))
    back = rows.join(given, "customer_id").filter(
        ibis()._.back < ibis()._.moment,
        ibis()._.back >= ibis()._.moment - ibis().interval(days=WATCHED),
    )
    backs = back.group_by(*row).agg(refunds=back.count())
    found = (
        rows.mutate(fresh=rows.begins >= since)
        .left_join(kinds, row)
        .select(*row, "fresh", "touches", "promotions", "calls")
    )
    found = found.left_join(backs, row).select(
        *row, "fresh", "touches", "promotions", "calls", "refunds"
    )

    def some(holds: Expression) -> Expression:
        return ibis().coalesce(holds, other).cast("int64").sum()

    other = ibis().literal(value=False)
    return found.group_by("gone").agg(
        people=found.count(),
        promotion=some(found.promotions > 0),
        often=some(found.touches >= OFTEN),
        call=some(found.calls > 0),
        refund=some(found.refunds > 0),
        fresh=some(found.fresh),
        nothing=(found.touches.isnull() & found.refunds.isnull()).cast("int64").sum(),
    )
