"""What a playbook brings, each thing by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from siyu.kernel.document import Unreadable, read
from siyu.kernel.sentence import Sentence
from siyu.playbooks.check import STORY
from siyu.playbooks.model import Playbook


class Part(NamedTuple):
    """A thing that it brings. `kind`: of a material its channel, of an offer its kind."""

    code: str
    title: Sentence
    kind: str = ""


class Brought(NamedTuple):
    """All of them, in the order of the files; `stories` are what it is proven by."""

    journeys: list[Part]
    segments: list[Part]
    materials: list[Part]
    offers: list[Part]
    sources: list[Part]
    stories: list[Part]


def brought(one: Playbook) -> Brought:
    """By name, as far as its texts can be read."""
    said = one.manifest
    return Brought(
        _named(one.journeys.values(), "journey"),
        _named(one.segments.values(), "segment"),
        [Part(it.code, Sentence(it.title, it.title), it.channel) for it in one.materials],
        [Part(it.code, Sentence(it.title.en, it.title.zh), it.kind) for it in said.offers],
        [Part(it.code, Sentence(it.title.en, it.title.zh)) for it in said.sources],
        _stories(one.texts.get(STORY, "")),
    )


def _named(texts: Iterable[str], word: str) -> list[Part]:
    return [found for text in texts if (found := _part(_read(text), word)) is not None]


def _stories(text: str) -> list[Part]:
    found = _read(text)
    some = cast("list[object]", found) if isinstance(found, list) else []
    return [part for one in some if (part := _part(one, "story")) is not None]


def _read(text: str) -> object:
    try:
        return read(text).value
    except Unreadable:
        return None


def _part(value: object, word: str) -> Part | None:
    said = cast("Mapping[str, object]", value if isinstance(value, dict) else {})
    code = said.get(word)
    return Part(code, _title(said.get("title"), code)) if isinstance(code, str) else None


def _title(said: object, code: str) -> Sentence:
    """In both languages, or one text for both; the code where there is none."""
    if isinstance(said, dict):
        words = cast("Mapping[str, object]", said)
        return Sentence(str(words.get("en", code)), str(words.get("zh", code)))
    text = said if isinstance(said, str) and said else code
    return Sentence(text, text)
