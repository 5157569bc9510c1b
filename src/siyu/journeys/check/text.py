"""YAML as people write it, with the line of everything; nothing in it is ever executed.

Values are plain: text, number, true or false, list, mapping. `on`, `yes` and 10:00 stay text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

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

LARGEST = 200_000  # characters; the flagship cascade has two thousand
DEEPEST = 30
MOST = 20_000

_INT = re.compile(r"[-+]?\d{1,15}")
_FLOAT = re.compile(r"[-+]?\d{1,15}\.\d{1,15}")
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None, "~": None, "": None}


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
        raise Unreadable(f"longer than {LARGEST:,} characters")
    try:
        _guard(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = " ".join(part for part in (error.context, error.problem) if part)
        raise Unreadable(f"not readable: {why}", mark.line + 1 if mark else None) from None
    except yaml.YAMLError as error:
        raise Unreadable(f"not readable: {str(error).splitlines()[0]}") from None
    if root is None:
        raise Unreadable("the text is empty", 1)
    lines: dict[str, int] = {}
    return Document(_value(root, "", lines), lines)


def lines_of(document: Document, problem: Problem) -> Problem:
    """The problem with its line: that of its place, or of the nearest place around it."""
    place = problem.where
    while place and place not in document.lines:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return Problem(problem.where or "text", problem.why, document.lines.get(place, 1))


def _guard(text: str) -> None:
    """Refuse what could grow or loop, before anything is built of it."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        mark = event.start_mark
        line = mark.line + 1 if mark is not None else None
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise Unreadable("anchors (&) and aliases (*) are not taken; write it out", line)
        if isinstance(event, NodeEvent):
            nodes += 1
            if getattr(event, "tag", None) not in (None, "!"):
                raise Unreadable("tags (!) are not taken", line)
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        documents += isinstance(event, DocumentStartEvent)
        if depth > DEEPEST or nodes > MOST:
            raise Unreadable(
                f"nested deeper than {DEEPEST} levels or more than {MOST:,} values", line
            )
        if documents > 1:
            raise Unreadable("one text holds one journey: remove the second `---`", line)


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
                    raise Unreadable("a key must be a word", line)
                if key.value in found:
                    raise Unreadable(f"`{key.value}` is said twice in one mapping", line)
                inner = f"{place}.{key.value}" if place else key.value
                lines[inner] = line
                found[key.value] = _value(part, inner, lines)
            return found
        case _:
            return _scalar(node)


def _scalar(node: Node) -> object:
    text: str = node.value
    if not isinstance(node, ScalarNode) or node.style is not None:  # quoted: text as it stands
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
