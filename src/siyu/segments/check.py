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
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import duration
from siyu.segments.model import All, Any, Family, Form, Leaf, Named, Not, Tree, forms_by_key

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
        case Named(code):
            return {"segment": code}
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
            return self.wrong(
                where, Sentence(f"nested deeper than {DEEPEST} levels", f"嵌套超过 {DEEPEST} 层")
            )
        if not isinstance(doc, dict):
            return self.wrong(
                where,
                Sentence(
                    f"must be a mapping like `friend: true`, not {_kind(doc)}",
                    f"必须是映射，如 `friend: true`，现在是{_kind(doc).zh}",
                ),
            )
        said = cast("dict[object, object]", doc)
        if len(said) != 1:
            names = ", ".join(str(key) for key in said)
            keys = Sentence(names or "nothing", names or "空")
            return self.wrong(
                where,
                Sentence(
                    f"must hold exactly one key, it holds {keys}; use `all: […]`",
                    f"只能有一个键，现在是：{keys.zh}；请用 `all: […]`",
                ),
            )
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
            return self.wrong(
                where,
                Sentence("must be a list with at least one condition", "必须是列表，至少一个条件"),
            )
        found = [
            self.tree(part, f"{where}[{place}]", depth + 1)
            for place, part in enumerate(cast("list[object]", doc))
        ]
        good = tuple(part for part in found if part is not None)
        return good if len(good) == len(found) else None

    def leaf(self, key: str, value: object, where: str) -> Leaf | None:
        self.count += 1
        if self.count == MOST_LEAVES + 1:
            return self.wrong(
                where,
                Sentence(
                    f"more than {MOST_LEAVES} conditions in one text",
                    f"一个文本里的条件超过 {MOST_LEAVES} 个",
                ),
            )
        form = self.forms.get(key)
        if form is None:
            known = sorted(self.forms)
            near = get_close_matches(key, known, 1)
            hint = (
                Sentence(f"did you mean `{near[0]}`?", f"是不是 `{near[0]}`？")
                if near
                else Sentence(f"known are {', '.join(known)}", f"可用的有 {', '.join(known)}")
            )
            return self.wrong(
                _at(where, key),
                Sentence(f"unknown condition `{key}`; {hint}", f"不认识的条件 `{key}`；{hint.zh}"),
            )
        made = self.form(form, value, _at(where, key))
        return None if made is None else Leaf(made)

    def form(self, form: type[Form], value: object, where: str) -> Form | None:
        known = {_word(field): field for field in _fields(form)}
        if not isinstance(value, dict):
            if not form.short:
                words = ", ".join(known)
                names = Sentence(words or "no fields", words or "空")
                return self.wrong(
                    where,
                    Sentence(
                        f"must be a mapping with {names}, not {_kind(value)}",
                        f"必须是含 {names.zh} 的映射，现在是{_kind(value).zh}",
                    ),
                )
            return self.filled(form, {form.short: value}, where, bare=True)
        said = {str(name): given for name, given in cast("dict[object, object]", value).items()}
        strangers = [name for name in said if name not in known]
        for name in strangers:
            self.wrong(
                _at(where, name),
                Sentence(
                    f"unknown field; known are {', '.join(known)}",
                    f"不认识的字段；可用的有 {', '.join(known)}",
                ),
            )
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
                    self.wrong(place, wording(error))
            elif field.default is MISSING:
                self.wrong(
                    where, Sentence(f"`{_word(field)}` is missing", f"缺少 `{_word(field)}`")
                )
        if len(self.problems) > before:
            return None
        try:
            return form(**values)
        except ValueError as error:
            return self.wrong(where, wording(error))


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


def _kind(value: object) -> Sentence:
    match value:
        case None:
            return Sentence("nothing", "空")
        case bool():
            return Sentence("true or false", " true 或 false")
        case int() | float():
            return Sentence("a number", "数字")
        case str():
            return Sentence("a text", "文字")
        case list():
            return Sentence("a list", "列表")
        case dict():
            return Sentence("a mapping", "映射")
        case _:
            return Sentence(f"a {type(value).__name__}", f" {type(value).__name__}")


def _read(hint: object, value: object) -> object:
    """The value as the field's type takes it."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        ways = [arg for arg in get_args(hint) if arg is not type(None)]
        return _read(next((way for way in ways if way is type(value)), ways[0]), value)
    if origin is Literal:
        choices = get_args(hint)
        if value not in choices or isinstance(value, bool):
            raise _Wrong(
                Sentence(
                    f"must be one of {', '.join(map(str, choices))}",
                    f"必须是其中之一：{', '.join(map(str, choices))}",
                )
            )
        return value
    if origin is tuple:
        given = cast("list[object]", value) if isinstance(value, list) else [value]
        if not given:
            raise _Wrong(Sentence("must not be empty", "不能为空"))
        return tuple(_read(get_args(hint)[0], item) for item in given)
    return _READERS[cast("type", hint)](value)


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(
            Sentence(
                f"must be true or false, not {_kind(value)}",
                f"必须是 true 或 false，现在是{_kind(value).zh}",
            )
        )
    return value


def _int(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Wrong(
            Sentence(
                f"must be a whole number, not {_kind(value)}",
                f"必须是整数，现在是{_kind(value).zh}",
            )
        )
    if not 0 <= value <= LARGEST_NUMBER:
        raise _Wrong(
            Sentence(
                f"must be between 0 and {LARGEST_NUMBER}", f"必须在 0 到 {LARGEST_NUMBER} 之间"
            )
        )
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong(
            Sentence(
                f"must be a text, not {_kind(value)}; put it in quotes",
                f"必须是文字，现在是{_kind(value).zh}；请加上引号",
            )
        )
    text = value.strip()
    if not text or len(text) > LONGEST_TEXT:
        raise _Wrong(
            Sentence(
                f"must have 1 to {LONGEST_TEXT} characters", f"必须是 1 到 {LONGEST_TEXT} 个字符"
            )
        )
    if not text.isprintable():
        raise _Wrong(Sentence("holds characters that can't be printed", "含有无法显示的字符"))
    return text


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise _Wrong(
            Sentence(
                f"must be a duration like 30d or 2h, not {_kind(value)}",
                f"必须是时长，如 30d 或 2h，现在是{_kind(value).zh}",
            )
        )
    span = duration(value)
    if not span:
        raise _Wrong(Sentence("must be longer than nothing", "必须大于零"))
    return span


def _amount(value: object) -> Decimal:
    if isinstance(value, float) or not isinstance(value, str | int) or isinstance(value, bool):
        raise _Wrong(
            Sentence(
                f'must be an amount in quotes like "100.00", not {_kind(value)}',
                f'必须是带引号的金额，如 "100.00"，现在是{_kind(value).zh}',
            )
        )
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise _Wrong(
            Sentence(f"{value!r} is not an amount of money", f"{value!r} 不是金额")
        ) from None
    if not amount.is_finite() or not 0 <= amount <= LARGEST_AMOUNT:
        raise _Wrong(
            Sentence(
                f"must be between 0 and {LARGEST_AMOUNT}", f"必须在 0 到 {LARGEST_AMOUNT} 之间"
            )
        )
    if amount != amount.quantize(Decimal("0.01")):
        raise _Wrong(Sentence("has more than two decimal places", "小数超过两位"))
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
    if form.short and set(said) <= {form.short}:
        return _plain(getattr(form, form.short))
    return said


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
