"""A store's days with their times, what is booked, and who came: for head office and for stores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.kept import EXPORT_PATIENCE, Kept, the_kept
from siyu.api.pages import where
from siyu.api.slots import bookable, of_this_store
from siyu.api.words import Words
from siyu.app import App
from siyu.content import views as content
from siyu.kernel.errors import Busy, NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone
from siyu.pages import views
from siyu.pages.model import Turnout
from siyu.staff.views import stores

router = APIRouter(prefix="/slots", tags=["pages"])


@dataclass(frozen=True)
class SlotPlace:
    """Where which service can be booked."""

    service: str
    title: dict[str, str]
    store: str
    store_name: str


@dataclass(frozen=True)
class SlotPlaces:
    places: list[SlotPlace]


@dataclass(frozen=True)
class SlotOfDay:
    """A time with `capacity` places, of which so many are `booked`; 0 places: booked before the
    hours were changed."""

    starts_at: datetime
    ends_at: datetime
    capacity: int
    booked: int


@dataclass(frozen=True)
class SlotDay:
    """A store's day; `closed`: its text says that it takes no bookings then."""

    day: date
    closed: bool
    slots: list[SlotOfDay]


@dataclass(frozen=True)
class SlotDays:
    days: list[SlotDay]


@dataclass(frozen=True)
class ServiceTurnout:
    """Bookings of a service, and what became of them: `rate` is came ÷ (came + missed).
    `invited`: customers whom a message with a link to its page reached; of these so many booked
    (`took`) and came (`visited`); `invited_rate` is visited ÷ invited. Null: nothing to divide; and
    all of those invited where no links can be made (setting `short_links`)."""

    service: str
    title: dict[str, str]
    booked: int
    came: int
    missed: int
    cancelled: int
    rate: float | None
    invited: int | None
    took: int | None
    visited: int | None
    invited_rate: float | None


@dataclass(frozen=True)
class ServiceTurnouts:
    since: datetime
    services: list[ServiceTurnout]


@router.get("/places", **needs("tasks.read", scoped=True))
def places_of(app: TheApp, caller: TheCaller) -> SlotPlaces:
    """Which store takes bookings for what; else than at head office one's own store."""
    with app.db.transaction() as conn:
        names = {one.code: one.name for one in stores(conn)}
        staff = caller.scope.codes
        mine = {
            one for one in names if staff is None or views.works_at(conn, staff, one)
        }  # fmt: skip
        every = [bookable(one, names) for one in views.services(conn)]
    return SlotPlaces(
        [
            SlotPlace(one.code, one.title, it.store, it.store_name)
            for one in every
            for it in one.stores
            if it.store in mine
        ]
    )


@router.get("/calendar", **needs("tasks.read", scoped=True))
def calendar(
    app: TheApp,
    caller: TheCaller,
    service: Annotated[Words, Query(description="What is booked.")],
    store: Annotated[Words, Query(description="Of this store.")],
    day: Annotated[
        date | None, Query(description="The first day, by the brand's clocks; left out: today.")
    ] = None,
    days: Annotated[int, Query(ge=1, le=31, description="So many days.")] = 7,
) -> SlotDays:
    """The times of a store's days: how many places, how many of them booked."""
    here = zone(app.brand.time_zone)
    first = day or app.clock.now().astimezone(here).date()
    with app.db.transaction() as conn:
        of_this_store(conn, caller, store)
        of = views.service(conn, service)
        if of is None or store not in of.stores:
            raise NotFound(
                Sentence(
                    f"{service!r} can't be booked in the store {store!r}.",
                    f"门店 {store!r} 没有服务 {service!r}。",
                )
            )
        wanted = [first + timedelta(days=many) for many in range(days)]
        found = views.store_days(conn, of, store, wanted, here)
    return SlotDays(
        [SlotDay(one.day, one.closed, [SlotOfDay(*it) for it in one.slots]) for one in found]
    )


@router.get("/turnout", **needs("offers.read"))
def turnout(
    app: TheApp,
    kept: Annotated[Kept, Depends(the_kept)],
    back: Annotated[int, Query(ge=1, le=366, description="So many days back.")] = 28,
) -> ServiceTurnouts:
    """Of those who booked, who came; of those whom a message invited, who booked and came. What
    takes long is kept for a while, as reports are."""
    found = kept.ask(("turnout", back), lambda: _turnouts(app, back), EXPORT_PATIENCE).result
    if found is None:
        raise Busy(
            Sentence(
                "Too much is being worked out at once; ask again in a moment.",
                "同时在计算的太多；请稍后再试。",
            )
        )
    return found


def _turnouts(app: App, back: int) -> ServiceTurnouts:
    since = app.clock.now() - timedelta(days=back)
    knows = bool(app.settings.short_links)  # else no message leads anywhere
    with app.db.transaction() as conn:
        names = {one.code: bookable(one, {}).title for one in views.services(conn)}
        found = views.turnouts(conn, _leads(app, conn), since)
    return ServiceTurnouts(
        since, [_turned(one, names.get(one.service, {}), knows=knows) for one in found]
    )


def _leads(app: App, conn: Conn) -> list[tuple[str, str]]:
    """(service, material whose link leads to a page on which it is booked)."""
    if not app.settings.short_links:
        return []
    booked = {page.service: where(app, page.page) for page in views.booking_pages(conn)}
    return [
        (service, code)
        for code, material in content.shelf(conn, unreviewed=True).items()
        for service, address in booked.items()
        if any(
            to.partition("?")[0].rstrip("/") == address
            for texts in material.texts.values()
            for text in texts
            for to in text.links.values()
        )
    ]


def _turned(one: Turnout, title: dict[str, str], *, knows: bool) -> ServiceTurnout:
    over = one.came + one.missed
    return ServiceTurnout(
        one.service,
        title,
        one.booked,
        one.came,
        one.missed,
        one.cancelled,
        one.came / over if over else None,
        one.invited if knows else None,
        one.took if knows else None,
        one.visited if knows else None,
        one.visited / one.invited if one.invited else None,
    )
