"""Friends to be matched: those of whom nobody knows which buyer they are, and buyers who said on
the phone that they have added us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body

from siyu.acquisition import actions, views
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.paging import After, Limit, following, start
from siyu.api.words import Words
from siyu.app import App
from siyu.customers.views import names
from siyu.kernel.errors import NotFound
from siyu.kernel.sql import Conn
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
        raise NotFound(f"This is none of ours; it looks like {prefix}_…")
    return found


def _claims(app: App, conn: Conn, after: int, limit: int) -> list[Claim]:
    found = views.claims(conn, after, limit)
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


@router.get("", **needs("customers.read"))
def listed(
    app: TheApp,
    after: After = "",
    limit: Limit = 50,
) -> Claims:
    """Who said that they have added us, and whom nothing has matched since."""
    with app.db.transaction() as conn:
        found = _claims(app, conn, start(app, after, PREFIX), limit)
    return Claims(found, found[-1].id if found else after)


@router.post("/{claim}/confirm", **needs("tasks.work"))
def confirm(app: TheApp, caller: TheCaller, claim: str, how: Annotated[Confirm, Body()]) -> Decided:
    """This friend it is: the two become one customer, as if they had come by their link."""
    with app.db.transaction() as conn:
        friend = number(app, FRIEND, how.friend)
        by, now = caller.actor(how.by), app.clock.now()
        actions.confirm_claim(conn, number(app, PREFIX, claim), friend, by, claim, now)
    app.wake()
    return Decided(claim, "confirmed")


@router.post("/{claim}/refuse", **needs("tasks.work"))
def refuse(app: TheApp, caller: TheCaller, claim: str, why: Annotated[Refuse, Body()]) -> Decided:
    """No friend of ours, or nobody can tell which."""
    with app.db.transaction() as conn:
        by, now = caller.actor(why.by), app.clock.now()
        actions.refuse_claim(conn, number(app, PREFIX, claim), by, why.reason, claim, now)
    return Decided(claim, "refused")
