"""What events do to journeys: let customers in, wake visits, hold touches, unite merged customers.

An event never carries the decision. It makes visits due; the sweep reads the facts again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from siyu.acquisition import views as acquisition
from siyu.acquisition.model import Source
from siyu.commerce import views as commerce
from siyu.events.model import KINDS, Batch, Event, Kind, OrderPaid, ParcelPlanned, Projection
from siyu.journeys import actions, views
from siyu.journeys.actions import Entrant, Start
from siyu.journeys.decide import Candidate, Entry, Known, United, Walk, enter, survivors, unite
from siyu.journeys.model import Facts, Journey, Order
from siyu.journeys.predicates.conditions import kinds
from siyu.journeys.views import Published
from siyu.kernel.sql import Conn, load
from siyu.offers import actions as offers
from siyu.outbox import actions as outbox
from siyu.segments.model import Family, Form
from siyu.tasks import actions as tasks

SQL = load("siyu.journeys")
NOWHERE = ZoneInfo("UTC")  # no rule of entry asks for the hour
Pair = tuple[str, str]


def projection(families: Sequence[Family]) -> Projection:
    """Journeys listen to everything: any kind may let somebody in or be what a visit waits for."""

    def project(conn: Conn, batch: Batch, now: datetime) -> None:
        listening = views.published(conn, families)
        pairs = {pair for event in batch.events for pair in _named(event)}
        orders = commerce.orders(conn, sorted(pairs)) if pairs else {}
        if batch.splits:
            _part(conn, batch, listening, now)
        if batch.merges:
            _merge(conn, batch, listening, now)
        _wake(conn, batch, orders, now)
        _limit(conn, batch)
        _enter(conn, batch, listening, orders, now)

    return Projection("journeys", frozenset(KINDS), project)


# ── Waking and holding ───────────────────────────────────────────────────────────────────────────


def _wake(
    conn: Conn, batch: Batch, orders: Mapping[Pair, commerce.OrderFact], now: datetime
) -> None:
    """First the visits, then their touches: so a sweep that holds a visit has finished wishing."""
    heard: set[tuple[int, Kind]] = set()
    for event in batch.events:
        subjects = {batch.customer.get(event.id)}
        subjects |= {orders[pair].customer_id for pair in _named(event) if pair in orders}
        heard |= {(subject, event.kind) for subject in subjects if subject is not None}
    merged = sorted({merge.winner for merge in batch.merges} | set(batch.parted))
    heard |= {(winner, "customer.identified") for winner in merged}
    newcomers = batch.newcomers
    heard = {(subject, kind) for subject, kind in heard if subject not in newcomers}
    if not heard:
        return
    customers, names = zip(*sorted(heard), strict=True)
    params = {"customers": list(customers), "kinds": list(names), "merged": merged, "now": now}
    rows = conn.fetch(SQL.wake, params)
    outbox.hold(conn, [visit_id for visit_id, may_end in rows if may_end])


def _limit(conn: Conn, batch: Batch) -> None:
    """What is promised "in this parcel" is true until its cut-off. A further child of a split order
    carries no promise, so it limits none."""
    limits = [
        (planned.shop, order_no, planned.cutoff_at)
        for _, planned in batch.of(ParcelPlanned)
        if planned.main_order is not None
        for order_no in planned.orders
    ]
    outbox.limit(conn, limits)


def _named(event: Event) -> set[Pair]:
    """The orders that an event names."""
    if isinstance(event.data, ParcelPlanned):
        return {(event.data.shop, order_no) for order_no in event.data.orders}
    shop, order_no = getattr(event.data, "shop", None), getattr(event.data, "order_no", None)
    return {(shop, order_no)} if isinstance(shop, str) and isinstance(order_no, str) else set()


# ── Entries ──────────────────────────────────────────────────────────────────────────────────────


def _enter(
    conn: Conn,
    batch: Batch,
    listening: Sequence[Published],
    orders: Mapping[Pair, commerce.OrderFact],
    now: datetime,
) -> None:
    heard = batch.kinds
    open_ = [one for one in listening if one.journey.enter and one.journey.enter.on in heard]
    if not open_:
        return
    events = {one.id: _entrants(batch, one.journey) for one in open_}
    fresh = [event for found in events.values() for event in found if not event.backfill]
    customers = sorted({batch.customer[e.id] for e in fresh if e.id in batch.customer})
    true = views.truths(conn, [t for one in open_ for t in one.journey.ends], customers, now)
    known = _known(conn, open_, [one for one in customers if one not in batch.newcomers])
    sources = acquisition.sources(conn) if any(one.journey.source for one in open_) else {}
    entries: list[tuple[Published, Entry]] = []
    for one in open_:
        late = _overtaken(batch, one.journey)
        candidates = [_candidate(batch, event, true, orders, late) for event in events[one.id]]
        admitted = _admitted(conn, sources.get(one.journey.source or ""), candidates, now)
        found = enter(one.journey, candidates, known.get(one.id, []), admitted, now)
        entries += [(one, entry) for entry in found]
    _store(conn, entries, now)


def _admitted(
    conn: Conn, source: Source | None, candidates: Sequence[Candidate], now: datetime
) -> set[int]:
    """The events whose shop the journey's source covers and whose customer it admits."""
    if source is None:
        return set()
    covered = {c.event_id: c.customer_id for c in candidates if source.covers(c.shop)}
    people = {customer_id for customer_id in covered.values() if customer_id is not None}
    good = acquisition.admitted(conn, source, people, now)
    return {event_id for event_id, customer_id in covered.items() if customer_id in good}


def _entrants(batch: Batch, journey: Journey) -> list[Event]:
    wanted = journey.enter.on if journey.enter else ""
    return sorted((event for event in batch.events if event.kind == wanted), key=lambda e: e.order)


def _overtaken(batch: Batch, journey: Journey) -> dict[int, tuple[datetime, str, str]]:
    """Per customer the latest event of the batch that may have ended a visit.

    The facts are those after the whole batch. An order that came before such an event enters all
    the same, as it would have done alone; the sweep then ends the visit before it says a word.
    """
    ending = kinds(journey.ends) - {journey.enter.on if journey.enter else ""}
    latest: dict[int, tuple[datetime, str, str]] = {}
    for event in batch.events:
        customer_id = batch.customer.get(event.id)
        if customer_id is not None and event.kind in ending:
            latest[customer_id] = max(latest.get(customer_id, event.order), event.order)
    return latest


def _candidate(
    batch: Batch,
    event: Event,
    true: Mapping[int, frozenset[Form]],
    orders: Mapping[Pair, commerce.OrderFact],
    late: Mapping[int, tuple[datetime, str, str]],
) -> Candidate:
    customer_id = batch.customer.get(event.id)
    data = event.data
    shop, order_no = (data.shop, data.order_no) if isinstance(data, OrderPaid) else ("", "")
    fact = orders.get((shop, order_no))
    named = (Order(shop, order_no, fact.state if fact else ""),) if order_no else ()
    return Candidate(
        event_id=event.id,
        customer_id=customer_id,
        identity_id=batch.identity.get(event.id),
        occurred_at=event.occurred_at,
        backfill=event.backfill,
        key=f"{shop}/{order_no}" if order_no else f"{event.source}/{event.source_id}",
        shop=shop,
        order_no=order_no,
        facts=Facts(NOWHERE, "", named, true=true.get(customer_id or 0, frozenset())),
        overtaken=customer_id is not None and late.get(customer_id, event.order) > event.order,
    )


def _known(
    conn: Conn, open_: Sequence[Published], customers: Sequence[int]
) -> dict[int, list[Known]]:
    params = {"journeys": [one.id for one in open_], "customers": list(customers)}
    known: dict[int, list[Known]] = {}
    for journey_id, *rest in conn.fetch(SQL.known, params) if customers else []:
        known.setdefault(journey_id, []).append(Known(*rest))
    return known


def _store(conn: Conn, entries: Sequence[tuple[Published, Entry]], now: datetime) -> None:
    starts = [
        Start(one.id, one.version, one.journey, _entrant(entry.candidate))
        for one, entry in entries
        if entry.outcome == "enrolled"
    ]
    begun = actions.begin(conn, starts, now)
    found = [(one, entry, _visit(one, entry, begun)) for one, entry in entries]
    rows = [(one, *_settled(entry, visit_id)) for one, entry, visit_id in found]
    joined = [
        (visit_id, entry.candidate.shop, entry.candidate.order_no)
        for _, entry, visit_id in rows
        if entry.outcome == "joined" and visit_id is not None
    ]
    actions.join(conn, joined, now)
    conn.execute(
        SQL.entries,
        {
            "now": now,
            "journeys": [one.id for one, _, _ in rows],
            "events": [entry.candidate.event_id for _, entry, _ in rows],
            "shops": [entry.candidate.shop for _, entry, _ in rows],
            "order_nos": [entry.candidate.order_no for _, entry, _ in rows],
            "customers": [entry.candidate.customer_id for _, entry, _ in rows],
            "visits": [visit_id for _, _, visit_id in rows],
            "outcomes": [entry.outcome for _, entry, _ in rows],
            "reasons": [entry.reason for _, entry, _ in rows],
        },
    )


def _settled(entry: Entry, visit_id: int | None) -> tuple[Entry, int | None]:
    """Only a pilot takes customers in, and it is full."""
    if visit_id == 0:
        return entry._replace(outcome="refused", reason="pilot", visit=None), None
    return entry, visit_id


def _entrant(candidate: Candidate) -> Entrant:
    return Entrant(
        candidate.customer_id or 0,
        candidate.identity_id,
        candidate.key,
        candidate.shop,
        candidate.order_no,
    )


def _visit(one: Published, entry: Entry, begun: Mapping[tuple[int, int, str], int]) -> int | None:
    """The visit that began, or the one that was joined, perhaps begun in this very batch."""
    candidate, joined = entry.candidate, entry.visit
    if joined is not None and joined.id:
        return joined.id
    key = joined.key if joined is not None else candidate.key
    return begun.get((one.id, candidate.customer_id or 0, key))


# ── Splits and merges ────────────────────────────────────────────────────────────────────────────


def _part(conn: Conn, batch: Batch, listening: Sequence[Published], now: datetime) -> None:
    """Visits go with the key that they came by; their touches, promises and tasks go with them.

    First the visits: so a sweep that holds one has finished wishing and promising for it.
    """
    moved = conn.fetch(SQL.part, batch.moved)
    offers.follow(conn, [(visit, before, after) for visit, before, after in moved])
    outbox.follow(conn, [(visit, after) for visit, _, after in moved], batch.parted, now)
    tasks.follow(conn, batch.parted)
    conn.execute(SQL.part_orders, {"customers": batch.parted})
    conn.execute(SQL.part_entries, batch.moved)
    actions.note(conn, [(visit, "", "split off with its customer") for visit, *_ in moved], now)
    _one_each(conn, {}, set(batch.parted), listening, now)


def _merge(conn: Conn, batch: Batch, listening: Sequence[Published], now: datetime) -> None:
    winners = survivors((merge.loser, merge.winner) for merge in batch.merges)
    losers = sorted(winners)
    names = {"losers": losers, "winners": [winners[loser] for loser in losers]}
    conn.execute(SQL.rename_entries, names)
    _one_each(conn, winners, {*winners, *winners.values()}, listening, now)


def _one_each(
    conn: Conn,
    winners: Mapping[int, int],
    people: set[int],
    listening: Sequence[Published],
    now: datetime,
) -> None:
    """No customer has two visits of one key, or two under way where a journey takes one."""
    walks = [Walk(*row) for row in conn.fetch(SQL.walks, {"customers": sorted(people)})]
    many = {one.id for one in listening if one.journey.concurrent == "one per order"}
    single = {walk.journey_id for walk in walks} - many
    before = {walk.id: walk for walk in walks}
    united = [
        one
        for one in unite(walks, winners, single)
        if one.into is not None or before[one.id].customer_id != one.customer_id
    ]
    if united:
        _unite(conn, sorted(united), now)
        went = [(one.id, before[one.id].customer_id, one.customer_id) for one in united]
        offers.follow(conn, [one for one in went if one[1] != one[2]])


def _unite(conn: Conn, united: Sequence[United], now: datetime) -> None:
    conn.execute(
        SQL.unite,
        {
            "now": now,
            "ids": [one.id for one in united],
            "customers": [one.customer_id for one in united],
            "keys": [one.key for one in united],
            "into": [one.into for one in united],
        },
    )
    ended = [one for one in united if one.into is not None]
    if not ended:
        return
    ids, into = [one.id for one in ended], [one.into for one in ended]
    conn.execute(SQL.hand_over_orders, {"ids": ids, "into": into})
    actions.note(conn, [(one.id, "", f"merged into visit {one.into}") for one in ended], now)
    outbox.withdraw(conn, ids, "merged", now)
