"""Whether the customer is, was or never was a friend of the brand's accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from siyu.kernel.sentence import Sentence
from siyu.segments.model import Expression, Family, Rows, Scope, Step, Words
from siyu.segments.predicates import windows
from siyu.segments.predicates.facts import table


@dataclass(frozen=True)
class Friend(Step):
    """Is a friend now, of any account or of the one of `staff`; a friendship that either side
    deleted is none. `state` asks for others: ended, by either side or by one; `ever`, whatever
    became of it; `never`.

    `way` is how they came, as the carrier says it. `within: 30d` is a friend since at most 30
    days, `older_than: 30d` since at least so long, by when they were last added; of friendships
    that have ended, the time of their end.
    """

    key = "friend"
    title = Words("是好友", "Friend")
    short = "yes"

    yes: bool = True
    state: Literal[
        "live", "deleted", "deleted_by_customer", "deleted_by_staff", "ever", "never"
    ] = "live"
    staff: str | None = None
    way: str | None = None
    within: timedelta | None = None
    older_than: timedelta | None = None

    def __post_init__(self) -> None:
        windows.check(self.within, self.older_than)
        if self.state == "never" and not (self.within is None and self.older_than is None):
            raise ValueError(
                Sentence("`never` has no time", "`never`（从未）没有时间：请去掉时间条件")
            )

    def rows(self, scope: Scope) -> Rows:
        ever = self._ever(scope)
        return ever.only(*windows.inside(scope, ever.at, self.within, self.older_than))

    def holds(self, scope: Scope) -> Expression:
        found = scope.exists(self.rows(scope))
        return found if self.yes == (self.state != "never") else ~found

    def flips(self, scope: Scope) -> Expression | None:
        moves = windows.moves(scope, self._ever(scope), self.within, self.older_than)
        return windows.soonest(*moves)

    def _ever(self, scope: Scope) -> Rows:
        friendship = table("friendship")
        ended = self.state.startswith("deleted")
        such: list[Expression] = []
        match self.state:
            case "ever" | "never":
                such.append(friendship.first_added_at.notnull())
            case "deleted":
                such.append(friendship.state != "live")
            case one:
                such.append(friendship.state == one)
        if self.staff is not None:
            such.append(friendship.staff == scope.text(self.staff))
        if self.way is not None:
            such.append(friendship.way == scope.text(self.way))
        at = friendship.deleted_at if ended else friendship.added_at
        return Rows(friendship, tuple(such), at)


FAMILY = Family("friendship", Words("好友关系", "Friendship"), (Friend,))
