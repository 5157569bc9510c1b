"""Which group chats the customer is in, or was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from siyu.segments.model import Expression, Family, Predicate, Rows, Scope, Words
from siyu.segments.predicates import windows
from siyu.segments.predicates.facts import table


@dataclass(frozen=True)
class InGroup(Predicate):
    """Is in a group chat now, any, the one of `chat` or one of a `purpose` (what the brand's plan
    of groups says that they are for); with `ever: true` also who has left it.

    `within: 30d` and `older_than: 30d` are about the time of the last joining, `way` about how.
    """

    key = "group"
    title = Words("在客户群", "In a group")
    short = "chat"

    chat: str | None = None
    ever: bool = False
    way: str | None = None
    purpose: str | None = None
    within: timedelta | None = None
    older_than: timedelta | None = None

    def __post_init__(self) -> None:
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
        member = table("group_member")
        such: list[Expression] = []
        if not self.ever:
            # Left and back in the same moment is in: as the console counts it.
            such.append(member.joined_at.notnull())
            such.append(member.left_at.isnull() | (member.left_at <= member.joined_at))
        if self.chat is not None:
            such.append(member.chat == scope.text(self.chat))
        if self.way is not None:
            such.append(member.way == scope.text(self.way))
        if self.purpose is not None:
            such.append(member.purpose == scope.text(self.purpose))
        return Rows(member, tuple(such), member.joined_at)


FAMILY = Family("groups", Words("客户群", "Groups"), (InGroup,))
