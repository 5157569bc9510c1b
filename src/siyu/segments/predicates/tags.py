"""What staff, journeys and other systems have noted about the customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Family, Predicate, Rows, Scope, Words
from siyu.segments.predicates import windows
from siyu.segments.predicates.facts import table


@dataclass(frozen=True)
class Tagged(Predicate):
    """Carries the tag; `any_of: [a, b]` one of several, `prefix: size-` one whose name begins so.

    With `older_than: 30d` for at least that long, with `within: 30d` since then; `source` is who
    set it: the system, journey or list that the tag came from.
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

    def __post_init__(self) -> None:
        if [self.name, self.any_of, self.prefix].count(None) != 2:
            raise ValueError(
                Sentence(
                    "needs one of `name`, `any_of` and `prefix`",
                    "需要 `name`、`any_of`、`prefix` 其中之一",
                )
            )
        windows.check(self.within, self.older_than)

    def holds(self, scope: Scope) -> Expression:
        rows = self._rows(scope)
        return scope.exists(
            rows.only(*windows.inside(scope, rows.at, self.within, self.older_than))
        )

    def flips(self, scope: Scope) -> Expression | None:
        moves = windows.moves(scope, self._rows(scope), self.within, self.older_than)
        return windows.soonest(*moves)

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
        return Rows(tag, tuple(such), tag.tagged_at)


FAMILY = Family("tags", Words("标签", "Tags"), (Tagged,))
