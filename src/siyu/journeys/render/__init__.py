"""A journey as a drawing: its steps with what they say, and the ways between them.

Drawn from the same model that visits walk on, so the drawing says what the text says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from siyu.journeys.model import Journey, Node, Step, StepId
from siyu.journeys.model.enter import After, Times
from siyu.journeys.render.words import condition, span
from siyu.segments.model import All, Leaf, Not, Words
from siyu.segments.model import Any as AnyOf

# How a value is to be read: `code` is a word of the product or of the brand, `span` seconds,
# `time` a time of day, `condition` words, `values` names with what they are set to.
ValueKind: TypeAlias = Literal["code", "number", "flag", "span", "time", "condition", "values"]
WayKind: TypeAlias = Literal["next", "go", "case", "else", "none", "arm", "otherwise"]
EnterKind: TypeAlias = Literal[
    "event", "every", "date", "child_turns", "segment", "waves", "by_hand"
]
_ENTERS: Mapping[str, EnterKind] = {
    "Enter": "event",
    "EnterEvery": "every",
    "EnterOnDate": "date",
    "EnterOnChild": "child_turns",
    "EnterSegment": "segment",
    "EnterWaves": "waves",
}


class Said(NamedTuple):
    """One thing that a step says: what it is called in the text, its title, and its value."""

    name: str
    title: Words
    kind: ValueKind
    value: str
    words: Words | None = None


class Drawn(NamedTuple):
    """A step."""

    id: str
    kind: str
    title: Words
    says: tuple[Said, ...]
    takes_time: bool


class Edge(NamedTuple):
    """A way from one step to another. `name` and `share` are an arm's; `words` a condition."""

    source: str
    to: str
    code: WayKind
    words: Words | None = None
    name: str = ""
    share: float | None = None


class Drawing(NamedTuple):
    """A journey."""

    code: str
    title: Words
    source: str
    enter: EnterKind
    enters: tuple[Said, ...]
    reenter: str  # never, each, or seconds
    concurrent: str
    holdout: float
    ends_when: Words | None
    steps: tuple[Drawn, ...]
    edges: tuple[Edge, ...]


def draw(journey: Journey) -> Drawing:
    """The drawing of a journey."""
    enter = journey.enter
    again = journey.reenter
    return Drawing(
        code=journey.journey,
        title=journey.title,
        source=journey.source or "",
        enter="by_hand" if enter is None else _ENTERS[type(enter).__name__],
        enters=() if enter is None else tuple(_says(enter)),
        reenter=_seconds(again.after) if isinstance(again, After) else again,
        concurrent=journey.concurrent,
        holdout=journey.holdout,
        ends_when=None if journey.ends_when is None else condition(journey.ends_when),
        steps=tuple(_step(step) for step in journey.steps),
        edges=tuple(edge for step in journey.steps for edge in _edges(journey, step)),
    )


def before(drawing: Drawing, step: str) -> frozenset[str]:
    """The steps from which a way leads to this one, itself included."""
    sources: dict[str, set[str]] = {}
    for edge in drawing.edges:
        sources.setdefault(edge.to, set()).add(edge.source)
    found, ahead = {step}, [step]
    while ahead:
        fresh = sources.get(ahead.pop(), set()) - found
        found |= fresh
        ahead.extend(fresh)
    return frozenset(found)


def _step(step: Step) -> Drawn:
    node = step.node
    return Drawn(step.id, node.key, node.title, tuple(_says(node)), node.takes_time)


def _edges(journey: Journey, step: Step) -> Iterator[Edge]:
    """What the step chooses from, then the next one where a visit can go on by itself."""
    following, ways = journey.next(step), step.node.ways
    for way in ways:
        to: StepId | None = way.to or following
        if to is not None:
            words = None if way.when is None else condition(way.when)
            yield Edge(step.id, to, way.code, words, way.name, way.share)
    if following is not None and step.node.goes_on and all(way.to for way in ways):
        code: WayKind = "none" if _chooses(ways) else "go" if step.go else "next"
        yield Edge(step.id, following, code)


def _chooses(ways: Sequence[Any]) -> bool:
    return any(way.code != "otherwise" for way in ways)


def _says(form: object) -> Iterator[Said]:
    """The fields of a form that are said, without those that are ways."""
    for field in fields(cast("Any", form)):
        value = cast("object", getattr(form, field.name))
        if value is None or (field.default is not MISSING and value == field.default):
            continue
        if field.metadata.get("name") == "else":  # a way, which is drawn as one
            continue
        if is_dataclass(value) and not isinstance(value, Leaf | Not | All | AnyOf):
            yield from _says(value)
        elif (said := _said(field, value, form)) is not None:
            yield said


def _said(field: Field[Any], value: object, form: object) -> Said | None:
    name = field.metadata.get("name") or field.name
    title = Words(field.metadata.get("zh", name), field.metadata.get("en", name))
    whole = form.whole if isinstance(form, Node) else ""
    name = form.key if isinstance(form, Node) and field.name == whole else name
    read = _value(field.name, value)
    return None if read is None else Said(name, title, *read)


def _value(  # noqa: PLR0911 - one line for each kind of value
    name: str, value: object
) -> tuple[ValueKind, str, Words | None] | None:
    match value:
        case Leaf() | Not() | All() | AnyOf():
            return "condition", "", condition(value)
        case timedelta():
            return "span", _seconds(value), _spelled(value)
        case time():
            return "time", f"{value:%H:%M}", None
        case Times():
            return "time", f"{value.weekday or 'day'} {value.at:%H:%M}", None
        case bool():
            return "flag", str(value).lower(), None
        case int() | float() | Decimal():
            return "number", f"{value:g}" if isinstance(value, float) else str(value), None
        case str():
            return "code", value, None
        case tuple() if name == "values":
            pairs = cast("tuple[tuple[str, object], ...]", value)
            return "values", ", ".join(f"{one} = {set_to}" for one, set_to in pairs), None
        case _:
            return _sizes(value) if name == "sizes" else None  # arms and cases are ways


def _sizes(value: object) -> tuple[ValueKind, str, Words | None]:
    return "number", ", ".join(map(str, cast("tuple[int, ...]", value))), None


def _seconds(value: timedelta) -> str:
    return str(int(value.total_seconds()))


def _spelled(value: timedelta) -> Words:
    """A span in words, its largest units first: `1 day 2 hours`."""
    left, parts = int(value.total_seconds()), list[Words]()
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        many, left = divmod(left, size)
        if many and (said := span(f"{many}{unit}")):
            parts.append(said)
    return Words(" ".join(one.zh for one in parts), " ".join(one.en for one in parts))
