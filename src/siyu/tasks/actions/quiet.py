"""Put work that may wait into its guide's quiet hours, and anew when it becomes somebody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from siyu.kernel.sql import Conn, load
from siyu.staff import views as people
from siyu.staff.model import Duty
from siyu.tasks.decide.quiet import Job, Planned, Traffic, hour_of, plan

SQL = load("siyu.tasks")
LEARNED = timedelta(days=56)  # eight weeks of a store's orders
LEAST_ORDERS = 50  # fewer say nothing about its hours

__all__ = ["Job", "planned", "replan", "traffic"]


def traffic(
    conn: Conn, stores: Collection[str], now: datetime, zone: ZoneInfo
) -> dict[str, Traffic]:
    """Of these stores: as a file said, else as the hours of their own orders tell."""
    told = people.traffic(conn, stores)
    found = {store: Traffic("file", hours) for store, hours in told.items()}
    params = {"stores": sorted(set(stores) - found.keys()), "since": now - LEARNED, "now": now}
    learned: dict[str, dict[tuple[int, int], int]] = {}
    if params["stores"]:
        for store, *hour, count in conn.fetch(SQL.order_hours, {**params, "zone": zone.key}):
            learned.setdefault(store, {})[hour[0], hour[1]] = count
    found |= {
        store: Traffic("orders", hours)
        for store, hours in learned.items()
        if sum(hours.values()) >= LEAST_ORDERS
    }
    return found


def planned(
    conn: Conn,
    jobs: Sequence[Job],
    duties: Mapping[str, Duty],
    now: datetime,
    zone: ZoneInfo,
    but: Sequence[int] = (),
) -> dict[int, Planned]:
    """Job → its quiet hour, under the lock of all who assign; tasks `but` are being moved.

    Four statements, whatever the batch; none without jobs.
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
