"""What the inbox holds: how much is waiting, what is parked and why, single facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.events import check
from siyu.events.model import Event
from siyu.kernel.sql import Conn, load

SQL = load("siyu.events")


class Parked(NamedTuple):
    """An event that a projection could not take, with the reason."""

    id: int
    source: str
    source_id: str
    kind: str
    error: str
    parked_at: datetime
    occurred_at: datetime


def parked(conn: Conn, limit: int = 100) -> list[Parked]:
    """Parked events, the latest first."""
    return [Parked(*row) for row in conn.fetch(SQL.parked, {"limit": limit})]


def backlog(conn: Conn) -> int:
    """How many accepted events wait to be applied."""
    return int(conn.fetch(SQL.backlog)[0][0])


def crowded(conn: Conn, most: int) -> bool:
    """Whether more than so many accepted events wait to be applied."""
    return bool(conn.fetch(SQL.crowded, {"most": most})[0][0])


def head(conn: Conn) -> int:
    """The last place in the order in which facts were applied."""
    return int(conn.fetch(SQL.head)[0][0])


def applied(
    conn: Conn, after: int, kinds: Sequence[str], limit: int
) -> tuple[list[tuple[int, Event]], int]:
    """Facts after a place in the order of applying, of these kinds (none: of all), each with its
    place; and the place up to which `limit` facts of any kind were looked through."""
    window = conn.fetch(SQL.window, {"after": after, "limit": limit})
    if not window:
        return [], after
    place = {event_id: seq for seq, event_id, _ in window}
    received = [row[2] for row in window]
    params = {"ids": sorted(place), "first": min(received), "last": max(received)}
    rows = conn.fetch(SQL.load_kinds, {**params, "kinds": list(kinds)})
    found = sorted((place[row[0]], check.read(row)) for row in rows)
    return found, window[-1][0]


def known(conn: Conn, names: Sequence[tuple[str, str]]) -> int:
    """How many of these (source, id) have been told before."""
    if not names:
        return 0
    params = {"sources": [one[0] for one in names], "source_ids": [one[1] for one in names]}
    return int(conn.fetch(SQL.known, params)[0][0])


def get(conn: Conn, ids: Sequence[int]) -> dict[int, Event]:
    """These events, as far as they are there."""
    if not ids:
        return {}
    rows = conn.fetch(SQL.get, {"ids": sorted(set(ids))})
    return {row[0]: check.read(row) for row in rows}
