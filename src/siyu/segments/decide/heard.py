"""Which events can change whether a customer is in a set."""

from __future__ import annotations

from collections.abc import Mapping

from siyu.events.model import KINDS, Kind
from siyu.segments.model import Tree, leaves

_ORDERS = frozenset({"order.paid", "order.refunded", "order.cancelled"})
_FRIENDS = frozenset({"friend.added", "friend.deleted_by_customer", "friend.deleted_by_staff"})

# Which kinds can change a predicate's answer. One that is not listed here listens to every kind:
# a look too many costs a query, one too few would leave a customer where they are no more.
WOKEN_BY: Mapping[str, frozenset[Kind]] = {
    "everybody": frozenset(),
    "synthetic": frozenset(),
    "friend": _FRIENDS,
    "orders": _ORDERS,
    "spent": _ORDERS,
    "stage": _ORDERS | _FRIENDS | {"message.received", "link.clicked"},
    "tag": frozenset({"tag.set"}),
    "consent": frozenset({"consent.given", "consent.withdrawn"}),
}
MEMBERSHIP = frozenset({"segment.entered", "segment.left"})  # follow from facts: no facts of a set


def heard(tree: Tree) -> frozenset[Kind]:
    """What can be heard that changes who is in this set."""
    found: set[Kind] = set()
    for leaf in leaves(tree):
        found |= WOKEN_BY.get(leaf.form.key, frozenset(KINDS) - MEMBERSHIP)
    return frozenset(found)
