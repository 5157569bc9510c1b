"""When phones may ring: settings that every connector for calls has, and the last guard. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from msgspec import Meta

from siyu.kernel import time
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import Opening, opening
from siyu.outbox.model import Message, Result

_FAR = 60  # days: the longest row of closed days that is looked over
_SATURDAY = 5
_NEVER = timedelta(days=7)  # where no hours are set: asked again then
CLOSED = "calls_closed"  # of `outbox.model.REASONS`


@dataclass(frozen=True, kw_only=True)
class Ringing:
    """The hours of workdays, weekends and public holidays, by the clocks of a zone."""

    zone: Annotated[
        str,
        Meta(
            description="By whose clocks the hours are, and the vendor's times.",
            extra={"zh": "时段与厂商时间所用的时区。"},
        ),
    ] = "Asia/Shanghai"
    workdays: Annotated[
        str,
        Meta(
            description="When phones may ring on workdays; empty: never.",
            extra={"zh": "工作日可外呼时段；留空则不外呼。"},
        ),
    ] = "10:00-12:00, 14:00-20:00"
    weekends: Annotated[
        str,
        Meta(
            description="When phones may ring on Saturdays and Sundays; empty: never.",
            extra={"zh": "周末可外呼时段；留空则不外呼。"},
        ),
    ] = "10:00-20:00"
    holiday_hours: Annotated[
        str,
        Meta(
            description="When phones may ring on public holidays: not in the morning.",
            extra={"zh": "法定节假日可外呼时段：上午不外呼。"},
        ),
    ] = "14:00-20:00"
    holidays: Annotated[
        tuple[date, ...],
        Meta(
            description="Public holidays, such as 2026-10-01.",
            extra={"zh": "法定节假日，如 2026-10-01。"},
        ),
    ] = ()
    worked_weekends: Annotated[
        tuple[date, ...],
        Meta(
            description="Saturdays and Sundays on which people work instead.",
            extra={"zh": "调休上班的周末。"},
        ),
    ] = ()

    def check_hours(self) -> None:
        """ValueError says which of them can't be used."""
        for name in ("workdays", "weekends", "holiday_hours"):
            try:
                if getattr(self, name):
                    opening(getattr(self, name))
            except ValueError as error:
                raise _of(name, error) from None
        try:
            time.zone(self.zone)
        except ValueError as error:
            raise _of("zone", error) from None

    def of_day(self, day: date) -> str:
        """The hours of a day, as they are set: of a holiday, a weekend, or a workday."""
        if day in self.holidays:
            return self.holiday_hours
        if day.weekday() >= _SATURDAY and day not in self.worked_weekends:
            return self.weekends
        return self.workdays

    def windows(self, day: date) -> Opening | None:
        """The same as windows; None: closed."""
        said = self.of_day(day)
        return opening(said) if said else None

    def opens(self, now: datetime) -> datetime | None:
        """Now where phones may ring, else when they may again; None: not in two months."""
        here = time.zone(self.zone)
        today = now.astimezone(here).date()
        for days in range(_FAR):
            day = today + timedelta(days=days)
            found = self.windows(day)
            for window in found.windows if found else ():
                if now < time.moment(day, window.end, here):
                    return max(now, time.moment(day, window.start, here))
        return None

    def closed(self, messages: Sequence[Message], now: datetime) -> list[Result]:
        """Every message waits for the next opening; empty: phones may ring."""
        opens = self.opens(now)
        if opens == now:
            return []
        again = opens or now + _NEVER
        return [Result(one.token, "retry", reason=CLOSED, again=again) for one in messages]

    def told(self, now: datetime) -> dict[str, str]:
        """The hours of today and of the six days after it, as a task carries them."""
        today = now.astimezone(time.zone(self.zone)).date()
        days = (today + timedelta(days=days) for days in range(7))
        return {day.isoformat(): self.of_day(day) for day in days}


def _of(name: str, error: ValueError) -> ValueError:
    said = wording(error)
    return ValueError(Sentence(f"{name}: {said}", f"{name}: {said.zh}"))
