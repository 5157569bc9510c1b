"""Live segments that time moves, and the first look at everybody for a new one, in pieces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from siyu.kernel.sql import Conn, Db, load
from siyu.segments.actions.members import Cause, Watched, prepare, settle, settle_all, watched
from siyu.segments.decide.live import Plan
from siyu.segments.model import Family

SQL = load("siyu.segments")
Wake: TypeAlias = Callable[[Conn, Sequence[int], datetime], None]


def ready(db: Db, families: Sequence[Family]) -> None:
    """What a worker does before it takes its first event."""
    with db.transaction() as conn:
        prepare(conn, families)


def recheck(
    db: Db,
    families: Sequence[Family],
    now: datetime,
    *,
    limit: int = 500,
    wake: Wake | None = None,
) -> int:
    """Those whose moment has come, and those whose facts sweeps have changed; else a page of a
    first look. How many were looked at.

    A small page: events wait for it. `wake`: whoever waits for a page's people to come in or leave
    asks again, since what has moved them before the look is told by nobody. It locks before
    memberships are held, as an apply does.
    """
    with db.transaction() as conn:
        ahead = _ahead(conn, limit)
        if ahead is not None and wake is not None:
            wake(conn, ahead.people, now)
        live = watched(conn, families)
        if live is None or not live.plan.swept:  # nobody asks any more
            conn.execute(SQL.clear_news)
        if live is None:
            return 0
        rows = conn.fetch(SQL.rechecks, {"now": now, "limit": limit})
        causes = {who: Cause(f"time/{at.isoformat()}", at) for who, at in rows}
        swept = conn.fetch(SQL.news, {"limit": limit}) if live.plan.swept else ()
        causes = {who: Cause(f"sweep/{news}", now) for who, news in swept} | causes
        if causes:
            settle_all(conn, live, causes, now)
        left = limit - len(causes)  # a first look goes on while sweeps change somebody all the time
        if ahead is None or left <= 0:
            return len(causes)
        return len(causes) + _fill(conn, live, ahead.least(left), now)


class Ahead(NamedTuple):
    """The next page of a first look: customers behind `after`; `last`: there are no more."""

    after: int
    people: list[int]
    last: bool

    def least(self, many: int) -> Ahead:
        """Not more than so many of them."""
        return Ahead(self.after, self.people[:many], self.last and len(self.people) <= many)


def _ahead(conn: Conn, limit: int) -> Ahead | None:
    ((after,),) = conn.fetch(SQL.furthest_behind)
    if after is None:
        return None
    page = [row[0] for row in conn.fetch(SQL.everybody, {"after": after, "limit": limit})]
    return Ahead(after, page, len(page) < limit)


def _fill(conn: Conn, live: Watched, ahead: Ahead, now: datetime) -> int:
    """These customers, for every segment that has come equally far; where somebody else has gone on
    in the meantime, the next turn goes on from there."""
    under_way = {id_: far for id_, far in live.filled.items() if far.under_way}
    filling = {id_ for id_, far in under_way.items() if far.after == ahead.after}
    if not filling:
        return 1 if under_way else 0
    upto = max(under_way[id_].upto for id_ in filling)
    page = [who for who in ahead.people if who <= upto]
    plan = Plan([one for one in live.plan.segments if one.id in filling])
    causes = {who: Cause(f"first/{now.isoformat()}", now) for who in page}
    settle(conn, live._replace(plan=plan), causes, now)
    done = ahead.last or len(page) < len(ahead.people)
    far = upto if done else page[-1]
    conn.execute(SQL.fill_on, {"segments": sorted(filling), "after": far, "done": done})
    return len(page) or 1
