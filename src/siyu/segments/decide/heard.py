"""Which events can change whether a customer is in a set."""

from __future__ import annotations

from collections.abc import Mapping

from siyu.events.model import KINDS, Kind
from siyu.segments.model import Form, Tree, leaves
from siyu.segments.predicates.events import Heard
from siyu.segments.predicates.groups import InGroup
from siyu.segments.predicates.sequences import Sequence

_ORDERS: frozenset[Kind] = frozenset(
    {"order.paid", "order.itemised", "order.refunded", "order.cancelled"}
)
_FRIENDS = frozenset({"friend.added", "friend.deleted_by_customer", "friend.deleted_by_staff"})
# A touch is ruled, sent and finished by sweeps. What came of it is told by an event; that it was
# sent is told by none.
_TOUCHES: frozenset[Kind] = frozenset(
    {
        "call.finished", "friend.added", "message.received", "task.done", "touch.delivered",
        "touch.failed", "touch.read", "touch.unknown", "touch.withdrawn", "touch.withheld",
    }
)  # fmt: skip

MEMBERSHIP: frozenset[Kind] = frozenset(
    {"segment.entered", "segment.left"}
)  # follow from facts: no facts of a set

# Which kinds can change a predicate's answer. One that is not listed here listens to every kind:
# a look too many costs a query, one too few would leave a customer where they are no more. So do
# offers, and identities, which any event may bring. A merge or a split wakes by itself.
WOKEN_BY: Mapping[str, frozenset[Kind]] = {
    "everybody": frozenset(),
    "synthetic": frozenset(),
    "friend": _FRIENDS,
    "orders": _ORDERS,
    "spent": _ORDERS,
    "lapsed": _ORDERS,
    "stage": _ORDERS | _FRIENDS | {"message.received", "link.clicked"},
    "known": frozenset(),  # time alone
    "share": frozenset(),
    "group": frozenset({"group.joined", "group.left"}),
    "touched": _TOUCHES,
    "date": frozenset({"profile.dated"}),
    "child_age": frozenset({"child.told", "consent.withdrawn"}),
    "festival": frozenset(),  # time alone
    "tag": frozenset({"tag.set", "tag.expired"}),
    "fits": _FRIENDS | {"tag.set", "tag.expired"},  # counts are nobody's: looked at by the day
    "consent": frozenset({"consent.given", "consent.withdrawn"}),
    "complaint": frozenset({"complaint.opened", "complaint.closed"}),
    "segment": MEMBERSHIP,  # of a journey: in a segment's own text its conditions stand for it
}
# What changes without an event: whose it is is written down, of touches and promises by a trigger
# of the database, of what a group is for by whoever says so (`look_again`).
SWEPT = frozenset({"touched", "offer"})


def wakes(form: Form) -> frozenset[Kind]:
    """What can be heard that changes whether this holds."""
    match form:
        case Heard():
            return frozenset({form.kind})
        case Sequence():
            return frozenset[Kind]().union(*map(wakes, form.steps))
        case _:
            return WOKEN_BY.get(form.key, frozenset(KINDS) - MEMBERSHIP)


def swept(tree: Tree) -> bool:
    """Whether sweeps can change who is in this set."""
    return any(_swept(leaf.form) for leaf in leaves(tree))


def _swept(form: Form) -> bool:
    if isinstance(form, Sequence):
        return any(map(_swept, form.steps))
    return form.key in SWEPT or (isinstance(form, InGroup) and form.purpose is not None)


def heard(tree: Tree) -> frozenset[Kind]:
    """What can be heard that changes who is in this set."""
    return frozenset[Kind]().union(*(wakes(leaf.form) for leaf in leaves(tree)))
