"""What is promised, to whom, and what is left to give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from siyu.kernel.sql import Conn, load, paged
from siyu.offers.model import (
    Allotment,
    Liability,
    Offer,
    Promise,
    Reservation,
    RevokedCode,
    Stock,
)

SQL = load("siyu.offers")
MOST_OPEN = 10_000  # promises that are counted


def of_customer(conn: Conn, customer_id: int) -> list[Promise]:
    """Every promise ever made to a customer, eldest first."""
    return [Promise(*row) for row in conn.fetch(SQL.of_customer, {"customer_id": customer_id})]


def offers(conn: Conn) -> dict[str, Offer]:
    """The catalogue."""
    return {row[0]: Offer.of(row) for row in conn.fetch(SQL.offers)}


def stocks(conn: Conn) -> list[Stock]:
    """Every gift with what is left of it, by sku."""
    return [Stock(*row) for row in conn.fetch(SQL.stocks, {"most": MOST_OPEN})]


def allotments(conn: Conn) -> dict[str, list[Allotment]]:
    """What is allotted, by offer: the whole first, then its parts."""
    found: dict[str, list[Allotment]] = {}
    for row in conn.fetch(SQL.allotments):
        found.setdefault(row[0], []).append(Allotment(*row))
    return found


def by_code(conn: Conn, offer: str, code: str) -> Reservation | None:
    """The reservation that a coupon's code was given to."""
    rows = conn.fetch(SQL.by_code, {"offer": offer, "code": code})
    return reservation(conn, offer, rows[0][0]) if rows else None


def reservation(conn: Conn, offer: str, number: int) -> Reservation | None:
    """A reservation of this offer."""
    rows = conn.fetch(SQL.reservations, {"ids": [number]})
    found = Reservation(*rows[0]) if rows else None
    return found if found is not None and found.offer == offer else None


def revoked_codes(conn: Conn, offer: str, after: int, limit: int) -> list[RevokedCode]:
    """Codes above `after` that are no longer good, in the order in which they were brought in."""
    params = {"offer": offer, "after": after, "limit": limit}
    return [RevokedCode(*row) for row in conn.fetch(SQL.revoked_codes, params)]


def liabilities(conn: Conn, now: datetime) -> dict[str, Liability]:
    """What is owed of each offer, at what it costs now; an offer of which nothing is: missing."""
    rows = conn.fetch(SQL.liability, {"now": now, "most": MOST_OPEN})
    return {row[0]: Liability(*row) for row in rows}


def worth(conn: Conn, promise_ids: Sequence[int]) -> dict[int, tuple[Mapping[str, str], int]]:
    """Promise → the title of its offer, {zh, en}, and what it is worth to the customer."""
    rows = conn.fetch(SQL.worth, {"ids": list(promise_ids)}) if promise_ids else []
    return {promise: (title, value_minor) for promise, title, value_minor in rows}


def page(
    conn: Conn, after: int, limit: int, *, customer: int | None, state: str, offer: str = ""
) -> tuple[list[Promise], int]:
    """Promises with an id above `after`, in id order; and the id up to which was looked."""
    filters = {"state": state, "offer": offer}
    if customer is None:
        rows, end = paged(conn, SQL.page, SQL.page_end, after, limit, filters)
    else:
        params = {**filters, "after": after, "limit": limit, "customer": customer}
        rows = conn.fetch(SQL.page_of, params)
        end = int(rows[-1][0]) if rows else after
    return [Promise(*row) for row in rows], end
