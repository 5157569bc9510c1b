"""Whom channels reached, what came back, whom they won, and what they cost: Ibis expressions.

A contact is a touch that left us, or a card that was packed into a parcel.
"""

from __future__ import annotations

from datetime import date, datetime

from siyu.analytics.compile.moments import plain, seconds
from siyu.analytics.compile.people import instant, known_at
from siyu.analytics.model import WINDOW
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis

CARD = "parcel_insert"
BACK = ("delivered", "read", "replied")  # states that the carrier has told of
CLICKED = ("read", "replied")
NO = ("", "no_answer")
KINDS = ("sms_segment", "call_minute", "staff_minute", "card")  # what a contact itself costs
NEVER = ("withheld", "withdrawn")


def contacts(begin: datetime, end: datetime) -> Expression:
    """Those of this time: contact, customer_id, channel, at, told (the carrier said that it came),
    clicked, answered (somebody said something), failed, seconds (until it was known what came of
    it; null: it is not)."""
    sent, booked = dated("touch"), dated("ledger_entry")
    left = sent.filter(
        plain(sent.sent_at) >= instant(begin), plain(sent.sent_at) < instant(end),
        sent.state.notin(NEVER),
    )  # fmt: skip
    known = left.outcome.notin(NO)
    ended = left.finished_at.notnull() & (left.outcome != "")
    took = seconds(left.finished_at) - seconds(left.wished_at)
    touches = left.select(
        "customer_id", "channel", contact=left.id, at=plain(left.sent_at),
        told=left.state.isin(BACK), clicked=left.state.isin(CLICKED), answered=known,
        failed=left.state == "failed",
        seconds=ended.ifelse(took, ibis().null("int64")),
    )  # fmt: skip
    packed = booked.filter(
        booked.kind == "card", booked.quantity > 0, plain(booked.occurred_at) >= instant(begin),
        plain(booked.occurred_at) < instant(end),
    )  # fmt: skip
    no = ibis().literal(value=False)
    cards = packed.select(
        "customer_id", channel=ibis().literal(CARD), contact=-packed.id,
        at=plain(packed.occurred_at),
        told=no, clicked=no, answered=no, failed=no, seconds=ibis().null("int64"),
    )  # fmt: skip
    names = ("contact", "customer_id", "channel", "at", "told", "clicked", "answered", "failed",
             "seconds")  # fmt: skip
    return touches.select(*names).union(cards.select(*names))


def reached(begin: datetime, end: datetime) -> Expression:
    """By channel: contacts, people, told, clicked, answered, and people who were nobody's
    friend then, whom it could win."""
    every = contacts(begin, end)
    wanted = invited(begin, end)
    found = every.group_by("channel").agg(
        contacts=every.count(),
        people=every.customer_id.nunique(where=~every.failed),
        **{
            name: ibis().coalesce(every[name].cast("int64").sum(), 0)
            for name in ("told", "clicked", "answered")
        },
    )
    could = wanted.group_by("channel").agg(could=wanted.customer_id.nunique())
    both = found.left_join(could, "channel").drop("channel_right")
    return both.mutate(could=ibis().coalesce(both.could, 0)).order_by("channel")


def invited(begin: datetime, end: datetime) -> Expression:
    """Contacts that came to somebody who was nobody's friend then."""
    every, rows = contacts(begin, end), dated("friendship")
    came = every.filter(~every.failed, every.customer_id.notnull())
    friends = rows.select("first_added_at", "added_at", "deleted_at", who=rows.customer_id)
    both = came.join(friends, came.customer_id == friends.who)
    mine = both.filter(known_at(both, both["at"])).select("contact").distinct()
    return came.anti_join(mine, "contact")


def steps() -> Expression:
    """The channel of each step: journey, step, channel."""
    sent = dated("touch")
    return sent.group_by("journey", "step").agg(channel=sent.channel.min())


def won(begin: datetime, end: datetime) -> Expression:
    """Friends of those invited, added within 14 days of the contact: channel, seconds (since it),
    people. Each is won once: by the channel of the code they came by, if it had reached them, else
    by the last one before."""
    wanted, rows, codes = invited(begin, end), dated("friendship"), dated("friend_match")
    first = rows.select(who=rows.customer_id, added=plain(rows.first_added_at))
    again = rows.select(who=rows.customer_id, added=plain(rows.added_at))
    adds = first.union(again, distinct=True).filter(ibis()._.added.notnull())
    pairs = wanted.join(adds, wanted.customer_id == adds.who)
    pairs = pairs.filter(
        pairs.added > pairs["at"],
        pairs.added <= pairs["at"] + ibis().interval(days=WINDOW.days),
    )
    coded = codes.filter(codes.step != "").left_join(steps(), ["journey", "step"])
    coded = coded.select(
        coded_who=coded.customer_id, coded_at=plain(coded.added_at),
        coded=ibis().coalesce(coded.channel, (coded.step == "card").ifelse(CARD, "")),
    ).distinct()  # fmt: skip
    told = pairs.left_join(
        coded, [pairs.customer_id == coded.coded_who, pairs.added == coded.coded_at]
    )
    own = ibis().coalesce(told.coded == told.channel, ibis().literal(value=False)).cast("int64")
    told = told.select(
        "customer_id", "channel", "added", "contact", own=own, moment=told["at"],
        seconds=seconds(told.added) - seconds(told["at"]),
    )  # fmt: skip
    order = [
        ibis().asc("added"), ibis().desc("own"), ibis().desc("moment"), ibis().asc("contact"),
    ]  # fmt: skip
    window = ibis().window(group_by="customer_id", order_by=order)
    ranked = told.mutate(place=ibis().row_number().over(window))
    each = ranked.filter(ranked.place == 0)
    return each.group_by("channel", "seconds").agg(people=each.count()) \
        .order_by("channel", "seconds")  # fmt: skip


def lasted(begin: datetime, end: datetime) -> Expression:
    """By channel, how many contacts took so long until it was known what came of them: channel,
    seconds, contacts."""
    every = contacts(begin, end)
    known = every.filter(every.seconds.notnull(), every.seconds >= 0)
    return known.group_by("channel", "seconds").agg(contacts=known.count()) \
        .order_by("channel", "seconds")  # fmt: skip


def costs(first: date, last: date) -> Expression:
    """What contacts of these days cost: channel, currency, amount_minor."""
    booked = dated("ledger_entry")
    own = booked.filter(
        booked.kind.isin(KINDS), booked.day >= first, booked.day <= last, booked.quantity > 0
    )
    named = own.left_join(steps(), ["journey", "step"])
    channel = (named.kind == "card").ifelse(CARD, named.channel)
    return named.group_by("currency", channel=channel).agg(
        amount_minor=named.amount_minor.sum().cast("int64")
    )
