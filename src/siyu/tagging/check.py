"""A text with rules → rules, or what is wrong with it, line by line.

    rule: size-42
    when: {product: {sku: [SHOE-42, BOOT-42]}}     # a list of such: any of them
    unless: {product: {category: gifts}}           # of the same happening
    tag: size-42
    confidence: 0.8
    for: 365d

Several rules of one file stand apart by a line `---`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TypeAlias, cast

from siyu.customers.model import LONGEST_TAG, SURE
from siyu.kernel.document import Document, Unreadable, lines_of
from siyu.kernel.document import read as parsed
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import duration
from siyu.tagging.model import FIELDS, LONGEST_WORD, MOST_VALUES, Form, Rule, What

Said: TypeAlias = Mapping[str, object]

KNOWN = ("rule", "when", "unless", "tag", "confidence", "for")
CODE = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_APART = re.compile(r"^---\s*$", re.MULTILINE)
_NOTHING = re.compile(r"\s*(#[^\n]*\s*)*")


def texts(text: str) -> Iterator[tuple[str, int]]:
    """Each rule's own text, and how many lines come before it."""
    begin = 0
    for end in [*(found.span() for found in _APART.finditer(text)), (len(text), len(text))]:
        part = text[begin : end[0]]
        if not _NOTHING.fullmatch(part):
            yield part.strip("\n") + "\n", text[:begin].count("\n") + _blank(part)
        begin = end[1]


def _blank(part: str) -> int:
    return len(part) - len(part.lstrip("\n"))


def check_all(text: str) -> list[tuple[Rule, str]] | tuple[Problem, ...]:
    """Every rule of a file with its text; or all that is wrong with any."""
    found: list[tuple[Rule, str]] = []
    wrong: list[Problem] = []
    for part, before in texts(text):
        rule = check(part)
        if isinstance(rule, Rule):
            found.append((rule, part))
            continue
        wrong += [
            Problem(one.where, one.why, one.line + before if one.line else None) for one in rule
        ]
    codes = [rule.code for rule, _ in found]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    wrong += [
        Problem("rule", Sentence(f"`{code}` stands here twice", f"`{code}` 出现了两次"))
        for code in twice
    ]
    if not found and not wrong:
        wrong.append(Problem("text", Sentence("there is no rule in it", "里面没有规则")))
    return tuple(wrong) or found


def check(text: str) -> Rule | tuple[Problem, ...]:
    """One rule."""
    try:
        document = parsed(text)
    except Unreadable as error:
        return (error.problem,)
    reader = _Reader(document)
    rule = reader.rule() if reader.said else ()
    return tuple(lines_of(document, one) for one in reader.problems) or rule


class _Reader:
    def __init__(self, document: Document) -> None:
        self.problems: list[Problem] = []
        value = document.value
        self.said: Said = cast("Said", value) if isinstance(value, dict) else {}
        if not self.said:
            self._wrong("", Sentence("must be a mapping with rule, when and tag",
                                     "必须是含 rule、when 和 tag 的映射"))  # fmt: skip
        for name in self.said:
            if name not in KNOWN:
                self._unknown(name, name, KNOWN)

    def _wrong(self, where: str, why: Sentence) -> None:
        self.problems.append(Problem(where, why))

    def _unknown(self, where: str, name: str, known: tuple[str, ...]) -> None:
        listed = ", ".join(known)
        self._wrong(
            where,
            Sentence(f"unknown word {name!r}; known: {listed}",
                     f"不认识的词 {name!r}；可用的有 {listed}"),
        )  # fmt: skip

    def rule(self) -> Rule:
        when = self._forms("when")
        if not when and not self.problems:
            self._wrong("when", Sentence("`when` is missing", "缺少 `when`"))
        return Rule(
            self._code(), when, self._forms("unless"), self._tag(), self._sure(), self._span()
        )

    def _code(self) -> str:
        value = self.said.get("rule")
        if isinstance(value, str) and CODE.fullmatch(value):
            return value
        why = Sentence(
            "must be a code of a-z, 0-9, _ and -, like `size-42`",
            "必须是由 a-z、0-9、_ 和 - 组成的编码，如 `size-42`",
        )
        self._wrong("rule", why)
        return ""

    def _tag(self) -> str:
        value = self.said.get("tag")
        value = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        plain = value.strip() if isinstance(value, str) else ""
        if 1 <= len(plain) <= LONGEST_TAG and plain.isprintable():
            return plain
        self._wrong("tag", Sentence(f"must be one line of 1 to {LONGEST_TAG} characters",
                                    f"必须是一行 1 到 {LONGEST_TAG} 个字符"))  # fmt: skip
        return ""

    def _sure(self) -> int:
        value = self.said.get("confidence", 1)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
            return max(1, round(value * SURE))
        self._wrong("confidence", Sentence("must be a number above 0 and at most 1",
                                           "必须是大于 0、不超过 1 的数"))  # fmt: skip
        return SURE

    def _span(self) -> timedelta | None:
        value = self.said.get("for")
        if value is None:
            return None
        try:
            span = duration(str(value))
        except ValueError as error:
            self._wrong("for", wording(error))
            return None
        if not span:
            self._wrong("for", Sentence("must be longer than nothing", "必须大于零"))
        return span

    def _forms(self, where: str) -> tuple[Form, ...]:
        value = self.said.get(where)
        if value is None:
            return ()
        if not isinstance(value, list):
            return self._form(value, where)
        parts = enumerate(cast("list[object]", value))
        return tuple(form for place, one in parts for form in self._form(one, f"{where}[{place}]"))

    def _form(self, value: object, where: str) -> tuple[Form, ...]:
        said: Said = cast("Said", value) if isinstance(value, dict) else {}
        if len(said) != 1:
            known = ", ".join(FIELDS)
            self._wrong(where, Sentence(f"must be one of {known}, with what it asks for",
                                        f"必须是 {known} 之一，并写明条件"))  # fmt: skip
            return ()
        [(name, inner)] = said.items()
        if name not in FIELDS:
            self._unknown(f"{where}.{name}", name, tuple(FIELDS))
            return ()
        what = cast("What", name)
        asked: object = inner
        if what == "keyword" and not isinstance(inner, dict):
            asked = {"word": inner}
        return (Form(what, tuple(self._asks(what, asked, f"{where}.{name}"))),)

    def _asks(self, what: What, inner: object, where: str) -> Iterator[tuple[str, frozenset[str]]]:
        asked: Said = cast("Said", inner) if isinstance(inner, dict) else {}
        if not asked:
            listed = ", ".join(FIELDS[what])
            self._wrong(where, Sentence(f"asks for nothing; it can ask for {listed}",
                                        f"没有写条件；可用的有 {listed}"))  # fmt: skip
        for name, value in asked.items():
            if name not in FIELDS[what]:
                self._unknown(f"{where}.{name}", name, FIELDS[what])
                continue
            yield name, self._values(value, f"{where}.{name}")

    def _values(self, value: object, where: str) -> frozenset[str]:
        some: list[object] = cast("list[object]", value) if isinstance(value, list) else [value]
        found: set[str] = set()
        for one in some:
            word = str(one) if isinstance(one, int) and not isinstance(one, bool) else one
            if isinstance(word, str) and 1 <= len(word.strip()) <= LONGEST_WORD:
                found.add(word.strip())
                continue
            self._wrong(where, Sentence(f"must be a text of 1 to {LONGEST_WORD} characters",
                                        f"必须是 1 到 {LONGEST_WORD} 个字符的文字"))  # fmt: skip
        if not 1 <= len(some) <= MOST_VALUES:
            self._wrong(where, Sentence(f"must be 1 to {MOST_VALUES} values",
                                        f"必须是 1 到 {MOST_VALUES} 个值"))  # fmt: skip
        return frozenset(found)
