"""What can be booked in stores, what is booked, and who came: for head office and for stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from pydantic import StringConstraints

from siyu.analytics.views.masked import names as masked
from siyu.api.auth import Caller, TheApp, TheCaller, needs
from siyu.api.journeys import Verdict, places
from siyu.api.language import TheLanguage
from siyu.api.words import Who, Words
from siyu.app import App
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.kernel.time import moment, zone
from siyu.pages import views
from siyu.pages.actions import bookings, slots
from siyu.pages.actions.bookings import PREFIX
from siyu.pages.check import check_service
from siyu.pages.model import Booking, KeptService, Service
from siyu.pages.render.booking import written
from siyu.staff.views import stores

router = APIRouter(prefix="/slots", tags=["pages"])
Before = Annotated[str | None, StringConstraints(max_length=200_000, pattern=r"^[^\x00]*$")]
Code = Annotated[Words, Path(description="The code that the customer shows, typed or scanned.")]


@dataclass(frozen=True)
class ServiceStore:
    store: str
    store_name: str
    week: str
    capacity: int
    closed: list[date]


@dataclass(frozen=True)
class BookableService:
    """What can be booked, as its text says."""

    code: str
    text: str
    set_by: str
    set_at: datetime
    title: dict[str, str]
    minutes: int
    stores: list[ServiceStore]


@dataclass(frozen=True)
class DayToClose:
    """`closed` false: the store takes bookings again."""

    store: Words
    day: date
    closed: bool = True
    by: Words = ""


@dataclass(frozen=True)
class BookableServices:
    services: list[BookableService]


@dataclass(frozen=True)
class ServiceText:
    """A service as a text (YAML). `before`: its text as its writer has seen it, empty where there
    was none; refused with `overtaken` where another one is kept by now. Left out: not looked at."""

    text: Annotated[str, StringConstraints(max_length=200_000, pattern=r"^[^\x00]*$")]
    by: Words = ""
    before: Before = None


@dataclass(frozen=True)
class ServiceSet:
    code: str


@dataclass(frozen=True)
class BookedSlot:
    """`starts_at` null: a piece of an offer, to be collected before `ends_at`. `state`: open,
    cancelled, kept, missed."""

    code: str
    offer: str
    store: str
    starts_at: datetime | None
    ends_at: datetime
    customer: str
    name_masked: str
    state: str
    booked_at: datetime


@dataclass(frozen=True)
class BookedSlots:
    bookings: list[BookedSlot]


@router.get("", **needs("offers.read"))
def services(app: TheApp) -> BookableServices:
    """What can be booked, each with its text."""
    with app.db.transaction() as conn:
        names = {one.code: one.name for one in stores(conn)}
        return BookableServices([bookable(one, names) for one in views.services(conn)])


@router.post("/check", **needs("offers.read", once=False))
def check(app: TheApp, text: Annotated[ServiceText, Body()], locale: TheLanguage) -> Verdict:
    """What is wrong with the text of a service, line by line; nothing is stored."""
    try:
        with app.db.transaction() as conn:
            slots.checked(text.text, [one.code for one in stores(conn)])
    except BadInput as error:
        return Verdict(places(error.problems, locale))
    return Verdict([])


@router.post("/{service}/close", **needs("settings.write", once=False))
def close(
    app: TheApp,
    caller: TheCaller,
    service: Annotated[Words, Path(description="What is booked.")],
    new: Annotated[DayToClose, Body()],
) -> ServiceSet:
    """Have a store take no bookings on a day, a holiday, or take some again. What is booked stays
    booked. Audited."""
    with app.db.transaction() as conn:
        which, by, now = (service, new.store), caller.actor(new.by), app.clock.now()
        found = slots.close_day(conn, which, new.day, by, now, closed=new.closed)
    return ServiceSet(found.service)


@router.put("", **needs("settings.write"))
def keep(app: TheApp, caller: TheCaller, new: Annotated[ServiceText, Body()]) -> ServiceSet:
    """Keep a service: when which stores take bookings. What is booked stays booked. Audited."""
    with app.db.transaction() as conn:
        known = [one.code for one in stores(conn)]
        slots.seen(conn, new.text, new.before)
        found = slots.set_service(conn, new.text, known, caller.actor(new.by), app.clock.now())
    return ServiceSet(found.service)


@router.get("/bookings", **needs("tasks.read", scoped=True))
def booked(
    app: TheApp,
    caller: TheCaller,
    store: Annotated[Words, Query(description="Of this store.")],
    day: Annotated[
        date | None, Query(description="On this day by the brand's clocks; left out: today.")
    ] = None,
) -> BookedSlots:
    """What a store has on a day: slots that begin, and pieces whose time is over then."""
    with app.db.transaction() as conn:
        of_this_store(conn, caller, store)
        found = on(app, conn, store, day)
        known = masked(conn, app.keys, [one.customer_id for one in found])
    return BookedSlots([shown(app, one, known.get(one.customer_id, "")) for one in found])


@router.post("/bookings/{code}/keep", **needs("tasks.work", scoped=True))
def came(app: TheApp, caller: TheCaller, code: Code, who: Who) -> BookedSlot:
    """The customer has come, also if late: what was reserved is handed over. Audited."""
    with app.db.transaction() as conn:
        number = numbered(app, conn, caller, code)
        by, now = caller.actor(who.by), app.clock.now()
        found = bookings.keep(conn, app.ids, number, by, caller.code, now)
    app.wake()
    return shown(app, found)


@router.post("/bookings/{code}/miss", **needs("tasks.work", scoped=True))
def missed(app: TheApp, caller: TheCaller, code: Code, who: Who) -> BookedSlot:
    """Nobody came: the place is free again. By itself this is said some hours after. Audited."""
    with app.db.transaction() as conn:
        number = numbered(app, conn, caller, code)
        found = bookings.miss(conn, app.ids, number, caller.actor(who.by), app.clock.now())
    app.wake()
    return shown(app, found)


def on(app: App, conn: Conn, store: str, day: date | None) -> list[Booking]:
    """What a store has on this day, or today; NotFound where there is no such store."""
    known = [one.code for one in stores(conn)]
    if store not in known:
        listed = ", ".join(known) or "–"
        raise NotFound(
            Sentence(
                f"There is no store {store!r}; known are {listed}.",
                f"没有门店 {store!r}；已有 {listed}。",
            )
        )
    here = zone(app.brand.time_zone)
    shown_day = day or app.clock.now().astimezone(here).date()
    since = moment(shown_day, time(0), here)
    until = moment(shown_day + timedelta(days=1), time(0), here)
    return views.bookings_in(conn, store, since, until)


def of_this_store(conn: Conn, caller: Caller, store: str) -> None:
    """Refuse, as if there were none, to whoever is bound to other stores."""
    staff = caller.scope.codes
    if staff is not None and not views.works_at(conn, staff, store):
        raise NotFound(Sentence("There is no such store.", "没有这家门店。"))


def numbered(app: App, conn: Conn, caller: Caller, code: str) -> int:
    """The booking of a code that somebody shows in one's own store."""
    number = app.ids.decode(PREFIX, written(code))
    found = None if number is None else views.booking(conn, number)
    if found is not None:
        of_this_store(conn, caller, found.store)
        return found.promise_id
    raise NotFound(Sentence("There is no booking of this code.", "没有这个码的预约。"))


def bookable(one: KeptService, names: Mapping[str, str]) -> BookableService:
    """A service as it is shown."""
    of = check_service(one.text)
    if not isinstance(of, Service):  # its form was another one when it was kept
        return BookableService(*one, {"zh": one.code, "en": one.code}, 0, [])
    kept = [
        ServiceStore(store, names.get(store, store), it.week, it.capacity, list(it.closed))
        for store, it in of.stores.items()
    ]
    return BookableService(*one, {"zh": of.title.zh, "en": of.title.en}, of.minutes, kept)


def shown(app: App, one: Booking, name_masked: str = "") -> BookedSlot:
    """As it is shown."""
    return BookedSlot(
        code=app.ids.encode(PREFIX, one.promise_id),
        offer=one.offer,
        store=one.store,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        customer=app.ids.encode("cus", one.customer_id),
        name_masked=name_masked,
        state=one.state,
        booked_at=one.booked_at,
    )
