"""Put work that may wait into its guide's quiet hours, and anew when it becomes somebody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from siyu.kernel.sql import Conn, load
from siyu.kernel.time import Opening, opening
from siyu.outbox.model import hours_of
from siyu.staff import views as people
from siyu.staff.model import Duty
from siyu.tasks.decide.quiet import Job, Planned, Traffic, hour_of, plan

SQL = load("siyu.tasks")
LEARNED = timedelta(days=56)  # eight weeks of a store's orders
FRESH = timedelta(days=1)  # what was learned within it is not learned again
LEAST_ORDERS = 50  # fewer say nothing about its hours

Week: TypeAlias = dict[tuple[int, int], int]  # (weekday, hour) → orders

__all__ = ["Job", "permitted", "planned", "replan", "traffic"]


def traffic(
    conn: Conn, stores: Collection[str], now: datetime, zone: ZoneInfo
) -> dict[str, Traffic]:
    """Of these stores: as a file said, else as the hours of their own orders tell."""
    told = people.traffic(conn, stores)
    found = {store: Traffic("file", hours) for store, hours in told.items()}
    untold = sorted(set(stores) - found.keys())
    learned = _learned(conn, untold, now, zone) if untold else {}
    found |= {
        store: Traffic("orders", hours)
        for store, hours in learned.items()
        if sum(hours.values()) >= LEAST_ORDERS
    }
    return found


def _learned(conn: Conn, stores: Sequence[str], now: datetime, zone: ZoneInfo) -> dict[str, Week]:
    """The orders of an hour of the week; counted where nobody has learned them in this day."""
    rows = conn.fetch(SQL.learned, {"stores": stores, "fresh": now - FRESH})
    found: dict[str, Week] = {
        store: {(weekday, hour): orders for weekday, hour, orders in hours} for store, hours in rows
    }
    params = _span(sorted(set(stores) - found.keys()), now, zone)
    if params["stores"]:
        for store, weekday, hour, count in conn.fetch(SQL.order_hours, params):
            found.setdefault(store, {})[weekday, hour] = count
    return found


def _learn(conn: Conn, stores: Collection[str], now: datetime, zone: ZoneInfo) -> None:
    """Eight weeks of orders are counted once a day and not for each batch; where no file says."""
    untold = sorted(set(stores) - people.traffic(conn, stores).keys())
    if untold:
        conn.execute(SQL.learn, {**_span(untold, now, zone), "fresh": now - FRESH})


def _span(stores: Sequence[str], now: datetime, zone: ZoneInfo) -> dict[str, object]:
    return {"stores": stores, "since": now - LEARNED, "now": now, "zone": zone.key}


def permitted(conn: Conn, touches: Collection[int]) -> dict[int, Opening]:
    """Touch → in which hours its customer may be spoken to, by its channel and purpose."""
    if not touches:
        return {}
    rows = conn.fetch(SQL.permitted, {"touches": sorted(touches)})
    said = {(row[1], row[2]): opening(row[3]) for row in rows if row[0] is None}
    return {row[0]: hours_of(said, row[1], row[2]) for row in rows if row[0] is not None}


def planned(
    conn: Conn,
    jobs: Sequence[Job],
    duties: Mapping[str, Duty],
    now: datetime,
    zone: ZoneInfo,
    but: Sequence[int] = (),
) -> dict[int, Planned]:
    """Job → its quiet hour, under the lock of all who assign; tasks `but` are being moved.

    Statements don't grow with the batch; none without jobs.
    """
    if not jobs:
        return {}
    conn.execute(SQL.lock)
    rows = conn.fetch(SQL.rules)
    stores = {duty.store for one in jobs if (duty := duties.get(one.staff)) and duty.store}
    taken = Counter[tuple[str, datetime]]()
    asked = {
        "staff": sorted({one.staff for one in jobs}),
        "since": hour_of(now, zone),
        "but": list(but),
    }
    for code, at, count in conn.fetch(SQL.planned, asked):
        taken[code, hour_of(at, zone)] += count
    per_hour = rows[0][5] if rows else 6
    _learn(conn, stores, now, zone)
    return plan(jobs, duties, traffic(conn, stores, now, zone), taken, per_hour, now, zone)


def replan(conn: Conn, jobs: Sequence[Job], now: datetime) -> None:
    """Tasks that wait for a quiet hour are another's now: for one of theirs."""
    if not jobs:
        return
    duties, zone = people.duties(conn, now)
    found = planned(conn, jobs, duties, now, zone, [one.key for one in jobs])
    ids = sorted(found)
    plans = [found[one] for one in ids]
    conn.execute(
        SQL.replan,
        {
            "ids": ids,
            "planned": [one.at for one in plans],
            "whys": [str(one.why) for one in plans],
            "now": now,
        },
    )
