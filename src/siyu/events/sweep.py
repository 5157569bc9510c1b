"""The one ordered apply: claim → load → fold in the order of facts → project → commit.

One applier at a time: the worker holds the lock. A batch that fails is halved until the poison
event is alone; it is parked with its error, everything else goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from traceback import walk_tb
from typing import NamedTuple

from siyu.events import check
from siyu.events.model import Batch, Projection
from siyu.kernel.errors import Broken, SiyuError
from siyu.kernel.sql import Conn, Db, Row, load

SQL = load("siyu.events")
APPLIER = "siyu.applier"  # the lock that the one applier holds


class Applied(NamedTuple):
    """What one sweep did. `claimed` = `applied` + `parked`."""

    claimed: int
    applied: int
    parked: int
    kinds: set[str]
    told: tuple[int, ...] = ()  # what rooms have told meanwhile, and wait for


def apply(
    db: Db, projections: Sequence[Projection], now: datetime, *, limit: int = 2000
) -> Applied:
    """Apply the oldest pending events, in one transaction; nothing half done whatever happens.

    What rooms have told meanwhile comes right behind, before all else that waits, in a transaction
    of its own: a poison among it is found by itself, and rows are locked in the usual order. Who
    dies in between leaves it in the queue.
    """
    done = _attempt(db, projections, now, limit=limit)
    for begun in range(0, len(done.told), limit):
        these = done.told[begun : begun + limit]
        done = _both(done, _attempt(db, projections, now, these=these))
    return done


def _attempt(
    db: Db,
    projections: Sequence[Projection],
    now: datetime,
    *,
    these: Sequence[int] = (),
    limit: int = 0,
) -> Applied:
    """All these, or the oldest that wait, in one transaction; each half of them if that fails."""
    ids: list[int] = []
    try:
        with db.transaction() as conn:
            if these:
                claimed = conn.fetch(SQL.claim_these, {"ids": [*these]})
            else:
                claimed = conn.fetch(SQL.claim, {"limit": limit})
            ids = sorted(row[0] for row in claimed)
            batch = _project(conn, claimed, projections, now) if claimed else Batch([])
        return Applied(len(ids), len(ids), 0, batch.kinds, tuple(batch.told))
    except Exception as error:
        if not ids or passing(error):
            raise
        return _split(db, projections, ids, error, now)


def _split(
    db: Db, projections: Sequence[Projection], ids: list[int], error: Exception, now: datetime
) -> Applied:
    """Each half of what failed on its own; a single one is the poison."""
    if len(ids) == 1:
        with db.transaction() as conn:
            conn.execute(SQL.park, {"id": ids[0], "error": describe(error), "now": now})
        return Applied(1, 0, 1, set())
    middle = len(ids) // 2
    halves = [_attempt(db, projections, now, these=half) for half in (ids[:middle], ids[middle:])]
    return _both(*halves)


def _both(one: Applied, other: Applied) -> Applied:
    return Applied(
        one.claimed + other.claimed,
        one.applied + other.applied,
        one.parked + other.parked,
        one.kinds | other.kinds,
        one.told + other.told,
    )


def _project(
    conn: Conn, claimed: list[Row], projections: Sequence[Projection], now: datetime
) -> Batch:
    received = [row[1] for row in claimed]
    now = max(now, *received)  # who read the clock, then waited, must not be earlier than a fact
    rows = conn.fetch(
        SQL.load,
        {
            "ids": sorted(row[0] for row in claimed),
            "first": min(received),
            "last": max(received),
        },
    )
    batch = Batch(sorted(map(check.read, rows), key=lambda event: event.order))
    conn.send(
        SQL.sequence,
        {
            "ids": [event.id for event in batch.events],
            "received": [event.received_at for event in batch.events],
        },
    )
    for projection in projections:
        if projection.wants(batch):
            projection.project(conn, batch, now)
    return batch


def passing(error: Exception) -> bool:
    """Trouble of the installation (a lost connection, a full disk), not of an event or a visit.

    The driver stays out of here, so its class is known by name: what it calls operational.
    """
    names = {cls.__name__ for cls in type(error).__mro__}
    return isinstance(error, Broken | MemoryError) or "OperationalError" in names


def describe(error: Exception) -> str:
    """What went wrong and where, without the values that a driver's message may repeat."""
    words = str(error) if isinstance(error, SiyuError) else type(error).__name__
    code = getattr(error, "sqlstate", None)
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    places = [
        f"{Path(frame.f_code.co_filename).parent.name}/{Path(frame.f_code.co_filename).name}:{line}"
        for frame, line in walk_tb(error.__traceback__)
        if "/siyu/" in frame.f_code.co_filename.replace("\\", "/")
        and "/siyu/db/" not in frame.f_code.co_filename.replace("\\", "/")
    ]
    found = [words, f"({code})" if code else "", f"[{constraint}]" if constraint else ""]
    found.append(f"at {places[-1]}" if places else "")
    return " ".join(word for word in found if word)
