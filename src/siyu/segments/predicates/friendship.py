"""Whether the customer is a friend of one of the brand's accounts."""

from __future__ import annotations

from dataclasses import dataclass

from siyu.segments.model import Expression, Family, Predicate, Scope, Words
from siyu.segments.predicates.facts import exists, table


@dataclass(frozen=True)
class Friend(Predicate):
    """Is a friend now, of any account; a friendship that either side deleted is none."""

    key = "friend"
    title = Words("是好友", "Friend")
    short = "yes"

    yes: bool

    def holds(self, scope: Scope) -> Expression:
        friendship = table("friendship")
        mine = friendship.customer_id == scope.customer.id
        found = exists(scope.customer, mine & (friendship.state == "live"))
        return found if self.yes else ~found


FAMILY = Family("friendship", Words("好友关系", "Friendship"), (Friend,))
