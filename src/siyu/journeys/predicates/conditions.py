"""What a condition says of a visit: true or false and why, what could change it, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from siyu.events.model import KINDS, Kind
from siyu.journeys.model import Here
from siyu.journeys.predicates.visit import VisitForm
from siyu.segments.check import document
from siyu.segments.model import All, Any, Form, Leaf, Named, Not, Tree, leaves
from siyu.segments.predicates.events import Heard
from siyu.segments.predicates.sequences import Sequence

_ORDERS = frozenset({"order.paid", "order.refunded", "order.cancelled"})
_FRIENDS = frozenset({"friend.added", "friend.deleted_by_customer", "friend.deleted_by_staff"})
# A touch is ruled, sent and finished by sweeps. What came of it is told by an event; that it was
# sent is told by none, so whoever waits for this is looked at when its outcome is heard.
_TOUCHES: frozenset[Kind] = frozenset(
    {
        "call.finished", "friend.added", "message.received", "task.done", "touch.delivered",
        "touch.failed", "touch.read", "touch.unknown", "touch.withdrawn", "touch.withheld",
    }
)  # fmt: skip

# Which kinds can change a predicate's answer. One that is not listed here listens to every kind:
# a wake too many costs a look at the facts, one too few would leave a visit asleep. So do offers,
# which sweeps reserve and lapse, and identities, which any event may bring. A merge or a split
# wakes by itself.
WOKEN_BY: dict[str, frozenset[Kind]] = {
    "everybody": frozenset(),
    "synthetic": frozenset(),
    "friend": _FRIENDS,
    "orders": _ORDERS,
    "spent": _ORDERS,
    "stage": _ORDERS | _FRIENDS | {"message.received", "link.clicked"},
    "known": frozenset(),  # time alone
    "share": frozenset(),
    "group": frozenset({"group.joined", "group.left"}),
    "touched": _TOUCHES,
    "date": frozenset({"profile.dated"}),
    "tag": frozenset({"tag.set"}),
    "consent": frozenset({"consent.given", "consent.withdrawn"}),
}


def holds(tree: Tree, here: Here) -> bool:
    """Whether the condition is true of the visit now."""
    match tree:  # `segments.model.decide` with the leaf written in: it is asked at every step
        case Leaf(form):
            if isinstance(form, VisitForm):
                return form.true(here)
            true = here.facts.true  # of most visits none is, and the hash of a form costs the most
            return bool(true) and form in true
        case Not(part):
            return not holds(part, here)
        case Named(_, part):
            return holds(part, here)
        case All(parts):
            return all(holds(part, here) for part in parts)
        case Any(parts):
            return any(holds(part, here) for part in parts)


def because(tree: Tree, here: Here) -> str:
    """Why the condition is true, as a stable code; empty when it is not."""
    if not holds(tree, here):
        return ""
    match tree:
        case Leaf(form):
            return _reason(form)
        case Not(part):
            return "not_" + "_".join(_reason(leaf.form) for leaf in leaves(part))
        case Named():
            return "segment"
        case Any(parts):
            return next(why for part in parts if (why := because(part, here)))
        case All(parts):
            return "_and_".join(because(part, here) for part in parts)


def own(tree: Tree) -> tuple[VisitForm, ...]:
    """What a condition asks of the visit itself: of these, time alone may change the answer."""
    return tuple(leaf.form for leaf in leaves(tree) if isinstance(leaf.form, VisitForm))


def flips(forms: Iterable[VisitForm], here: Here) -> datetime | None:
    """When time alone may first change what one of these says."""
    moments = [moment for form in forms if (moment := form.flips(here)) is not None]
    return min(moments) if moments else None


def kinds(trees: Iterable[Tree]) -> frozenset[Kind]:
    """What can be heard that changes an answer."""
    found: set[Kind] = set()
    for tree in trees:
        for leaf in leaves(tree):
            found |= _kinds(leaf.form)
    return frozenset(found)


def _kinds(form: Form) -> frozenset[Kind]:
    match form:
        case VisitForm():
            return form.kinds
        case Heard():
            return frozenset({form.kind})
        case Sequence():
            return frozenset().union(*map(_kinds, form.steps))
        case _:
            return WOKEN_BY.get(form.key, frozenset(KINDS))


def predicates(trees: Iterable[Tree]) -> frozenset[Form]:
    """The forms that a query must decide, each once."""
    forms = (leaf.form for tree in trees for leaf in leaves(tree))
    return frozenset(form for form in forms if not isinstance(form, VisitForm))


def _reason(form: Form) -> str:
    if isinstance(form, VisitForm):
        return form.reason
    (said,) = document(Leaf(form)).values()
    return f"not_{form.key}" if said is False else form.key
