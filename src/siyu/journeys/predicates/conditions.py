"""What a condition says of a visit: true or false and why, what could change it, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from siyu.events.model import Kind
from siyu.journeys.model import Here
from siyu.journeys.predicates.visit import VisitForm
from siyu.segments.check import document
from siyu.segments.decide.heard import wakes
from siyu.segments.model import All, Any, Form, Leaf, Named, Not, Tree, leaves


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
            form = leaf.form
            found |= form.kinds if isinstance(form, VisitForm) else wakes(form)
    return frozenset(found)


def predicates(trees: Iterable[Tree]) -> frozenset[Form]:
    """The forms that a query must decide, each once."""
    forms = (leaf.form for tree in trees for leaf in leaves(tree))
    return frozenset(form for form in forms if not isinstance(form, VisitForm))


def _reason(form: Form) -> str:
    if isinstance(form, VisitForm):
        return form.reason
    (said,) = document(Leaf(form)).values()
    return f"not_{form.key}" if said is False else form.key
