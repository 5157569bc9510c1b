"""Live segments that time moves, and the first look at everybody for a new one, in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.kernel.sql import Conn, Db, load
from siyu.segments.actions.members import Cause, Watched, prepare, settle, settle_all, watched
from siyu.segments.decide.live import Plan
from siyu.segments.model import Family

SQL = load("siyu.segments")


def ready(db: Db, families: Sequence[Family]) -> None:
    """What a worker does before it takes its first event."""
    with db.transaction() as conn:
        prepare(conn, families)


def recheck(db: Db, families: Sequence[Family], now: datetime, *, limit: int = 500) -> int:
    """Those whose moment has come, and those whose facts sweeps have changed; else a page of a
    first look. How many were looked at.

    A small page: events wait for it.
    """
    with db.transaction() as conn:
        live = watched(conn, families)
        if live is None or not live.plan.swept:  # nobody asks any more
            conn.execute(SQL.clear_news)
        if live is None:
            return 0
        rows = conn.fetch(SQL.rechecks, {"now": now, "limit": limit})
        causes = {who: Cause(f"time/{at.isoformat()}", at) for who, at in rows}
        swept = conn.fetch(SQL.news, {"limit": limit}) if live.plan.swept else ()
        causes = {who: Cause(f"sweep/{news}", now) for who, news in swept} | causes
        if not causes:
            return _fill(conn, live, now, limit)
        settle_all(conn, live, causes, now)
        left = limit - len(causes)  # a first look goes on while sweeps change somebody all the time
        return len(causes) + (_fill(conn, live, now, left) if left > 0 else 0)


def _fill(conn: Conn, live: Watched, now: datetime, limit: int) -> int:
    """The next customers, for every segment that has come equally far."""
    under_way = {id_: far for id_, far in live.filled.items() if far.under_way}
    if not under_way:
        return 0
    after = min(far.after for far in under_way.values())
    filling = {id_ for id_, far in under_way.items() if far.after == after}
    upto = max(under_way[id_].upto for id_ in filling)
    page = [row[0] for row in conn.fetch(SQL.everybody, {"after": after, "limit": limit})]
    page = [who for who in page if who <= upto]
    plan = Plan([one for one in live.plan.segments if one.id in filling])
    causes = {who: Cause(f"first/{now.isoformat()}", now) for who in page}
    settle(conn, live._replace(plan=plan), causes, now)
    done = len(page) < limit
    far = upto if done else page[-1]
    conn.execute(SQL.fill_on, {"segments": sorted(filling), "after": far, "done": done})
    return len(page) or 1
