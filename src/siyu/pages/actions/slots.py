"""What can be booked, when and where: a service is a text, and an offer whose parts are its
slots."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.offers import actions as offers
from siyu.offers.actions.allotments import resize_slots
from siyu.offers.model import Offer, Terms
from siyu.pages.check import check_service
from siyu.pages.decide import part
from siyu.pages.model import Service
from siyu.staff.actions import audit

SQL = load("siyu.pages")
BY_PAGES = "pages"  # as the playbook of these offers


def read(text: str) -> Service:
    """The service of a text; BadInput with everything that is wrong."""
    found = check_service(text)
    if isinstance(found, tuple):
        raise BadInput(Sentence("This service can't be used.", "这项服务不能使用。"), found)
    return found


def set_service(conn: Conn, text: str, stores: Collection[str], by: str, now: datetime) -> Service:
    """Keep a service. What is booked stays booked, also where hours or places get fewer. `stores`:
    those that there are. Audited."""
    service = read(text)
    strange = [store for store in service.stores if store not in stores]
    if strange:
        listed = ", ".join(sorted(stores)) or "–"
        raise BadInput(
            Sentence("This service can't be used.", "这项服务不能使用。"),
            tuple(
                Problem(
                    f"stores.{store}",
                    Sentence(
                        f"there is no such store; known are {listed}",
                        f"没有这家门店；已有 {listed}",
                    ),
                )
                for store in strange
            ),
        )
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
