"""Who is in which live segment, from the answers to each distinct condition.

The customers of a batch are the bits of a number: an `and` of two conditions is one operation,
whether one customer is asked about or two thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property, reduce
from typing import Any as Whatever
from typing import NamedTuple

from siyu.events.model import Kind
from siyu.segments.decide.heard import heard
from siyu.segments.model import All, Any, Form, Leaf, Named, Not, Tree, leaves


class Live(NamedTuple):
    """A segment whose members are kept up to date."""

    id: int
    code: str
    tree: Tree


class Stands(NamedTuple):
    """Since when a customer is in a segment (None: not now), and when time may change it."""

    since: datetime | None
    recheck_at: datetime | None


OUT = Stands(None, None)


class Plan:
    """Live segments, and every condition in them once."""

    def __init__(self, segments: Sequence[Live]) -> None:
        self.segments = tuple(segments)
        found = {leaf.form: None for one in segments for leaf in leaves(one.tree)}
        self.forms: tuple[Form, ...] = tuple(found)

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """What can be heard that changes a membership."""
        return frozenset[Kind]().union(*(heard(one.tree) for one in self.segments))


class Answers:
    """What the conditions say of these customers."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids
        self._everybody = (1 << len(ids)) - 1
        self._holds: dict[Form, int] = {}
        self._moments: dict[Form, list[tuple[int, datetime]]] = {}

    def add(
        self, forms: Sequence[Form], timed: Sequence[Form], columns: Sequence[Sequence[Whatever]]
    ) -> None:
        """The columns of a statement, in the order of `ids`: one for each form, one moment for each
        timed form."""
        for form, column in zip(forms, columns, strict=False):
            self._holds[form] = sum(1 << place for place, holds in enumerate(column) if holds)
        for form, column in zip(timed, columns[len(forms) :], strict=True):
            moments = [(place, at) for place, at in enumerate(column) if at is not None]
            if moments:
                self._moments[form] = moments

    def inside(self, tree: Tree) -> int:
        """The customers of a set, each a bit."""
        match tree:
            case Leaf(form):
                return self._holds[form]
            case Not(part):
                return self._everybody & ~self.inside(part)
            case Named(_, part):
                return self.inside(part)
            case All(parts):
                return reduce(lambda some, more: some & more, map(self.inside, parts))
            case Any(parts):
                return reduce(lambda some, more: some | more, map(self.inside, parts))

    def rechecks(self, tree: Tree) -> dict[int, datetime]:
        """When time alone may next change the set, for whom it may: by place in `ids`."""
        first: dict[int, datetime] = {}
        for leaf in leaves(tree):
            for place, at in self._moments.get(leaf.form, ()):
                first[place] = min(at, first.get(place, at))
        return first


class Change(NamedTuple):
    """A customer who stands otherwise in a segment than before."""

    segment: Live
    customer_id: int
    before: Stands
    now: Stands

    @property
    def turned(self) -> bool:
        """Came in, or went out."""
        return (self.before.since is None) != (self.now.since is None)


def changes(
    plan: Plan,
    answers: Answers,
    before: Mapping[tuple[int, int], Stands],
    now: datetime,
) -> list[Change]:
    """What is otherwise than it was written down, of all segments and customers asked about."""
    found: list[Change] = []
    for segment in plan.segments:
        inside, rechecks = answers.inside(segment.tree), answers.rechecks(segment.tree)
        for place, customer_id in enumerate(answers.ids):
            stood = before.get((segment.id, customer_id), OUT)
            since = (stood.since or now) if inside >> place & 1 else None
            if since != stood.since or rechecks.get(place) != stood.recheck_at:
                stands = Stands(since, rechecks.get(place))
                found.append(Change(segment, customer_id, stood, stands))
    return found
