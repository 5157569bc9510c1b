"""Migrations: plain SQL files, append-only, each run once in a transaction of its own.

`NNNN_pre_name.sql` may run while the old code still serves; `NNNN_post_name.sql` after it left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Literal

from siyu.kernel.errors import Broken
from siyu.kernel.sql import Conn, Db, load

SQL = load("siyu.db")
Phase = Literal["pre", "post"]
_NAME = re.compile(r"\d{4}_(pre|post)_[a-z0-9_]+")


def migrations() -> dict[str, str]:
    """The migrations of this release, in order: name → SQL."""
    folder = files("siyu.db").joinpath("migrations")
    found = {
        entry.name.removesuffix(".sql"): entry.read_text("utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    }
    wrong = [name for name in found if not _NAME.fullmatch(name)]
    if wrong:
        raise ValueError(f"not named like 0001_pre_words.sql: {sorted(wrong)}")
    return dict(sorted(found.items()))


def migrate(
    db: Db,
    now: datetime,
    *,
    phases: Iterable[Phase] = ("pre", "post"),
    known: Mapping[str, str] | None = None,
) -> list[str]:
    """Bring the database up to this release; the names that ran. Safe to run from many at once."""
    known = migrations() if known is None else known
    wanted = [name for name in known if name.split("_")[1] in set(phases)]
    ran: list[str] = []
    for name in wanted:
        with db.transaction() as conn:
            conn.execute(SQL.one_migrator)
            applied = _applied(conn, known)
            if set(wanted) <= applied:
                break
            if name not in applied:
                conn.execute(known[name])
                conn.execute(SQL.make_migrations)
                conn.execute(SQL.record_migration, {"name": name, "at": now})
                ran.append(name)
    return ran


def pending(db: Db, *, known: Mapping[str, str] | None = None) -> list[str]:
    """What `migrate` would run now, in order."""
    known = migrations() if known is None else known
    with db.transaction() as conn:
        applied = _applied(conn, known)
    return [name for name in known if name not in applied]


def _applied(conn: Conn, known: Mapping[str, str]) -> set[str]:
    if not conn.fetch(SQL.knows_migrations)[0][0]:
        return set()
    applied = {str(name) for (name,) in conn.fetch(SQL.applied_migrations)}
    newer = sorted(applied - set(known))
    if newer:
        raise Broken(
            f"The database is newer than this Siyu: it holds {', '.join(newer)}. "
            "Install the release that made it, or a later one."
        )
    return applied
