"""What the customer complained about, and whether it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from siyu.segments.model import Expression, Family, Rows, Scope, Step, Words
from siyu.segments.predicates import windows
from siyu.segments.predicates.facts import table


@dataclass(frozen=True)
class Complained(Step):
    """Has a complaint that is not settled; with `state: settled` one that is, with `ever` any.

    `within: 30d` and `older_than: 30d` are about when it was opened, of `settled` about when it was
    closed. One that is closed in the moment in which it is opened is settled.
    """

    key = "complaint"
    title = Words("投诉", "Complaint")
    short = "state"

    state: Literal["open", "settled", "ever"] = "open"
    shop: str | None = None
    within: timedelta | None = None
    older_than: timedelta | None = None

    def __post_init__(self) -> None:
        windows.check(self.within, self.older_than)

    def rows(self, scope: Scope) -> Rows:
        rows = self._rows(scope)
        return rows.only(*windows.inside(scope, rows.at, self.within, self.older_than))

    def holds(self, scope: Scope) -> Expression:
        return scope.exists(self.rows(scope))

    def flips(self, scope: Scope) -> Expression | None:
        moves = windows.moves(scope, self._rows(scope), self.within, self.older_than)
        return windows.soonest(*moves)

    def _rows(self, scope: Scope) -> Rows:
        complaint = table("complaint")
        such: list[Expression] = [complaint.opened_at.notnull()]
        if self.state != "ever":
            such.append(complaint.open if self.state == "open" else ~complaint.open)
        if self.shop is not None:
            such.append(complaint.shop == scope.text(self.shop))
        settled = self.state == "settled"
        return Rows(complaint, tuple(such), complaint.closed_at if settled else complaint.opened_at)


FAMILY = Family("complaints", Words("投诉", "Complaints"), (Complained,))
