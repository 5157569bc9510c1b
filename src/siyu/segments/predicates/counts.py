"""How often, how much, since when: what predicates about things that happened have in common."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Rows, Scope
from siyu.segments.predicates.facts import ibis
from siyu.segments.predicates.windows import NOW, Span, Times, crossings, passes


class Counted(Protocol):
    """A predicate that counts."""

    @property
    def at_least(self) -> int: ...
    @property
    def at_most(self) -> int | None: ...


def check(at_least: Decimal | None, at_most: Decimal | None) -> None:
    """Bounds between which nothing lies are refused."""
    if at_least is not None and at_most is not None and at_most < at_least:
        raise ValueError(
            Sentence(
                "`at_most` is below `at_least`: nothing is both",
                "`at_most` 小于 `at_least`：没有符合的",
            )
        )


def check_often(at_least: int, at_most: int | None, *, key: str) -> None:
    """So many of at least one: none is said by `not`."""
    if at_least < 1:
        raise ValueError(
            Sentence(
                f"`at_least` must be 1 or more; for none write `not: {{{key}: …}}`",
                f"`at_least` 至少是 1；要表示没有，请写 `not: {{{key}: …}}`",
            )
        )
    check(Decimal(at_least), None if at_most is None else Decimal(at_most))


def between(scope: Scope, rows: Rows, at_least: int, at_most: int | None) -> Expression:
    """That there are so many rows: at least one."""
    if at_least == 1 and at_most is None and scope.sets:
        return scope.exists(rows)
    return scope.those(rows, lambda found: _within(scope, found.count(), at_least, at_most))


def asked(scope: Scope, form: Counted, at: Times, rows: Rows, ever: Rows) -> Expression:
    """How often in the window, and how recently at all. That there is one goes without saying
    where the first or the last of all is asked for."""
    parts = recency(scope, ever, at.first_within, at.last_older_than)
    plain = form.at_least == 1 and form.at_most is at.within is at.older_than is None
    if not (parts and plain):
        parts.insert(0, between(scope, rows, form.at_least, form.at_most))
    return ibis().and_(*parts)


def total(
    scope: Scope, rows: Rows, value: Expression, at_least: int | None, at_most: int | None
) -> Expression:
    """That the values add up to so much; of no rows they are 0."""
    return scope.those(
        rows,
        lambda found: _within(scope, found.value.sum().coalesce(0), at_least, at_most),
        value=value,
        none=at_least is None or at_least <= 0,
    )


def recency(
    scope: Scope, rows: Rows, first_within: Span, last_older_than: Span
) -> list[Expression]:
    """That the first of all rows is young enough, and the last old enough."""
    found: list[Expression] = []
    if first_within is not None:
        border = scope.ago(first_within)
        found.append(scope.exists(rows.only(rows.at > border, rows.at <= scope.now)))
        found.append(~scope.exists(rows.only(rows.at <= border)))
    if last_older_than is not None:
        border, name = scope.ago(last_older_than), rows.at.get_name()
        if scope.sets:
            rows = _with_dateless(rows)
        found.append(scope.those(rows, lambda some: (some[name].max() <= border).coalesce(False)))
    return found


def _with_dateless(rows: Rows) -> Rows:
    """Those without a time as well: the last time is the same. To sort them out, an engine of the
    lake looks at each time twice."""
    dated = rows.at.notnull().op()
    return rows._replace(such=tuple(one for one in rows.such if one.op() != dated))


def turns(scope: Scope, rows: Rows, first_within: Span, last_older_than: Span) -> list[Expression]:
    """When time may next change what `recency` says."""
    found: list[Expression] = []
    if first_within is not None:
        found += crossings(scope, rows, first_within, NOW)
    if last_older_than is not None:
        name = rows.at.get_name()
        young = rows.only(rows.at > scope.ago(last_older_than))
        last = scope.first(young, lambda some: some[name].max())
        found.append(passes(scope, last, last_older_than))
    return found


def _within(scope: Scope, found: Expression, low: int | None, high: int | None) -> Expression:
    match low, high:
        case None, None:
            raise TypeError("no bound")
        case int(), None:
            return found >= scope.number(low)
        case None, int():
            return found <= scope.number(high)
        case int(), int():
            return found.between(scope.number(low), scope.number(high))
