"""Time passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from siyu.events.model import Kind
from siyu.journeys.model import Act, Go, Here, Node, Stay, StepId, Way, asked
from siyu.journeys.model.enter import DateName, check_marks, whole_days
from siyu.kernel.calendar import Yearly
from siyu.kernel.festivals import FestivalCode, coming
from siyu.kernel.months import next_mark
from siyu.kernel.time import Weekday, moment, next_time
from siyu.segments.model import Words

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cutoff:
    """So long before the parcel of the visit's order is cut off."""

    until: Literal["parcel_cutoff"] = field(metadata=asked("`parcel_cutoff`", "截单时刻"))
    less: timedelta = field(metadata=asked("How long before it", "提前多久"), default=timedelta())
    timeout: timedelta = field(
        metadata=asked("How long to wait for a cut-off to be known", "最多等多久得知截单时刻"),
        default=DAY,
    )
    otherwise: StepId | None = field(
        metadata=asked("Where to go when it is too late or unknown", "来不及或未知时", name="else"),
        default=None,
    )

    def act(self, here: Here) -> Act:
        """On at the time; `else` for who comes behind it, or hears of no cut-off."""
        cutoff, since = here.order.cutoff_at, here.visit.since
        if cutoff is None:
            over = since + self.timeout
            return Stay(over) if over > here.now else Go("no_cutoff", self.otherwise)
        due = cutoff - self.less
        late = cutoff if self.less else cutoff + DAY
        if due <= since or late <= here.now:
            return Go("too_late", self.otherwise)
        return Go("waited") if due <= here.now else Stay(due)


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
class Weekly:
    """The next such day of the week, at this time."""

    weekday: Weekday = field(metadata=asked("Which day", "星期几"))
    at: time = field(metadata=asked("A time of day like 10:00", "时刻，如 10:00"))

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The next one, always later than `moment`."""
        return next_time(self.at, moment, zone, self.weekday)


@dataclass(frozen=True)
class OfCustomer:
    """A yearly date of the customer's, or some days before it, at this time."""

    date: DateName = field(metadata=asked("Its name, like `birthday`", "日期名称，如 birthday"))
    at: time = field(metadata=asked("A time of day like 10:00", "时刻，如 10:00"))
    otherwise: StepId = field(
        metadata=asked("Where to go when the date is not known", "日期未知时", name="else")
    )
    less: timedelta = field(
        metadata=asked("How many days before it", "提前几天"), default=timedelta()
    )

    def __post_init__(self) -> None:
        whole_days(self.less)

    def act(self, here: Here) -> Act:
        """On at the date's next coming. One that passed a day ago or more is not made up for."""
        yearly = here.facts.dates.get(self.date)
        behind = max(here.visit.since, here.now - DAY)
        due = None if yearly is None else self.next(yearly, behind, here.facts.zone)
        if due is None:  # not known, or behind the lunar tables
            return Go("no_date", self.otherwise)
        return Go("waited") if due <= here.now else Stay(due)

    def next(self, yearly: Yearly, behind: datetime, zone: ZoneInfo) -> datetime | None:
        """The first such moment later than `behind`."""
        day = yearly.next(behind.astimezone(zone).date() + self.less)
        while day is not None:
            due = moment(day - self.less, self.at, zone)
            if due > behind:
                return due
            day = yearly.next(day + DAY)
        return None


@dataclass(frozen=True)
class OfChild:
    """The first of the month in which the youngest child comes to one of these months of age, or
    some days before it, at this time."""

    child_turns: tuple[int, ...] = field(
        metadata=asked("Months of age, like `[6, 12]`", "月龄，如 [6, 12]")
    )
    at: time = field(metadata=asked("A time of day like 10:00", "时刻，如 10:00"))
    otherwise: StepId = field(
        metadata=asked(
            "Where to go when no month of birth is known, or all these months are over",
            "出生年月未知或已过这些月龄时",
            name="else",
        )
    )
    less: timedelta = field(
        metadata=asked("How many days before it", "提前几天"), default=timedelta()
    )

    def __post_init__(self) -> None:
        check_marks(self.child_turns)
        whole_days(self.less)

    def act(self, here: Here) -> Act:
        """On at the next of them. One that passed a day ago or more is not made up for."""
        born = here.facts.born
        behind = max(here.visit.since, here.now - DAY)
        due = None if born is None else self.next(born, behind, here.facts.zone)
        if due is None:
            return Go("no_date", self.otherwise)
        return Go("waited") if due <= here.now else Stay(due)

    def next(self, born: str, behind: datetime, zone: ZoneInfo) -> datetime | None:
        """The first such moment later than `behind`."""
        day = next_mark(born, self.child_turns, behind.astimezone(zone).date() + self.less)
        while day is not None:
            due = moment(day - self.less, self.at, zone)
            if due > behind:
                return due
            day = next_mark(born, self.child_turns, day + DAY)
        return None


@dataclass(frozen=True)
class OfAll:
    """A festival, or some days before it, at this time."""

    festival: FestivalCode = field(metadata=asked("Which one, like `mid_autumn`", "哪个节日"))
    at: time = field(metadata=asked("A time of day like 10:00", "时刻，如 10:00"))
    less: timedelta = field(
        metadata=asked("How many days before it", "提前几天"), default=timedelta()
    )

    def __post_init__(self) -> None:
        whole_days(self.less)

    def after(self, behind: datetime, zone: ZoneInfo) -> datetime:
        """The next one, always later than `behind`; at once behind the lunar tables (2100)."""
        day = coming(self.festival, behind.astimezone(zone).date() + self.less)
        while day is not None:
            due = moment(day - self.less, self.at, zone)
            if due > behind:
                return due
            day = coming(self.festival, day + DAY)
        return behind


_MAY_PASS = (Cutoff, OfCustomer, OfChild)  # at once, where what they wait for is over or unknown


@dataclass(frozen=True)
class Wait(Node):
    """Wait for a span of time (`5m`, `14d`), until a time of day (`{until: "10:00"}`), a day of the
    week (`{weekday: monday, at: "10:00"}`), a parcel's cut-off (`{until: parcel_cutoff, less: 2h}`)
    a festival (`{festival: mid_autumn, less: 3d, at: "10:00"}`), a date of the customer's
    (`{date: birthday, less: 3d, at: "10:00", else: unknown}`) or the months of their youngest child
    (`{child_turns: [6, 12], less: 3d, at: "10:00", else: unknown}`).

    Where there is nothing to wait for, the visit goes on at once, to `else` if it is said. A date
    of 29 February comes on the 28th in common years; a lunar 30th on the 29th of a short month. A
    child comes to an age on the first of the month; when the parent takes the consent to know it
    back, whoever waits for it goes on to `else` at once.
    """

    key = "wait"
    title = Words("等待", "Wait")
    shelf = "time"
    about = Words(
        "等一段时间，或等到某个时刻、星期、节日、客户的日期或包裹截单。",
        "Wait for a span of time, an hour, a weekday, a festival, a date of the customer's or a "
        "parcel's cut-off.",
    )
    begins = "{wait: 1d}"
    whole = "length"

    length: timedelta | Cutoff | Daily | Weekly | OfAll | OfCustomer | OfChild = field(
        metadata=asked("How long", "多久")
    )

    @property
    def takes_time(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Not where the cut-off may have passed or the date may be unknown."""
        return not isinstance(self.length, _MAY_PASS)

    @property
    def hears(self) -> frozenset[Kind]:
        match self.length:
            case Cutoff():
                return frozenset({"parcel.planned"})
            case OfCustomer():
                return frozenset({"profile.dated"})
            case OfChild():
                return frozenset({"child.told", "consent.withdrawn"})
            case _:
                return frozenset()

    @property
    def dates(self) -> frozenset[str]:
        return frozenset({self.length.date} if isinstance(self.length, OfCustomer) else ())

    @property
    def of_child(self) -> bool:
        return isinstance(self.length, OfChild)

    @property
    def ways(self) -> tuple[Way, ...]:
        match self.length:
            case Cutoff(otherwise=to) | OfCustomer(otherwise=to) | OfChild(otherwise=to) if (
                to is not None
            ):
                return (Way(to, "otherwise"),)
            case _:
                return ()

    def step(self, here: Here) -> Act:
        if isinstance(self.length, _MAY_PASS):
            return self.length.act(here)
        due = self.over(here.visit.since, here.facts.zone)
        return Go("waited") if due <= here.now else Stay(due)

    def over(self, since: datetime, zone: ZoneInfo) -> datetime:
        """When a wait that hangs on nothing but time is over, for a visit that came at `since`."""
        match self.length:
            case timedelta():
                return since + self.length
            case Daily() | Weekly() | OfAll():
                return self.length.after(since, zone)
            case _:
                return since
