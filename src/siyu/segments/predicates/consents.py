"""What the customer has allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from siyu.segments.model import Expression, Family, Predicate, Scope, Words
from siyu.segments.predicates.facts import table


@dataclass(frozen=True)
class Consents(Predicate):
    """Has allowed this purpose on this channel, and not withdrawn it since.

    Of several phones or accounts the latest word counts; given and withdrawn in the same moment
    is withdrawn.
    """

    key = "consent"
    title = Words("授权", "Consent")

    channel: Literal["sms", "voice", "wecom"]
    purpose: Literal["order_invitation", "promotion", "service"]

    def holds(self, scope: Scope) -> Expression:
        consent = table("consent")
        mine = consent.filter(
            consent.customer_id == scope.customer.id,
            consent.channel == scope.text(self.channel),
            consent.purpose == scope.text(self.purpose),
        )
        given = mine.filter(mine.state == "given").changed_at.max()
        withdrawn = mine.filter(mine.state == "withdrawn").changed_at.max()
        return given.notnull() & (withdrawn.isnull() | (given > withdrawn))


FAMILY = Family("consents", Words("授权", "Consents"), (Consents,))
