"""What the customer has allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from siyu.segments.model import Expression, Family, Predicate, Rows, Scope, Words
from siyu.segments.predicates.facts import table


@dataclass(frozen=True)
class Consents(Predicate):
    """Has allowed this purpose on this channel, and not withdrawn it since.

    Of several phones or accounts the latest word counts; given and withdrawn in the same moment
    is withdrawn. `state: withdrawn` asks for who has withdrawn it since: who never said is in
    neither.
    """

    key = "consent"
    title = Words("授权", "Consent")

    channel: Literal["sms", "voice", "wecom"]
    purpose: Literal["order_invitation", "promotion", "service"]
    state: Literal["given", "withdrawn"] = "given"

    def holds(self, scope: Scope) -> Expression:
        consent = table("consent")
        mine = Rows(
            consent,
            (
                consent.channel == scope.text(self.channel),
                consent.purpose == scope.text(self.purpose),
            ),
        )
        if scope.sets:
            return scope.those(mine, _allowed if self.state == "given" else _withdrawn)
        given = _latest(scope, mine, "given")
        withdrawn = _latest(scope, mine, "withdrawn")
        if self.state == "withdrawn":
            return withdrawn.notnull() & (given.isnull() | (given <= withdrawn))
        return given.notnull() & (withdrawn.isnull() | (given > withdrawn))


def _latest(scope: Scope, rows: Rows, state: str) -> Expression:
    return scope.first(rows.only(rows.table.state == state), lambda some: some.changed_at.max())


def _allowed(rows: Expression) -> Expression:
    given = rows.changed_at.max(where=rows.state == "given")
    withdrawn = rows.changed_at.max(where=rows.state == "withdrawn")
    return given.notnull() & (withdrawn.isnull() | (given > withdrawn))


def _withdrawn(rows: Expression) -> Expression:
    given = rows.changed_at.max(where=rows.state == "given")
    withdrawn = rows.changed_at.max(where=rows.state == "withdrawn")
    return withdrawn.notnull() & (given.isnull() | (given <= withdrawn))


FAMILY = Family("consents", Words("授权", "Consents"), (Consents,))
