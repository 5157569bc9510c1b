"""Which brand this is, who works here, what was audited."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from siyu.kernel.errors import NotFound
from siyu.kernel.sql import Conn, load
from siyu.staff.model import Brand, Member, Role

SQL = load("siyu.staff")


class Audited(NamedTuple):
    """One line of the audit."""

    at: datetime
    actor: str
    action: str
    object: str
    reason: str


class Approval(NamedTuple):
    """Above these a second person has to approve; None: no limit."""

    above_people: int | None = None
    above_minor: int | None = None


def approval(conn: Conn) -> Approval:
    """The brand's limits; before there is a brand, none."""
    rows = conn.fetch(SQL.approval)
    return Approval(*rows[0]) if rows else Approval()


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
