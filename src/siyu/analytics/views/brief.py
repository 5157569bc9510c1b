"""The figures of the morning's brief: a day, beside the same weekday before."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from siyu.analytics.model import Brief, Day
from siyu.analytics.views import attention
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import moment, zone
from siyu.staff.model import Brand

SQL = load("siyu.analytics")
ONE = timedelta(days=1)
WEEK = timedelta(days=7)


def brief(conn: Conn, brand: Brand, day: date, now: datetime) -> Brief:
    """What happened on that day; what waits is counted now."""
    place, days = zone(brand.time_zone), (day, day - WEEK)
    params = {
        "sinces": [moment(one, time(), place) for one in days],
        "untils": [moment(one + ONE, time(), place) for one in days],
        "currency": brand.currency,
    }
    found, before = (Day(*row) for row in conn.fetch(SQL.brief, params))
    waits = {one.code: one.number for one in attention.needs(conn, now)}
    parked, overdue = waits.get("events_parked", 0), waits.get("tasks_overdue", 0)
    return Brief(day, found, before, parked, overdue, brand.currency)
