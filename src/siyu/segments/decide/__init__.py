"""From a stored text to a set: its parts, the segments that it refers to, and what is wrong.

    segment: loyal
    title: {zh: 忠诚客户, en: Loyal}
    layer: value        # it is a band of this layer
    live: true          # who is in it is kept up to date
    when: {orders: {at_least: 3, within: 365d}}

A segment that is referred to (`segment: loyal`) stands in the tree with its own conditions, so that
what two segments have in common is asked once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias, cast

from siyu.kernel.document import Document, Unreadable, lines_of
from siyu.kernel.document import read as parsed
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence
from siyu.segments.check import parse
from siyu.segments.model import Family, Tree, Words

Resolve: TypeAlias = Callable[[str], object]  # a code → its `when`; None: there is none
Said: TypeAlias = Mapping[str, object]

REFERENCE = "segment"
FIELDS = ("segment", "title", "layer", "live", "when")
LONGEST_TITLE = 60
CODE = re.compile(r"[a-z][a-z0-9_-]{0,59}")


@dataclass(frozen=True, slots=True)
class Written:
    """What a text says. `when` as it was written, `tree` with all that it refers to."""

    code: str
    title: Words
    layer: str
    live: bool
    when: object
    tree: Tree


def check(text: str, families: Iterable[Family], resolve: Resolve) -> Written | tuple[Problem, ...]:
    """The segment that a text says, or its problems, each with its line."""
    try:
        document = parsed(text)
    except Unreadable as error:
        return (error.problem,)
    reader = _Reader(document.value)
    code, title = reader.code("segment"), reader.title()
    layer = reader.code("layer") if "layer" in reader.said else ""
    live, when = reader.flag("live"), reader.said.get("when")
    problems = [*reader.problems, *(_references(code, when, resolve) if code else ())]
    tree = None if problems else parse(expand(when, resolve), families, "when")
    if isinstance(tree, tuple):
        problems += tree
    if problems or tree is None or isinstance(tree, tuple):
        return _in_order(document, problems)
    return Written(code, title, layer, live, when, tree)


def read(
    text: str, families: Iterable[Family], resolve: Resolve
) -> Written | Tree | tuple[Problem, ...]:
    """The segment that a text says; or, where it is conditions alone, their tree."""
    try:
        document = parsed(text)
    except Unreadable as error:
        return (error.problem,)
    said = cast("Said", document.value)
    if not hasattr(said, "keys") or {"when", "title"} & said.keys():
        return check(text, families, resolve)
    problems = tuple(_references("", said, resolve, ""))
    found = problems or parse(expand(said, resolve), families)
    return _in_order(document, found) if isinstance(found, tuple) else found


def when_of(text: str) -> object:
    """The conditions of a stored text."""
    return cast("Said", parsed(text).value).get("when")


def title_of(text: str) -> Words:
    """What a stored text is called."""
    return _Reader(parsed(text).value).title()


def references(doc: object, where: str = "when") -> Iterator[tuple[str, str]]:
    """The codes of segments that conditions name, each with its place."""
    match cast("Said", doc):
        case {"segment": str(code)}:
            yield code, _at(where, REFERENCE)
        case {"not": part}:
            yield from references(part, _at(where, "not"))
        case {"all": list()} | {"any": list()}:
            [(key, parts)] = cast("Said", doc).items()
            for place, part in enumerate(cast("list[object]", parts)):
                yield from references(part, _at(where, f"{key}[{place}]"))
        case _:
            pass


def reached(doc: object, resolve: Resolve) -> set[str]:
    """Every segment that conditions refer to, directly or through others."""
    found: set[str] = set()
    waiting = [code for code, _ in references(doc)]
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += [further for further, _ in references(resolve(code))]
    return found


def expand(doc: object, resolve: Resolve) -> object:
    """The conditions with those of each segment in the place of its name; there is no circle."""
    match cast("Said", doc):
        case {"segment": str(code)}:
            return expand(resolve(code), resolve)
        case {"not": part}:
            return {"not": expand(part, resolve)}
        case {"all": list()} | {"any": list()}:
            [(key, parts)] = cast("Said", doc).items()
            return {key: [expand(part, resolve) for part in cast("list[object]", parts)]}
        case _:
            return doc


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _references(
    code: str, when: object, resolve: Resolve, place: str = "when"
) -> Iterator[Problem]:
    """Names that nobody knows, and circles: a segment can't be a part of itself."""
    for named, where in references(when, place):
        if named != code and resolve(named) is None:
            yield Problem(
                where,
                Sentence(f"there is no segment `{named}`", f"没有人群 `{named}`"),
            )
        elif way := _circle(named, code, resolve, ()):
            words = " → ".join((code, *way)) if code else " → ".join(way)
            yield Problem(
                where,
                Sentence(f"refers to itself: {words}", f"引用了自己：{words}"),
            )


def _circle(
    named: str, code: str, resolve: Resolve, before: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The way from a named segment back to the one that is written."""
    if named == code:
        return (*before, named)
    if named in before:
        return None
    ways = (
        _circle(further, code, resolve, (*before, named))
        for further, _ in references(resolve(named))
    )
    return next((way for way in ways if way), None)


def _in_order(document: Document, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    said = [lines_of(document, problem) for problem in problems]
    return tuple(sorted(said, key=lambda one: one.line or 0))


class _Reader:
    """The words around the conditions."""

    def __init__(self, value: object) -> None:
        self.problems: list[Problem] = []
        self.said: Said = cast("Said", value) if isinstance(value, dict) else {}
        if not self.said:
            self._wrong(
                "",
                Sentence(
                    "must be a mapping with segment, title and when",
                    "必须是含 segment、title 和 when 的映射",
                ),
            )
            return
        for name in self.said:
            if name not in FIELDS:
                near = get_close_matches(name, FIELDS, 1)
                hint = near[0] if near else ", ".join(FIELDS)
                self._wrong(
                    name,
                    Sentence(f"unknown word; known: {hint}", f"不认识的词；可用的有 {hint}"),
                )
        if self.said.get("when") is None:
            self._wrong("when", Sentence("`when` is missing", "缺少 `when`"))

    def _wrong(self, where: str, why: Sentence) -> None:
        self.problems.append(Problem(where, why))

    def code(self, name: str) -> str:
        value = self.said.get(name)
        if isinstance(value, str) and CODE.fullmatch(value):
            return value
        if self.said:
            self._wrong(
                name,
                Sentence(
                    "must be a code of a-z, 0-9, _ and -, like `loyal`",
                    "必须是由 a-z、0-9、_ 和 - 组成的编码，如 `loyal`",
                ),
            )
        return ""

    def flag(self, name: str) -> bool:
        value = self.said.get(name, False)
        if not isinstance(value, bool):
            self._wrong(name, Sentence("must be true or false", "必须是 true 或 false"))
        return value is True

    def title(self) -> Words:
        given = self.said.get("title")
        said: Said = cast("Said", given) if isinstance(given, dict) else {}
        found = {locale: said.get(locale) for locale in Words._fields}
        for locale, words in found.items():
            good = isinstance(words, str) and 0 < len(words) <= LONGEST_TITLE
            if self.said and not (good and cast("str", words).isprintable()):
                self._wrong(
                    "title",
                    Sentence(
                        f"needs `{locale}`, 1 to {LONGEST_TITLE} characters",
                        f"需要 `{locale}`，1 到 {LONGEST_TITLE} 个字符",
                    ),
                )
        return Words(**{locale: str(words or "") for locale, words in found.items()})
