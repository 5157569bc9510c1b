"""Facts of the shops from events. Whatever comes first, the same rows result.

Each statement runs only when there is something for it to do, and takes the whole batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from siyu.commerce import decide
from siyu.commerce.actions import sizes
from siyu.commerce.model import (
    Bought,
    Loose,
    Pair,
    Payment,
    Taken,
    Warehouse,
)
from siyu.commerce.model.payments import Came, Unmet
from siyu.customers import actions as customers
from siyu.customers.model import Stage
from siyu.events import actions as events
from siyu.events.model import (
    EVERY_KIND,
    Batch,
    Event,
    OrderCorrected,
    OrderItemised,
    OrderPaid,
    ParcelPlanned,
    Projection,
)
from siyu.kernel.sql import Conn, Row, load

SQL = load("siyu.commerce")


@dataclass
class _Changed:
    """What the batch touched: its refunds are settled anew at the end."""

    pairs: set[Pair] = field(default_factory=set[Pair])
    orders: set[int] = field(default_factory=set[int])
    customers: set[int] = field(default_factory=set[int])


def project(conn: Conn, batch: Batch, now: datetime) -> None:
    """Rows first, then splits and merges, then what refunds take from the orders there are."""
    changed = _Changed()
    houses = _warehouses(conn, batch)
    written = _orders(conn, batch, changed)
    _itemised(conn, batch, changed)
    _own_plans(conn, batch, houses, written, now)
    _refunds(conn, [*decide.refunds(batch), *decide.cancellations(batch)], changed)
    _corrections(conn, batch)
    _payments(conn, batch)
    sizes.hear(conn, batch)
    _parcels(conn, batch, houses)
    if batch.splits:
        _part(conn, batch, changed)
    _merge(conn, batch, changed)
    _claim(conn, batch, written, changed)
    _settle(conn, changed)


def _orders(conn: Conn, batch: Batch, changed: _Changed) -> set[int]:
    """Writes orders with their lines; the events that were written."""
    paid = decide.latest(batch.of(OrderPaid), lambda data: (data.shop, data.order_no))
    if not paid:
        return set()
    rows = conn.fetch(SQL.pay, _columns(batch, paid))
    ids = _ids(rows)
    before = [one for one in paid if (one[1].shop, one[1].order_no) not in ids]
    again = conn.fetch(SQL.pay_again, _columns(batch, before)) if before else []
    ids |= _ids(again)
    told_anew = sorted(order_id for order_id, *_ in again)
    apart = {order_id for order_id, *_, itemised in (*rows, *again) if itemised}
    if told_anew:
        conn.execute(SQL.drop_items, {"orders": told_anew})
        changed.orders |= set(told_anew)
        takers = conn.fetch(SQL.takers, {"orders": told_anew})
        changed.customers |= {row[0] for row in takers}
    written = [
        (ids[data.shop, data.order_no], event, data)
        for event, data in paid
        if (data.shop, data.order_no) in ids
    ]
    _items(conn, [one for one in written if one[0] not in apart])
    if apart:
        conn.execute(SQL.itemise, {"orders": sorted(apart)})
    changed.pairs |= set(ids)
    return {event.id for _, event, _ in written}


def _columns(batch: Batch, paid: Sequence[tuple[Event, OrderPaid]]) -> dict[str, object]:
    owners = [batch.customer.get(event.id) for event, _ in paid]
    return {
        "shops": [data.shop for _, data in paid],
        "order_nos": [data.order_no for _, data in paid],
        "identities": [batch.identity.get(event.id) for event, _ in paid],
        "customers": owners,
        "pointers": [
            _pointer(event) if owner is None else None
            for (event, _), owner in zip(paid, owners, strict=True)
        ],
        "ats": [event.occurred_at for event, _ in paid],
        "sources": [event.source for event, _ in paid],
        "source_ids": [event.source_id for event, _ in paid],
        "currencies": [data.currency for _, data in paid],
        "totals": [data.total_minor for _, data in paid],
        "synthetic": [data.synthetic for _, data in paid],
        "events": [event.id for event, _ in paid],
    }


def _ids(rows: Iterable[Row]) -> dict[Pair, int]:
    return {(shop, order_no): order_id for order_id, shop, order_no, _ in rows}


def _items(conn: Conn, written: Iterable[tuple[int, Event, OrderPaid]]) -> None:
    items = [
        (
            order_id,
            place,
            line.sku,
            line.title,
            line.category,
            line.quantity,
            line.unit_minor,
            line.amount_minor,
        )
        for order_id, _, data in written
        for place, line in enumerate(data.lines, start=1)
    ]
    if items:
        conn.copy(SQL.copy_items, items)


def _itemised(conn: Conn, batch: Batch, changed: _Changed) -> None:
    """Lines that are told apart from their order."""
    told = decide.latest(batch.of(OrderItemised), lambda data: (data.shop, data.order_no))
    if not told:
        return
    rows = conn.fetch(
        SQL.tell_lines,
        {
            "shops": [data.shop for _, data in told],
            "order_nos": [data.order_no for _, data in told],
            "ats": [event.occurred_at for event, _ in told],
            "sources": [event.source for event, _ in told],
            "source_ids": [event.source_id for event, _ in told],
            "lines": [msgspec.json.encode(data.lines).decode() for _, data in told],
        },
    )
    orders = [row[0] for row in rows]
    if orders:
        conn.execute(SQL.drop_items, {"orders": orders})
        conn.execute(SQL.itemise, {"orders": orders})
        changed.orders |= set(orders)
        changed.customers |= {row[0] for row in conn.fetch(SQL.takers, {"orders": orders})}


def _pointer(event: Event) -> bytes | None:
    return next((key.hash for key in event.keys if key.kind == "order"), None)


def _refunds(conn: Conn, rows: Sequence[Taken], changed: _Changed) -> None:
    if not rows:
        return
    columns = dict(zip(Taken._fields, map(list, zip(*rows, strict=True)), strict=True))
    dropped = conn.fetch(SQL.drop_refunds, columns)
    conn.execute(SQL.refund, columns)
    changed.orders |= {order_id for order_id, _ in dropped if order_id is not None}
    changed.customers |= {customer_id for _, customer_id in dropped if customer_id is not None}
    changed.customers |= {row.customer_id for row in rows if row.customer_id is not None}
    changed.pairs |= {(row.shop, row.order_no) for row in rows if row.order_no is not None}


def _corrections(conn: Conn, batch: Batch) -> None:
    corrected = decide.latest(
        batch.of(OrderCorrected), lambda data: (data.shop, data.correction_no)
    )
    if corrected:
        conn.execute(
            SQL.correct,
            {
                "shops": [data.shop for _, data in corrected],
                "numbers": [data.correction_no for _, data in corrected],
                "amounts": [data.amount_minor for _, data in corrected],
                "currencies": [data.currency for _, data in corrected],
                "ats": [event.occurred_at for event, _ in corrected],
                "sources": [event.source for event, _ in corrected],
                "source_ids": [event.source_id for event, _ in corrected],
                "lines": [data.lines for _, data in corrected],
            },
        )


def _payments(conn: Conn, batch: Batch) -> None:
    rows = decide.payments(batch)
    if rows:
        columns = map(list, zip(*rows, strict=True))
        conn.execute(SQL.take_payments, dict(zip(Payment._fields, columns, strict=True)))
        known = sorted({row.customer_id for row in rows if row.customer_id is not None})
        _meet(conn, known)


def _meet(conn: Conn, known: Sequence[int]) -> None:
    """Payments of these customers that name no request meet those that were open then."""
    asked = [Unmet(*row) for row in conn.fetch(SQL.unmet_requests, {"customers": known})]
    if not asked:
        return
    came = [Came(*row) for row in conn.fetch(SQL.loose_payments, {"customers": known})]
    found = decide.meet(asked, came)
    if found:
        params = {"payments": list(found), "requests": list(found.values())}
        conn.execute(SQL.meet_requests, params)


def _warehouses(conn: Conn, batch: Batch) -> list[Warehouse]:
    if not batch.kinds & {"order.paid", "parcel.planned"}:
        return []
    return [Warehouse(row[0], tuple(row[1]), *row[2:9]) for row in conn.fetch(SQL.warehouses)]


def _own_plans(
    conn: Conn, batch: Batch, houses: Sequence[Warehouse], written: set[int], now: datetime
) -> None:
    """Parcels of warehouses that tell no plans: told by us, as a fact like any other. One that was
    told for an order stays, however often the order is told."""
    if not any(house.plans for house in houses):
        return
    paid = decide.latest(batch.of(OrderPaid), lambda data: (data.shop, data.order_no))
    plans = decide.own_plans([one for one in paid if one[0].id in written], houses, now)
    facts = [
        events.Own(
            plan,
            f"plan:{plan.shop}/{plan.main_order}",
            event.occurred_at,
            tuple(key for key in event.keys if key.kind == "order"),
        )
        for event, plan in plans
    ]
    if facts:
        events.own(conn, facts, now)


def _parcels(conn: Conn, batch: Batch, houses: Sequence[Warehouse]) -> None:
    planned = decide.latest(batch.of(ParcelPlanned), lambda data: (data.parcel_no,))
    _planned(conn, planned, houses)
    packed = decide.packed(batch)
    if packed:
        conn.execute(
            SQL.pack,
            {
                "numbers": [one.parcel_no for one in packed],
                "ats": [one.at for one in packed],
                "gifts": [one.gift for one in packed],
                "cards": [one.card for one in packed],
            },
        )
    shipped = decide.shipped(batch)
    if shipped:
        conn.execute(
            SQL.ship, {"numbers": sorted(shipped), "ats": [shipped[no] for no in sorted(shipped)]}
        )


def _planned(
    conn: Conn, planned: Sequence[tuple[Event, ParcelPlanned]], houses: Sequence[Warehouse]
) -> None:
    if not planned:
        return
    serving = {data.shop: decide.warehouse_of(data.shop, houses) for _, data in planned}
    codes = {shop: "" if house is None else house.code for shop, house in serving.items()}
    rows = conn.fetch(
        SQL.plan,
        {
            "numbers": [data.parcel_no for _, data in planned],
            "shops": [data.shop for _, data in planned],
            "mains": [data.main_order for _, data in planned],
            "warehouses": [data.warehouse or codes[data.shop] for _, data in planned],
            "cutoffs": [data.cutoff_at for _, data in planned],
            "ats": [event.occurred_at for event, _ in planned],
            "sources": [event.source for event, _ in planned],
            "source_ids": [event.source_id for event, _ in planned],
            "synthetic": [data.synthetic for _, data in planned],
        },
    )
    planned_anew = sorted(parcel_id for parcel_id, _, new in rows if not new)
    if planned_anew:
        conn.execute(SQL.unload, {"parcels": planned_anew})
    ids = {parcel_no: parcel_id for parcel_id, parcel_no, _ in rows}
    loads = [
        (ids[data.parcel_no], data.shop, order_no)
        for _, data in planned
        if data.parcel_no in ids
        for order_no in dict.fromkeys(data.orders)
    ]
    if loads:
        parcels, shops, order_nos = map(list, zip(*loads, strict=True))
        conn.execute(SQL.load, {"parcels": parcels, "shops": shops, "order_nos": order_nos})


def _part(conn: Conn, batch: Batch, changed: _Changed) -> None:
    """Orders go with the key that they came by, refunds with their orders or their own key."""
    conn.execute(SQL.part, batch.moved)
    changed.customers |= set(batch.parted)
    buyers = conn.fetch(SQL.buyers, {"customers": batch.parted})
    customers.advance(conn, dict.fromkeys((row[0] for row in buyers), Stage.ACT))


def _merge(conn: Conn, batch: Batch, changed: _Changed) -> None:
    if batch.merges:
        losers = [merge.loser for merge in batch.merges]
        winners = [merge.winner for merge in batch.merges]
        conn.execute(SQL.merge, {"losers": losers, "winners": winners})
        changed.customers |= set(winners)


def _claim(conn: Conn, batch: Batch, written: set[int], changed: _Changed) -> None:
    """Orders of guests whose number has come to somebody; an order just written is none of them."""
    naming = [
        (event.id, key.hash)
        for event in batch.events
        if event.id not in written and event.id in batch.customer
        for key in event.keys
        if key.kind == "order"
    ]
    pointers = {pointer for _, pointer in naming}
    if not pointers:
        return
    rows = conn.fetch(SQL.claim, {"pointers": sorted(pointers)})
    changed.orders |= {order_id for order_id, _ in rows}
    owners = {customer_id for _, customer_id in rows}
    changed.customers |= owners
    by = {batch.customer[event]: event for event, _ in naming}
    batch.claimed |= {owner: by[owner] for owner in owners & by.keys()}
    customers.advance(conn, dict.fromkeys(owners, Stage.ACT))


def _settle(conn: Conn, changed: _Changed) -> None:
    """Whatever the batch touched takes its refunds anew, computed from all of them."""
    if not (changed.pairs or changed.orders or changed.customers):
        return
    pairs = sorted(changed.pairs)
    rows = conn.fetch(
        SQL.affected,
        {
            "shops": [shop for shop, _ in pairs],
            "order_nos": [order_no for _, order_no in pairs],
            "orders": sorted(changed.orders),
            "customers": sorted(changed.customers),
        },
    )
    named = sorted(number for is_order, number in rows if is_order)
    if named:
        conn.execute(SQL.link, {"orders": named})
    if changed.orders or named:
        conn.execute(SQL.settle, {"orders": sorted({*changed.orders, *named})})
    moved = _match(conn, sorted(number for is_order, number in rows if not is_order))
    if moved:
        conn.execute(SQL.settle, {"orders": moved})


def _match(conn: Conn, owners: list[int]) -> list[int]:
    """Refunds of these customers that name no order find theirs; the orders that this changed."""
    if not owners:
        return []
    loose = [Loose(*row) for row in conn.fetch(SQL.loose, {"customers": owners})]
    bought = [Bought(*row) for row in conn.fetch(SQL.bought, {"customers": owners})]
    found = decide.match(bought, loose)
    moves = sorted(
        (one.id, found[one.id], one.order_id)
        for one in loose
        if found[one.id] != (one.order_id, one.matched_line)
    )
    if moves:
        conn.execute(
            SQL.match,
            {
                "refunds": [refund for refund, _, _ in moves],
                "orders": [place[0] for _, place, _ in moves],
                "lines": [place[1] for _, place, _ in moves],
            },
        )
    touched = {order for _, place, before in moves for order in (place[0], before)}
    return sorted(order for order in touched if order is not None)


PROJECTION = Projection("commerce", EVERY_KIND, project)
