"""Two texts of a journey, compared step by step, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias, cast

from siyu.kernel.document import read

Fields = Mapping[str, object]
What: TypeAlias = Literal["step_gone", "step_new", "order", "field_new", "field_gone", "changed"]


class Change(NamedTuple):
    """One thing that is different. `step` is empty for what is said of the whole journey.

    `field` is a path like `wait` or `send.priority`; `old` and `new` are as they would be written,
    for a new step its `old` is the step after which it comes (empty: it is the first).
    """

    what: What
    step: str = ""
    field: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        match self.what:
            case "step_gone":
                return f"step {self.step} is gone ({self.old})"
            case "step_new":
                place = f"after {self.old}" if self.old else "at the beginning"
                return f"step {self.step} is new, {place} ({self.new})"
            case "order":
                return f"the order of steps: {self.new}"
            case "field_new":
                return f"{self._of}{self.field} is new: {self.new}"
            case "field_gone":
                return f"{self._of}{self.field} is gone (was {self.old})"
            case "changed":
                return f"{self._of}{self.field}: {self.old} → {self.new}"

    @property
    def _of(self) -> str:
        return f"step {self.step}: " if self.step else ""


def changes(old: str, new: str) -> list[str]:
    """What is different in `new`, a line each; empty when both say the same.

    Both must be readable texts of journeys. Comments and the way it is written don't count.

    >>> before = "journey: a\\nsteps: [{id: pause, wait: 5m}, {id: end, exit: done}]"
    >>> changes(before, before.replace("5m", "6h"))
    ['step pause: wait: 5m → 6h']
    """
    return [str(one) for one in compare(old, new)]


def compare(old: str, new: str) -> list[Change]:
    """The same, each with its parts."""
    before, after = _fields(read(old).value), _fields(read(new).value)
    return [*_head(before, after), *_steps(_by_id(before), _by_id(after))]


def _head(before: Fields, after: Fields) -> Iterator[Change]:
    for name in dict.fromkeys([*before, *after]):
        if name != "steps":
            yield from _field(name, before, after)


def _steps(before: Mapping[str, Fields], after: Mapping[str, Fields]) -> Iterator[Change]:
    for step, fields in before.items():
        if step not in after:
            yield Change("step_gone", step, old=_said(_body(fields)))
    place = ""
    for step, fields in after.items():
        if step not in before:
            yield Change("step_new", step, old=place, new=_said(_body(fields)))
        place = step
    kept = [step for step in after if step in before]
    if kept != [step for step in before if step in after]:
        yield Change("order", new=", ".join(kept))
    for step in kept:
        for name in dict.fromkeys([*before[step], *after[step]]):
            for change in _field(name, before[step], after[step]):
                yield change._replace(step=step)


def _field(name: str, before: Fields, after: Fields) -> Iterator[Change]:
    """A mapping is compared by its fields, a list of mappings by its places: one word, one line."""
    old, new = before.get(name), after.get(name)
    if old == new and (name in before) == (name in after):
        return
    parts, others = _fields(old), _fields(new)
    if parts and others:
        for part in dict.fromkeys([*parts, *others]):
            for change in _field(part, parts, others):
                yield change._replace(field=f"{name}.{change.field}")
    elif (places := _places(name, old)) and places.keys() == _places(name, new).keys():
        for place in places:
            yield from _field(place, places, _places(name, new))
    elif name not in before:
        yield Change("field_new", field=name, new=_said(new))
    elif name not in after:
        yield Change("field_gone", field=name, old=_said(old))
    else:
        yield Change("changed", field=name, old=_said(old), new=_said(new))


def _fields(value: object) -> Fields:
    return cast("Fields", value) if isinstance(value, dict) else {}


def _places(name: str, value: object) -> dict[str, object]:
    """`branch[1]`, … of a list of mappings; nothing of anything else."""
    listed = cast("list[object]", value) if isinstance(value, list) else []
    if not all(isinstance(one, dict) for one in listed):
        return {}
    return {f"{name}[{number}]": one for number, one in enumerate(listed, start=1)}


def _by_id(journey: Fields) -> dict[str, Fields]:
    """Steps by name; one without a name can't be spoken of, and `check` refuses it anyway."""
    steps = journey.get("steps")
    listed = cast("list[object]", steps) if isinstance(steps, list) else []
    return {str(step["id"]): step for step in map(_fields, listed) if "id" in step}


def _body(step: Fields) -> object:
    return {name: value for name, value in step.items() if name != "id"}


def _said(value: object) -> str:
    """As it would be written on one line."""
    match value:
        case dict():
            fields = _fields(cast("object", value))
            return ", ".join(f"{name}: {_said(part)}" for name, part in fields.items())
        case list():
            return f"[{', '.join(map(_said, cast('list[object]', value)))}]"
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case _:
            return str(value)
