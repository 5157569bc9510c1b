"""Who does it, when a call is made again, who learns of what is overdue: pure.

No generated id decides: orders, codes and times do, so the same day is shared out the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.kernel.ids import share
from siyu.staff.decide import at_work, first_at_work
from siyu.staff.model import ANY_WORK, Duty, Member
from siyu.tasks.model import BREAK, LATER, LONGEST_WAIT, REST_AFTER, Rules, assigned

_STEP = timedelta(minutes=30)
_LEAST_HOURS = 0.25
_OTHER_HOUR = 2  # an hour of the day is another one from so many hours' distance on


class Job(NamedTuple):
    """A task to be given to somebody. `about` is the order, `until` when it stops being true.

    `named` may do it and nobody else; the friend's own guide and the one who had this order
    before (`holder`) are asked first. Empty: nobody.
    """

    key: int
    kind: str
    about: str
    until: datetime | None = None
    named: str = ""
    friend: str = ""
    holder: str = ""


class Waits(NamedTuple):
    """Nobody can do it now: why, and when to look again."""

    reason: str
    again: datetime


Loads = Mapping[tuple[str, str], int]  # (guide, kind) → open tasks and those done today


def unlimited(duties: Mapping[str, Duty], now: datetime, zone: ZoneInfo) -> bool:
    """Whether everybody works now and nobody has a limit: then loads decide nothing."""
    return all(not duty.most and at_work(duty, now, zone) for duty in duties.values())


def assign(
    jobs: Iterable[Job], duties: Mapping[str, Duty], loads: Loads, now: datetime, zone: ZoneInfo
) -> dict[int, str | Waits]:
    """Job → guide, or why it waits. What ends first is given first."""
    room = _Room(duties, loads, now, zone)
    given: dict[int, str | Waits] = {}
    had: dict[str, str] = {}
    for job in sorted(jobs, key=_natural):
        found = _choose(job, duties, room, had.get(job.about, job.holder))
        if found is None:
            given[job.key] = _waits(job, duties, room, now, zone)
            continue
        room.take(found, job.kind)
        given[job.key] = had[job.about] = found
    return given


def _natural(job: Job) -> tuple[bool, float, str, str, int]:
    until = job.until.timestamp() if job.until else 0.0
    return job.until is None, until, job.about, job.kind, job.key


class _Room:
    """Who is at work and how much more each can take; it shrinks as tasks are given."""

    def __init__(
        self, duties: Mapping[str, Duty], loads: Loads, now: datetime, zone: ZoneInfo
    ) -> None:
        self.here = {code: one for code, one in duties.items() if at_work(one, now, zone)}
        self._load = Counter[tuple[str, str]]()
        for (code, kind), count in loads.items():
            self._add(code, kind, count)

    def _add(self, code: str, kind: str, count: int) -> None:
        self._load[code, kind] += count
        self._load[code, ANY_WORK] += count

    def take(self, code: str, kind: str) -> None:
        self._add(code, kind, 1)

    def load(self, code: str) -> int:
        return self._load[code, ANY_WORK]

    def fits(self, code: str, kind: str) -> bool:
        duty = self.here.get(code)
        return duty is not None and all(
            (most := duty.limit(work)) is None or self._load[code, work] < most
            for work in (kind, ANY_WORK)
        )


def _choose(job: Job, duties: Mapping[str, Duty], room: _Room, holder: str) -> str | None:
    if job.named or not duties:
        return job.named if room.fits(job.named, job.kind) else None
    for code in (job.friend, holder, assigned(job.about, list(duties))):
        if code and room.fits(code, job.kind):
            return code
    free = [code for code in room.here if room.fits(code, job.kind)]
    return min(free, key=lambda code: _burden(room, code, job.about), default=None)


def _burden(room: _Room, code: str, about: str) -> tuple[int, float, str]:
    return room.load(code), share("task", about, code), code


def _waits(
    job: Job, duties: Mapping[str, Duty], room: _Room, now: datetime, zone: ZoneInfo
) -> Waits:
    able = [duty for code, duty in duties.items() if job.named in ("", code)]
    again, reason = now + LATER, "nobody_has_room"
    if not any(duty.code in room.here for duty in able):
        begins = first_at_work(able, now, zone)
        reason = "nobody_at_work" if able else "no active guide"
        again = min(begins or now + LONGEST_WAIT, now + LONGEST_WAIT)
    return Waits(reason, again if job.until is None else max(now, min(again, job.until)))


def call_again(
    tried: Sequence[datetime], rules: Rules, until: datetime, zone: ZoneInfo
) -> datetime | None:
    """When to call once more: at another hour of the day. None: it was tried often enough."""
    if not tried or len(tried) >= rules.most_tries:
        return None
    hours = [_hour(at, zone) for at in tried]
    at = max(tried) + rules.again_after
    while at < until:
        opens, _ = rules.window.next(at, zone)
        if opens > at:
            at = opens
        elif all(_apart(_hour(at, zone), hour) >= _OTHER_HOUR for hour in hours):
            return at
        else:
            at += _STEP
    return None


def _hour(at: datetime, zone: ZoneInfo) -> float:
    local = at.astimezone(zone)
    return local.hour + local.minute / 60


def _apart(one: float, other: float) -> float:
    return min(abs(one - other), 24 - abs(one - other))


def contradicts(masked: str, phone: str) -> bool:
    """Whether a phone can't be the one of which only these digits are to be seen.

    >>> contradicts("138****0001", "+8613800000001"), contradicts("138****0001", "+8613900000001")
    (False, True)
    """
    seen = masked.strip().removeprefix("+86").lstrip("+")
    digits = phone.removeprefix("+86").lstrip("+")
    covered = [at for at, letter in enumerate(seen) if not letter.isdigit()]
    if not covered:
        return seen != digits
    begin, end = seen[: covered[0]], seen[covered[-1] + 1 :]
    if len(seen) == len(digits):
        return any(one.isdigit() and one != other for one, other in zip(seen, digits, strict=True))
    return not (digits.startswith(begin) and digits.endswith(end))


def escalates(rules: Rules, due_at: datetime, escalation: int) -> datetime | None:
    """When the next one up learns that it is overdue; None: never."""
    spans = (rules.overdue_after, rules.head_office_after)[escalation:]
    if not spans or spans[0] is None:
        return None
    first = rules.overdue_after or timedelta(0)
    return due_at + first + (spans[0] if escalation else timedelta(0))


def superior(staff: str, escalation: int, people: Sequence[Member]) -> str | None:
    """Who learns of it: the operator of the store (escalation 0), then head office's, its owner.

    Without an operator in the store it is head office's at once. Of several, the first by code.
    """
    home = next((one.store for one in people if one.code == staff), None)
    store = [
        one for one in people
        if one.role == "operator" and one.store is not None and one.store == home
    ]  # fmt: skip
    office = [one for role in ("operator", "owner") for one in people if _office(one, role)]
    found = office if escalation or not store else store
    return next((one.code for one in found if one.code != staff), None)


def _office(one: Member, role: str) -> bool:
    return one.store is None and one.role == role


class Pace(NamedTuple):
    """How somebody worked: how long, how much in an hour of it, how long without a break."""

    worked: timedelta
    per_hour: float | None
    streak: timedelta

    @property
    def rest(self) -> bool:
        """Whether it is time for a break."""
        return self.streak >= REST_AFTER


def pace(reports: Iterable[tuple[datetime, int]], now: datetime) -> Pace:
    """Read off the reports, (when, minutes it took): what lies further apart than a break is two
    stretches of work. Nothing is said per hour before there was a quarter of one."""
    worked = streak = timedelta(0)
    count, begun, ended = 0, now, None
    for at, minutes in sorted(reports):
        start = at - timedelta(minutes=max(minutes, 1))
        if ended is None or start - ended > BREAK:
            worked, begun = worked + streak, start
        ended = at if ended is None else max(at, ended)
        streak = ended - min(begun, ended)
        count += 1
    worked += streak
    if ended is None or now - ended > BREAK:
        streak = timedelta(0)
    hours = worked / timedelta(hours=1)
    return Pace(worked, count / hours if hours >= _LEAST_HOURS else None, streak)
