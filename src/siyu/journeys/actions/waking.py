"""Visits that wait for who comes into a segment or leaves it, where that is told by nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.kernel.sql import Conn, load
from siyu.outbox import actions as outbox
from siyu.segments.decide.heard import MEMBERSHIP

SQL = load("siyu.journeys")


def looked_at(conn: Conn, customer_ids: Sequence[int], now: datetime) -> None:
    """A first look writes down how these stand, and tells nobody: their visits that listen for a
    segment ask it again. What may end now holds its touches, as behind any event."""
    heard = [(who, kind) for who in customer_ids for kind in sorted(MEMBERSHIP)]
    others = ("shops", "order_nos", "order_kinds", "touches", "touch_kinds", "merged")
    none: dict[str, list[int]] = {name: [] for name in others}
    asked = {"customers": [who for who, _ in heard], "kinds": [kind for _, kind in heard]}
    rows = conn.fetch(SQL.wake, {**none, **asked, "now": now})
    outbox.hold(conn, [visit_id for visit_id, ends in rows if ends], [])
