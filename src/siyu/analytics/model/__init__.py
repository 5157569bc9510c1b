"""The figures of a plan that wins friends, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Literal, NamedTuple

from siyu.acquisition.model import Account

TOOL_FEE = "tool_fee"  # a price of the ledger's; its step says over what the fee is spread
WINDOW = timedelta(days=14)  # each buyer is watched for so long after their own first order
HARDLY = timedelta(days=1)  # so long after an order the plan may not have come to a step yet
COHORT = 7  # days of buyers whose rate a goal is measured by
MOST_SHOWN = 10_001  # counts that people only look at stop here: "10,000+"
Severity = Literal["harm", "wait", "note"]
# What may wait for somebody, the worst first: harm loses while it lasts, wait is to be done.
ATTENTION: Mapping[str, Severity] = {
    "nobody_works": "harm",
    "provider_down": "harm",
    "template_rejected": "harm",
    "quota_used": "harm",
    "vendor_warns": "harm",
    "pull_failing": "harm",
    "events_parked": "harm",
    "visits_parked": "harm",
    "gift_short": "harm",
    "subscribers_stopped": "harm",
    "events_waiting": "wait",
    "sweep_late": "wait",
    "gift_low": "wait",
    "promises_expiring": "wait",
    "approvals_waiting": "wait",
    "tasks_overdue": "wait",
    "tasks_unassigned": "wait",
    "claims_open": "wait",
    "complaints_open": "wait",
    "touches_in_doubt": "note",
    "friends_unmatched": "note",
}
# Of these staff is told as they begin: harm (where nobody works, nobody tells), and what soon is.
_SOON = {"events_waiting", "gift_low"}
ALARMS = {c for c, is_ in ATTENTION.items() if is_ == "harm" or c in _SOON} - {"nobody_works"}
OTHER_DOOR = "other"  # a friend who came by none of the plan's steps


class StepFigures(NamedTuple):
    """One step: what it sent, the friends whose last step it was, what it cost."""

    touches: int = 0
    adds: int = 0
    cost_minor: int = 0


class Figures(NamedTuple):
    """A plan over the buyers of a period, each watched for the window after their first order.

    `in_scope`: distinct buyers with a paid order in scope at which they were no friend, not held
    out, reachable or not. `friends_added` and `invited` count among them; `added_invited` among
    the invited. `unmatched` friends came in the same time and nothing says whose orders are theirs.
    """

    in_scope: int
    invited: int
    friends_added: int
    added_invited: int
    unmatched: int
    by_step: Mapping[str, StepFigures]
    withheld: Mapping[str, int]
    parcels: Account
    cost_minor: int
    currency: str

    @property
    def add_rate(self) -> float:
        """Friends added ÷ buyers in scope."""
        return self.friends_added / self.in_scope if self.in_scope else 0.0

    @property
    def add_rate_invited(self) -> float:
        """The same among those who were invited."""
        return self.added_invited / self.invited if self.invited else 0.0

    @property
    def cost_per_add_minor(self) -> int | None:
        """What a friend cost, rounded to the next minor unit; None while there is none."""
        return -(-self.cost_minor // self.friends_added) if self.friends_added else None


# ── reports ──

ReportName = Literal["cascade", "cost", "withheld"]
# Every figure that a report shows, by the code of its definition (docs/guides/reports.md).
Definition = Literal[
    "buyers",
    "friends_before",
    "not_admitted",
    "holdout",
    "in_scope",
    "invited",
    "step",
    "add_rate",
    "add_rate_invited",
    "lift",
    "raced",
    "unmatched",
    "still_open",
    "cost_per_add",
    "withheld",
    "wished",
]
# Every figure behind which people stand, each with a list; `reached` and `won` are a step's.
Counts = Literal[
    "buyers",
    "friends_before",
    "not_admitted",
    "holdout",
    "holdout_friends",
    "in_scope",
    "friends",
    "still_open",
    "invited",
    "invited_friends",
    "reached",
    "won",
    "unmatched",
    "withheld",
]
OF_A_STEP: frozenset[Counts] = frozenset({"reached", "won"})
OF_NO_SOURCE: frozenset[Counts] = frozenset({"unmatched", "withheld"})
# Why a step has not reached somebody: its touch was withheld, came to nothing, or waits: for a
# pause, for a provider that takes nothing, or just so.
Why = Literal["withheld", "failed", "paused", "provider", "waiting"]
Z = 1.96  # of intervals: 95 %
LONGEST_PERIOD = 400  # days


class Asked(NamedTuple):
    """What a report is asked for: whole days by the brand's clocks, both within; '' : all."""

    first: date
    last: date
    source: str = ""
    shop: str = ""


class Freshness(NamedTuple):
    """When it was worked out, up to which place of the applied facts; how many waited then."""

    as_of: datetime
    applied_seq: int
    waiting: int


class Interval(NamedTuple):
    """Of a share, or of the difference of two."""

    low: float
    high: float


class Group(NamedTuple):
    """Buyers, and those of them who became friends within the window."""

    buyers: int
    friends: int

    @property
    def rate(self) -> float | None:
        """Friends ÷ buyers; None without buyers."""
        return self.friends / self.buyers if self.buyers else None

    @property
    def interval(self) -> Interval | None:
        """Where the true rate lies, 95 % (Wilson).

        >>> low, high = Group(100, 48).interval
        >>> round(low, 3), round(high, 3)
        (0.385, 0.577)
        """
        if not self.buyers:
            return None
        share, many = self.friends / self.buyers, self.buyers
        middle = (share + Z * Z / (2 * many)) / (1 + Z * Z / many)
        spread = share * (1 - share) / many + Z * Z / (4 * many * many)
        half = Z / (1 + Z * Z / many) * sqrt(spread)
        return Interval(max(middle - half, 0.0), min(middle + half, 1.0))


class Lift(NamedTuple):
    """How much higher the rate is than without us, as a share of buyers."""

    points: float
    interval: Interval


def lift(treated: Group, held: Group) -> Lift | None:
    """The difference of two rates, 95 % (Newcombe); None where either has nobody.

    >>> round(lift(Group(1000, 480), Group(50, 3)).points, 3), lift(Group(9, 1), Group(0, 0))
    (0.42, None)
    """
    ours, theirs = treated.interval, held.interval
    if ours is None or theirs is None:
        return None
    one, other = treated.friends / treated.buyers, held.friends / held.buyers
    down = sqrt((one - ours.low) ** 2 + (theirs.high - other) ** 2)
    up = sqrt((ours.high - one) ** 2 + (other - theirs.low) ** 2)
    return Lift(one - other, Interval(one - other - down, one - other + up))


class Step(NamedTuple):
    """One step of a plan, for the buyers in scope.

    `people` it reached by so many `touches`; `adds`: friends who followed it last. `raced`
    touches went out after the friend had been added and before anybody knew; `longest_race` in
    seconds. `fresh`: of the people, those who ordered within the last day and are no friends yet.
    """

    step: str
    people: int = 0
    touches: int = 0
    adds: int = 0
    raced: int = 0
    longest_race: float = 0.0
    fresh: int = 0


class NotReached(NamedTuple):
    """People whom a step was to reach and has not, and what became of their touch."""

    step: str
    why: Why
    reason: str  # of what was withheld
    people: int


class Cost(NamedTuple):
    """What one step has spent on the buyers in scope, each within the window; by kind."""

    step: str
    kind: str
    currency: str
    quantity: int
    amount_minor: int


class SourceReport(NamedTuple):
    """The buyers of a period whom a source could win.

    `buyers` = `friends_before` + `not_admitted` + `held` + `treated`. Of the treated `invited`
    were reached; `still_open`: their window has not ended, so more of them may add; `fresh` of
    these ordered within the last day.
    """

    source: str
    title: Mapping[str, str]
    journey: str
    buyers: int
    friends_before: int
    not_admitted: int
    held: Group
    treated: Group
    invited: Group
    still_open: int
    steps: tuple[Step, ...]
    costs: tuple[Cost, ...]
    not_reached: tuple[NotReached, ...] = ()
    fresh: int = 0

    @property
    def lift(self) -> Lift | None:
        """Against the hold-out."""
        return lift(self.treated, self.held)

    @property
    def cost_minor(self) -> int:
        """All that was spent."""
        return sum(one.amount_minor for one in self.costs)

    @property
    def cost_per_add_minor(self) -> int | None:
        """Rounded up; None while there is no friend."""
        return per_add(self.cost_minor, self.treated.friends)


def per_add(cost_minor: int, friends: int) -> int | None:
    """What a friend cost, rounded to the next minor unit.

    >>> per_add(101, 2), per_add(5, 0)
    (51, None)
    """
    return -(-cost_minor // friends) if friends else None


class PlanReport(NamedTuple):
    """Funnel and costs of every source that was asked for."""

    asked: Asked
    fresh: Freshness
    sources: tuple[SourceReport, ...]
    unmatched: int
    currency: str


class Fall(NamedTuple):
    """A step that does worse than in the period before, beyond what chance explains.

    `reached`: of those whom it could still win, it reached fewer. `won`: of those whom it reached,
    fewer became friends. `why`: what the data says about it, if anything; `earlier`: it reaches
    those whom the step `reason` reaches, and that one fell.
    """

    step: str
    part: Literal["reached", "won"]
    was: Group
    now: Group
    why: Why | Literal["earlier", ""] = ""
    reason: str = ""


class Compared(NamedTuple):
    """The period before, as it stood when it was as old as this one, and what fell since."""

    report: PlanReport
    falls: Mapping[str, tuple[Fall, ...]]  # by source


class Which(NamedTuple):
    """The number whose list is asked for; '' of what was withheld: all."""

    figure: Counts
    step: str = ""
    channel: str = ""
    purpose: str = ""
    reason: str = ""


class Counted(NamedTuple):
    """One whom a number counts; the rest is of a touch that was not sent. `id` is the cursor."""

    id: int
    customer_id: int
    at: datetime
    step: str = ""
    channel: str = ""
    purpose: str = ""
    reason: str = ""


class Withheld(NamedTuple):
    """Touches that were not sent, of one day, channel, purpose and reason."""

    day: date
    channel: str
    purpose: str
    reason: str
    touches: int


class WithheldReport(NamedTuple):
    """What was wished for in the period, and what of it was withheld."""

    asked: Asked
    fresh: Freshness
    wished: int
    rows: tuple[Withheld, ...]

    @property
    def withheld(self) -> int:
        """All of them."""
        return sum(row.touches for row in self.rows)


class Day(NamedTuple):
    """New friends, `unmatched` of whom lead to no buyer; customers who deleted us; touches that
    failed; what all of the day has cost."""

    friends: int
    unmatched: int
    deleted: int
    failed: int
    cost_minor: int

    @property
    def per_add(self) -> int | None:
        """What a new friend of the day has cost."""
        return per_add(self.cost_minor, self.friends)


class Brief(NamedTuple):
    """A day, the same weekday `before`, and what waits now."""

    day: date
    found: Day
    before: Day
    parked: int
    overdue: int
    currency: str
