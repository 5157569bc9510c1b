"""Friends to be matched: those of whom nobody knows which buyer they are, and buyers who said on
the phone that they have added us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body

from siyu.acquisition import actions, views
from siyu.analytics.views.people import staff_names
from siyu.api.auth import Caller, TheApp, TheCaller, needs
from siyu.api.customers import mine
from siyu.api.paging import After, Before, Limit, following, since, start, until
from siyu.api.people import OnePage
from siyu.api.words import Words
from siyu.app import App
from siyu.customers.actions import plain_words
from siyu.customers.views import names
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.staff.model import Scope
from siyu.vault import views as vault
from siyu.vault.model import mask_name

router = APIRouter(prefix="/matches", tags=["customers"])
friends = APIRouter(prefix="/friends", tags=["friends"])
PREFIX = "mat"
FRIEND = "frd"


@dataclass(frozen=True)
class Candidate:
    """A friend whom nothing ties to a buyer yet, by added time and whose friend it is."""

    friend: str
    customer: str
    name_masked: str
    staff: str
    added_at: datetime


@dataclass(frozen=True)
class Claim:
    """`customer` said so to `staff`. A candidate is no guess of ours: somebody must know."""

    id: str
    customer: str
    name_masked: str
    staff: str
    claimed_at: datetime
    candidates: list[Candidate]


@dataclass(frozen=True)
class Claims:
    claims: list[Claim]
    next: str


@dataclass(frozen=True)
class Unmatched:
    """A friend of whom nobody knows yet which buyer it is; `how` is what was found so far."""

    friend: str
    customer: str
    added_at: datetime
    source: str
    how: str


@dataclass(frozen=True)
class UnmatchedFriends:
    friends: list[Unmatched]
    next: str


@dataclass(frozen=True)
class Confirm:
    friend: Words
    by: Words = ""


@dataclass(frozen=True)
class Refuse:
    reason: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Decided:
    id: str
    state: str


def number(app: App, prefix: str, text: str) -> int:
    """The claim or friend behind a public id."""
    found = app.ids.decode(prefix, text)
    if found is None:
        raise NotFound(
            Sentence(
                f"This is none of ours; it looks like {prefix}_…",
                f"这不是我们的编号；应像 {prefix}_…",
            )
        )
    return found


def _claims(app: App, conn: Conn, scope: Scope, after: int, limit: int) -> list[Claim]:
    found = views.claims(conn, after, limit, scope)
    known = [claim.customer_id for claim, _ in found]
    called = _names(app, conn, known + [one.customer_id for _, some in found for one in some])
    return [
        Claim(
            app.ids.encode(PREFIX, claim.id),
            app.ids.encode("cus", claim.customer_id),
            called.get(claim.customer_id, ""),
            claim.staff,
            claim.claimed_at,
            [
                Candidate(
                    app.ids.encode(FRIEND, one.friend_id),
                    app.ids.encode("cus", one.customer_id),
                    called.get(one.customer_id, ""),
                    one.staff,
                    one.added_at,
                )
                for one in candidates
            ],
        )
        for claim, candidates in found
    ]


def _names(app: App, conn: Conn, customers: Sequence[int]) -> dict[int, str]:
    items = names(conn, sorted(set(customers)))
    clear = vault.open_items(conn, app.keys, list(items.values()))
    return {one: mask_name(clear.get(item, "")) for one, item in items.items()}


@dataclass(frozen=True)
class ToMatch:
    """A friend of whom nobody knows which buyer it is; `source`: by which they came."""

    friend: str
    customer: str
    name_masked: str
    staff: str
    staff_name: str
    added_at: datetime
    source: str


@dataclass(frozen=True)
class FriendsToMatch:
    friends: list[ToMatch]
    next: str


@dataclass(frozen=True)
class Match:
    """Which buyer it is; `why` goes into the audit."""

    customer: Words
    why: Words
    by: Words = ""


@dataclass(frozen=True)
class Matched:
    """The two are one within a moment; who stays is the elder customer."""

    friend: str
    customer: str


@friends.get("/to-match", **needs("customers.read", scoped=True))
def to_match(
    app: TheApp, caller: TheCaller, before: Before = "", limit: OnePage = 50
) -> FriendsToMatch:
    """Friends who could not be matched to a buyer, the newest first; `next` is empty at the end."""
    with app.db.transaction() as conn:
        rows = views.to_match(conn, caller.scope, since(app, before), limit + 1)
        called = _names(app, conn, [row.customer_id for row in rows])
        staff = staff_names(conn, [row.staff for row in rows])
    found = [
        ToMatch(
            app.ids.encode(FRIEND, row.identity_id),
            app.ids.encode("cus", row.customer_id),
            called.get(row.customer_id, ""),
            row.staff,
            staff.get(row.staff, row.staff),
            row.added_at,
            row.source,
        )
        for row in rows[:limit]
    ]
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return FriendsToMatch(found, until(app, last.added_at, last.identity_id) if last else "")


@friends.post("/{friend}/match", **needs("tasks.work", scoped=True))
def match(app: TheApp, caller: TheCaller, friend: str, new: Annotated[Match, Body()]) -> Matched:
    """Say which buyer an unmatched friend is; audited, and applied in order with all events."""
    account = number(app, FRIEND, friend)
    with app.db.transaction() as conn:
        mine(app, conn, caller, app.ids.encode("cus", views.friend(conn, account) or 0))
        buyer = mine(app, conn, caller, new.customer)
        why = plain_words(conn, app.keys, buyer, "why", new.why)
        by, now = caller.actor(new.by), app.clock.now()
        who = app.ids.encode("cus", buyer)
        actions.match_friend(conn, account, buyer, by, f"{friend} = {who}", why, now)
    app.wake()
    return Matched(friend, who)


@friends.get("/unmatched", **needs("customers.read"))
def unmatched(app: TheApp, after: After = "", limit: Limit = 200) -> UnmatchedFriends:
    """Friends who could not be matched to a buyer: counted and shown, never guessed."""
    with app.db.transaction() as conn:
        rows, end = views.unmatched(conn, start(app, after), limit)
    found = [
        Unmatched(
            app.ids.encode(FRIEND, row.identity_id),
            app.ids.encode("cus", row.customer_id),
            row.added_at,
            row.source,
            row.how,
        )
        for row in rows
    ]
    return UnmatchedFriends(found, following(app, end))


@router.get("", **needs("customers.read", scoped=True))
def listed(app: TheApp, caller: TheCaller, after: After = "", limit: Limit = 50) -> Claims:
    """Who said that they have added us, and whom nothing has matched since."""
    return claims(app, caller.scope, after, limit)


def claims(app: App, scope: Scope, after: str, limit: int) -> Claims:
    """A page of them."""
    with app.db.transaction() as conn:
        found = _claims(app, conn, scope, start(app, after, PREFIX), limit)
    return Claims(found, found[-1].id if found else after)


def _theirs(app: App, conn: Conn, caller: Caller, claim: int, friend: int | None = None) -> None:
    """Claim and friend are of the customers whom the caller serves; else there are none."""
    if caller.scope.codes is not None:
        mine(app, conn, caller, app.ids.encode("cus", views.claimed(conn, claim) or 0))
        if friend is not None:
            mine(app, conn, caller, app.ids.encode("cus", views.friend(conn, friend) or 0))


@router.post("/{claim}/confirm", **needs("tasks.work", scoped=True))
def confirm(app: TheApp, caller: TheCaller, claim: str, how: Annotated[Confirm, Body()]) -> Decided:
    """This friend it is: the two become one customer, as if they had come by their link."""
    with app.db.transaction() as conn:
        friend, found = number(app, FRIEND, how.friend), number(app, PREFIX, claim)
        _theirs(app, conn, caller, found, friend)
        by, now = caller.actor(how.by), app.clock.now()
        actions.confirm_claim(conn, found, friend, by, claim, now)
    app.wake()
    return Decided(claim, "confirmed")


@router.post("/{claim}/refuse", **needs("tasks.work", scoped=True))
def refuse(app: TheApp, caller: TheCaller, claim: str, why: Annotated[Refuse, Body()]) -> Decided:
    """No friend of ours, or nobody can tell which."""
    with app.db.transaction() as conn:
        found = number(app, PREFIX, claim)
        _theirs(app, conn, caller, found)
        by, now = caller.actor(why.by), app.clock.now()
        actions.refuse_claim(conn, found, by, why.reason, claim, now)
    return Decided(claim, "refused")
