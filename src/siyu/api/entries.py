"""Customers whom people let into a journey by hand: each gets an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.fitting import refuse_unfit
from siyu.api.visits import PREFIX
from siyu.api.words import Words
from siyu.app import PREDICATES, App
from siyu.journeys.actions.by_hand import LetIn, enrol
from siyu.journeys.actions.named import Book, Named, NamedBy, find
from siyu.journeys.model.enter import REFUSALS
from siyu.journeys.views import get
from siyu.kernel.sql import Conn

router = APIRouter(prefix="/journeys", tags=["journeys"])
MOST = 2000


@dataclass(frozen=True)
class WhoIsMeant:
    """Somebody: an order (SHOP/ORDER), a phone, or a customer (cus_…)."""

    by: NamedBy
    value: Words


@dataclass(frozen=True)
class People:
    """Whom to let in, at most 2,000 at once."""

    people: Annotated[list[WhoIsMeant], Field(min_length=1, max_length=MOST)]
    by: Words = ""


@dataclass(frozen=True)
class Entered:
    """What became of one; `customer` and `key` are empty where nobody is known by what was said.

    `words`: the reason in the brand's language.
    """

    customer: str
    key: str
    outcome: Literal["enrolled", "refused"]
    visit: str
    reason: str
    words: str


@dataclass(frozen=True)
class Entries:
    """In the order in which they were named."""

    entries: list[Entered]


def let_in(app: App, conn: Conn, code: str, named: list[Named], by: str, locale: str) -> Entries:
    """Let these people in, and say of each what became of them."""
    book = Book(app.keys, app.ids, app.brand.region, app.journeys.zone)
    now = app.clock.now()
    found = enrol(conn, code, find(conn, book, named, now), PREDICATES, by, now)
    refuse_unfit(app, get(conn, code).text)
    return Entries([_shown(app, one, locale) for one in found])


def _shown(app: App, one: LetIn, locale: str) -> Entered:
    return Entered(
        customer=app.ids.encode("cus", one.entrant.customer_id) if one.entrant else "",
        key=one.entrant.key if one.entrant else "",
        outcome="refused" if one.visit_id is None else "enrolled",
        visit="" if one.visit_id is None else app.ids.encode(PREFIX, one.visit_id),
        reason=one.reason,
        words=REFUSALS[one.reason][locale] if one.reason else "",
    )


@router.post("/{code}/entries", **needs("journeys.publish"))
def entering(
    app: TheApp, caller: TheCaller, code: Words, wanted: Annotated[People, Body()]
) -> Entries:
    """Let customers into a journey by hand; refused whole above the limits. Audited."""
    named = [Named(one.by, one.value) for one in wanted.people]
    with app.db.transaction() as conn:
        found = let_in(app, conn, code, named, caller.actor(wanted.by), app.brand.locale)
    app.wake()
    return found
