"""What staff, journeys and other systems have noted about the customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from siyu.customers.model import SURE
from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Family, Predicate, Rows, Scope, Words
from siyu.segments.predicates import windows
from siyu.segments.predicates.facts import table


@dataclass(frozen=True)
class Tagged(Predicate):
    """Carries the tag; `any_of: [a, b]` one of several, `prefix: size-` one whose name begins so.

    With `older_than: 30d` for at least that long, with `within: 30d` since then; `source` is who
    set it: the system, journey, rule or list that the tag came from; `confidence_at_least: 0.8`
    how sure they are. A tag with an end is carried until then.
    """

    key = "tag"
    title = Words("标签", "Tag")
    short = "name"

    name: str | None = None
    older_than: timedelta | None = None
    within: timedelta | None = None
    source: str | None = None
    any_of: tuple[str, ...] | None = None
    prefix: str | None = None
    confidence_at_least: Decimal | None = None  # two decimals

    def __post_init__(self) -> None:
        if [self.name, self.any_of, self.prefix].count(None) != 2:
            raise ValueError(
                Sentence(
                    "needs one of `name`, `any_of` and `prefix`",
                    "需要 `name`、`any_of`、`prefix` 其中之一",
                )
            )
        windows.check(self.within, self.older_than)
        if self.confidence_at_least is not None and not 0 < self.confidence_at_least <= 1:
            raise ValueError(
                Sentence(
                    "`confidence_at_least` must be above 0 and at most 1",
                    "`confidence_at_least` 必须大于 0，不超过 1",
                )
            )

    def holds(self, scope: Scope) -> Expression:
        rows = self._rows(scope)
        return scope.exists(
            rows.only(*windows.inside(scope, rows.at, self.within, self.older_than))
        )

    def flips(self, scope: Scope) -> Expression | None:
        rows = self._rows(scope)
        ends = scope.first(rows, lambda table: table["until"].min())
        return windows.soonest(*windows.moves(scope, rows, self.within, self.older_than), ends)

    def _rows(self, scope: Scope) -> Rows:
        tag = table("tag")
        such: list[Expression] = []
        if self.name is not None:
            such.append(tag.name == scope.text(self.name))
        if self.any_of is not None:
            such.append(tag.name.isin([scope.text(name) for name in self.any_of]))
        if self.prefix is not None:
            such.append(tag.name.startswith(scope.text(self.prefix)))
        if self.source is not None:
            such.append(tag.source == scope.text(self.source))
        if self.confidence_at_least is not None:
            such.append(tag.confidence >= scope.number(int(self.confidence_at_least * SURE)))
        such.append(tag.until.isnull() | (tag.until > scope.now))
        return Rows(tag, tuple(such), tag.tagged_at)


FAMILY = Family("tags", Words("标签", "Tags"), (Tagged,))
