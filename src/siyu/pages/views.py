"""Which pages there are, and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import convert

from siyu.identities import views as identities
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import moment
from siyu.offers.model import Terms
from siyu.pages.check import check, check_service
from siyu.pages.decide import answered_as, bookable, part, times
from siyu.pages.model import (
    Booking,
    BySource,
    Holding,
    KeptService,
    Page,
    Pieces,
    Result,
    Service,
    Slot,
    SlotTime,
    Stored,
    StoreDay,
    Survey,
    Turnout,
)

SQL = load("siyu.pages")
MOST_SOURCES = 200


def pages(conn: Conn, *, retired: bool = False) -> list[Stored]:
    """By code; those that were retired as well, if asked."""
    return [Stored(*row) for row in conn.fetch(SQL.pages, {"code": "", "retired": retired})]


def page(conn: Conn, code: str) -> Stored:
    """One, retired or not."""
    rows = conn.fetch(SQL.pages, {"code": code, "retired": True}) if code else []
    if not rows:
        raise NotFound(Sentence(f"There is no page {code!r}.", f"没有页面 {code!r}。"))
    return Stored(*rows[0])


def in_force(conn: Conn, code: str) -> Page | None:
    """What people see under this code; None: nothing."""
    rows = conn.fetch(SQL.page_in_force, {"code": code})
    found = check(rows[0][0]) if rows else None
    return found if isinstance(found, Page) else None


def recipient(conn: Conn, touch_id: int) -> int | None:
    """The identity that a touch went to; where none was chosen, one of its customer."""
    rows = conn.fetch(SQL.recipient, {"touch": touch_id})
    if not rows:
        return None
    customer, identity = rows[0]
    return identities.eldest(conn, customer) if identity is None else int(identity)


def has_answered(conn: Conn, survey: str, of: Survey, customer: int) -> bool:
    """Whether this customer has answered this version."""
    params = {"survey": survey, "version": of.version, "customer": customer}
    told = answered_as(survey, of.version, customer, 0)
    return bool(conn.fetch(SQL.answered, {**params, "told": told})[0][0])


def results(conn: Conn, survey: str) -> list[Result]:
    """How many people gave which answer."""
    return [Result(*row) for row in conn.fetch(SQL.results, {"survey": survey})]


def services(conn: Conn, code: str = "") -> list[KeptService]:
    """What can be booked: all, or this one."""
    return [KeptService(*row) for row in conn.fetch(SQL.services, {"code": code})]


def service(conn: Conn, code: str) -> Service | None:
    """One of them; None: there is none."""
    rows = services(conn, code) if code else []
    found = check_service(rows[0].text) if rows else None
    return found if isinstance(found, Service) else None


def slots(
    conn: Conn, of: Service, store: str, day: date, now: datetime, zone: ZoneInfo
) -> list[Slot]:
    """The times of a day that can be booked, also those that are full."""
    starts = [at for at in times(of, store, day, zone) if bookable(of, store, at, now, zone)]
    names = {at: part(store, at) for at in starts}
    params = {"offer": of.service, "parts": list(names.values())}
    taken = dict(conn.fetch(SQL.taken_of, params)) if starts else {}
    lasts = timedelta(minutes=of.minutes)
    most = of.stores[store].capacity if starts else 0
    return [Slot(store, at, at + lasts, max(most - taken.get(names[at], 0), 0)) for at in starts]


def store_days(
    conn: Conn, of: Service, store: str, days: Sequence[date], zone: ZoneInfo
) -> list[StoreDay]:
    """What can be booked on these days in a row, and what is. A time that is booked is there though
    the store has other hours by now."""
    lasts, opening = timedelta(minutes=of.minutes), of.stores[store]
    since = moment(days[0], time(0), zone)
    until = moment(days[-1] + timedelta(days=1), time(0), zone)
    booked = Counter(
        one.starts_at
        for one in bookings_in(conn, store, since, until)
        if one.offer == of.service and one.starts_at is not None and one.state != "cancelled"
    )
    found: list[StoreDay] = []
    for day in days:
        hours = set(times(of, store, day, zone))
        kept = {at for at in booked if at.astimezone(zone).date() == day}
        slots = [
            SlotTime(at, at + lasts, opening.capacity if at in hours else 0, booked[at])
            for at in sorted(hours | kept)
        ]
        found.append(StoreDay(day, day in opening.closed, slots))
    return found


def sources(conn: Conn, page: str, since: datetime, zone: ZoneInfo) -> list[BySource]:
    """What each advertisement has brought to a page since then."""
    params = {"page": page, "since": since, "zone": zone.key, "limit": MOST_SOURCES}
    return [BySource(*row) for row in conn.fetch(SQL.sources, params)]


def booking_pages(conn: Conn) -> list[Page]:
    """Pages on which something is booked, also those that are retired."""
    read = (check(text) for (text,) in conn.fetch(SQL.texts_of_kind, {"kind": "booking"}))
    return [page for page in read if isinstance(page, Page)]


def turnouts(conn: Conn, leads: Sequence[tuple[str, str]], since: datetime) -> list[Turnout]:
    """By service what became of its bookings since then; `leads`: (service, material that carries a
    link to its page)."""
    services, materials = zip(*leads, strict=True) if leads else ((), ())
    params = {"services": list(services), "materials": list(materials), "since": since}
    return [Turnout(*row) for row in conn.fetch(SQL.turnout, params)]


def bookings_of(conn: Conn, customer: int, offer: str = "", *, over: bool = False) -> list[Booking]:
    """What a customer has set aside on pages; what is over as well, if asked."""
    params = {"customer": customer, "offer": offer, "over": over}
    return [Booking(*row) for row in conn.fetch(SQL.bookings_of, params)]


def bookings_in(
    conn: Conn, store: str, since: datetime, until: datetime, limit: int = 1_000
) -> list[Booking]:
    """What a store has between these times: slots as they begin, pieces as they are over."""
    params = {"store": store, "since": since, "until": until, "limit": limit}
    return [Booking(*row) for row in conn.fetch(SQL.bookings_in, params)]


def works_at(conn: Conn, staff: Collection[str], store: str) -> bool:
    """Whether one of these accounts is of this store."""
    return bool(conn.fetch(SQL.works_at, {"staff": sorted(staff), "store": store})[0][0])


def booking(conn: Conn, number: int) -> Booking | None:
    """One, by its promise."""
    rows = conn.fetch(SQL.booking, {"id": number})
    return Booking(*rows[0]) if rows else None


def pieces(conn: Conn, offer: str) -> Pieces | None:
    """What is left of an offer; None: there is none."""
    rows = conn.fetch(SQL.pieces, {"offer": offer})
    if not rows:
        return None
    title, terms, *_ = rows[0]
    said = convert(terms, Terms)
    left = {part: most - taken for _, _, part, most, taken in rows if part and most is not None}
    whole = [most - taken for _, _, part, most, taken in rows if part == "" and most is not None]
    of_stores = left if said.stores else {}
    return Pieces(title, said.price_minor, said.valid_seconds, of_stores, next(iter(whole), None))


def holdings(conn: Conn, customer: int, limit: int = 60) -> list[Holding]:
    """All that a customer was promised and has set aside, the latest first."""
    rows = conn.fetch(SQL.holdings, {"customer": customer, "limit": limit})
    return [Holding._make((*row[:2], row[2] or {}, *row[3:])) for row in rows]
