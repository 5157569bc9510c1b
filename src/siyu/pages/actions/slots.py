"""What can be booked, when and where: a service is a text, and an offer whose parts are its
slots."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.seen import as_seen
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.offers import actions as offers
from siyu.offers.actions.allotments import resize_slots
from siyu.offers.model import Offer, Terms
from siyu.pages.check import check_service, placed
from siyu.pages.decide import part
from siyu.pages.model import Opening, Service
from siyu.pages.render.text import closing
from siyu.staff.actions import audit

SQL = load("siyu.pages")
BY_PAGES = "pages"  # as the playbook of these offers
WRONG = Sentence("This service can't be used.", "这项服务不能使用。")


def read(text: str) -> Service:
    """The service of a text; BadInput with everything that is wrong."""
    found = check_service(text)
    if isinstance(found, tuple):
        raise BadInput(WRONG, found)
    return found


def checked(text: str, stores: Collection[str]) -> Service:
    """The service of a text, in stores that there are; BadInput with what is wrong, by its
    lines."""
    service = read(text)
    strange = [store for store in service.stores if store not in stores]
    if strange:
        listed = ", ".join(sorted(stores)) or "–"
        why = Sentence(
            f"there is no such store; known are {listed}", f"没有这家门店；已有 {listed}"
        )
        raise BadInput(
            WRONG, tuple(placed(text, Problem(f"stores.{store}", why)) for store in strange)
        )
    return service


def set_service(conn: Conn, text: str, stores: Collection[str], by: str, now: datetime) -> Service:
    """Keep a service. What is booked stays booked, also where hours or places get fewer. `stores`:
    those that there are. Audited."""
    service = checked(text, stores)
    terms = Terms(per_customer=service.per_customer, slots=True)
    title = {"zh": service.title.zh, "en": service.title.en}
    offer = Offer(service.service, title, 0, "", kind="presale", terms=terms)
    offers.install(conn, [offer], BY_PAGES)
    said = {"code": service.service, "text": text, "by": by, "now": now}
    conn.execute(SQL.set_service, said)
    for store, opening in service.stores.items():
        first, many = part(store, now), opening.capacity
        resize_slots(conn, service.service, f"{store}@", first, many)
    audit(conn, by, "service.set", service.service, ", ".join(service.stores), now)
    return service


def seen(conn: Conn, text: str, before: str | None) -> None:
    """Refuse this text of a service where another one is kept by now than its writer has seen; it
    stays as it is until this transaction is over."""
    code = read(text).service
    rows = conn.fetch(SQL.lock_service, {"code": code})
    as_seen(code, rows[0][0] if rows else None, before, text)


def close_day(
    conn: Conn, which: tuple[str, str], day: date, by: str, now: datetime, *, closed: bool
) -> Service:
    """A store takes no bookings for a service on a day (a holiday), or takes some again; `which`:
    the service and the store. What is booked stays booked. Its text says so from now on.
    Audited."""
    code, store = which
    rows = conn.fetch(SQL.lock_service, {"code": code})
    before = check_service(rows[0][0]) if rows else None
    if not isinstance(before, Service):
        raise NotFound(Sentence(f"There is no service {code!r}.", f"没有服务 {code!r}。"))
    opening = before.stores.get(store)
    if opening is None:
        raise NotFound(
            Sentence(
                f"{code!r} can't be booked in the store {store!r}.",
                f"门店 {store!r} 没有服务 {code!r}。",
            )
        )
    days = {*opening.closed, day} if closed else {*opening.closed} - {day}
    after = Opening(opening.week, opening.capacity, tuple(sorted(days)))
    text = closing(rows[0][0], before, store, after)
    return set_service(conn, text, list(before.stores), by, now)
