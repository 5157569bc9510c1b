"""What a database knows of the lakes that follow it, and what it keeps for them.

Sweeps change rows without an event. Triggers write down whose; what a lake's snapshot may have
missed of that is told by transaction ids, so nobody who commits late is overlooked.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from siyu.kernel.sql import Conn, Db, load
from siyu.lake.model import SHAPE, Manifest

SQL = load("siyu.lake")
SILENT = timedelta(days=30)  # a lake that nobody has brought up to date for so long begins anew
MOST = 1_000_000  # statements; more news are kept for nobody: whoever needs them begins anew


def followed(db: Db, known: Manifest, real: datetime, *, anew: bool) -> Manifest:
    """The lake as this database knows it; an empty one where it does not, or is told to forget."""
    with db.transaction() as conn:
        found = conn.fetch(SQL.zone)
        zone = str(found[0][0]) if found else "UTC"
        said = {"id": known.id, "version": known.version, "since": str(known.since)}
        if not anew and known.zone == zone and conn.fetch(SQL.followed, said):
            return known
        name = secrets.token_hex(8)
        conn.execute(SQL.follow, {"id": name, "real": real})
    return Manifest(shape=SHAPE, id=name, version=known.version, zone=zone)


def coming(db: Db, found: Manifest) -> None:
    """Its files will be in force, if nobody dies."""
    with db.transaction() as conn:
        conn.execute(SQL.coming, {"id": found.id, "version": found.version})


def taken(db: Db, found: Manifest, before: Manifest, real: datetime) -> None:
    """They are: the database may forget what every lake has."""
    gone = before.id if before.id != found.id else ""
    with db.transaction() as conn:
        conn.execute(SQL.taken, {"id": found.id, "since": str(found.since), "real": real})
        conn.execute(SQL.replaced, {"id": gone})
        conn.execute(SQL.pruned)


def forget(conn: Conn, real: datetime) -> None:
    """Lakes that nobody brings up to date, and the news that were kept for them."""
    conn.execute(SQL.forgotten, {"silent": real - SILENT, "most": MOST})
    conn.execute(SQL.pruned)
