"""What rules stand, what they have done, and what still waits for somebody."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.tagging.model import Hit, Stored, Waiting

SQL = load("siyu.tagging")


class Counted(NamedTuple):
    """How many wait for a tag from one source; the first since, the last until."""

    name: str
    source: str
    people: int
    since: datetime
    until: datetime


def rules(conn: Conn, *, dropped: bool = False) -> list[Stored]:
    """By code; those that were dropped as well, if asked."""
    rows = conn.fetch(SQL.rules, {"code": "", "dropped": dropped})
    return [Stored(*row) for row in rows]


def rule(conn: Conn, code: str) -> Stored:
    """One, dropped or not."""
    rows = conn.fetch(SQL.rules, {"code": code, "dropped": True}) if code else []
    if not rows:
        raise NotFound(Sentence(f"There is no rule {code!r}.", f"没有规则 {code!r}。"))
    return Stored(*rows[0])


def hits(conn: Conn, code: str = "", customer_id: int | None = None, limit: int = 50) -> list[Hit]:
    """The log, the latest first: of a rule, of a customer, or of all."""
    rows = conn.fetch(SQL.hits, {"code": code, "customer": customer_id, "limit": limit})
    return [Hit(*row) for row in rows]


def counted(conn: Conn, now: datetime, limit: int = 200) -> list[Counted]:
    """How many wait, by tag and source."""
    return [Counted(*row) for row in conn.fetch(SQL.waiting, {"now": now, "limit": limit})]


def waiting(conn: Conn, name: str, now: datetime, limit: int = 50) -> list[Waiting]:
    """Who waits for this tag (all: ''), the longest first."""
    rows = conn.fetch(SQL.awaited, {"name": name, "now": now, "limit": limit})
    return [Waiting(*row) for row in rows]
