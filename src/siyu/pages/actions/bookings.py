"""Slots and pieces that customers set aside on pages: booked, moved, given back, kept, missed.

What is set aside is a reservation of offers; here stands where and when, and what became of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.events import actions as events
from siyu.events.model import (
    OfferMissed,
    OfferRedeemed,
    OfferReleased,
    OfferReserved,
    Payload,
    SlotBooked,
    SlotCancelled,
    SlotKept,
    SlotMissed,
    StoreVisited,
)
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.offers.actions import reservations as offers
from siyu.offers.model import Refusal, Reservation, Wanted
from siyu.pages.actions import subject, subjects
from siyu.pages.model import Booking, BookingState
from siyu.staff.actions import audit
from siyu.vault.model import Keys

SQL = load("siyu.pages")
PREFIX = "prm"


class Asked(NamedTuple):
    """What somebody wants on a page. `once` names the asking; `part`: the slot, or the store."""

    page: str
    once: str
    offer: str
    customer: int
    store: str
    part: str
    starts_at: datetime | None
    ends_at: datetime
    opens: int | None = None


class _Undo(Exception):
    """Undoes a move; never leaves this file."""

    def __init__(self, why: Refusal) -> None:
        self.why: Refusal = why


def book(
    conn: Conn, keys: Keys, ids: PublicIds, asked: Asked, now: datetime, *, moved: bool = False
) -> Booking | Refusal:
    """Set it aside for good, or say why not. The same asking again answers the same while that is
    still booked; one that is over, or was for something else, is `other`."""
    conn.fetch(SQL.hold_customer, {"customer": asked.customer})
    _, identity = subject(conn, asked.customer)
    wanted = Wanted(
        key=f"page:{asked.page}:{asked.once}",
        offer=asked.offer,
        customer_id=asked.customer,
        identity_id=identity,
        store=asked.part,
        commit=True,
        expires_at=asked.ends_at,
        opens=asked.opens,
    )
    (found,) = offers.reserve(conn, keys, [wanted], now)
    if not isinstance(found, Reservation):
        return found
    booking = Booking(
        found.id, asked.page, asked.offer, asked.store, asked.starts_at, found.expires_at,
        found.customer_id, "open", now,
    )  # fmt: skip
    params = {
        **booking._asdict(), "promise": found.id, "customer": found.customer_id,
        "identity": identity, "now": now,
    }  # fmt: skip
    if not conn.execute(SQL.book, params):
        return _before(conn, booking)
    tell(conn, [(booking, _begun(ids, booking, moved=moved), "booked")], now)
    return booking


def _before(conn: Conn, asked: Booking) -> Booking | Refusal:
    """What this asking booked before, if it still stands and is what is asked for."""
    (row,) = conn.fetch(SQL.booking, {"id": asked.promise_id})
    found = Booking(*row)
    same = (found.store, found.starts_at) == (asked.store, asked.starts_at)
    return found if same and found.state == "open" else "other"


def move(
    conn: Conn, keys: Keys, ids: PublicIds, old: int, asked: Asked, now: datetime
) -> Booking | Refusal:
    """Another time instead of the old one, or neither is changed."""
    conn.fetch(SQL.hold_customer, {"customer": asked.customer})
    mine = _open(conn, old, asked.customer)
    try:
        with conn.savepoint():
            _end(conn, [mine], "moved", now)
            offers.release(conn, [old], now)
            found = book(conn, keys, ids, asked, now, moved=True)
            if not isinstance(found, Booking):
                raise _Undo(found)  # noqa: TRY301 - undoes the release
            return found
    except _Undo as refused:
        return refused.why


def cancel(conn: Conn, ids: PublicIds, booking: int, customer: int, now: datetime) -> None:
    """A customer gives theirs back."""
    conn.fetch(SQL.hold_customer, {"customer": customer})
    mine = _open(conn, booking, customer)
    _end(conn, [mine], "cancelled", now)
    offers.release(conn, [booking], now)
    tell(conn, [(mine, _told(ids, mine, "cancelled"), "cancelled")], now)


def keep(conn: Conn, ids: PublicIds, booking: int, by: str, staff: str, now: datetime) -> Booking:
    """The customer has come, also if late: staff hands over what is theirs. Audited."""
    found = _theirs(conn, booking, ("open", "missed"))
    public = ids.encode(PREFIX, booking)
    about = subject(conn, found.customer_id)[0]
    redeemed = events.Own(OfferRedeemed(promise=public), f"redeemed/{public}", now, about)
    events.own(conn, [redeemed], now)
    kept(conn, ids, [found], staff, now)
    audit(conn, by, "booking.keep", public, found.store, now)
    return found._replace(state="kept")


def kept(
    conn: Conn, ids: PublicIds, found: Sequence[Booking], staff: str, now: datetime
) -> list[int]:
    """These have come; the facts that this tells."""
    _end(conn, found, "kept", now)
    facts: list[tuple[Booking, Payload, str]] = []
    for one in found:
        if one.starts_at is not None:
            facts.append((one, _told(ids, one, "kept"), "kept"))
        if one.store:
            facts.append((one, StoreVisited(store=one.store, staff=staff), "visited"))
    return tell(conn, facts, now)


def miss(conn: Conn, ids: PublicIds, booking: int, by: str, now: datetime) -> Booking:
    """Staff says that nobody came; the place is free again. Audited."""
    found = _theirs(conn, booking, ("open",))
    if found.starts_at is not None and now < found.starts_at:
        raise Refused(Sentence("Its time has not come yet.", "还没有到预约时间。"))
    missed(conn, ids, [found], now)
    audit(conn, by, "booking.miss", ids.encode(PREFIX, booking), found.store, now)
    return found._replace(state="missed")


def missed(conn: Conn, ids: PublicIds, found: Sequence[Booking], now: datetime) -> None:
    """Nobody came for these: they go back to the others."""
    _end(conn, found, "missed", now)
    numbers = [one.promise_id for one in found]
    offers.give_back(conn, numbers, "lapse", "expired", now)
    tell(conn, [(one, _told(ids, one, "missed"), "missed") for one in found], now)


def tell(conn: Conn, facts: Sequence[tuple[Booking, Payload, str]], now: datetime) -> list[int]:
    """Facts about bookings, each once, of the customer whose each is."""
    about = subjects(conn, [one.customer_id for one, _, _ in facts])
    told = [
        events.Own(
            fact,
            f"booking/{one.promise_id}/{what}",
            now,
            about[one.customer_id][0] if one.customer_id in about else (),
        )
        for one, fact, what in facts
    ]
    return events.own(conn, told, now)


def _told(ids: PublicIds, one: Booking, what: str) -> Payload:
    """The fact that a slot or a piece is given back or missed."""
    public = ids.encode(PREFIX, one.promise_id)
    if one.starts_at is None:
        of = OfferMissed if what == "missed" else OfferReleased
        return of(promise=public, offer=one.offer, store=one.store)
    slot = {"missed": SlotMissed, "kept": SlotKept}.get(what, SlotCancelled)
    return slot(service=one.offer, store=one.store, starts_at=one.starts_at, booking=public)


def _begun(ids: PublicIds, one: Booking, *, moved: bool) -> Payload:
    public, offer = ids.encode(PREFIX, one.promise_id), one.offer
    if one.starts_at is None:
        return OfferReserved(promise=public, offer=offer, store=one.store)
    return SlotBooked(
        service=offer, store=one.store, starts_at=one.starts_at, booking=public, moved=moved
    )


def _end(conn: Conn, found: Sequence[Booking], state: BookingState, now: datetime) -> None:
    ids = sorted(one.promise_id for one in found)
    conn.execute(SQL.end_bookings, {"ids": ids, "state": state, "now": now})


def _locked(conn: Conn, booking: int) -> Booking | None:
    """Its promise is locked before it, as an apply does."""
    conn.fetch(SQL.hold_promise, {"id": booking})
    rows = conn.fetch(SQL.lock_booking, {"id": booking})
    return Booking(*rows[0]) if rows else None


def _open(conn: Conn, booking: int, customer: int) -> Booking:
    found = _locked(conn, booking)
    if found is None or found.customer_id != customer or found.state != "open":
        raise NotFound(Sentence("There is no such booking any more.", "这个预约已不存在。"))
    return found


def _theirs(conn: Conn, booking: int, states: Sequence[BookingState]) -> Booking:
    found = _locked(conn, booking)
    if found is None:
        raise NotFound(Sentence("There is no such booking.", "没有这个预约。"))
    if found.state not in states:
        raise Refused(
            Sentence(f"This booking is {found.state} already.", f"这个预约已经是 {found.state}。")
        )
    return found
