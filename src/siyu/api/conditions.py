"""What a segment and a journey can ask for: every condition with its fields, as forms to draw."""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, fields
from datetime import timedelta
from decimal import Decimal
from types import NoneType
from typing import Annotated, Any, Literal, cast, get_args, get_origin, get_type_hints

from fastapi import APIRouter, Query

from siyu.api.auth import needs
from siyu.app import PREDICATES
from siyu.journeys.predicates import FAMILY
from siyu.journeys.predicates.words import LEADS as VISIT_LEADS
from siyu.journeys.render.words import CHOICES, FIELDS
from siyu.segments.check.values import plain
from siyu.segments.model import Form, Step, Words
from siyu.segments.predicates.words import LEADS, said

router = APIRouter(prefix="/predicates", tags=["segments"])

Takes = Literal["flag", "number", "text", "amount", "span", "choice", "any", "step"]
_TAKES: dict[object, Takes] = {
    bool: "flag", int: "number", str: "text", Decimal: "amount", timedelta: "span", Step: "step",
}  # fmt: skip


@dataclass(frozen=True)
class BothWords:
    zh: str
    en: str


@dataclass(frozen=True)
class ChoiceWords:
    value: str
    title: BothWords


@dataclass(frozen=True)
class PredicateField:
    """`said`: what it adds to a sentence, its value at {}. `many`: a list of such. `counts`: left
    out where the condition is a step of a sequence. `default` as a text would say it."""

    name: str
    title: BothWords
    said: BothWords
    takes: Takes
    many: bool
    required: bool
    counts: bool
    default: str | int | bool | None
    choices: list[ChoiceWords]


@dataclass(frozen=True)
class Predicate:
    """`lead` begins its sentence, `denied` that of its denial. `short`: the field that a bare value
    stands for. `step`: it can be part of a sequence."""

    key: str
    title: BothWords
    lead: BothWords
    denied: BothWords
    help: BothWords
    short: str
    step: bool
    fields: list[PredicateField]


@dataclass(frozen=True)
class PredicateFamily:
    name: str
    title: BothWords
    forms: list[Predicate]


@dataclass(frozen=True)
class PredicateFamilies:
    families: list[PredicateFamily]


Of = Annotated[
    Literal["segment", "journey"],
    Query(description="`journey`: also what only a visit under way can answer."),
]


@router.get("", **needs("segments.read"))
def listed(of: Of = "segment") -> PredicateFamilies:
    """Every condition that a segment, or a journey, can be made of, by subject, with its fields."""
    families = (*PREDICATES, FAMILY) if of == "journey" else PREDICATES
    return PredicateFamilies(
        [
            PredicateFamily(one.name, _both(one.title), [_form(form) for form in one.forms])
            for one in families
        ]
    )


def _form(form: type[Form]) -> Predicate:
    lead, hints = {**LEADS, **VISIT_LEADS}[form.key], get_type_hints(form)
    return Predicate(
        form.key,
        _both(form.title),
        _both(lead.yes),
        _both(lead.no),
        _both(lead.help),
        form.short,
        issubclass(form, Step),
        [_field(form, one, hints[one.name]) for one in fields(form)],  # pyright: ignore[reportArgumentType]
    )


def _field(form: type[Form], field: Field[Any], hint: object) -> PredicateField:
    name = field.name.removesuffix("_")
    takes, many, values = _takes(hint)
    required = field.default is MISSING
    return PredicateField(
        name,
        _both(FIELDS[name]),
        _both(said(form.key, name, FIELDS[name])),
        takes,
        many,
        required,
        issubclass(form, Step) and field.name in form.counts,
        None if required or many else _plain(field.default),
        [ChoiceWords(value, _both(CHOICES[value])) for value in values],
    )


def _takes(hint: object) -> tuple[Takes, bool, tuple[str, ...]]:
    """What a field takes, whether a list of it, and of which values."""
    if hint in _TAKES:
        return _TAKES[hint], False, ()
    if get_origin(hint) is Literal:
        return "choice", False, get_args(hint)
    if get_origin(hint) is tuple:
        takes, _, values = _takes(get_args(hint)[0])
        return takes, True, values
    ways = [way for way in get_args(hint) if way is not NoneType]
    return _takes(ways[0]) if len(ways) == 1 else ("any", False, ())


def _plain(value: object) -> str | int | bool | None:
    return cast("str | int | bool | None", plain(value))


def _both(words: Words) -> BothWords:
    return BothWords(words.zh, words.en)
