"""What reports look like over HTTP: figures of analytics as forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from siyu.analytics import model
from siyu.analytics.model import Definition, PlanReport, WithheldReport
from siyu.analytics.render import by_step

State = Literal["ready", "working"]


@dataclass(frozen=True)
class Period:
    """Whole days by the brand's clocks, both within."""

    first: date
    last: date
    time_zone: str


@dataclass(frozen=True)
class Fresh:
    """Worked out at `as_of`, from the facts up to `applied_seq`; `waiting` were to be applied."""

    as_of: datetime
    applied_seq: int
    waiting: int


@dataclass(frozen=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True)
class Group:
    """`friends` of `buyers` became friends within the window."""

    buyers: int
    friends: int
    rate: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Lift:
    """How much higher the add rate is than in the hold-out: a difference of shares."""

    points: float
    interval: Interval


@dataclass(frozen=True)
class StepReached:
    """`people` reached by so many `touches`; `adds`: friends whose last step it was."""

    step: str
    people: int
    touches: int
    adds: int
    rate: float | None
    raced: int
    longest_race_seconds: float


@dataclass(frozen=True)
class SourceFunnel:
    """`buyers` = `friends_before` + `not_admitted` + `holdout` + `in_scope`; of those in scope
    `invited` were reached. `still_open`: so many in scope may still add within their window."""

    source: str
    title: dict[str, str]
    journey: str
    buyers: int
    friends_before: int
    not_admitted: int
    holdout: Group
    in_scope: Group
    invited: Group
    lift: Lift | None
    still_open: int
    steps: list[StepReached]


@dataclass(frozen=True)
class Funnel:
    """`unmatched` friends came in the same time, and nothing says whose orders are theirs."""

    fresh: Fresh
    window_days: int
    sources: list[SourceFunnel]
    unmatched: int
    raced: int
    longest_race_seconds: float


@dataclass(frozen=True)
class FunnelReport:
    """`seconds`: how long it has been worked on."""

    state: State
    seconds: float
    period: Period
    definitions: list[Definition]
    report: Funnel | None


@dataclass(frozen=True)
class Share:
    """`people` of `of`."""

    of: int
    people: int
    rate: float | None


@dataclass(frozen=True)
class Fall:
    """A step that does worse than in the period before: the intervals of the two rates do not meet.

    `reached`: it reached fewer of those whom it could still win; `won`: fewer of those whom it
    reached became friends. `why` is what the data says about it, empty where it says nothing:
    `withheld` (with its `reason`), `failed`, `paused`, `provider` (takes nothing), `waiting`, or
    `earlier`: the step `reason` before it fell.
    """

    source: str
    step: str
    part: Literal["reached", "won"]
    was: Share
    now: Share
    why: Literal["", "withheld", "failed", "paused", "provider", "waiting", "earlier"]
    reason: str


@dataclass(frozen=True)
class BeforeReport:
    """The period of the same length before, as it stood when it was as old as this one is now, and
    which steps fell since; `seconds`: how long it has been worked on."""

    state: State
    seconds: float
    period: Period
    report: Funnel | None
    falls: list[Fall]


@dataclass(frozen=True)
class KindCost:
    """`amount_minor` in minor units of `currency`, for so many units of the kind."""

    kind: str
    quantity: int
    amount_minor: int


@dataclass(frozen=True)
class StepCost:
    """`adds`: friends whose last step it was; a gift is what a friend gets, and wins nobody."""

    step: str
    adds: int
    amount_minor: int
    cost_per_add_minor: int | None
    kinds: list[KindCost]


@dataclass(frozen=True)
class SourceCost:
    source: str
    title: dict[str, str]
    friends: int
    amount_minor: int
    cost_per_add_minor: int | None
    steps: list[StepCost]


@dataclass(frozen=True)
class Costs:
    """`currency` is empty where nothing was spent."""

    fresh: Fresh
    window_days: int
    currency: str
    sources: list[SourceCost]


@dataclass(frozen=True)
class CostReport:
    """`seconds`: how long it has been worked on."""

    state: State
    seconds: float
    period: Period
    definitions: list[Definition]
    report: Costs | None


@dataclass(frozen=True)
class WithheldRow:
    day: date
    channel: str
    purpose: str
    reason: str
    touches: int


@dataclass(frozen=True)
class NotSent:
    """`withheld` of the `wished` touches were not sent, one line for each day and reason."""

    fresh: Fresh
    wished: int
    withheld: int
    rows: list[WithheldRow]


@dataclass(frozen=True)
class NotSentReport:
    """`seconds`: how long it has been worked on."""

    state: State
    seconds: float
    period: Period
    definitions: list[Definition]
    report: NotSent | None


def _group(found: model.Group) -> Group:
    span = found.interval
    return Group(*found, found.rate, None if span is None else Interval(*span))


def funnel(found: PlanReport) -> Funnel:
    return Funnel(
        Fresh(*found.fresh),
        model.WINDOW.days,
        [_source(one) for one in found.sources],
        found.unmatched,
        sum(step.raced for one in found.sources for step in one.steps),
        max((step.longest_race for one in found.sources for step in one.steps), default=0.0),
    )


def _source(one: model.SourceReport) -> SourceFunnel:
    lift = one.lift
    return SourceFunnel(
        one.source,
        dict(one.title),
        one.journey,
        one.buyers,
        one.friends_before,
        one.not_admitted,
        _group(one.held),
        _group(one.treated),
        _group(one.invited),
        None if lift is None else Lift(lift.points, Interval(*lift.interval)),
        one.still_open,
        [
            StepReached(
                step.step, step.people, step.touches, step.adds,
                model.Group(one.treated.buyers, step.adds).rate, step.raced, step.longest_race,
            )
            for step in one.steps
        ],
    )  # fmt: skip


def falls(found: model.Compared) -> list[Fall]:
    return [
        Fall(source, one.step, one.part, _share(one.was), _share(one.now), one.why, one.reason)
        for source, fell in found.falls.items()
        for one in fell
    ]


def _share(found: model.Group) -> Share:
    return Share(found.buyers, found.friends, found.rate)


def costs(found: PlanReport) -> Costs:
    return Costs(
        Fresh(*found.fresh),
        model.WINDOW.days,
        found.currency,
        [
            SourceCost(
                one.source,
                dict(one.title),
                one.treated.friends,
                one.cost_minor,
                one.cost_per_add_minor,
                _step_costs(one),
            )
            for one in found.sources
        ],
    )


def _step_costs(one: model.SourceReport) -> list[StepCost]:
    adds = {step.step: step.adds for step in one.steps}
    spent = by_step(one)
    order = [*adds, *(step for step in spent if step not in adds)]
    return [
        StepCost(
            step,
            adds.get(step, 0),
            spent.get(step, 0),
            model.per_add(spent.get(step, 0), adds.get(step, 0)),
            [
                KindCost(cost.kind, cost.quantity, cost.amount_minor)
                for cost in one.costs
                if cost.step == step
            ],
        )
        for step in order
    ]


def not_sent(found: WithheldReport) -> NotSent:
    rows = [WithheldRow(*row) for row in found.rows]
    return NotSent(Fresh(*found.fresh), found.wished, found.withheld, rows)
