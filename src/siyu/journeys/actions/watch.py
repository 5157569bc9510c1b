"""Entries that no event makes are looked for from the moment that a version is published."""

from __future__ import annotations

from datetime import datetime

from siyu.journeys.model import Journey
from siyu.journeys.model.enter import Enter
from siyu.kernel.sql import Conn, load

SQL = load("siyu.journeys")


def watch(conn: Conn, journey_id: int, journey: Journey, now: datetime, *, afresh: bool) -> None:
    """What no event makes has to be looked for: from now on, where the entry is a new one."""
    if journey.enter is None or isinstance(journey.enter, Enter):
        conn.execute(SQL.unwatch, {"journey": journey_id})
        return
    said = {"journey": journey_id, "said": repr(journey.enter), "now": now, "afresh": afresh}
    conn.execute(SQL.watch, said)
