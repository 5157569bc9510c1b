"""What the shops have told, as it stands now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from siyu.commerce.model import (
    Brought,
    Held,
    Import,
    ImportDone,
    Item,
    OrderFact,
    Pair,
    ParcelFact,
    Shop,
    TakenByStaff,
    Totals,
    Unmatched,
    Upload,
    UploadProgress,
    UploadState,
    Warehouse,
)
from siyu.commerce.model.payments import Request
from siyu.commerce.model.sizes import Size, SizeInvitation
from siyu.kernel.sql import Conn, load
from siyu.staff.model import Scope

SQL = load("siyu.commerce")
EVERYBODYS = Scope()


def shops(conn: Conn) -> dict[str, Shop]:
    """All shops by code."""
    return {row[0]: Shop(*row) for row in conn.fetch(SQL.shops)}


def warehouses(conn: Conn) -> list[Warehouse]:
    """All warehouses whose figures are set, by code."""
    return [Warehouse(row[0], tuple(row[1]), *row[2:9]) for row in conn.fetch(SQL.warehouses)]


def held(conn: Conn) -> list[Held]:
    """The last count of goods of each place."""
    return [Held(*row) for row in conn.fetch(SQL.held)]


def sizes(
    conn: Conn,
    now: datetime,
    *,
    few: int,
    place: str = "",
    style: str = "",
    left_over: bool = False,
    limit: int = 5_000,
) -> list[Size]:
    """What is left by style, place and size; `few`: so many sizes left are broken sizes."""
    params = {"few": few, "place": place, "style": style, "left_over": left_over}
    return [Size(*row) for row in conn.fetch(SQL.sizes, {**params, "now": now, "limit": limit})]


def invitations(
    conn: Conn, states: Sequence[str], style: str, now: datetime, limit: int = 1_000
) -> list[SizeInvitation]:
    """Who is invited to a left-over size now, and who waits and why; by worth."""
    params = {"states": list(states), "style": style, "now": now, "limit": limit}
    return [SizeInvitation(*row) for row in conn.fetch(SQL.size_invitations, params)]


def orders(conn: Conn, pairs: Iterable[Pair]) -> dict[Pair, OrderFact]:
    """Orders by (shop, number); unknown ones are missing."""
    rows = conn.fetch(SQL.orders, _columns(pairs))
    return {(row[0], row[1]): OrderFact(*row[2:]) for row in rows}


def parcels_of(conn: Conn, pairs: Iterable[Pair]) -> dict[Pair, ParcelFact]:
    """The parcel that each order travels in (of several, the main one), once it is planned."""
    rows = conn.fetch(SQL.parcels_of, _columns(pairs))
    return {(row[0], row[1]): ParcelFact(*row[2:]) for row in rows}


def of_customer(conn: Conn, customer_id: int) -> dict[Pair, OrderFact]:
    """All orders of a customer, the latest first."""
    rows = conn.fetch(SQL.of_customer, {"customer_id": customer_id})
    return {(row[0], row[1]): OrderFact(*row[2:]) for row in rows}


def last_shops(conn: Conn, customer_ids: Iterable[int]) -> dict[int, str]:
    """Customer → code of the shop where they bought last; who never bought is missing."""
    rows = conn.fetch(SQL.last_shops, {"customers": sorted(set(customer_ids))})
    return {customer_id: shop for customer_id, shop in rows}  # noqa: C416 - untyped rows end here


def payments(
    conn: Conn, since: datetime, until: datetime, zone: ZoneInfo, scope: Scope = EVERYBODYS
) -> list[TakenByStaff]:
    """What each of us was paid in chats from `since` on and before `until`, by day of the zone; of
    those whom the scope holds."""
    params = {"since": since, "until": until, "zone": str(zone), "scope": scope.codes}
    return [TakenByStaff(*row) for row in conn.fetch(SQL.payments, params)]


def requests(
    conn: Conn,
    scope: Scope = EVERYBODYS,
    *,
    number: int | None = None,
    staff: str = "",
    customer: int | None = None,
    limit: int = 1000,
) -> list[Request]:
    """What customers were asked to pay in chats by those whom the scope holds, the newest first."""
    params = {"scope": scope.codes, "id": number, "staff": staff, "customer": customer}
    return [Request(*row) for row in conn.fetch(SQL.requests, {**params, "limit": limit})]


def items(conn: Conn, order_ids: Sequence[int]) -> dict[int, list[Item]]:
    """What was bought by each of these orders, line by line."""
    found: dict[int, list[Item]] = {}
    for order, *line in conn.fetch(SQL.items, {"orders": sorted(set(order_ids))}):
        found.setdefault(order, []).append(Item(*line))
    return found


def totals(conn: Conn) -> list[Totals]:
    """The books, one line per currency."""
    return [Totals(*row) for row in conn.fetch(SQL.totals)]


def unmatched_refunds(conn: Conn) -> list[Unmatched]:
    """Refunds that take from no order, one line per currency."""
    return [Unmatched(*row) for row in conn.fetch(SQL.unmatched)]


def imports(conn: Conn, limit: int = 100) -> list[Import]:
    """Files that were, or are being, brought in; the latest first."""
    rows = conn.fetch(SQL.imports, {"limit": limit})
    return [Import(*row[:9], done=ImportDone(*row[9:])) for row in rows]


def uploads(conn: Conn, before: int | None, limit: int) -> list[Upload]:
    """Files that were put here with an id below `before`, the latest first."""
    return _uploads(conn, None, before, limit)


def upload(conn: Conn, upload_id: int) -> Upload | None:
    """One of them."""
    return next(iter(_uploads(conn, [upload_id], None, 1)), None)


def due_upload(conn: Conn, states: Sequence[UploadState]) -> Upload | None:
    """The one whose turn it is."""
    rows = conn.fetch(SQL.due_upload, {"states": list(states)})
    return upload(conn, rows[0][0]) if rows else None


def old_uploads(conn: Conn, ids: Sequence[int], before: datetime) -> list[int]:
    """Those of these that nobody has touched since then, or that nobody knows."""
    rows = conn.fetch(SQL.old_uploads, {"ids": list(ids), "before": before})
    return [row[0] for row in rows]


def own_mappings(conn: Conn) -> list[dict[str, Any]]:
    """How files were read that have come in."""
    return [row[0] for row in conn.fetch(SQL.own_mappings)]


def brought(conn: Conn, before: int | None, limit: int) -> list[Brought]:
    """Files that were brought in, by page or by command, the latest first."""
    return [Brought(*row) for row in conn.fetch(SQL.brought, {"before": before, "limit": limit})]


def _uploads(conn: Conn, ids: list[int] | None, before: int | None, limit: int) -> list[Upload]:
    rows = conn.fetch(SQL.uploads, {"ids": ids, "before": before, "limit": limit})
    return [Upload(*row[:19], progress=UploadProgress(*row[19:])) for row in rows]


def _columns(pairs: Iterable[Pair]) -> dict[str, object]:
    wanted = sorted(set(pairs))
    return {
        "shops": [shop for shop, _ in wanted],
        "order_nos": [order_no for _, order_no in wanted],
    }
