"""YAML as people write it, with the line of everything; nothing in it is ever executed.

Values are plain: text, number, true or false, list, mapping. `on`, `yes` and 10:00 stay text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import yaml
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
)
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence

LARGEST = 200_000  # characters; the flagship cascade has two thousand
DEEPEST = 30
MOST = 20_000

_QUICK: Any = getattr(yaml, "CSafeLoader", None)  # not in every wheel
_OTHERWISE = re.compile("[?\t\x85\u2028\u2029\ufeff]|[|>][-+0-9]*#")  # the two read these apart

_INT = re.compile(r"[-+]?\d{1,15}")
_FLOAT = re.compile(r"[-+]?\d{1,15}\.\d{1,15}")
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None, "~": None, "": None}


# What people do wrong in YAML, by how its reader begins to say it.
NO_YAML = "这里不是 YAML"
_SAID: Mapping[str, str] = {
    "mapping values are not allowed": "这里不能有冒号；请检查缩进，含冒号的文字请加引号",
    "could not find expected ':'": "这一行之前缺少冒号",
    "expected <block end>": "缩进不对，或列表与映射混在了一层",
    "expected the node content": "这里缺少内容",
    "expected ',' or": "括号里缺少逗号，或括号没有关上",
    "found character '\\t'": "缩进请用空格，不能用制表符",
    "found character": "文字不能以这个字符开头；请加引号",
    "found unexpected end of stream": "引号没有关上",
    "found unknown escape character": "引号里的反斜杠写法不认识",
    "found unexpected ':'": "这里不能有冒号；含冒号的文字请加引号",
    "found unexpected document separator": "引号没有关上",
    "sequence entries are not allowed": "列表项不能写在这里；请检查缩进",
    "block sequence entries are not allowed": "列表项不能写在这里；请检查缩进",
}


class Document(NamedTuple):
    """A text's value, and the line at which each place of it begins: `steps[2].send` → 17."""

    value: object
    lines: dict[str, int]


class Unreadable(ValueError):
    """The text is no YAML that we take."""

    def __init__(self, why: str, line: int | None = None) -> None:
        self.problem = Problem("text", why, line)
        super().__init__(str(self.problem))


def read(text: str) -> Document:
    """The value of a text; Unreadable says what is wrong with it."""
    if len(text) > LARGEST:
        raise Unreadable(
            Sentence(f"longer than {LARGEST:,} characters", f"超过 {LARGEST:,} 个字符")
        )
    try:
        root = _composed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = _why(error)
        raise Unreadable(
            Sentence(f"not readable: {why}", f"无法读取：{why.zh}"), mark.line + 1 if mark else None
        ) from None
    except yaml.YAMLError as error:
        why = Sentence(str(error).splitlines()[0], NO_YAML)
        raise Unreadable(Sentence(f"not readable: {why}", f"无法读取：{why.zh}")) from None
    if root is None:
        raise Unreadable(Sentence("the text is empty", "文本是空的"), 1)
    lines: dict[str, int] = {}
    return Document(_value(root, "", lines), lines)


def _why(error: MarkedYAMLError) -> Sentence:
    en = " ".join(part for part in (error.context, error.problem) if part)
    said = error.problem or ""
    return Sentence(
        en, next((zh for begin, zh in _SAID.items() if said.startswith(begin)), NO_YAML)
    )


def lines_of(document: Document, problem: Problem) -> Problem:
    """The problem with its line: that of its place, or of the nearest place around it."""
    place = problem.where
    while place and place not in document.lines:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return Problem(problem.where or "text", problem.why, document.lines.get(place, 1))


def _composed(text: str) -> Node | None:
    """By the reader in C, which is ten times as quick. What it can't read, the one in Python says,
    in words that are known here."""
    if _QUICK is not None and not _OTHERWISE.search(text):
        with suppress(yaml.YAMLError):
            _guard(text, _QUICK)
            return yaml.compose(text, Loader=_QUICK)
    _guard(text, yaml.SafeLoader)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _guard(text: str, loader: Any) -> None:
    """Refuse what could grow or loop, before anything is built of it."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=loader):
        mark = event.start_mark
        line = mark.line + 1 if mark is not None else None
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise Unreadable(
                Sentence(
                    "anchors (&) and aliases (*) are not taken; write it out",
                    "不接受锚点（&）和别名（*）；请完整写出",
                ),
                line,
            )
        if isinstance(event, NodeEvent):
            nodes += 1
            if getattr(event, "tag", None) not in (None, "!"):
                raise Unreadable(Sentence("tags (!) are not taken", "不接受标签（!）"), line)
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        documents += isinstance(event, DocumentStartEvent)
        if depth > DEEPEST or nodes > MOST:
            raise Unreadable(
                Sentence(
                    f"nested deeper than {DEEPEST} levels or more than {MOST:,} values",
                    f"嵌套超过 {DEEPEST} 层，或超过 {MOST:,} 个值",
                ),
                line,
            )
        if documents > 1:
            raise Unreadable(
                Sentence(
                    "one text holds one document: remove the second `---`",
                    "一个文本只写一份内容：请去掉第二个 `---`",
                ),
                line,
            )


def _value(node: Node, place: str, lines: dict[str, int]) -> object:
    lines.setdefault(place, node.start_mark.line + 1)
    match node:
        case SequenceNode():
            return [
                _value(part, f"{place}[{number}]", lines) for number, part in enumerate(node.value)
            ]
        case MappingNode():
            found: dict[str, object] = {}
            for key, part in node.value:
                line = key.start_mark.line + 1
                if not isinstance(key, ScalarNode):
                    raise Unreadable(Sentence("a key must be a word", "键必须是一个词"), line)
                if key.value in found:
                    raise Unreadable(
                        Sentence(
                            f"`{key.value}` is said twice in one mapping",
                            f"`{key.value}` 在同一个映射里写了两次",
                        ),
                        line,
                    )
                inner = f"{place}.{key.value}" if place else key.value
                lines[inner] = line
                found[key.value] = _value(part, inner, lines)
            return found
        case _:
            return _scalar(node)


def _scalar(node: Node) -> object:
    text: str = node.value
    if not isinstance(node, ScalarNode) or node.style:  # quoted: text as it stands
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
