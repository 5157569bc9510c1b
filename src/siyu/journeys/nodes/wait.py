"""Time passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from siyu.journeys.model import Act, Go, Here, Node, Stay, asked
from siyu.kernel.time import next_time
from siyu.segments.model import Words


@dataclass(frozen=True)
class Daily:
    """The next time that the brand's clock shows this."""

    until: time = field(metadata=asked("A time of day like 10:00", "一天中的时刻，如 10:00"))

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The next one, always later than `moment`: a wait can't be passed without time.

        In the hour that a change of clocks leaves out, the same span after midnight is meant.
        """
        return next_time(self.until, moment, zone)


@dataclass(frozen=True)
class Wait(Node):
    """Wait for a span of time (`5m`, `14d`), or until a time of day (`{until: "10:00"}`)."""

    key = "wait"
    title = Words("等待", "Wait")
    whole = "length"
    takes_time = True

    length: timedelta | Daily = field(metadata=asked("How long", "多久"))

    def step(self, here: Here) -> Act:
        due = self.over(here.visit.since, here.facts.zone)
        return Go("waited") if due <= here.now else Stay(due)

    def over(self, since: datetime, zone: ZoneInfo) -> datetime:
        """When the wait of a visit that came at `since` is over."""
        match self.length:
            case timedelta():
                return since + self.length
            case Daily():
                return self.length.after(since, zone)
