"""From a file of materials to materials, or everything that is wrong with it, line by line."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import NamedTuple, cast

import msgspec

from siyu.content.check import check, twice
from siyu.content.model import Material, MaterialText
from siyu.kernel.document import Document, Unreadable, lines_of, read
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.typed import form

_STRANGE = re.compile(r"Object contains unknown field `(.+)`")
_FIELDS = sorted(one.name for one in msgspec.structs.fields(MaterialText))
TAKEN_IN = f"{'0' * 32}.png"  # how pictures beside a file are called once they are taken in


class Read(NamedTuple):
    """What a file holds, and what is wrong or could be better, by line. A line counts from 1."""

    materials: list[MaterialText]
    texts: list[Material]
    problems: list[Problem]
    advice: list[Problem]


def read_file(
    text: str, region: str, words: Mapping[str, bool], pictures: Collection[str] | None = None
) -> Read:
    """A list of materials in YAML. `pictures`: the files beside it that may be named (None: it
    may name those only that were taken in before)."""
    try:
        document = read(text)
    except Unreadable as error:
        return Read([], [], [error.problem], [])
    if not isinstance(document.value, list):
        why = Sentence(
            "a file of materials is a list: each begins with `- code:`",
            "素材文件是一个列表：每条以 `- code:` 开头",
        )
        return Read([], [], [Problem("text", why, 1)], [])
    found, problems = _converted(document)
    texts = [text for _, one in found for text in one.texts(region)]
    advice: list[Problem] = []
    raw = text.splitlines()
    for place, one in found:
        for said in one.texts(region):
            if pictures is not None and said.form.get("picture") in pictures:
                said = replace(said, form={**said.form, "picture": TAKEN_IN})  # noqa: PLW2901
            checked = check(said, words)
            problems += [_placed(document, raw, place, said, each) for each in checked.problems]
            advice += [_placed(document, raw, place, said, each) for each in checked.advice]
    problems += twice(texts)
    return Read([one for _, one in found], texts, _once(problems), _once(advice))


def _converted(document: Document) -> tuple[list[tuple[int, MaterialText]], list[Problem]]:
    found: list[tuple[int, MaterialText]] = []
    problems: list[Problem] = []
    for place, value in enumerate(_list(document.value)):
        try:
            found.append((place, msgspec.convert(value, MaterialText, strict=False)))
        except msgspec.ValidationError as error:
            why, _, inner = str(error).partition(" - at ")
            where = f"[{place}]{inner.strip('`').removeprefix('$')}"
            problems.append(_misfit(document, where, why))
    return found, problems


def _misfit(document: Document, where: str, why: str) -> Problem:
    strange = _STRANGE.fullmatch(why)
    if strange is None:
        return lines_of(document, Problem(where, form(why)))
    name, known = strange.group(1), _FIELDS
    near = get_close_matches(name, known, 1, 0.5)
    hint = near[0] if near else ", ".join(known)
    said = Sentence(f"there is no `{name}`; known is {hint}", f"没有 `{name}`；可用的有 {hint}")
    return lines_of(document, Problem(f"{where}.{name}", said))


def _list(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _placed(
    document: Document, raw: Sequence[str], place: int, said: Material, problem: Problem
) -> Problem:
    """A problem of a text where the file has it."""
    inner = problem.where.removeprefix(said.where).lstrip(".")
    name = "en" if said.locale == "en" else "zh"
    if inner:
        at = f"[{place}].{inner}"
    elif said.variant and said.variant != "a":
        at = _variant(document, place, said.variant, name)
    else:
        at = f"[{place}].{name}"
    line = lines_of(document, Problem(at, problem.why)).line or 1
    if problem.line is not None and at in document.lines:
        block = raw[line - 1].rstrip().endswith(("|", "|-", ">", ">-"))
        line += problem.line - 1 + block
    return Problem(problem.where, problem.why, line)


def _variant(document: Document, place: int, variant: str, name: str) -> str:
    material = _mapping(_list(document.value)[place])
    for number, one in enumerate(_list(material.get("variants"))):
        if _mapping(one).get("code") == variant:
            return f"[{place}].variants[{number}].{name}"
    return f"[{place}].variants"


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """What is wrong with a form is wrong in both languages: said once, in the order of lines."""
    found: dict[tuple[int, str], Problem] = {}
    for one in problems:
        found.setdefault((one.line or 0, str(one.why)), one)
    return [found[key] for key in sorted(found)]
