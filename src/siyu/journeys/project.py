"""What events do to journeys: let customers in, wake visits, hold touches, unite merged customers.

An event never carries the decision. It makes visits due; the sweep reads the facts again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from siyu.commerce import views as commerce
from siyu.events.model import (
    KINDS,
    Batch,
    Event,
    Kind,
    OrderPaid,
    ParcelPlanned,
    Projection,
    survivors,
)
from siyu.journeys import actions, views
from siyu.journeys.actions.entry import Open, came_in, let_in
from siyu.journeys.decide import Candidate, United, Walk, unite
from siyu.journeys.model import Facts, Journey, Order
from siyu.journeys.model.enter import EnterSegment
from siyu.journeys.predicates.conditions import kinds
from siyu.journeys.views import Published
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, load
from siyu.offers import actions as offers
from siyu.outbox import actions as outbox
from siyu.outbox.model import named_touches
from siyu.segments.model import Family, Form
from siyu.tasks import actions as tasks

SQL = load("siyu.journeys")
NOWHERE = ZoneInfo("UTC")  # no rule of entry asks for the hour
Pair = tuple[str, str]


def waking(ids: PublicIds) -> Projection:
    """Right behind identities, before any other room has locked a row that a sweep may wait for:
    visits, then their touches, then all the rest, as a sweep locks them. `ids` reads the tokens
    that providers give back."""

    def project(conn: Conn, batch: Batch, now: datetime) -> None:
        _wake(conn, ids, batch, now)
        _limit(conn, batch)

    return Projection("journeys", frozenset(KINDS), project)


def projection(families: Sequence[Family]) -> Projection:
    """Last of all. Journeys listen to everything: any kind may let somebody in."""

    def project(conn: Conn, batch: Batch, now: datetime) -> None:
        listening = views.published(conn, families)
        pairs = {pair for event in batch.events for pair in _named(event)}
        orders = commerce.orders(conn, sorted(pairs)) if pairs else {}
        if batch.splits:
            _part(conn, batch, listening, now)
        if batch.merges:
            _merge(conn, batch, listening, now)
        _enter(conn, batch, listening, orders, now)
        _meet(conn, batch, listening, orders, now)

    return Projection("journeys", frozenset(KINDS), project)


# ── Waking and holding ───────────────────────────────────────────────────────────────────────────


def _wake(conn: Conn, ids: PublicIds, batch: Batch, now: datetime) -> None:
    """First the visits, then their touches: so a sweep that holds a visit has finished wishing."""
    merged = {who for one in batch.merges for who in (one.loser, one.winner)} | set(batch.parted)
    merged |= _claimants(batch)
    heard, orders = _heard(batch)
    heard |= {(who, "customer.identified") for who in merged}
    touches = named_touches(ids, batch)
    told = {(touches[event.id], event.kind) for event in batch.events if event.id in touches}
    if not (heard or orders or told):
        return
    params = {
        **_columns(("customers", "kinds"), heard),
        **_columns(("shops", "order_nos", "order_kinds"), orders),
        **_columns(("touches", "touch_kinds"), told),
    }
    rows = conn.fetch(SQL.wake, {**params, "merged": sorted(merged), "now": now})
    may_end = [visit_id for visit_id, ends in rows if ends]
    outbox.hold(conn, may_end, list(touches.values()))


def _claimants(batch: Batch) -> set[int]:
    """Who names an order as theirs: a guest's may come to them, of which commerce, which comes
    later, knows. As after a merge, whatever they wait for may be true now."""
    naming = (
        event.id
        for event in batch.events
        if event.kind != "order.paid" and any(key.kind == "order" for key in event.keys)
    )
    return {batch.customer[id_] for id_ in naming if id_ in batch.customer} - batch.newcomers


def _heard(batch: Batch) -> tuple[set[tuple[int, Kind]], set[tuple[str, str, Kind]]]:
    """Who is spoken of, each with the kind: by their keys, or by an order that comes in the same
    batch and is not written down yet. And the orders that are named, which may be somebody's: not
    those that a known buyer pays, since they are theirs or nothing has changed.
    """
    buyers = {
        (data.shop, data.order_no): batch.customer[event.id]
        for event, data in batch.of(OrderPaid)
        if event.id in batch.customer
    }
    heard: set[tuple[int, Kind]] = set()
    orders: set[tuple[str, str, Kind]] = set()
    for event in batch.events:
        pairs = _named(event)
        subjects = {batch.customer.get(event.id), *map(buyers.get, pairs)} - batch.newcomers
        heard |= {(subject, event.kind) for subject in subjects if subject is not None}
        if event.kind != "order.paid" or event.id not in batch.customer:
            orders |= {(*pair, event.kind) for pair in pairs}
    return heard, orders


def _columns(names: Sequence[str], rows: Collection[tuple[int | str, ...]]) -> dict[str, object]:
    ordered = sorted(rows)
    return {name: [row[place] for row in ordered] for place, name in enumerate(names)}


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
    open_ = [one for one in listening if one.journey.entry_kind in heard]
    if not open_:
        return
    told = _by_door(batch)
    events = {one.id: told.get(one.journey.door, []) for one in open_}
    fresh = [event for found in events.values() for event in found if not event.backfill]
    customers = sorted({batch.customer[e.id] for e in fresh if e.id in batch.customer})
    true = views.truths(conn, [t for one in open_ for t in one.journey.ends], customers, now)
    doors: list[Open] = []
    for one in open_:
        if not events[one.id]:
            continue
        late = _overtaken(batch, one.journey)
        candidates = [_candidate(batch, event, true, orders, late) for event in events[one.id]]
        doors.append(Open(*one, candidates))
    let_in(conn, doors, now, strangers=batch.newcomers)


def _by_door(batch: Batch) -> Mapping[tuple[Kind, str], list[Event]]:
    """The events as journeys listen for them, in the order of their facts: gone through once,
    however many journeys there are."""
    found: dict[tuple[Kind, str], list[Event]] = {}
    for event in batch.events:
        found.setdefault((event.kind, getattr(event.data, "segment", "")), []).append(event)
    return found


def _overtaken(batch: Batch, journey: Journey) -> dict[int, tuple[datetime, str, str]]:
    """Per customer the latest event of the batch that may have ended a visit.

    The facts are those after the whole batch. An order that came before such an event enters all
    the same, as it would have done alone; the sweep then ends the visit before it says a word.
    """
    ending = kinds(journey.ends) - {journey.entry_kind}
    latest: dict[int, tuple[datetime, str, str]] = {}
    if not ending & batch.kinds:
        return latest
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


def _meet(
    conn: Conn,
    batch: Batch,
    listening: Sequence[Published],
    orders: Mapping[Pair, commerce.OrderFact],
    now: datetime,
) -> None:
    """Who has come into a set that a journey takes its people from, by what the batch says."""
    doors: list[Open] = []
    moved = {one.id: people for one in listening if (people := _moved(batch, one.journey, orders))}
    if not moved:
        return
    looked = dict(conn.fetch(SQL.watched, {"journeys": sorted(moved)}))
    for one in listening:
        entry, far = one.journey.enter, looked.get(one.id, 0)
        people = {id_: event for id_, event in moved.get(one.id, {}).items() if id_ <= far}
        if not isinstance(entry, EnterSegment) or not people:
            continue
        inside = came_in(conn, one.id, entry.segment, people, now)
        true = views.truths(conn, one.journey.ends, inside, now)
        found = [_newcomer(batch, id_, people[id_], true) for id_ in inside]
        doors += [Open(*one, found)] if found else []
    if doors:
        let_in(conn, doors, now, strangers=batch.newcomers)


def _moved(
    batch: Batch, journey: Journey, orders: Mapping[Pair, commerce.OrderFact]
) -> dict[int, Event]:
    """Those whom the batch may have brought into the journey's set, each with the latest event
    that says so: by a kind that its conditions listen to, by a merge, a split, or being new."""
    if not isinstance(journey.enter, EnterSegment):
        return {}
    wanted = kinds([journey.enter.segment])
    by_id = {event.id: event for event in batch.events}
    people = {id_: by_id[event] for id_, event in batch.new_customers.items()}
    people |= {who: by_id[one.event_id] for one in batch.splits for who in (one.before, one.after)}
    people |= {merge.winner: by_id[merge.event_id] for merge in batch.merges}
    for event in batch.events:
        if event.kind in wanted:
            subjects = {batch.customer.get(event.id)}
            subjects |= {orders[pair].customer_id for pair in _named(event) if pair in orders}
            people |= {subject: event for subject in subjects if subject is not None}
    gone = {merge.loser for merge in batch.merges}
    return {id_: event for id_, event in people.items() if id_ not in gone}


def _newcomer(
    batch: Batch, customer_id: int, event: Event, true: Mapping[int, frozenset[Form]]
) -> Candidate:
    return Candidate(
        event_id=None,
        customer_id=customer_id,
        identity_id=batch.identity.get(event.id),
        occurred_at=event.occurred_at,
        backfill=event.backfill,
        key=f"set/{event.source}/{event.source_id}",
        shop="",
        order_no="",
        facts=Facts(NOWHERE, "", true=true[customer_id]),
        cause=f"came into the set by event {event.id}",
    )


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
    conn.execute(SQL.part_causes, {"customers": batch.parted})
    conn.execute(SQL.part_waved, {"customers": batch.parted})
    if any(isinstance(one.journey.enter, EnterSegment) for one in listening):
        conn.execute(SQL.part_members, batch.moved)
    actions.note(conn, [(visit, "", "split off with its customer") for visit, *_ in moved], now)
    _one_each(conn, {}, set(batch.parted), listening, now)


def _merge(conn: Conn, batch: Batch, listening: Sequence[Published], now: datetime) -> None:
    winners = survivors((merge.loser, merge.winner) for merge in batch.merges)
    losers = sorted(winners)
    names = {"losers": losers, "winners": [winners[loser] for loser in losers]}
    conn.execute(SQL.rename_entries, names)
    conn.execute(SQL.unite_waved, names)
    if any(isinstance(one.journey.enter, EnterSegment) for one in listening):
        conn.execute(SQL.unite_members, names)
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
    conn.execute(SQL.hand_over_goals, {"ids": ids, "into": into})
    actions.note(conn, [(one.id, "", f"merged into visit {one.into}") for one in ended], now)
    outbox.withdraw(conn, ids, "merged", now)
