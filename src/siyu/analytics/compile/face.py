"""Friends whom staff of a store won face to face: Ibis expressions.

Nothing tells of a talk, so what is looked at is the add: by a guide's own code or hand, of somebody
whom nothing of ours had reached before.
"""

from __future__ import annotations

from datetime import datetime

from siyu.analytics.compile.channels import contacts
from siyu.analytics.compile.colleagues import everybody
from siyu.analytics.compile.moments import plain, seconds
from siyu.analytics.compile.people import instant, known_at
from siyu.analytics.model import WINDOW
from siyu.segments.model import Expression
from siyu.segments.predicates.facts import dated, ibis

# Ways of a friendship that need both in one place, or nearly: the guide's own code was scanned, the
# guide typed the phone in, the guide served at the customer's.
HAND = ("code", "phone_search", "on_site")
QUARTER = 900  # seconds: the clocks of all zones differ by whole ones


def employed() -> Expression:
    """How many of staff belong to a store, one row."""
    rows = everybody().filter(ibis()._.store.notnull())
    return rows.agg(people=rows.count())


def won(begin: datetime, end: datetime) -> Expression:
    """New friends of staff of stores in this time, each once, of whom neither a code nor a contact
    in the 14 days before says that a step won them: role of the staff, by_hand (whether by a way
    of `HAND`), quarter (of an hour, in seconds since 1970), people, known (of them, those of whom
    it is known which buyer they are)."""
    adds, matched = _added(begin, end), dated("friend_match").filter(ibis()._.matched)
    others = _friends(adds).union(_followed(adds, begin, end)).distinct()
    mine = adds.anti_join(others, [adds.customer_id == others.who, adds.added == others.then])
    known = matched.select(buyer="customer_id").distinct()
    told = mine.left_join(known, mine.customer_id == known.buyer)
    order = [ibis().asc("added"), ibis().desc("by_hand"), ibis().asc("staff")]
    window = ibis().window(group_by="customer_id", order_by=order)
    ranked = told.mutate(place=ibis().row_number().over(window))
    each = ranked.filter(ranked.place == 0)
    found = each.group_by("role", "by_hand", quarter=each.seconds // QUARTER * QUARTER).agg(
        people=each.count(), known=each.buyer.count()
    )
    return found.order_by("role", "by_hand", "quarter")


def _added(begin: datetime, end: datetime) -> Expression:
    """Adds of this time by staff of stores: customer_id, staff, role, added, by_hand, seconds. The
    last add of each friendship: its way is the one that is kept."""
    rows, staff = dated("friendship"), everybody()
    mine = rows.inner_join(staff.filter(staff.store.notnull()), "staff")
    adds = mine.select(
        "customer_id", "staff", "role", added=plain(mine.added_at), by_hand=mine.way.isin(HAND),
        seconds=seconds(mine.added_at),
    )  # fmt: skip
    return adds.filter(adds.added >= instant(begin), adds.added < instant(end))


def _friends(adds: Expression) -> Expression:
    """Those of who was somebody's friend just before: who, then."""
    rows = dated("friendship")
    others = rows.select("first_added_at", "added_at", "deleted_at", who=rows.customer_id)
    both = adds.join(others, adds.customer_id == others.who)
    lived = known_at(both, both.added - ibis().interval(seconds=1))
    return both.filter(lived).select("who", then="added")


def _followed(adds: Expression, begin: datetime, end: datetime) -> Expression:
    """Those that came by a step's code, or after a contact: who, then."""
    codes, every = dated("friend_match"), contacts(begin - WINDOW, end)
    coded = codes.filter(codes.step != "")
    reached = every.filter(~every.failed, every.customer_id.notnull())
    reached = reached.select(who=reached.customer_id, at=reached["at"])
    both = adds.join(reached, adds.customer_id == reached.who)
    followed = both.filter(
        both["at"] <= both.added, both.added <= both["at"] + ibis().interval(days=WINDOW.days)
    )
    return followed.select("who", then="added").union(
        coded.select(who=coded.customer_id, then=plain(coded.added_at))
    )
