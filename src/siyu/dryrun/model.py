"""What is asked of a dry run, by which rates people answer, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from siyu.kernel.errors import Problem
from siyu.playbooks.model import Playbook

Level = Literal["low", "likely", "high"]
State = Literal["waiting", "running", "done", "cancelled", "failed"]
Tell = Callable[[datetime, float], bool]  # how far: the virtual time, the share; False: stop

SCHEMA = "siyu_dry"
LOCK = "siyu dry run"  # one at a time
MOST_DAYS = 92
# How long a step of the virtual clock is at least: finer in a short period; of ranges coarse.
FINE, MEDIUM, COARSE = timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)
FINE_DAYS = 14
# Enough of a channel's own touches to go by them.
ENOUGH = 100
# Of how many customers of 1,024 the ranges are worked out, where there are many.
SAMPLE = 102
FEW = 5_000  # with so few facts and visits the ranges are worked out of everybody


class Rate(NamedTuple):
    """A share, or an amount, between a low and a high one. `seen`: of how many touches of the
    brand's own it was reckoned; 0: assumed, or given."""

    low: float
    likely: float
    high: float
    seen: int = 0

    def at(self, level: Level) -> float:
        """This one of the three."""
        return float(getattr(self, level))


@dataclass(frozen=True, slots=True)
class Reaction:
    """What people do with a touch of one channel.

    `reached`: delivered, or answered. `added`: of those reached who are no friends yet, whoever
    becomes one. `refused`: of those reached, whoever wants no more of it. `seconds` of a call,
    `minutes` of staff. `intents`: how calls are graded, by weight.
    """

    reached: Rate
    added: Rate
    refused: Rate
    seconds: Rate
    minutes: Rate
    intents: Mapping[str, float]


Rates = Mapping[str, Reaction]  # by channel


@dataclass(frozen=True, slots=True)
class Asked:
    """A text, and the days [since, until] by the brand's clocks over which it is tried."""

    text: str
    since: date
    until: date
    rates: Rates
    seed: str = "1"
    ranges: bool = True  # also at the low and the high rates
    playbook: Playbook | None = None  # what is tried in the place of a text: all of its journeys

    @property
    def days(self) -> int:
        """How many days."""
        return (self.until - self.since).days + 1

    @property
    def grid(self) -> timedelta:
        """How long a step of the clock is at least."""
        return FINE if self.days <= FINE_DAYS else MEDIUM


class Day(NamedTuple):
    """A day of the period: who came in, and the minutes of staff that it took."""

    day: date
    entered: int
    staff_minutes: int


class Step(NamedTuple):
    """What became of a step's touches. `cost_minor`: what the price list says of those sent."""

    step: str
    channel: str
    wished: int
    sent: int
    withheld: int
    waiting: int
    reached: int
    cost_minor: int


class Withheld(NamedTuple):
    """How many touches of a step were not sent for a reason; `by`: the journey that went first."""

    step: str
    channel: str
    reason: str
    touches: int
    by: str


class Collision(NamedTuple):
    """Another journey that had the same people at the same time. `gave_way`: touches of ours that
    waited or fell for one of its; `took`: of its that did for one of ours."""

    journey: str
    customers: int
    gave_way: int
    took: int


class Counted(NamedTuple):
    """What one run counted."""

    heard: int
    could_enter: int
    entered: int
    customers: int
    held_out: int
    refused: Mapping[str, int]
    friends: int
    parked: int
    days: list[Day]
    steps: list[Step]
    withheld: list[Withheld]
    collisions: list[Collision]
    given: Mapping[str, int] = {}  # offer → how many were promised or reserved

    @property
    def cost_minor(self) -> int:
        """All of it."""
        return sum(step.cost_minor for step in self.steps)

    @property
    def staff_minutes(self) -> int:
        """All of it."""
        return sum(day.staff_minutes for day in self.days)


class Range(NamedTuple):
    """A figure with what it would be at the low and at the high rates."""

    low: int
    likely: int
    high: int


@dataclass(frozen=True, slots=True)
class Told:
    """The answer. `ranges_of`: the share of customers of whom the ranges were worked out; 0: they
    were not. `grid`: times hold to within so much."""

    journey: str
    since: date
    until: date
    currency: str
    counted: Counted
    cost_minor: Range
    staff_minutes: Range
    friends: Range
    rates: Rates
    ranges_of: float
    grid: timedelta
    seconds: float


class Ended(NamedTuple):
    """How one came to its end."""

    state: State
    told: dict[str, Any] | None = None
    error: str = ""
    problems: tuple[Problem, ...] = ()


class DryRun(NamedTuple):
    """One that somebody asked for over HTTP. `rates`: as given; `told`: as `render.plain` says it;
    of a list, without what is long. `turn`: how often one began it."""

    id: int
    journey: str
    text: str
    since: date
    until: date
    seed: str
    rates: str
    ranges: bool
    asked_by: str
    asked_at: datetime
    state: State
    turn: int
    share: float
    at_day: date | None
    cancel_wanted: bool
    told: dict[str, Any] | None
    error: str
    error_zh: str
    problems: list[dict[str, Any]]
    ended_at: datetime | None
