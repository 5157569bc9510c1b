"""The figures of a plan that wins friends, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, NamedTuple

from siyu.acquisition.model import Account

WINDOW = timedelta(days=14)  # each buyer is watched for so long after their own first order
COHORT = 7  # days of buyers whose rate a goal is measured by
MOST_SHOWN = 10_001  # counts that people only look at stop here: "10,000+"
Severity = Literal["harm", "wait", "note"]
# What may wait for somebody, the worst first. harm: something is lost or will be while it lasts;
# wait: somebody has to do it; note: worth knowing.
ATTENTION: Mapping[str, Severity] = {
    "nobody_works": "harm",
    "provider_down": "harm",
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
    "touches_in_doubt": "note",
    "friends_unmatched": "note",
}
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
