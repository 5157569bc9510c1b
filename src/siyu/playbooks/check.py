"""From a playbook's files to a playbook, or everything that is wrong with them, file by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TypeVar

import msgspec

from siyu.journeys.check.text import Unreadable, read
from siyu.kernel.errors import BadInput, Problem
from siyu.playbooks.model import Manifest, MaterialText, Playbook

MANIFEST = "playbook.yaml"
MATERIALS = "materials.yaml"
JOURNEYS = "journeys/"
T = TypeVar("T")


def playbook(files: Mapping[str, str]) -> Playbook:
    """Parse a folder given as path → text; BadInput lists every problem with its file."""
    problems: list[Problem] = []
    if MANIFEST not in files:
        raise BadInput(f"A playbook needs a {MANIFEST}.")
    manifest = _typed(MANIFEST, files[MANIFEST], Manifest, problems)
    materials = _typed(MATERIALS, files.get(MATERIALS, "[]"), list[MaterialText], problems)
    journeys = {
        path: text
        for path, text in sorted(files.items())
        if path.startswith(JOURNEYS) and path.endswith(".yaml")
    }
    known = {MANIFEST, MATERIALS, *journeys}
    problems += [
        Problem(path, f"no part of a playbook; known are {MANIFEST}, {MATERIALS}, {JOURNEYS}*.yaml")
        for path in sorted(files)
        if path not in known and path.endswith((".yaml", ".yml"))
    ]
    if manifest is None or materials is None:
        raise BadInput("The playbook can't be read.", tuple(problems))
    problems += _loose(manifest, materials)
    if problems:
        raise BadInput(f"Playbook {manifest.playbook} has problems.", tuple(problems))
    digest = sha256(repr(sorted(files.items())).encode()).hexdigest()
    return Playbook(manifest=manifest, materials=materials, journeys=journeys, digest=digest)


def _typed(path: str, text: str, kind: type[T], problems: list[Problem]) -> T | None:
    try:
        document = read(text)
        return msgspec.convert(document.value, kind, strict=False)
    except Unreadable as error:
        problems.append(
            Problem(f"{path} {error.problem.where}", error.problem.why, error.problem.line)
        )
    except msgspec.ValidationError as error:
        why, _, place = str(error).partition(" - at ")
        problems.append(Problem(f"{path} {place.strip('`').removeprefix('$.')}".strip(), why))
    return None


def _loose(manifest: Manifest, materials: list[MaterialText]) -> Iterator[Problem]:
    """What is referred to but not there."""
    offers = {one.code for one in manifest.offers}
    cards = {one.code for one in materials}
    for one in manifest.offers:
        if one.substitute and one.substitute not in offers:
            yield Problem(
                f"{MANIFEST} offers.{one.code}.substitute", f"no offer {one.substitute!r}"
            )
    for source in manifest.sources:
        place = f"{MANIFEST} sources.{source.code}"
        if source.gift and source.gift not in offers:
            yield Problem(f"{place}.gift", f"no offer {source.gift!r}")
        if source.card and source.card not in cards:
            yield Problem(f"{place}.card", f"no material {source.card!r}")
        if source.card and all(code.step != "card" for code in source.codes):
            yield Problem(f"{place}.codes", "a source with a card needs a code for the step `card`")
