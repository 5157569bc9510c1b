"""One thing after another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Family, Predicate, Rows, Scope, Step, Words
from siyu.segments.predicates import windows


@dataclass(frozen=True)
class Sequence(Predicate):
    """Something happened, and `then` something else later, `within` so long; or `not_then`: its
    time has passed, and nothing such came.

    Each is an `orders`, `touched`, `friend` or `event` with its own filters, even a window of time:
    `first: {orders: {category: skin}}, not_then: {orders: {}}, within: 30d`. Whichever came first
    counts, each one that there was; with `which: first` or `last` only the first or the last. At
    the same moment is not later. Without `within`: at any time until now.
    """

    key = "sequence"
    title = Words("先后发生", "Sequence")

    first: Step
    then: Step | None = None
    not_then: Step | None = None
    within: timedelta | None = None
    which: Literal["any", "first", "last"] = "any"

    def __post_init__(self) -> None:
        if (self.then is None) == (self.not_then is None):
            raise ValueError(
                Sentence("needs either `then` or `not_then`", "需要 `then` 或 `not_then` 其中之一")
            )
        for name, step in (("first", self.first), ("then", self.then), ("not_then", self.not_then)):
            if step is not None:
                _check(name, step)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What it is made of, in order."""
        return tuple(one for one in (self.first, self.then, self.not_then) if one is not None)

    def holds(self, scope: Scope) -> Expression:
        began, came = self._began(scope), self._came(scope)
        later = [began.customer_id == came.customer_id, came.at > began.at, came.at <= scope.now]
        if self.within is not None:
            later.append(came.at <= began.at + scope.span(self.within))
        if self.then is not None:
            return scope.exists(Rows(began.semi_join(came, later)))
        if self.within is not None:
            began = began.filter(began.at <= scope.ago(self.within))
        return scope.exists(Rows(began.anti_join(came, later)))

    def flips(self, scope: Scope) -> Expression | None:
        moments: list[Expression] = []
        for step in self.steps:
            rows = _ever(step).rows(scope)
            at = windows.times(step)
            moments += windows.crossings(scope, rows, at.within, at.older_than, windows.NOW)
        if self.not_then is not None and self.within is not None:
            moments += windows.crossings(scope, _ever(self.first).rows(scope), self.within)
        return windows.soonest(*moments)

    def _began(self, scope: Scope) -> Expression:
        rows = _happened(scope, self.first)
        if self.which == "any":
            return rows
        by = rows.group_by("customer_id")
        return by.aggregate(at=rows.at.min() if self.which == "first" else rows.at.max())

    def _came(self, scope: Scope) -> Expression:
        return _happened(scope, self.steps[1]).view()


def _happened(scope: Scope, step: Step) -> Expression:
    rows = step.rows(scope)
    found = rows.table.filter(*rows.such, rows.at <= scope.now)
    return found.select("customer_id", at=found[rows.at.get_name()])


def _check(name: str, step: Step) -> None:
    for field in step.counts:
        if getattr(step, field) != getattr(type(step), field):
            raise ValueError(
                Sentence(
                    f"`{name}` is one thing that happened: leave out `{field}`",
                    f"`{name}` 只说发生了什么：请去掉 `{field}`",
                )
            )
    if not getattr(step, "yes", True) or getattr(step, "state", "") == "never":
        raise ValueError(
            Sentence(
                f"`{name}` must be something that happened",
                f"`{name}` 必须是发生过的事",
            )
        )


def _ever(step: Step) -> Step:
    """The same whenever it was."""
    return type(step)(**{**vars(step), "within": None, "older_than": None})


FAMILY = Family("sequences", Words("先后", "Sequences"), (Sequence,))
