"""Mass messages that staff press send for: those that did not reach their customers, and why."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from siyu.kernel.sql import Conn, load

SQL = load("siyu.analytics")
CHANNELS = ["wecom_mass", "wecom_message"]


class NotReached(NamedTuple):
    """A touch that did not go out, though staff was asked for it."""

    id: int
    customer_id: int
    reason: str
    at: datetime
    material: str
    staff: str


def reasons(conn: Conn, since: datetime) -> list[tuple[str, int]]:
    """Why, and how many, the most first."""
    found = conn.fetch(SQL.unpressed_by, {"since": since, "channels": CHANNELS})
    return [(reason, count) for reason, count in found]


def not_reached(
    conn: Conn, since: datetime, reason: str, before: int | None, limit: int
) -> list[NotReached]:
    """One by one, the newest first; `reason` '': all."""
    params = {"since": since, "channels": CHANNELS, "reason": reason}
    rows = conn.fetch(SQL.unpressed, {**params, "before": before, "limit": limit})
    return [NotReached(*row) for row in rows]
