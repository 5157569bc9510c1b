"""Customers as people look for them: one box, a list with filters, how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Query
from pydantic import StringConstraints

from siyu.analytics.views import people
from siyu.analytics.views.people import Card, Desk, Filters, FriendFilter, Hit
from siyu.api.auth import Caller, TheApp, TheCaller, needs
from siyu.api.paging import CURSOR, Before, Code, following, start
from siyu.app import App
from siyu.kernel.sql import Conn

router = APIRouter(prefix="/customers", tags=["customers"])
Stage = Literal["A1", "A2", "A3", "A4", "A5"]
OnePage = Annotated[int, Query(ge=1, le=200, description="So many at most.")]


@dataclass(frozen=True)
class Sought:
    """Whatever is known: an order's or parcel's number, a phone or its last four digits, an id of a
    member, buyer or account, a name or two characters of it."""

    text: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True)
class Hits:
    """`more`: others fit, too; say more. `tags` hold these words."""

    hits: list[Hit]
    more: bool
    tags: list[str]


@dataclass(frozen=True)
class Page:
    """`next` is empty at the end. A page may be short before it: so many customers were `looked`
    through, and a rare filter found no more among them."""

    customers: list[Card]
    next: str
    looked: int


@dataclass(frozen=True)
class Count:
    """`whole`: all were looked at; else there may be more than these."""

    count: int
    looked: int
    whole: bool


@dataclass(frozen=True)
class TagNames:
    tags: list[str]


def filters(  # noqa: PLR0913, PLR0917 - one for each filter of the list
    stage: Annotated[Stage | None, Query(description="Only in this stage.")] = None,
    tag: Code = "",
    friend: Annotated[
        FriendFilter | None, Query(description="A friend now, one no more, never one.")
    ] = None,
    guide: Code = "",
    shop: Code = "",
    tasked: Annotated[bool, Query(description="Only with an open task.")] = False,
    held: Annotated[
        bool, Query(description="Only those who must not be contacted somewhere.")
    ] = False,
    complained: Annotated[
        bool, Query(description="Only those with a complaint that is not settled.")
    ] = False,
) -> Filters:
    """The filters of the list, as they stand in its URL."""
    number = int(stage[1]) if stage else None
    return Filters(number, tag, friend or "", guide, shop, tasked, held, complained)


TheFilters = Annotated[Filters, Depends(filters)]


def desk(app: App, conn: Conn, caller: Caller) -> Desk:
    """What every look needs."""
    return Desk(conn, app.keys, app.ids, caller.scope, app.brand.currency, app.clock.now())


@router.post("/find", **needs("customers.read", scoped=True))
def find(app: TheApp, caller: TheCaller, sought: Annotated[Sought, Body()]) -> Hits:
    """Whom these words could mean, each with the key that fits."""
    text = sought.text.strip()
    with app.db.transaction() as conn:
        hits, more = people.sought(desk(app, conn, caller), app.brand.region, text)
        tags = people.tags_with(conn, text)
    return Hits(hits, more, tags)


@router.get("", **needs("customers.read", scoped=True))
def listed(
    app: TheApp,
    caller: TheCaller,
    only: TheFilters,
    before: Before = "",
    limit: OnePage = 50,
) -> Page:
    """Customers, the newest first. One answer looks at 20,000 of them at most."""
    with app.db.transaction() as conn:
        found = people.listed(desk(app, conn, caller), only, start(app, before, CURSOR), limit)
    return Page(found.cards, following(app, found.end), found.looked)


@router.get("/count", **needs("customers.read", scoped=True))
def counted(app: TheApp, caller: TheCaller, only: TheFilters) -> Count:
    """How many fit, among the newest 20,000."""
    with app.db.transaction() as conn:
        return Count(*people.counted(desk(app, conn, caller), only))


@router.get("/tags", **needs("customers.read", scoped=True))
def tags(app: TheApp) -> TagNames:
    """The names of all tags that customers carry."""
    with app.db.transaction() as conn:
        return TagNames(people.tag_names(conn))
