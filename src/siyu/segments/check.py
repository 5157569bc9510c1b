"""From a text's document to a tree, with every problem named by its place; and back again."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cache
from typing import Literal, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

from siyu.kernel.errors import Problem
from siyu.kernel.time import duration
from siyu.segments.model import All, Any, Family, Form, Leaf, Not, Tree, forms_by_key

Problems: TypeAlias = tuple[Problem, ...]

DEEPEST = 12
MOST_LEAVES = 60
LONGEST_TEXT = 120
LARGEST_NUMBER = 1_000_000_000
LARGEST_AMOUNT = Decimal(10**12)


def parse(doc: object, families: Iterable[Family], where: str = "") -> Tree | Problems:
    """The tree that a document says, or all its problems; `where` is the place of the document.

    A place is a path like `ends_when.any[0].orders.within`.
    """
    reader = _Reader(forms_by_key(families))
    tree = reader.tree(doc, where, 0)
    if tree is None or reader.problems:
        return tuple(reader.problems)
    return tree


def document(tree: Tree) -> dict[str, object]:
    """The document of a tree in its one normal form: `parse(document(tree))` is the tree."""
    match tree:
        case Leaf(form):
            return {form.key: _written(form)}
        case Not(part):
            return {"not": document(part)}
        case All(parts):
            return {"all": [document(part) for part in parts]}
        case Any(parts):
            return {"any": [document(part) for part in parts]}


class _Wrong(ValueError):
    """A value that its field does not take; the message says what it takes."""


class _Reader:
    def __init__(self, forms: Mapping[str, type[Form]]) -> None:
        self.forms = forms
        self.problems: list[Problem] = []
        self.count = 0

    def wrong(self, where: str, why: str) -> None:
        self.problems.append(Problem(where, why))

    def tree(self, doc: object, where: str, depth: int) -> Tree | None:
        if depth > DEEPEST:
            return self.wrong(where, f"nested deeper than {DEEPEST} levels")
        if not isinstance(doc, dict):
            return self.wrong(where, f"must be a mapping like `friend: true`, not {_kind(doc)}")
        said = cast("dict[object, object]", doc)
        if len(said) != 1:
            keys = ", ".join(str(key) for key in said) or "nothing"
            return self.wrong(where, f"must hold exactly one key, it holds {keys}; use `all: […]`")
        [(key, value)] = said.items()
        if key == "all":
            parts = self.parts(value, _at(where, "all"), depth)
            return None if parts is None else All(parts)
        if key == "any":
            parts = self.parts(value, _at(where, "any"), depth)
            return None if parts is None else Any(parts)
        if key == "not":
            part = self.tree(value, _at(where, "not"), depth + 1)
            return None if part is None else Not(part)
        return self.leaf(str(key), value, where)

    def parts(self, doc: object, where: str, depth: int) -> tuple[Tree, ...] | None:
        if not isinstance(doc, list) or not doc:
            return self.wrong(where, "must be a list with at least one condition")
        found = [
            self.tree(part, f"{where}[{place}]", depth + 1)
            for place, part in enumerate(cast("list[object]", doc))
        ]
        good = tuple(part for part in found if part is not None)
        return good if len(good) == len(found) else None

    def leaf(self, key: str, value: object, where: str) -> Leaf | None:
        self.count += 1
        if self.count == MOST_LEAVES + 1:
            return self.wrong(where, f"more than {MOST_LEAVES} conditions in one text")
        form = self.forms.get(key)
        if form is None:
            known = sorted(self.forms)
            near = get_close_matches(key, known, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
            return self.wrong(_at(where, key), f"unknown condition `{key}`; {hint}")
        made = self.form(form, value, _at(where, key))
        return None if made is None else Leaf(made)

    def form(self, form: type[Form], value: object, where: str) -> Form | None:
        known = {_word(field): field for field in _fields(form)}
        if not isinstance(value, dict):
            if not form.short:
                names = ", ".join(known) or "no fields"
                return self.wrong(where, f"must be a mapping with {names}, not {_kind(value)}")
            return self.filled(form, {form.short: value}, where, bare=True)
        said = {str(name): given for name, given in cast("dict[object, object]", value).items()}
        strangers = [name for name in said if name not in known]
        for name in strangers:
            self.wrong(_at(where, name), f"unknown field; known are {', '.join(known)}")
        made = self.filled(form, said, where)
        return None if strangers else made

    def filled(
        self, form: type[Form], said: Mapping[str, object], where: str, *, bare: bool = False
    ) -> Form | None:
        hints = _hints(form)
        values: dict[str, object] = {}
        before = len(self.problems)
        for field in _fields(form):
            place = where if bare else _at(where, _word(field))
            if _word(field) in said:
                try:
                    values[field.name] = _read(hints[field.name], said[_word(field)])
                except ValueError as error:
                    self.wrong(place, str(error))
            elif field.default is MISSING:
                self.wrong(where, f"`{_word(field)}` is missing")
        if len(self.problems) > before:
            return None
        try:
            return form(**values)
        except ValueError as error:
            return self.wrong(where, str(error))


@cache
def _fields(form: type[Form]) -> tuple[Field[object], ...]:
    return fields(form)  # pyright: ignore[reportArgumentType]  # every Form is a dataclass


@cache
def _hints(form: type[Form]) -> dict[str, object]:
    return get_type_hints(form)


def _word(field: Field[object]) -> str:
    """How a text calls a field: `is_` is written `is`, which Python keeps for itself."""
    return field.name.removesuffix("_")


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return f"a {type(value).__name__}"


def _read(hint: object, value: object) -> object:
    """The value as the field's type takes it."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        ways = [arg for arg in get_args(hint) if arg is not type(None)]
        return _read(next((way for way in ways if way is type(value)), ways[0]), value)
    if origin is Literal:
        choices = get_args(hint)
        if value not in choices or isinstance(value, bool):
            raise _Wrong(f"must be one of {', '.join(map(str, choices))}")
        return value
    if origin is tuple:
        given = cast("list[object]", value) if isinstance(value, list) else [value]
        if not given:
            raise _Wrong("must not be empty")
        return tuple(_read(get_args(hint)[0], item) for item in given)
    return _READERS[cast("type", hint)](value)


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(f"must be true or false, not {_kind(value)}")
    return value


def _int(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Wrong(f"must be a whole number, not {_kind(value)}")
    if not 0 <= value <= LARGEST_NUMBER:
        raise _Wrong(f"must be between 0 and {LARGEST_NUMBER}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"must be a text, not {_kind(value)}; put it in quotes")
    text = value.strip()
    if not text or len(text) > LONGEST_TEXT:
        raise _Wrong(f"must have 1 to {LONGEST_TEXT} characters")
    if not text.isprintable():
        raise _Wrong("holds characters that can't be printed")
    return text


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise _Wrong(f"must be a duration like 30d or 2h, not {_kind(value)}")
    span = duration(value)
    if not span:
        raise _Wrong("must be longer than nothing")
    return span


def _amount(value: object) -> Decimal:
    if isinstance(value, float) or not isinstance(value, str | int) or isinstance(value, bool):
        raise _Wrong(f'must be an amount in quotes like "100.00", not {_kind(value)}')
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise _Wrong(f"{value!r} is not an amount of money") from None
    if not amount.is_finite() or not 0 <= amount <= LARGEST_AMOUNT:
        raise _Wrong(f"must be between 0 and {LARGEST_AMOUNT}")
    if amount != amount.quantize(Decimal("0.01")):
        raise _Wrong("has more than two decimal places")
    return amount.quantize(Decimal("0.01"))


_READERS = {bool: _bool, int: _int, str: _text, timedelta: _duration, Decimal: _amount}
_SPANS = (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def _written(form: Form) -> object:
    """The fields that differ from their default, in order; the bare value where one says it all."""
    values = ((field, cast("object", getattr(form, field.name))) for field in _fields(form))
    said = {
        _word(field): _plain(value)
        for field, value in values
        if field.default is MISSING or value != field.default
    }
    return said[form.short] if list(said) == [form.short] else said


def _plain(value: object) -> object:
    match value:
        case timedelta():
            seconds = int(value.total_seconds())
            unit, size = next((unit, size) for unit, size in _SPANS if seconds % size == 0)
            return f"{seconds // size}{unit}"
        case Decimal():
            return str(value)
        case tuple():
            return list(cast("tuple[object, ...]", value))
        case _:
            return value
