"""What the brand has said to the customer, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from siyu.segments.model import Expression, Family, Rows, Scope, Step, Words
from siyu.segments.predicates import counts, windows
from siyu.segments.predicates.facts import table

TouchState: TypeAlias = Literal["sent", "delivered", "replied", "failed", "withheld"]
Intent: TypeAlias = Literal["A", "B", "C", "D", "E", "F"]
# What a touch of each state may be called by now: read and replied were delivered before.
_STATES = {
    "delivered": ("delivered", "read", "replied"),
    "replied": ("replied",),
    "failed": ("failed",),
    "withheld": ("withheld",),
}


@dataclass(frozen=True)
class Touched(Step):
    """Was sent something at least (and at most) so often, whatever came of it; with `state`, such
    as `delivered` or `replied`, what came of it. `withheld` is what the rules of contact held back.

    The time is when it was sent; of `failed` and `withheld`, when that was known.
    `last_older_than: 7d`: the last one lies at least that far back. Who was never touched is not
    in it: for "left in peace for 7 days" write `not: {touched: {within: 7d}}`. An `intent` runs
    from A (strong) to F (none).
    """

    key = "touched"
    title = Words("收到过触达", "Touched")
    counts = ("at_least", "at_most", "first_within", "last_older_than")

    at_least: int = 1
    at_most: int | None = None
    state: TouchState = "sent"
    channel: str | None = None
    purpose: str | None = None
    journey: str | None = None
    step: str | None = None
    outcome: str | None = None
    intent: tuple[Intent, ...] | None = None
    within: timedelta | None = None
    older_than: timedelta | None = None
    first_within: timedelta | None = None
    last_older_than: timedelta | None = None

    def __post_init__(self) -> None:
        counts.check_often(self.at_least, self.at_most, key=self.key)
        windows.check(self.within, self.older_than)

    def rows(self, scope: Scope) -> Rows:
        ever = self._ever(scope)
        return ever.only(*windows.inside(scope, ever.at, self.within, self.older_than))

    def holds(self, scope: Scope) -> Expression:
        return counts.asked(scope, self, windows.times(self), self.rows(scope), self._ever(scope))

    def flips(self, scope: Scope) -> Expression | None:
        ever = self._ever(scope)
        return windows.soonest(
            *windows.moves(scope, ever, self.within, self.older_than),
            *counts.turns(scope, ever, self.first_within, self.last_older_than),
        )

    def _ever(self, scope: Scope) -> Rows:
        touch = table("touch")
        over = self.state in ("failed", "withheld")
        at = touch.finished_at if over else touch.sent_at
        such = [at.notnull()]
        if self.state != "sent":
            such.append(touch.state.isin(_STATES[self.state]))
        for name in ("channel", "purpose", "journey", "step", "outcome"):
            wanted: str | None = getattr(self, name)
            if wanted is not None:
                such.append(touch[name] == scope.text(wanted))
        if self.intent is not None:
            such.append(touch.intent.isin([scope.text(one) for one in self.intent]))
        return Rows(touch, tuple(such), at)


FAMILY = Family("touches", Words("触达", "Touches"), (Touched,))
