"""Into which quiet hour work that may wait is put: pure, by the store's traffic and the rota.

An hour is quiet where the store has at most `QUIET` of the visitors of its average hour. Of the
hours that somebody works and that the brand permits, before the work's time is over, the first
quiet one with room is taken; without one the quietest with room. So nothing waits longer than it
has to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from siyu.kernel.sentence import Sentence
from siyu.kernel.time import Hours, Opening
from siyu.staff.decide import open_hours
from siyu.staff.model import Duty

QUIET = 0.7  # of the visitors of an average hour
SHORTEST = timedelta(minutes=10)  # what is left of an hour that is still worth beginning in
# Where nobody has said when somebody works, and where nobody knows a store's traffic.
USUAL_HOURS = (Hours(clock_time(10), clock_time(20)),)
USUAL_WEEK: Mapping[int, tuple[Hours, ...]] = dict.fromkeys(range(1, 8), USUAL_HOURS)
BUSY_DAYS = (6, 7)  # Saturday and Sunday
BUSY_HOURS = range(12, 18)

Known = Literal["file", "orders", "nothing"]
Code = Literal["quiet", "quietest", "assumed", "no_hour"]
_KNOWN: Mapping[str, Known] = {"file": "file", "orders": "orders", "nothing": "nothing"}
_CODES: Mapping[str, Code] = {
    "quiet": "quiet", "quietest": "quietest", "assumed": "assumed", "no_hour": "no_hour",
}  # fmt: skip


class Traffic(NamedTuple):
    """Visitors of a store by (weekday, hour) of the brand's zone, and who says so: a file; its own
    `orders`, whose times stand in for visitors; or `nothing`, nobody."""

    known: Known = "nothing"
    visitors: Mapping[tuple[int, int], int] = {}

    @property
    def average(self) -> float:
        """Of the hours in which anybody came."""
        busy = [one for one in self.visitors.values() if one]
        return sum(busy) / len(busy) if busy else 0.0

    def quiet(self, weekday: int, hour: int) -> bool:
        """Whether this is a quiet hour; where nobody knows: outside the weekend's afternoons."""
        if self.known == "nothing":
            return not (weekday in BUSY_DAYS and hour in BUSY_HOURS)
        return self.seen(weekday, hour) <= QUIET * self.average

    def seen(self, weekday: int, hour: int) -> int:
        """An hour that nobody speaks of has no visitors."""
        return self.visitors.get((weekday, hour), 0)


NO_TRAFFIC = Traffic()


class Why(NamedTuple):
    """Why an hour was taken: what is known of it, against the store's average hour."""

    code: Code
    known: Known = "nothing"
    visitors: int = 0
    average: int = 0

    def __str__(self) -> str:
        return f"{self.code} {self.known} {self.visitors} {self.average}"


class Job(NamedTuple):
    """Work of somebody that may wait, until its time is over. `hours`: in which the customer may
    be spoken to; None: in any."""

    key: int
    staff: str
    until: datetime
    hours: Opening | None = None


class Planned(NamedTuple):
    """When it is to be done; None: no hour is left for it to wait for, so it does not wait."""

    at: datetime | None
    why: Why


class _Slot(NamedTuple):
    """What is left of an hour in which somebody works."""

    at: datetime
    hour: datetime  # when the hour began: what is counted
    quiet: bool
    visitors: int


Taken = Mapping[tuple[str, datetime], int]  # (guide, when an hour begins) → work put into it


def why_of(text: str) -> Why | None:
    """As it was written down; None: it was not planned.

    >>> why_of("quiet file 3 11")
    Why(code='quiet', known='file', visitors=3, average=11)
    """
    parts = text.split()
    code = _CODES.get(parts[0]) if parts else None
    return None if code is None else Why(code, _KNOWN[parts[1]], int(parts[2]), int(parts[3]))


def hour_of(at: datetime, zone: ZoneInfo) -> datetime:
    """When its hour began, by the clock on the wall."""
    local = at.astimezone(zone)
    return at - timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )


def plan(
    jobs: Iterable[Job],
    duties: Mapping[str, Duty],
    traffic: Mapping[str, Traffic],
    taken: Taken,
    per_hour: int,
    now: datetime,
    zone: ZoneInfo,
) -> dict[int, Planned]:
    """Job → its hour. What ends first chooses first; `traffic` is by store, at most `per_hour` of
    such work go into somebody's hour."""
    used = Counter(taken)
    asked = sorted(jobs, key=lambda job: (job.until, job.key))
    last: dict[tuple[str, Opening | None], datetime] = {}
    for job in asked:
        last[job.staff, job.hours] = max(last.get((job.staff, job.hours), job.until), job.until)
    slots = {
        (code, hours): list(
            _slots(duties[code], hours, _traffic(duties[code], traffic), now, until, zone)
        )
        for (code, hours), until in last.items()
        if code in duties
    }
    found: dict[int, Planned] = {}
    for job in asked:
        free = [
            slot for slot in slots.get((job.staff, job.hours), ())
            if slot.at + SHORTEST <= job.until and used[job.staff, slot.hour] < per_hour
        ]  # fmt: skip
        slot = _chosen(free)
        duty = duties.get(job.staff)
        found[job.key] = _planned(slot, _traffic(duty, traffic) if duty else NO_TRAFFIC)
        if slot is not None:
            used[job.staff, slot.hour] += 1
    return found


def _traffic(duty: Duty, traffic: Mapping[str, Traffic]) -> Traffic:
    return traffic.get(duty.store or "", NO_TRAFFIC)


def _slots(
    duty: Duty,
    hours: Opening | None,
    traffic: Traffic,
    now: datetime,
    until: datetime,
    zone: ZoneInfo,
) -> Iterator[_Slot]:
    """The permitted hours that somebody works, from now on, each from where it can be begun."""
    usual = replace(duty, week=USUAL_WEEK) if duty.week is None else duty
    works = open_hours(usual, now, until, zone)
    for opens, closes in works if hours is None else _cut(works, hours, zone):
        at = opens
        while at < closes:
            hour = hour_of(at, zone)
            ends = min(hour + timedelta(hours=1), closes)
            if at + SHORTEST <= ends:
                local = at.astimezone(zone)
                weekday = local.isoweekday()
                yield _Slot(
                    at, hour, traffic.quiet(weekday, local.hour), traffic.seen(weekday, local.hour)
                )
            at = ends


def _cut(
    works: Iterable[tuple[datetime, datetime]], hours: Opening, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    for opens, closes in works:
        at = opens
        while at < closes:
            begins, ends = hours.next(at, zone)
            if begins < closes:
                yield begins, min(ends, closes)
            at = ends


def _chosen(free: Sequence[_Slot]) -> _Slot | None:
    quiet = next((slot for slot in free if slot.quiet), None)
    return quiet or min(free, key=lambda slot: (slot.visitors, slot.at), default=None)


def _planned(slot: _Slot | None, traffic: Traffic) -> Planned:
    if slot is None:
        return Planned(None, Why("no_hour", traffic.known))
    code: Code = "quiet" if slot.quiet else "quietest"
    if traffic.known == "nothing":
        return Planned(slot.at, Why("assumed" if slot.quiet else "quietest"))
    return Planned(slot.at, Why(code, traffic.known, slot.visitors, round(traffic.average)))


def words(why: Why) -> Sentence:
    """Why it was put there, as its guide reads it.

    >>> words(Why("quiet", "file", 3, 11))[:]
    'a quiet hour of the store: about 3 visitors, 11 in an average one (by the file)'
    """
    match why.code:
        case "assumed":
            return Sentence(
                "nobody has told the store's traffic: any working hour but weekend afternoons",
                "门店客流未知：避开周末下午的上班时段",
            )
        case "no_hour":
            return Sentence(
                "no hour is left for it to wait for: it is to be done now",
                "期限前没有可等的空闲时段：请现在做",
            )
        case "quiet" | "quietest":
            return _compared(why)


def _compared(why: Why) -> Sentence:
    if why.known == "nothing":
        return Sentence(
            "busy as it may be, no other hour is left before its time is over",
            "虽可能繁忙，期限前没有别的时段了",
        )
    said = _BY[why.known]
    seen, usual = why.visitors, why.average
    if why.code == "quiet":
        return Sentence(
            f"a quiet hour of the store: about {seen} visitors, {usual} in an average one ({said})",
            f"门店淡场：约 {seen} 位来客，平均每小时 {usual} 位（{said.zh}）",
        )
    return Sentence(
        f"the quietest hour before its time is over: about {seen} visitors, {usual} in an average "
        f"one ({said})",
        f"期限前最空的时段：约 {seen} 位来客，平均每小时 {usual} 位（{said.zh}）",
    )


_BY: Mapping[Known, Sentence] = {
    "file": Sentence("by the file", "据客流文件"),
    "orders": Sentence("by the hours of its orders", "据该店订单时间"),
    "nothing": Sentence("by nobody", "无来源"),
}
