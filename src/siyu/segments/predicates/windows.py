"""Time in a predicate: a window of what counts, and the moments at which its borders are crossed.

`within: 90d` is open at its start and closed at now; `older_than: 30d` is closed at its end. What
lies ahead of now counts only where no window is asked for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Rows, Scope
from siyu.segments.predicates.facts import ibis

Span: TypeAlias = timedelta | None
NOW = timedelta(0)  # the border that what is dated ahead has yet to cross


def check(within: Span, older_than: Span) -> None:
    """A window that nothing can lie in is refused."""
    if within is not None and older_than is not None and older_than >= within:
        raise ValueError(
            Sentence(
                "`older_than` must be shorter than `within`: nothing lies between them",
                "`older_than` 必须短于 `within`：两者之间没有内容",
            )
        )


def inside(scope: Scope, at: Expression, within: Span, older_than: Span) -> list[Expression]:
    """That `at` lies in the window."""
    such: list[Expression] = []
    if within is not None:
        such.append(at > scope.ago(within))
    if older_than is not None:
        such.append(at <= scope.ago(older_than))
    elif within is not None:
        such.append(at <= scope.now)
    return such


def crossings(scope: Scope, rows: Rows, *spans: Span) -> list[Expression]:
    """When the first of these rows next becomes as old as one of the spans."""
    found: list[Expression] = []
    for span in dict.fromkeys(one for one in spans if one is not None):
        at = rows.at
        young = rows.only(at > (scope.ago(span) if span else scope.now))
        first = scope.first(young, lambda table, at=at: table[at.get_name()].min())
        found.append(first + scope.span(span) if span else first)
    return found


def moves(scope: Scope, rows: Rows, within: Span, older_than: Span) -> list[Expression]:
    """When a row may next enter the window or leave it."""
    if within is None and older_than is None:
        return []
    return crossings(scope, rows, within, older_than or NOW)


def soonest(*moments: Expression) -> Expression | None:
    """The first of these, nulls aside."""
    if len(moments) < 2:
        return moments[0] if moments else None
    return ibis().least(*moments)
