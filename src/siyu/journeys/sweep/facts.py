"""What a batch of visits is decided on: a fixed number of statements, however many visits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from siyu.journeys import views
from siyu.journeys.model import Facts, Journey, Order, Visit
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import zone
from siyu.outbox import views as outbox
from siyu.segments.model import Family
from siyu.staff.views import brand

SQL = load("siyu.journeys")
Journeys = Mapping[tuple[int, int], Journey]  # by journey and version


def journeys(conn: Conn, families: Sequence[Family], visits: Iterable[Visit]) -> Journeys:
    """The versions that these visits walk on, as far as this release can read them."""
    wanted = sorted({(visit.journey_id, visit.version) for visit in visits})
    params = {"journeys": [id_ for id_, _ in wanted], "versions": [number for _, number in wanted]}
    read = (
        ((journey_id, version), views.read(text, families))
        for journey_id, version, text in conn.fetch(SQL.versions, params)
    )
    return {key: journey for key, journey in read if journey is not None}


def known(
    conn: Conn, journeys: Journeys, visits: Sequence[Visit], now: datetime
) -> dict[int, Facts]:
    """The facts of each visit. Who has just entered has no touches and no promises to ask for."""
    ours = brand(conn)
    walked = [visit for visit in visits if not _fresh(journeys, visit)]
    ids = [visit.id for visit in walked]
    orders = _orders(conn, visits)
    touches = outbox.last(conn, ids) if ids else {}
    params = {"ids": ids, "customers": sorted({visit.customer_id for visit in walked})}
    promises = dict(conn.fetch(SQL.promises_of, params)) if ids else {}
    trees = [tree for key in sorted(journeys) for tree in journeys[key].conditions]
    true = views.truths(conn, trees, {visit.customer_id for visit in visits}, now)
    return {
        visit.id: Facts(
            zone=zone(ours.time_zone),
            locale=ours.locale,
            orders=orders.get(visit.id, ()),
            touches={fact.node: fact for fact in touches.get(visit.id, ())},
            true=true[visit.customer_id],
            promise=promises.get(visit.id),
        )
        for visit in visits
    }


def _fresh(journeys: Journeys, visit: Visit) -> bool:
    journey = journeys.get((visit.journey_id, visit.version))
    return journey is not None and visit.round == 0 and visit.node == journey.first


def _orders(conn: Conn, visits: Sequence[Visit]) -> dict[int, tuple[Order, ...]]:
    """The orders of each visit, its own first."""
    own = {visit.id: (visit.shop, visit.order_no) for visit in visits}
    found: dict[int, list[Order]] = {}
    rows = conn.fetch(SQL.orders_of, {"ids": [visit.id for visit in visits]})
    for visit_id, *order in rows:
        found.setdefault(visit_id, []).append(Order(*order))
    return {
        visit_id: tuple(sorted(orders, key=lambda one: (one.shop, one.order_no) != own[visit_id]))
        for visit_id, orders in found.items()
    }
