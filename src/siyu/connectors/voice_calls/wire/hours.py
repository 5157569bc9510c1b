"""When phones may ring: the last guard before a call is handed over. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from siyu.budget.model import opening
from siyu.connectors.voice_calls.config import Config
from siyu.kernel.time import moment, zone

_FAR = 60  # days: the longest row of closed days that is looked over
_SATURDAY = 5


def of_day(config: Config, day: date) -> str:
    """The hours of a day, as they are set: of a holiday, a weekend, or a workday."""
    if day in config.holidays:
        return config.holiday_hours
    if day.weekday() >= _SATURDAY and day not in config.worked_weekends:
        return config.weekends
    return config.workdays


def opens(config: Config, now: datetime) -> datetime | None:
    """Now where phones may ring, else when they may again; None: not in two months."""
    here = zone(config.zone)
    today = now.astimezone(here).date()
    for days in range(_FAR):
        day = today + timedelta(days=days)
        said = of_day(config, day)
        for window in opening(said).windows if said else ():
            if now < moment(day, window.end, here):
                return max(now, moment(day, window.start, here))
    return None


def told(config: Config, now: datetime) -> dict[str, str]:
    """The hours of today and of the six days after it, as a task carries them."""
    today = now.astimezone(zone(config.zone)).date()
    days = (today + timedelta(days=days) for days in range(7))
    return {day.isoformat(): of_day(config, day) for day in days}
