"""Who is behind a code or a link now: by shift, at work, and with room for new friends. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from siyu.connectors.ways import Shift, WayIn
from siyu.connectors.wecom.wire.codes import WECOM_ZONE
from siyu.staff.model import week, windows

DAYS = 8  # that are looked at for the next change of shifts


def named(way: WayIn) -> tuple[str, ...]:
    """Everybody who may ever be behind it, each once."""
    shifts = [one for shift in way.shifts for one in shift.staff]
    return tuple(dict.fromkeys([*shifts, *way.instead]))


def behind(
    way: WayIn, now: datetime, at_work: Collection[str], adds: Mapping[str, int], per_day: int
) -> tuple[str, ...]:
    """Those of the shifts who are there and have room, else those who stand in; a carrier wants
    somebody, so where nobody can, those whose shift it is, else everybody."""
    due = _due(way.shifts, now)
    for some, there in ((due, at_work), (way.instead, at_work), (way.instead, way.instead)):
        here = [one for one in some if one in there]
        free = [one for one in here if not per_day or adds.get(one, 0) < per_day]
        if free:
            return tuple(free)
    return tuple(way.instead or due) or named(way)


def next_change(shifts: Sequence[Shift], now: datetime) -> datetime | None:
    """When the next shift begins or ends."""
    return min((at for shift in shifts for at in _edges(shift, now) if at > now), default=None)


def _due(shifts: Sequence[Shift], now: datetime) -> list[str]:
    local = now.astimezone(WECOM_ZONE)
    return list(
        dict.fromkeys(one for shift in shifts if _under_way(shift, local) for one in shift.staff)
    )


def _under_way(shift: Shift, local: datetime) -> bool:
    if not shift.hours:
        return True
    hours = windows(week(shift.hours).get(local.isoweekday(), ""))
    return any(start <= local.time() < end for start, end in hours)


def _edges(shift: Shift, now: datetime) -> Iterator[datetime]:
    usual = week(shift.hours) if shift.hours else {}
    today = now.astimezone(WECOM_ZONE).date()
    for day in (today + timedelta(days=ahead) for ahead in range(DAYS)):
        for window in windows(usual.get(day.isoweekday(), "")):
            for edge in window:
                yield datetime.combine(day, edge, WECOM_ZONE)
