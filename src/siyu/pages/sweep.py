"""Who has not come in time has missed it: what they had set aside goes back to the others."""

from __future__ import annotations

from datetime import datetime

from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, load
from siyu.pages.actions import bookings
from siyu.pages.model import Booking

SQL = load("siyu.pages")


def missed(conn: Conn, ids: PublicIds, now: datetime, limit: int = 1_000) -> int:
    """How many were missed, or had been taken at a till meanwhile."""
    rows = conn.fetch(SQL.missed, {"now": now, "limit": limit})
    came = [Booking(*row[:-1]) for row in rows if row[-1] == "fulfilled"]
    gone = [Booking(*row[:-1]) for row in rows if row[-1] != "fulfilled"]
    if came:
        bookings.kept(conn, ids, came, "", now)
    if gone:
        bookings.missed(conn, ids, gone, now)
    return len(rows)
