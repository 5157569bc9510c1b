"""What a text asks for, as a form that people fill in: read from the type that it becomes.

A new field is in the form as soon as the type has it; its words stand in a table of the room.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, cast

import msgspec
from msgspec import Struct
from msgspec.inspect import (
    BoolType,
    DateType,
    DictType,
    Field,
    FloatType,
    IntType,
    LiteralType,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
)

from siyu.kernel.sentence import Sentence

NO_CHOICES: Mapping[str, Sentence] = {}
ALWAYS: Mapping[str, tuple[str, ...]] = {}


class Told(NamedTuple):
    """What people are told of a field. `takes`: what it is, where its type says less. `only`: it
    belongs where these fields say one of these. `choices`: its words in people's."""

    title: Sentence
    help: Sentence | None = None
    takes: str = ""
    only: Mapping[str, tuple[str, ...]] = ALWAYS
    choices: Mapping[str, Sentence] = NO_CHOICES


class Ask(NamedTuple):
    """A field. `takes` says what it is in its plain form; empty: it has fields of its own, those of
    `form`. `many`: a list of such; `keyed`: such by a code each. Numbers, and how long a text is,
    lie between `least` and `most`."""

    name: str
    title: Sentence
    help: Sentence | None = None
    takes: str = "text"
    form: str = ""
    many: bool = False
    keyed: bool = False
    required: bool = False
    default: object = None
    least: float | None = None
    most: float | None = None
    only: Mapping[str, tuple[str, ...]] = ALWAYS
    choices: Mapping[str, Sentence] = NO_CHOICES


Asks = Mapping[str, tuple[Ask, ...]]  # by the name of what asks
Tells = Mapping[str, Mapping[str, Told]]
_PLAIN: Mapping[type[Type], str] = {
    StrType: "text", IntType: "count", FloatType: "number", BoolType: "flag",
    LiteralType: "choice", DateType: "date",
}  # fmt: skip
NOTHING: Mapping[str, Told] = {}


def asks(form_of: type[Struct], tells: Tells, plain: Mapping[type[Struct], str]) -> Asks:
    """The fields of a type and of all that it holds. `plain`: types that are one field each."""
    found: dict[str, tuple[Ask, ...]] = {}
    named = {one.__name__: takes for one, takes in plain.items()}
    _collect(cast("StructType", msgspec.inspect.type_info(form_of)), tells, named, found)
    return found


def _collect(
    form: StructType, tells: Tells, plain: Mapping[str, str], found: dict[str, tuple[Ask, ...]]
) -> None:
    name = form.cls.__name__
    if name in found:
        return
    told = tells.get(name, NOTHING)
    rank = {one: place for place, one in enumerate(told)}
    fields = sorted(form.fields, key=lambda one: rank.get(one.encode_name, len(rank)))
    found[name] = tuple(_ask(one, told.get(one.encode_name), plain) for one in fields)
    for field in fields:
        inner = _inner(field.type)
        if isinstance(inner, StructType) and inner.cls.__name__ not in plain:
            _collect(inner, tells, plain, found)


def _ask(field: Field, told: Told | None, plain: Mapping[str, str]) -> Ask:
    whole, inner = _way(field.type), _inner(field.type)
    name = field.encode_name
    told = told or Told(Sentence(name, name))
    form = inner.cls.__name__ if isinstance(inner, StructType) else ""
    takes = told.takes or (plain.get(form, "") if form else _PLAIN.get(type(inner), "odd"))
    return Ask(
        name,
        told.title,
        told.help,
        takes,
        "" if form in plain else form,
        isinstance(whole, VarTupleType),
        isinstance(whole, DictType),
        field.required,
        None if field.required else _default(field),
        *_bounds(inner),
        only=told.only,
        choices=_choices(inner, told.choices),
    )


def _choices(of: Type, told: Mapping[str, Sentence]) -> Mapping[str, Sentence]:
    """The words that it may be, in the order in which they are told."""
    words = [str(one) for one in of.values] if isinstance(of, LiteralType) else []
    ranked = [one for one in told if one in words]
    rest = [one for one in words if one not in told]
    return {one: told.get(one, Sentence(one, one)) for one in (*ranked, *rest)}


def _way(of: Type) -> Type:
    """Of several ways to say it the one that says most: not nothing, not the empty word."""
    if not isinstance(of, UnionType):
        return of
    ways = [one for one in of.types if not isinstance(one, NoneType)]
    said = [one for one in ways if not (isinstance(one, LiteralType) and one.values == ("",))]
    return (said or ways)[0]


def _inner(of: Type) -> Type:
    whole = _way(of)
    if isinstance(whole, VarTupleType):
        return _way(whole.item_type)
    return _way(whole.value_type) if isinstance(whole, DictType) else whole


def _bounds(of: Type) -> tuple[float | None, float | None]:
    if isinstance(of, IntType | FloatType):
        return of.ge, of.le
    return (of.min_length, of.max_length) if isinstance(of, StrType) else (None, None)


def _default(field: Field) -> object:
    value = field.default
    if value in (msgspec.NODEFAULT, "", None, ()) or isinstance(value, Mapping):
        return None
    return list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value


def told(value: object) -> object:
    """As plain values, sentences in both languages."""
    if isinstance(value, Sentence):
        return {"zh": value.zh, "en": str(value)}
    if isinstance(value, Ask):
        return {name: told(one) for name, one in value._asdict().items()}
    if isinstance(value, Mapping):
        some = cast("Mapping[object, object]", value)
        return {str(name): told(one) for name, one in some.items()}
    if isinstance(value, list | tuple):
        return [told(one) for one in cast("list[object]", value)]
    return value.isoformat() if isinstance(value, date) else value
