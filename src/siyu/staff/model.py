"""Brand, stores, members: constructors refuse what can't be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Literal, NamedTuple

from siyu.kernel import money, time
from siyu.kernel.sentence import Sentence

Role = Literal["guide", "operator", "engineer", "owner", "auditor"]
ROLES: tuple[Role, ...] = ("guide", "operator", "engineer", "owner", "auditor")
ScopeKind = Literal["head_office", "region", "store", "own"]
SCOPES: tuple[ScopeKind, ...] = ("head_office", "region", "store", "own")
LOCALES = ("zh", "en")
EVERYBODY = "*"  # as a person: all who have nothing of their own
ANY_WORK = "*"  # as a kind of work: all kinds together
WORK = ("call", "friend_request")  # kinds of work that a day's capacity can be said of
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GoalKind = Literal["growth", "repurchase", "need", "reputation"]
GOALS: tuple[GoalKind, ...] = ("growth", "repurchase", "need", "reputation")
MEASURED: tuple[GoalKind, ...] = ("growth", "repurchase")  # by a rate; the others only by people
CLOSED: tuple[time.Hours, ...] = ()


# What each role may do (docs/decisions/0009). A new permission is one more word here, for each role
# that shall have it, and in `Permission` of api/auth.py; the owner has them all.
_ALL = frozenset({"live.read", "customers.read", "tasks.read", "staff.read", "content.read"})
_READS = _ALL | {
    "overview.read", "touches.read", "budget.read", "journeys.read", "moments.read", "parcels.read",
    "reports.read", "imports.read", "ledger.read", "events.read", "audit.read", "settings.read",
    "ways.read", "groups.read", "segments.read", "offers.read",
}  # fmt: skip
_GUIDE = _ALL | {
    "customers.consent", "customers.care", "customers.health", "tasks.work", "tasks.reveal",
}  # fmt: skip
_OPERATOR = _GUIDE | _READS | {
    "goal.write", "customers.reveal", "customers.merge", "touches.stop", "budget.write",
    "tasks.manage", "staff.manage", "journeys.publish", "journeys.approve", "journeys.test",
    "moments.publish", "content.write", "content.approve", "imports.write", "parcels.pick",
    "settings.write", "staff.handover", "ways.write", "segments.write", "offers.reserve",
}  # fmt: skip
_AUDITOR = _READS | {"metrics.read", "subscribers.read"}
_ENGINEER = _AUDITOR | {
    "touches.stop", "journeys.test", "events.write", "subscribers.write", "subscribers.reveal",
}  # fmt: skip
PERMISSIONS: Mapping[Role, frozenset[str]] = {
    "guide": _GUIDE,
    "operator": _OPERATOR,
    "engineer": _ENGINEER,
    "owner": _OPERATOR | _ENGINEER,
    "auditor": _AUDITOR,
}


def who_may(permission: str) -> list[Role]:
    """The roles that have it.

    >>> who_may("journeys.publish")
    ['operator', 'owner']
    """
    return [role for role in ROLES if permission in PERMISSIONS[role]]


def usual_scope(role: Role, store: str | None) -> ScopeKind:
    """What an account sees of which nothing else is said.

    >>> usual_scope("guide", "west"), usual_scope("operator", "west"), usual_scope("owner", None)
    ('own', 'store', 'head_office')
    """
    if role == "guide":
        return "own"
    return "store" if store else "head_office"


@dataclass(frozen=True, slots=True)
class Brand:
    """One brand is one database. `region` reads phones without a country code (CN, GB);
    `currency` is what the books are kept in; `locale` (zh or en) what is sent."""

    name: str
    time_zone: str
    currency: str
    region: str
    locale: str

    def __post_init__(self) -> None:
        time.zone(self.time_zone)
        money.exponent(self.currency)
        if not re.fullmatch(r"[A-Z]{2}", self.region):
            raise ValueError(
                Sentence(
                    f"{self.region!r} is not a region; write two letters, like CN",
                    f"{self.region!r} 不是国家或地区；请写两个字母，如 CN",
                )
            )
        if self.locale not in LOCALES:
            raise ValueError(
                Sentence(
                    f"{self.locale!r} is not a language of Siyu; write zh or en",
                    f"{self.locale!r} 不是 Siyu 的语言；请写 zh 或 en",
                )
            )


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose customers somebody may see: those whom one of these accounts of staff serves.

    `staff` None: everybody's, as at head office. Views take it, and their statements enforce it.
    """

    staff: tuple[str, ...] | None = None

    @property
    def codes(self) -> list[str] | None:
        """As a statement's parameter: null lets everything through."""
        return None if self.staff is None else list(self.staff)

    def sees(self, staff: str) -> bool:
        """Whether what this account of staff has is within it."""
        return self.staff is None or staff in self.staff


class Goal(NamedTuple):
    """What the pool is worked for now. `target`: the rate to reach, of customers who are each
    watched for `days`; None where no figure measures the goal."""

    kind: GoalKind
    target: float | None
    days: int | None
    since: datetime
    by: str


CreditRule = Literal["owner", "last", "shared"]
CREDIT_RULES: tuple[CreditRule, ...] = ("owner", "last", "shared")
MOST_CREDIT_DAYS = 180


class Credit(NamedTuple):
    """To whom of us an order is credited, whatever it was bought by. Paid in a chat: to whom it was
    paid. Else `owner`: whose friend the customer was; `last`: who did the last thing for them in
    `days` before (a task, a touch), else the owner; `shared`: to all of these in equal parts."""

    rule: CreditRule = "owner"
    days: int = 30


class Sees(NamedTuple):
    """What an account is said to see; None: as role and store say. `place`: '' is its own."""

    scope: ScopeKind | None = None
    place: str = ""

    def __str__(self) -> str:
        return f"{self.scope or 'by role and store'} {self.place}".strip()


@dataclass(frozen=True, slots=True)
class Store:
    """A store of the brand."""

    code: str
    name: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works here; `code` is the account on the carrier. No store: head office."""

    code: str
    name: str
    role: Role
    store: str | None = None
    active: bool = True

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(
                Sentence(
                    f"{self.role!r} is not a role; known are {', '.join(ROLES)}",
                    f"{self.role!r} 不是角色；可用的有 {', '.join(ROLES)}",
                )
            )
        if not re.fullmatch(r"[^\s*/\x00-\x1f][^/\x00-\x1f]{0,119}", self.code):
            raise ValueError(
                Sentence(
                    f"{self.code!r} is no code; write the account on the carrier",
                    f"{self.code!r} 不是编码；请写在企业微信里的账号",
                )
            )


class Off(NamedTuple):
    """Not at work from `since` to `until`; None: nobody knows yet until when."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Duty:
    """When somebody works, and how much in a day; hours are those of the brand's zone.

    `week` is by weekday (Monday is 1); None: at all hours. `days` go before the week.
    `most` is by kind of work; what is not there has no limit.
    """

    code: str
    store: str | None = None
    week: Mapping[int, tuple[time.Hours, ...]] | None = None
    days: Mapping[date, tuple[time.Hours, ...]] = field(
        default_factory=dict[date, tuple[time.Hours, ...]]
    )
    off: tuple[Off, ...] = ()
    most: Mapping[str, int] = field(default_factory=dict[str, int])

    def limit(self, work: str) -> int | None:
        """How much of this work in a day; None: without limit."""
        return self.most.get(work)


def windows(text: str) -> tuple[time.Hours, ...]:
    """`09:00-12:00,13:00-18:00` as windows in order; empty: closed.

    >>> len(windows("09:00-12:00,13:00-18:00")), windows("")
    (2, ())
    """
    found = tuple(time.hours(part) for part in text.split(",")) if text.strip() else CLOSED
    if any(one.end > other.start for one, other in pairwise(found)):
        raise ValueError(
            Sentence(
                f"{text!r}: write the windows in order, none over another",
                f"{text!r}：时段要按先后写，不能重叠",
            )
        )
    return found


def week(text: str) -> dict[int, str]:
    """`mon-fri 09:00-18:00; sat 10:00-16:00` as hours by weekday; a day left out is free.

    >>> week("mon-tue 09:00-18:00; sun 10:00-12:00")
    {1: '09:00-18:00', 2: '09:00-18:00', 7: '10:00-12:00'}
    """
    found: dict[int, str] = {}
    for part in filter(None, (one.strip() for one in text.split(";"))):
        days, _, hours = part.partition(" ")
        names = days.lower().split("-")
        if not 1 <= len(names) <= 2 or not set(names) <= set(WEEKDAYS):
            raise ValueError(
                Sentence(
                    f"{days!r} is no day; write {', '.join(WEEKDAYS)} or mon-fri",
                    f"{days!r} 不是星期几；请写 {', '.join(WEEKDAYS)} 或 mon-fri",
                )
            )
        first, last = (WEEKDAYS.index(name) for name in (names[0], names[-1]))
        if first > last:
            raise ValueError(
                Sentence(f"{days!r}: the week goes from mon to sun", f"{days!r}：一周从 mon 到 sun")
            )
        if not windows(hours):
            raise ValueError(
                Sentence(
                    f"{part!r}: no hours; write them like 09:00-18:00",
                    f"{part!r}：没有时段；请写成 09:00-18:00",
                )
            )
        for day in range(first + 1, last + 2):
            if day in found:
                raise ValueError(
                    Sentence(f"{WEEKDAYS[day - 1]} is there twice", f"{WEEKDAYS[day - 1]} 写了两次")
                )
            found[day] = hours.strip()
    return found
