"""Which brand this is, who works here, what was audited."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from siyu.kernel.errors import NotFound
from siyu.kernel.sql import Conn, load, paged
from siyu.staff.model import Brand, Member, Role

SQL = load("siyu.staff")


class Audited(NamedTuple):
    """One line of the audit."""

    at: datetime
    actor: str
    action: str
    object: str
    reason: str


def brand(conn: Conn) -> Brand:
    """The brand of this database; NotFound before it was seeded."""
    rows = conn.fetch(SQL.brand)
    if not rows:
        raise NotFound("No brand is set up yet: `siyu demo` or a first import sets one up.")
    return Brand(*rows[0])


def members(conn: Conn, role: Role | None = None, *, active_only: bool = True) -> list[Member]:
    """People by code; of one role if asked."""
    people = [Member(*row) for row in conn.fetch(SQL.members)]
    return [
        member
        for member in people
        if (role is None or member.role == role) and (member.active or not active_only)
    ]


def audited(conn: Conn, limit: int = 100) -> list[Audited]:
    """The latest audit lines, newest first."""
    return [Audited(*row) for row in conn.fetch(SQL.audited, {"limit": limit})]


def audit_page(
    conn: Conn, after: int, limit: int, *, action: str, actor: str
) -> tuple[list[Audited], int]:
    """Audit lines in the order in which they were written; and the place up to which was looked."""
    filters = {"action": action, "actor": actor}
    rows, end = paged(conn, SQL.audit_page, SQL.audit_end, after, limit, filters)
    return [Audited(*row[1:]) for row in rows], end
