"""From a playbook's files to a playbook, or everything that is wrong with them, file by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TypeVar

import msgspec

from siyu.content.model import MaterialText
from siyu.kernel.document import Unreadable, read
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.typed import form
from siyu.playbooks.check import offers
from siyu.playbooks.model import Manifest, Playbook

MANIFEST = "playbook.yaml"
MATERIALS = "materials.yaml"
JOURNEYS = "journeys/"
T = TypeVar("T")


def playbook(files: Mapping[str, str]) -> Playbook:
    """Parse a folder given as path → text; BadInput lists every problem with its file."""
    problems: list[Problem] = []
    if MANIFEST not in files:
        raise BadInput(Sentence(f"A playbook needs a {MANIFEST}.", f"打法需要有 {MANIFEST}。"))
    manifest = _typed(MANIFEST, files[MANIFEST], Manifest, problems)
    if manifest is not None:
        lines = read(files[MANIFEST]).lines
        for place, why in offers.wrong(manifest.offers):
            problems.append(Problem(f"{MANIFEST} {place}", why, _line(lines, place)))
    materials = _typed(MATERIALS, files.get(MATERIALS, "[]"), list[MaterialText], problems)
    journeys = {
        path: text
        for path, text in sorted(files.items())
        if path.startswith(JOURNEYS) and path.endswith(".yaml")
    }
    known = {MANIFEST, MATERIALS, *journeys}
    problems += [
        Problem(
            path,
            Sentence(
                f"no part of a playbook; known are {MANIFEST}, {MATERIALS}, {JOURNEYS}*.yaml",
                f"不属于打法；可用的有 {MANIFEST}、{MATERIALS}、{JOURNEYS}*.yaml",
            ),
        )
        for path in sorted(files)
        if path not in known and path.endswith((".yaml", ".yml"))
    ]
    if manifest is None or materials is None:
        raise BadInput(
            Sentence("The playbook can't be read.", "无法读取这个打法。"), tuple(problems)
        )
    problems += _loose(manifest, materials)
    if problems:
        raise BadInput(
            Sentence(
                f"Playbook {manifest.playbook} has problems.", f"打法 {manifest.playbook} 有问题。"
            ),
            tuple(problems),
        )
    digest = sha256(repr(sorted(files.items())).encode()).hexdigest()
    return Playbook(manifest=manifest, materials=materials, journeys=journeys, digest=digest)


def _typed(path: str, text: str, kind: type[T], problems: list[Problem]) -> T | None:
    try:
        return msgspec.convert(read(text).value, kind, strict=False)
    except Unreadable as error:
        problems.append(
            Problem(f"{path} {error.problem.where}", error.problem.why, error.problem.line)
        )
    except msgspec.ValidationError as error:
        why, _, place = str(error).partition(" - at ")
        place = place.strip("`").removeprefix("$").removeprefix(".")
        line = _line(read(text).lines, place)
        problems.append(Problem(f"{path} {place}".strip(), form(why), line))
    return None


def _line(lines: Mapping[str, int], place: str) -> int | None:
    """The line of a place, or of what it is in: what is missing has none."""
    while place and place not in lines:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return lines.get(place)


def _loose(manifest: Manifest, materials: list[MaterialText]) -> Iterator[Problem]:
    """What is referred to but not there."""
    gifts = {one.code for one in manifest.offers if one.kind == "gift"}
    cards = {one.code for one in materials}
    for one in manifest.offers:
        if one.substitute and one.substitute not in gifts:
            yield _no_gift(f"{MANIFEST} offers.{one.code}.substitute", one.substitute)
    for source in manifest.sources:
        place = f"{MANIFEST} sources.{source.code}"
        if source.gift and source.gift not in gifts:
            yield _no_gift(f"{place}.gift", source.gift)
        if source.card and source.card not in cards:
            yield Problem(
                f"{place}.card",
                Sentence(f"no material {source.card!r}", f"没有素材 {source.card!r}"),
            )
        if source.card and all(code.step != "card" for code in source.codes):
            yield Problem(
                f"{place}.codes",
                Sentence(
                    "a source with a card needs a code for the step `card`",
                    "有卡片的来源需要为步骤 `card` 设一个活码",
                ),
            )


def _no_gift(place: str, code: str) -> Problem:
    return Problem(place, Sentence(f"no gift is called {code!r}", f"没有赠品叫 {code!r}"))
