"""What staff, journeys and other systems have noted about the customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from siyu.segments.model import Expression, Family, Predicate, Scope, Words
from siyu.segments.predicates.facts import exists, table


@dataclass(frozen=True)
class Tagged(Predicate):
    """Carries the tag; with `older_than: 30d`, for at least that long."""

    key = "tag"
    title = Words("标签", "Tag")
    short = "name"

    name: str
    older_than: timedelta | None = None

    def holds(self, scope: Scope) -> Expression:
        tag = table("tag")
        mine = (tag.customer_id == scope.customer.id) & (tag.name == scope.text(self.name))
        if self.older_than is not None:
            mine = mine & (tag.tagged_at <= scope.ago(self.older_than))
        return exists(scope.customer, mine)

    def flips(self, scope: Scope) -> Expression | None:
        if self.older_than is None:
            return None
        tag = table("tag")
        young = tag.filter(
            tag.customer_id == scope.customer.id,
            tag.name == scope.text(self.name),
            tag.tagged_at > scope.ago(self.older_than),
        )
        return young.tagged_at.min() + scope.span(self.older_than)


FAMILY = Family("tags", Words("标签", "Tags"), (Tagged,))
