"""Days of the customer's that come every year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from siyu.kernel.calendar import Yearly, falling_on
from siyu.kernel.festivals import FestivalCode, coming
from siyu.kernel.months import OLDEST, month_of
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import moment
from siyu.segments.model import Expression, Family, Predicate, Rows, Scope, Words
from siyu.segments.predicates.facts import function, ibis, table

_LONGEST = 366  # days
_MONTHS = OLDEST  # of a child's age
_SOON = 28  # days ahead: the shortest month, so that at most one first of a month lies in them
_AHEAD = 2 * _LONGEST + 40  # days: in them each comes at least once; a lunar year has up to 385
_DIGITS = 10  # of a moment in seconds, from 2001 to 2286


@dataclass(frozen=True)
class HasDate(Predicate):
    """Has a day of this name (`birthday`, …) that comes within so many days: `in_days: 7` is today
    and the six days after it, `in_days: 1` is today.

    Days begin at midnight in the brand's time zone. Who was born on 29 February has the 28th in a
    common year; a lunar day comes by the lunar calendar, its 30th on the 29th of a short month, and
    a leap month repeats nothing.
    """

    key = "date"
    title = Words("客户日期", "Date")

    name: str
    in_days: int

    def __post_init__(self) -> None:
        if not 1 <= self.in_days <= _LONGEST:
            raise ValueError(
                Sentence(
                    f"`in_days` must be between 1 and {_LONGEST}",
                    f"`in_days` 必须在 1 到 {_LONGEST} 之间",
                )
            )

    def holds(self, scope: Scope) -> Expression:
        rows = self._rows(scope)
        days = scope.told(_Coming(self.in_days))
        return scope.exists(rows.only(days.contains(_code(rows.table))))

    def flips(self, scope: Scope) -> Expression | None:
        rows = self._rows(scope)
        flips = scope.told(_Flips(self.in_days))
        code = _code(rows.table)
        found = rows.only(flips.contains(code))
        start = flips.find(code) + code.length()
        second = flips.substr(start, _DIGITS).cast("float64")
        when = function("to_timestamp", "float64", "timestamp('UTC')")(second)
        return scope.first(found, lambda some: some.select(at=when).at.min())

    def _rows(self, scope: Scope) -> Rows:
        dates = table("customer_date")
        return Rows(dates, (dates.name == scope.text(self.name),))


def _code(dates: Expression) -> Expression:
    """A yearly day as lists of them write it: `,lunar0815=`."""
    number = (dates.month.cast("int64") * 100 + dates.day + 10_000).cast("string")
    return "," + dates.calendar + number + "="


def _written(day: Yearly) -> str:
    return f",{day.calendar}{day.month * 100 + day.day + 10_000}="


@dataclass(frozen=True)
class _Coming:
    """The yearly days that come within so many days."""

    days: int

    def tell(self, now: datetime, zone: ZoneInfo) -> str:
        return "".join(map(_written, _coming(now.astimezone(zone).date(), self.days)))


@dataclass(frozen=True)
class _Flips:
    """Of each yearly day when it next comes near, or has passed: by midnight in the zone."""

    days: int

    def tell(self, now: datetime, zone: ZoneInfo) -> str:
        today = now.astimezone(zone).date()
        return "".join(
            f"{_written(day)}{int(moment(at, time(0), zone).timestamp())}"
            for day, at in _turns(today, self.days).items()
        )


@lru_cache(16)
def _coming(today: date, days: int) -> frozenset[Yearly]:
    return frozenset(
        day for ahead in range(days) for day in falling_on(today + timedelta(days=ahead))
    )


@lru_cache(16)
def _turns(today: date, days: int) -> dict[Yearly, date]:
    """The first day ahead on which each is otherwise than today, or may be."""
    on: dict[Yearly, list[int]] = {}
    for ahead in range(_AHEAD):
        for day in falling_on(today + timedelta(days=ahead)):
            on.setdefault(day, []).append(ahead)
    return {day: today + timedelta(days=_turn(comes, days)) for day, comes in on.items()}


def _turn(comes: list[int], days: int) -> int:
    """In how many days: one that is near is so until nothing follows it closely enough."""
    if comes[0] >= days:
        return comes[0] - days + 1
    last = comes[0]
    for at in comes[1:]:
        if at - last > days:
            break
        last = at
    return last + 1


@dataclass(frozen=True)
class FestivalNear(Predicate):
    """A festival comes within so many days: `{name: mid_autumn, in_days: 7}` is today and the six
    days after it, for everybody at once. Days begin at midnight in the brand's time zone.
    """

    key = "festival"
    title = Words("节日", "Festival")
    short = "name"

    name: FestivalCode
    in_days: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.in_days <= _LONGEST:
            raise ValueError(
                Sentence(
                    f"`in_days` must be between 1 and {_LONGEST}",
                    f"`in_days` 必须在 1 到 {_LONGEST} 之间",
                )
            )

    def holds(self, scope: Scope) -> Expression:
        return scope.told(_Near(self.name, self.in_days)) == scope.text("1")

    def flips(self, scope: Scope) -> Expression | None:
        told = scope.told(_Turns(self.name, self.in_days))
        when = function("to_timestamp", "float64", "timestamp('UTC')")(told.cast("float64"))
        return ibis().ifelse(told == scope.text("0"), None, when)


@dataclass(frozen=True)
class _Near:
    """`1` while the festival is near."""

    name: str
    days: int

    def tell(self, now: datetime, zone: ZoneInfo) -> str:
        return str(int(_near(self.name, self.days, now.astimezone(zone).date())))


@dataclass(frozen=True)
class _Turns:
    """The second at which it comes near next, or has passed; `0`: never."""

    name: str
    days: int

    def tell(self, now: datetime, zone: ZoneInfo) -> str:
        today = now.astimezone(zone).date()
        is_near = _near(self.name, self.days, today)
        ahead = (today + timedelta(days=count) for count in range(1, _AHEAD))
        turn = next((day for day in ahead if _near(self.name, self.days, day) != is_near), None)
        return str(int(moment(turn, time(0), zone).timestamp())) if turn else "0"


@lru_cache(2048)
def _near(name: str, days: int, today: date) -> bool:
    day = coming(name, today)
    return day is not None and day < today + timedelta(days=days)


@dataclass(frozen=True)
class ChildAge(Predicate):
    """Has a child of at least (and at most) so many months: by the month of birth alone, so the
    whole month in which a child was born is month 0. A month begins at midnight in the brand's time
    zone. With `in_days` also who comes to that age within so many days: `in_days: 7` is today and
    the six days after it. Known only of parents who have consented to it.
    """

    key = "child_age"
    title = Words("孩子月龄", "Child's age")

    at_least: int = 0
    at_most: int | None = None
    in_days: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.in_days <= _SOON:
            raise ValueError(
                Sentence(
                    f"`in_days` must be between 1 and {_SOON}",
                    f"`in_days` 必须在 1 到 {_SOON} 之间",
                )
            )
        most = _MONTHS if self.at_most is None else self.at_most
        if not 0 <= self.at_least <= most <= _MONTHS:
            raise ValueError(
                Sentence(
                    f"`at_least` and `at_most` are months from 0 to {_MONTHS}, the first not above"
                    " the second",
                    f"`at_least` 和 `at_most` 是 0 到 {_MONTHS} 的月数，前者不大于后者",
                )
            )

    def holds(self, scope: Scope) -> Expression:
        children = table("customer_child")
        such = [children.month <= scope.told(_Month(self.at_least, self.in_days - 1))]
        if self.at_most is not None:
            such.append(children.month >= scope.told(_Month(self.at_most)))
        word = table("child_consent")
        given = scope.exists(Rows(word, (word.state == scope.text("given"),)))
        return scope.exists(Rows(children, tuple(such))) & given

    def flips(self, scope: Scope) -> Expression | None:
        children = Rows(table("customer_child"))
        when = function("to_timestamp", "float64", "timestamp('UTC')")(
            scope.told(_NextMonth(self.in_days - 1)).cast("float64")
        )
        some = scope.first(children, lambda rows: rows.count())
        return ibis().ifelse(some > 0, when, None)


@dataclass(frozen=True)
class _Month:
    """The month that lies so many before this one, or before the one in so many days: `2025-03`."""

    ago: int
    ahead: int = 0

    def tell(self, now: datetime, zone: ZoneInfo) -> str:
        return month_of(now.astimezone(zone).date() + timedelta(days=self.ahead), self.ago)


@dataclass(frozen=True)
class _NextMonth:
    """The second at which the next month begins, or so many days before one begins."""

    ahead: int = 0

    def tell(self, now: datetime, zone: ZoneInfo) -> str:
        today = now.astimezone(zone).date()
        first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        near = ((today + timedelta(days=self.ahead)).replace(day=1) + timedelta(days=32)).replace(
            day=1
        ) - timedelta(days=self.ahead)
        return str(int(moment(min(first, near), time(0), zone).timestamp()))


FAMILY = Family("dates", Words("日期", "Dates"), (HasDate, FestivalNear, ChildAge))
