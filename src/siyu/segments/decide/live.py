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
from siyu.segments.decide.heard import heard, swept
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
    """Live segments, and every condition in them once: those that ask the same facts together."""

    def __init__(self, segments: Sequence[Live]) -> None:
        self.segments = tuple(segments)
        found = {leaf.form: None for one in segments for leaf in leaves(one.tree)}
        self.forms: tuple[Form, ...] = tuple(sorted(found, key=lambda form: form.key))

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """What can be heard that changes a membership."""
        return frozenset[Kind]().union(*(heard(one.tree) for one in self.segments))

    @cached_property
    def swept(self) -> bool:
        """Whether sweeps change memberships."""
        return any(swept(one.tree) for one in self.segments)


class Answer(NamedTuple):
    """Who is in a set, each customer a bit, and before which moment time moves whom neither in nor
    out: by place in `ids`. Who has no moment is moved by facts alone."""

    inside: int
    moments: Mapping[int, datetime]


class Answers:
    """What the conditions say of these customers."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids
        self._everybody = (1 << len(ids)) - 1
        self._said: dict[Form, Answer] = {}

    def add(
        self, forms: Sequence[Form], timed: Sequence[Form], columns: Sequence[Sequence[Whatever]]
    ) -> None:
        """The columns of a statement, in the order of `ids`: one for each form, one moment for each
        timed form."""
        moments = dict(zip(timed, columns[len(forms) :], strict=True))
        for form, column in zip(forms, columns, strict=False):
            holds = sum(1 << place for place, holds in enumerate(column) if holds)
            ats = enumerate(moments.get(form, ()))
            self._said[form] = Answer(holds, {place: at for place, at in ats if at is not None})

    def of(self, tree: Tree) -> Answer:
        """The answer of a set."""
        match tree:
            case Leaf(form):
                return self._said[form]
            case Not(part):
                inside, moments = self.of(part)
                return Answer(self._everybody & ~inside, moments)
            case Named(_, part):
                return self.of(part)
            case All(parts):
                found = [self.of(part) for part in parts]
                inside = reduce(lambda some, more: some & more, (one.inside for one in found))
                return Answer(inside, _moments(found, ~inside, 0))
            case Any(parts):
                found = [self.of(part) for part in parts]
                inside = reduce(lambda some, more: some | more, (one.inside for one in found))
                return Answer(inside, _moments(found, inside, 1))


def _moments(parts: Sequence[Answer], settled: int, by: int) -> Mapping[int, datetime]:
    """When a set of parts may change. For those of `settled`, the parts that answer `by` decide: as
    long as one of them stays, nothing changes. For the others all agree, and the first may break
    it."""
    found: dict[int, datetime] = {}
    for place in {place for part in parts for place in part.moments}:
        if not settled >> place & 1:
            found[place] = min(one.moments[place] for one in parts if place in one.moments)
            continue
        held = [one.moments.get(place) for one in parts if one.inside >> place & 1 == by]
        known = [at for at in held if at is not None]
        if len(known) == len(held):
            found[place] = max(known)
    return found


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
    places = {who: place for place, who in enumerate(answers.ids)}
    stood: dict[int, dict[int, Stands]] = {}
    for (segment_id, who), stands in before.items():
        if who in places:
            stood.setdefault(segment_id, {})[places[who]] = stands
    found: list[Change] = []
    for segment in plan.segments:
        known = stood.get(segment.id, {})
        inside, moments = answers.of(segment.tree)
        for place in sorted({*_bits(inside), *moments, *known}):
            was = known.get(place, OUT)
            since = (was.since or now) if inside >> place & 1 else None
            stands = Stands(since, _recheck(was.recheck_at, moments.get(place), now))
            if stands != was:
                found.append(Change(segment, answers.ids[place], was, stands))
    return found


def _recheck(written: datetime | None, at: datetime | None, now: datetime) -> datetime | None:
    """One that is written and comes a little early is left: a look then costs no more than to write
    another one with each event."""
    if written is not None and at is not None and now < written <= at:
        return written
    return at


def _bits(number: int) -> list[int]:
    """The places of its ones."""
    found: list[int] = []
    while number:
        low = number & -number
        found.append(low.bit_length() - 1)
        number ^= low
    return found
