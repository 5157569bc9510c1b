"""Something becomes true, or its time is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from siyu.journeys.model import Act, Condition, Go, Here, Node, Stay, asked
from siyu.journeys.predicates.conditions import because, flips, own
from siyu.journeys.predicates.visit import VisitForm
from siyu.segments.model import Tree, Words


@dataclass(frozen=True)
class Until(Node):
    """Wait until a condition is true; after `timeout` go on without it."""

    key = "until"
    title = Words("等到", "Until")
    shelf = "time"
    about = Words(
        "等到条件成立；超过时限就不再等，继续往下走。",
        "Wait until something becomes true; when the time is over go on without it.",
    )
    begins = "{until: {friend: true}, timeout: 1d}"
    whole = "condition"
    beside = frozenset({"timeout"})

    condition: Condition = field(metadata=asked("What must become true", "等到什么成立"))
    timeout: timedelta = field(metadata=asked("How long to wait for it at most", "最多等多久"))

    @property
    def needs(self) -> tuple[Tree, ...]:
        return (self.condition,)

    @cached_property
    def timed(self) -> tuple[VisitForm, ...]:
        """What time alone may change."""
        return own(self.condition)

    def step(self, here: Here) -> Act:
        if why := because(self.condition, here):
            return Go(why)
        over = here.visit.since + self.timeout
        if over <= here.now:
            return Go("timed_out")
        moment = flips(self.timed, here)
        return Stay(over if moment is None else min(over, moment))
