"""What a batch of visits is decided on: a fixed number of statements, however many visits."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime

from siyu.customers import views as customers
from siyu.journeys import views
from siyu.journeys.model import Facts, Journey, Order, Visit
from siyu.kernel.calendar import Yearly
from siyu.kernel.sql import Conn, load
from siyu.outbox import views as outbox
from siyu.segments.model import Family

SQL = load("siyu.journeys")
NO_DATES: Mapping[str, Yearly] = {}
KEPT = 256  # versions that a process remembers at most
Versions = MutableMapping[tuple[int, int], Journey]
Journeys = Mapping[tuple[int, int], Journey]  # by journey and version


def journeys(
    conn: Conn, families: Sequence[Family], kept: Versions, visits: Iterable[Visit]
) -> Journeys:
    """The versions that these visits walk on, as far as this release can read them.

    A version never changes, so one that was read once is kept and not asked for again.
    """
    wanted = {(visit.journey_id, visit.version) for visit in visits}
    found = {key: journey for key in wanted if (journey := kept.get(key)) is not None}
    unknown = sorted(wanted - found.keys())
    if not unknown:
        return found
    params = {"journeys": [id_ for id_, _ in unknown], "versions": [one for _, one in unknown]}
    for journey_id, version, text in conn.fetch(SQL.versions, params):
        journey = views.read(text, families)
        if journey is not None:
            found[journey_id, version] = journey
    if len(kept) + len(unknown) > KEPT:
        kept.clear()
    kept.update(found)
    return found


def known(
    conn: Conn, journeys: Journeys, visits: Sequence[Visit], ours: Facts, now: datetime
) -> dict[int, Facts]:
    """The facts of each visit: `ours`, which all share, and its own.

    Who has just entered has no touches and no promises to ask for.
    """
    walked = [visit for visit in visits if not _fresh(journeys, visit)]
    orders, promises = _orders(conn, visits, {visit.id for visit in walked})
    touches = outbox.last(conn, [visit.id for visit in walked])
    trees = [tree for key in sorted(journeys) for tree in journeys[key].conditions]
    true = views.truths(conn, trees, {visit.customer_id for visit in visits}, now)
    dates, born = _dates(conn, journeys, visits), _born(conn, journeys, visits)
    return {
        visit.id: Facts(
            ours.zone,
            ours.locale,
            orders.get(visit.id, ()),
            {fact.node: fact for fact in touches.get(visit.id, ())},
            true[visit.customer_id],
            dates.get(visit.customer_id, NO_DATES),
            promises.get(visit.id),
            born.get(visit.customer_id),
        )
        for visit in visits
    }


def _dates(conn: Conn, journeys: Journeys, visits: Sequence[Visit]) -> dict[int, dict[str, Yearly]]:
    """The dates that these journeys ask for: no statement where none does."""
    names = {name for journey in journeys.values() for name in journey.dates}
    return customers.dates(conn, {visit.customer_id for visit in visits}, names) if names else {}


def _born(conn: Conn, journeys: Journeys, visits: Sequence[Visit]) -> dict[int, str]:
    """When youngest children were born: no statement where no journey asks for it."""
    asked = any(journey.of_child for journey in journeys.values())
    return customers.youngest(conn, {visit.customer_id for visit in visits}) if asked else {}


def _fresh(journeys: Journeys, visit: Visit) -> bool:
    journey = journeys.get((visit.journey_id, visit.version))
    begins = journey is not None and visit.round == 0 and visit.node == journey.first
    return begins and not visit.vars


def _orders(
    conn: Conn, visits: Sequence[Visit], walked: Container[int]
) -> tuple[dict[int, tuple[Order, ...]], dict[int, int]]:
    """The orders of each visit, its own first; and the latest promise of each that has walked."""
    own = {visit.id: (visit.shop, visit.order_no) for visit in visits}
    people = [visit.customer_id if visit.id in walked else None for visit in visits]
    params = {"ids": [visit.id for visit in visits], "customers": people}
    orders: dict[int, tuple[Order, ...]] = {}
    promises: dict[int, int] = {}
    for row in conn.fetch(SQL.orders_and_promises, params):
        visit_id, promise, shop, order_no, _, _ = row
        if promise is not None:
            promises[visit_id] = promise
        if order_no is not None:
            one, others = Order(*row[2:]), orders.get(visit_id, ())
            first = (shop, order_no) == own[visit_id]
            orders[visit_id] = (one, *others) if first else (*others, one)
    return orders, promises
