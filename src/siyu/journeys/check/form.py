"""Fills the forms of a journey from plain values: the type of a field says how it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from siyu.journeys.check.values import READERS, Wrong, kind_of, literal, nearest, text
from siyu.journeys.model import (
    ChannelCode,
    Journey,
    JourneyCode,
    MaterialCode,
    Node,
    OfferCode,
    SourceCode,
    Step,
    StepId,
)
from siyu.journeys.model.enter import SegmentCode
from siyu.journeys.nodes import NODES
from siyu.journeys.predicates import FAMILY
from siyu.journeys.predicates.visit import ValueIs, VisitForm
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence, wording
from siyu.segments.check import parse
from siyu.segments.model import Family, Words, leaves
from siyu.segments.predicates.profile import InSegment

T = TypeVar("T")
Said = Mapping[str, object]
REFERENCES = (StepId, MaterialCode, OfferCode, ChannelCode, SourceCode, JourneyCode, SegmentCode)
TOUCH = "touch"  # a condition speaks of the touch of a step
VALUE = "value"  # a condition speaks of what a step sets
_BY_KEY = {node.key: node for node in NODES}


class Reference(NamedTuple):
    """Something that the text names, and where; `step` is the step that says it."""

    to: object  # one of REFERENCES, TOUCH or VALUE
    name: str
    where: str
    step: str


class Placed(NamedTuple):
    """A step that was read, or only its id where the rest is wrong."""

    id: str
    where: str
    step: Step | None


@dataclass
class Found:
    """What a reader comes upon besides the journey itself."""

    problems: list[Problem]
    references: list[Reference]
    steps: list[Placed]
    code: object = None  # what the journey calls itself

    def wrong(self, where: str, why: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(where, why))


class Reader:
    """Reads one text; what is wrong is collected, so that one look shows all of it."""

    def __init__(self, families: Sequence[Family]) -> None:
        self.families = families if FAMILY in families else (*families, FAMILY)
        self.found = Found([], [], [])
        self._step = ""

    def journey(self, doc: object) -> Journey | None:
        """The whole text; None when something in it is wrong."""
        if isinstance(doc, dict):
            self.found.code = cast("Said", doc).get("journey")
        return self._form(Journey, cast("object", doc), "")

    def _read(self, hint: Any, value: object, where: str) -> Any:
        origin = get_origin(hint)
        if origin is Annotated:
            return self._condition(value, where, of_visit="segment" not in get_args(hint))
        if origin in (Union, UnionType):
            return self._read(_choice(get_args(hint), value), value, where)
        if origin is Literal:
            return literal(get_args(hint), value)
        if origin is tuple:
            return self._list(get_args(hint)[0], value, where)
        if hint in REFERENCES:
            self._refer(hint, text(value), where)
            return value
        if hint in (Step, Words):
            return (self._a_step if hint is Step else self._words)(value, where)
        if is_dataclass(hint):
            return self._form(cast("type[object]", hint), value, where)
        return READERS[hint](value)

    def _kept(self, hint: Any, value: object, where: str) -> Any:
        """What was read; None, and a problem noted, when it can't be."""
        try:
            return self._read(hint, value, where)
        except ValueError as error:
            return self.found.wrong(where, wording(error))

    def _condition(self, value: object, where: str, *, of_visit: bool) -> Any:
        tree = parse(value, self.families, where, by_name=True)
        if isinstance(tree, tuple):
            self.found.problems.extend(tree)
            return None
        for leaf in leaves(tree):
            named = getattr(leaf.form, "step", None)
            if isinstance(named, str):
                self._refer(TOUCH, named, where)
            if isinstance(leaf.form, VisitForm) and not of_visit:
                why = Sentence(
                    f"`{leaf.form.key}` speaks of a visit, and who enters has none yet",
                    f"`{leaf.form.key}` 说的是进行中的旅程，而进入条件判断时还没有开始",
                )
                self.found.wrong(where, why)
            if isinstance(leaf.form, InSegment):
                self._refer(SegmentCode, leaf.form.code, where)
            if isinstance(leaf.form, ValueIs):
                self._refer(VALUE, leaf.form.name, where)
        return tree

    def _words(self, value: object, where: str) -> Words | None:
        said = self._mapping(value, Words._fields, Words._fields, where)
        if said is None:
            return None
        both = {locale: said.get(locale) for locale in Words._fields}
        return Words(**{word: self._kept(str, both[word], _at(where, word)) for word in both})

    def _list(self, hint: Any, value: object, where: str) -> tuple[Any, ...]:
        if value == [] and where == "steps":
            raise Wrong(Sentence("has no step yet: add the first one", "还没有步骤：请加第一步"))
        if not isinstance(value, list) or not value:
            raise Wrong(Sentence("must be a list with at least one entry", "必须是列表，至少一项"))
        items = enumerate(cast("list[object]", value))
        return tuple(self._kept(hint, item, f"{where}[{number}]") for number, item in items)

    def _form(self, form: type[T], value: object, where: str) -> T | None:
        words = [_word(field) for field in _fields(form)]
        said = self._mapping(value, words, words, where)
        if said is None:
            return None
        return self._filled(form, {word: (said[word], _at(where, word)) for word in said}, where)

    def _filled(
        self, form: type[T], said: Mapping[str, tuple[object, str]], where: str
    ) -> T | None:
        before = len(self.found.problems)
        hints, values = _hints(form), dict[str, object]()
        for field in _fields(form):
            word = _word(field)
            if word in said:
                values[field.name] = self._kept(hints[field.name], *said[word])
            elif field.default is MISSING:
                self.found.wrong(where, Sentence(f"`{word}` is missing", f"缺少 `{word}`"))
        if len(self.found.problems) > before:
            return None
        try:
            return form(**values)
        except ValueError as error:  # it names the field first, where one is to blame
            word = str(error).partition(" ")[0].strip("`")
            return self.found.wrong(said[word][1] if word in said else where, wording(error))

    def _a_step(self, value: object, where: str) -> Step | None:
        beside = {word for node in NODES for word in node.beside}
        said = self._mapping(value, ("id", *_BY_KEY), {"id", "go", *beside, *_BY_KEY}, where)
        if said is None:
            return None
        self._step = str(said.get("id", ""))
        words = [word for word in said if word in _BY_KEY]
        node = self._node(words, said, where)
        name = self._kept(str, said.get("id"), _at(where, "id"))
        go = self._kept(StepId, said["go"], _at(where, "go")) if "go" in said else None
        if node is not None and go is not None and not node.goes_on:
            self.found.wrong(
                _at(where, "go"),
                Sentence(
                    f"nothing goes on after this {words[0]}", f"`{words[0]}` 之后不会再往下走"
                ),
            )
        step = None
        if node is not None and isinstance(name, str):
            try:
                step = Step(StepId(name), node, go)
            except ValueError as error:
                self.found.wrong(_at(where, "id"), wording(error))
        self.found.steps.append(Placed(str(name), where, step))
        return step

    def _node(self, words: list[str], said: Said, where: str) -> Node | None:
        if len(words) != 1:
            has = Sentence(" and ".join(words) or "none", "、".join(words) or "没有")
            why = Sentence(
                f"a step is exactly one of {', '.join(_BY_KEY)}; this one has {has}",
                f"一个步骤只能是其中一种：{', '.join(_BY_KEY)}；这里写了：{has.zh}",
            )
            return self.found.wrong(where, why)
        kind, inside = _BY_KEY[words[0]], _at(where, words[0])
        for word in {word for node in NODES for word in node.beside} & set(said) - kind.beside:
            self.found.wrong(
                _at(where, word),
                Sentence(
                    f"`{word}` says nothing beside `{kind.key}`",
                    f"`{word}` 不能写在 `{kind.key}` 旁边",
                ),
            )
        given = {word: (said[word], _at(where, word)) for word in kind.beside if word in said}
        if kind.whole:
            given[kind.whole] = (said[kind.key], inside)
            return self._filled(kind, given, where if kind.beside - set(said) else inside)
        names = [_word(field) for field in _fields(kind)]
        entries = self._mapping(said[kind.key], names, names, inside)
        if entries is None:
            return None
        return self._filled(
            kind, given | {word: (entries[word], _at(inside, word)) for word in entries}, inside
        )

    def _mapping(
        self, value: object, shown: Iterable[str], known: Iterable[str], where: str
    ) -> Said | None:
        """The value as a mapping; words that nobody knows are problems, each with the nearest."""
        if not isinstance(value, dict):
            words = ", ".join(shown)
            return self.found.wrong(
                where,
                Sentence(
                    f"must be a mapping with {words}, not {kind_of(value)}",
                    f"必须是含 {words} 的映射，现在是{kind_of(value).zh}",
                ),
            )
        said, words = cast("dict[str, object]", value), list(known)
        strangers = [word for word in said if word not in words]
        for word in strangers:
            self.found.wrong(
                _at(where, word),
                Sentence(
                    f"unknown word `{word}`; {nearest(word, words)}",
                    f"不认识的词 `{word}`；{nearest(word, words).zh}",
                ),
            )
        return {word: said[word] for word in said if word in words}

    def _refer(self, to: object, name: str, where: str) -> None:
        self.found.references.append(Reference(to, name, where, self._step))


@cache
def _hints(form: type[object]) -> dict[str, Any]:
    return get_type_hints(form, include_extras=True)


@cache
def _fields(form: type[object]) -> tuple[Field[Any], ...]:
    return fields(cast("Any", form))


def _word(field: Field[Any]) -> str:
    return field.metadata.get("name") or field.name


def _at(where: str, word: str) -> str:
    return f"{where}.{word}" if where else word


def _choice(hints: tuple[Any, ...], value: object) -> Any:
    """Of several ways to say a thing, a mapping takes a form, anything else the plain one.

    Which form, its first word says, and that word's value where it is one of a few.
    """
    ways = [hint for hint in hints if hint is not type(None)]
    forms = [hint for hint in ways if is_dataclass(hint)]
    if not isinstance(value, dict) or not forms:
        return next((hint for hint in ways if hint not in forms), ways[0])
    said = cast("Said", value)
    for form in forms:
        lead = _fields(form)[0]
        hint = _hints(form)[lead.name]
        words = get_args(hint) if get_origin(hint) is Literal else ()
        if _word(lead) in said and (not words or said[_word(lead)] in words):
            return form
    leads = {_word(_fields(form)[0]): form for form in reversed(forms)}
    near = (get_close_matches(word, leads, 1) for word in said)
    return next((leads[found[0]] for found in near if found), forms[0])
