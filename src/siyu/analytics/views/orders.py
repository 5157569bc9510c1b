"""Orders for people: found, listed newest first, and one with all that hangs on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from siyu.analytics.views import masked, parcels
from siyu.analytics.views.parcels import Parcel
from siyu.commerce.model import OrderState
from siyu.kernel.sql import SCAN, Conn, Row, load
from siyu.staff.model import Scope
from siyu.vault.model import Keys

SQL = load("siyu.analytics")
# A scope of at most so many customers is asked customer by customer, which finds the few orders of
# a guide at once; a larger one is dense enough to be met along all orders.
ONE_BY_ONE = 5_000

Pair = tuple[str, str]


class Wanted(NamedTuple):
    """Which orders a list shows; what is empty does not filter. The period is that of paying."""

    shop: str = ""
    state: OrderState | None = None
    since: datetime | None = None
    until: datetime | None = None
    customer: int | None = None


class Promised(NamedTuple):
    """Something that was promised for an order, and what became of it."""

    id: int
    offer: str
    title: Mapping[str, str]
    state: str
    given_sku: str | None
    reason: str
    promised_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Order:
    """An order as a list shows it. No customer: a guest's."""

    id: int
    shop: str
    order_no: str
    customer_id: int | None
    buyer: str
    state: OrderState
    paid_at: datetime
    total_minor: int
    refunded_minor: int
    currency: str
    parcels: list[Parcel]
    promises: list[Promised]


class Item(NamedTuple):
    """What was bought on one line."""

    line: int
    sku: str
    title: str
    category: str
    quantity: int
    unit_minor: int
    amount_minor: int


class Refund(NamedTuple):
    """What was given back. `whole`: the order was cancelled; `named`: the refund names the order,
    else it was matched to it."""

    refund_no: str
    line: int
    whole: bool
    sku: str
    quantity: int
    amount_minor: int
    currency: str
    refunded_at: datetime
    named: bool


class Visit(NamedTuple):
    """A visit that the order began or joined."""

    id: int
    journey: str
    version: int
    node: str
    state: int
    due_at: datetime | None
    entered_at: datetime
    ended_at: datetime | None
    outcome: str
    held_out: bool


class Touch(NamedTuple):
    """A touch about the order, sent or not, in short."""

    id: int
    journey: str
    step: str
    channel: str
    state: str
    reason: str
    wished_at: datetime
    sent_at: datetime | None
    outcome: str


@dataclass(frozen=True)
class Whole:
    """One order with all that hangs on it."""

    order: Order
    items: list[Item]
    refunds: list[Refund]
    visits: list[Visit]
    touches: list[Touch]


def page(
    conn: Conn, keys: Keys, scope: Scope, wanted: Wanted, before: int, limit: int
) -> tuple[list[Order], int]:
    """Orders behind a row (0: from the latest), newest first; and the last row looked at."""
    params = {
        "scope": scope.codes,
        "shop": wanted.shop,
        "state": wanted.state or "",
        "since": wanted.since,
        "until": wanted.until,
        "customer": wanted.customer,
        "before": before or None,
        "scan": SCAN,
        "limit": limit,
    }
    end = ""
    if wanted.customer is not None or (scope.codes is not None and not _many(conn, scope)):
        found = SQL.orders_of
    elif wanted.shop:
        found, end = SQL.orders_by_shop, SQL.orders_by_shop_end
    else:
        found, end = SQL.orders_by_time, SQL.orders_by_time_end
    ids = [int(row[0]) for row in conn.fetch(found, params)]
    last = ids[-1] if ids else before
    if end and len(ids) < limit:
        rows = conn.fetch(end, params)
        last = int(rows[0][0]) if rows else before
    return rows_of(conn, keys, ids), last


def _many(conn: Conn, scope: Scope) -> bool:
    params = {"scope": scope.codes, "most": ONE_BY_ONE}
    return bool(conn.fetch(SQL.serves_more, params)[0][0])


def named(
    conn: Conn, keys: Keys, scope: Scope, order_no: str, shop: str = "", limit: int = 100
) -> list[Order]:
    """The orders of this number, in whichever shop; several shops may use the same."""
    params = {"order_no": order_no, "shop": shop, "scope": scope.codes}
    ids = [int(row[0]) for row in conn.fetch(SQL.orders_named, params)]
    return rows_of(conn, keys, ids[:limit])


def one(conn: Conn, keys: Keys, scope: Scope, number: int) -> Whole | None:
    """An order of somebody whom the scope may see; None: there is none such."""
    params: dict[str, object] = {"id": number, "scope": scope.codes}
    if not conn.fetch(SQL.order_seen, params):
        return None
    (order,) = rows_of(conn, keys, [number])
    about = {"shop": order.shop, "order_no": order.order_no, "customer": order.customer_id}
    visits = [Visit(*row) for row in conn.fetch(SQL.order_visits, about)]
    touches = conn.fetch(SQL.order_touches, {**about, "visits": [visit.id for visit in visits]})
    return Whole(
        order,
        [Item(*row) for row in conn.fetch(SQL.order_items, params)],
        [Refund(*row) for row in conn.fetch(SQL.order_refunds, params)],
        visits,
        [Touch(*row) for row in touches],
    )


def rows_of(conn: Conn, keys: Keys, ids: Sequence[int]) -> list[Order]:
    """These orders, newest first, with their parcels and promises; buyers masked."""
    rows = conn.fetch(SQL.order_rows, {"ids": list(ids)}) if ids else []
    names = masked.names(conn, keys, (row[3] for row in rows if row[3] is not None))
    pairs = {"shops": [row[1] for row in rows], "order_nos": [row[2] for row in rows]}
    carrying = _parcels(conn, keys, pairs) if rows else {}
    promised: dict[Pair, list[Promised]] = {}
    for shop, order_no, number, offer, title, *rest in (
        conn.fetch(SQL.promises_for, pairs) if rows else ()
    ):
        kept = Promised(number, offer, title or {}, *rest)
        promised.setdefault((shop, order_no), []).append(kept)
    found: list[Order] = []
    for row in rows:
        pair = row[1], row[2]
        hung = carrying.get(pair, []), promised.get(pair, [])
        shown: Row = (*row[:4], names.get(row[3], ""), *row[4:], *hung)
        found.append(Order(*shown))
    return found


def _parcels(conn: Conn, keys: Keys, pairs: Mapping[str, object]) -> dict[Pair, list[Parcel]]:
    rows = conn.fetch(SQL.parcels_with, pairs)
    shown = {one.id: one for one in parcels.rows_of(conn, keys, sorted({row[2] for row in rows}))}
    found: dict[Pair, list[Parcel]] = {}
    for shop, order_no, number in rows:
        found.setdefault((shop, order_no), []).append(shown[number])
    return found
