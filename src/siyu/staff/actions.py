"""Seed who works here; write down who did what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sql import Conn, load
from siyu.staff.model import Brand, Member, Store

SQL = load("siyu.staff")


def seed(
    conn: Conn, brand: Brand, stores: Sequence[Store] = (), members: Sequence[Member] = ()
) -> None:
    """Put the brand, its stores and its people in place; again is harmless."""
    known = {store.code for store in stores} | {code for (code,) in conn.fetch(SQL.store_codes)}
    strays = sorted({m.code for m in members if m.store is not None and m.store not in known})
    if strays:
        raise BadInput(f"No such store for {', '.join(strays)}: name the store first.")
    conn.execute(SQL.set_brand, asdict(brand))
    shelf = {store.code: store for store in stores}
    if shelf:
        conn.execute(
            SQL.set_stores,
            {
                "codes": sorted(shelf),
                "names": [shelf[code].name for code in sorted(shelf)],
                "regions": [shelf[code].region for code in sorted(shelf)],
            },
        )
    people = [member for _, member in sorted({m.code: m for m in members}.items())]
    if people:
        conn.execute(
            SQL.set_members,
            {
                "codes": [m.code for m in people],
                "names": [m.name for m in people],
                "roles": [m.role for m in people],
                "stores": [m.store for m in people],
                "active": [m.active for m in people],
            },
        )


def audit(
    conn: Conn,
    actor: str,
    action: str,
    object: str,  # noqa: A002 - the table's word
    reason: str,
    now: datetime,
) -> None:
    """Write down who did what to what, and why: a reveal, a pause, an erasure."""
    conn.execute(
        SQL.audit,
        {"actor": actor, "action": action, "object": object, "reason": reason, "now": now},
    )


def set_approval(conn: Conn, people: int | None, minor: int | None, by: str, now: datetime) -> None:
    """A second person has to approve what reaches more people, or costs more; None: no limit."""
    if any(limit is not None and limit < 0 for limit in (people, minor)):
        raise BadInput("A limit is 0 or more; leave it out to have none.")
    if not conn.execute(SQL.set_approval, {"people": people, "minor": minor}):
        raise NotFound("No brand is set up yet: `siyu demo` or a first import sets one up.")
    words = f"above people: {people}, above minor units: {minor}"
    audit(conn, by, "approval.limits", "brand", words, now)
