"""Time in a predicate: a window of what counts, and the moments at which its borders are crossed.

`within: 90d` is open at its start and closed at now; `older_than: 30d` is closed at its end. What
lies ahead of now counts only where no window is asked for.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from siyu.kernel.sentence import Sentence
from siyu.kernel.time import moment
from siyu.segments.model import Days, Expression, Form, Rows, Scope
from siyu.segments.predicates.facts import ibis

Span: TypeAlias = timedelta | Days | None
NOW = timedelta(0)  # the border that what is dated ahead has yet to cross
DAY = timedelta(days=1)
_UNEVEN = DAY + timedelta(hours=1)  # what a day of the brand's may be longer than one at the start


class Times(NamedTuple):
    """The spans of a form, in days where it counts in whole days; None where it has none."""

    within: Span
    older_than: Span
    first_within: Span
    last_older_than: Span


def times(form: Form) -> Times:
    """What a form says of times."""
    spans: list[timedelta | None] = [getattr(form, name, None) for name in Times._fields]
    if getattr(form, "whole_days", False):
        return Times(*(None if one is None else Days(one.days) for one in spans))
    return Times(*spans)


def check_days(form: Form) -> None:
    """Whole days are said in days."""
    for name in Times._fields:
        span: timedelta | None = getattr(form, name, None)
        if span is not None and span % DAY:
            raise ValueError(
                Sentence(
                    f"with `whole_days`, `{name}` is a number of days, like 30d",
                    f"用了 `whole_days` 时，`{name}` 必须是整天数，如 30d",
                )
            )


def midnight(now: datetime, zone: ZoneInfo, ahead: int) -> datetime:
    """When the day begins that comes so many days behind today."""
    today = now.astimezone(zone).date()
    return moment(today + timedelta(days=ahead), time(0), zone)


def began(now: datetime, zone: ZoneInfo, span: timedelta | Days) -> datetime:
    """The border of a window: what is not younger lies outside."""
    if isinstance(span, Days):
        return midnight(now, zone, 1 - span.many) - timedelta(microseconds=1)
    return now - span


def check(within: timedelta | None, older_than: timedelta | None) -> None:
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
        young = rows.only(at > (scope.now if span == NOW else scope.ago(span)))
        first = scope.first(young, lambda table, at=at: table[at.get_name()].min())
        found.append(first if span == NOW else passes(scope, first, span))
    return found


def passes(scope: Scope, at: Expression, span: timedelta | Days) -> Expression:
    """When what was then is as old as the span. Of days, which end at a midnight: not later than
    that, and at the earliest tonight."""
    if not isinstance(span, Days):
        return at + scope.span(span)
    over, tonight = at + scope.span(span.many * DAY) - scope.span(_UNEVEN), scope.midnight()
    return ibis().cases((over < tonight, tonight), else_=over)


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
