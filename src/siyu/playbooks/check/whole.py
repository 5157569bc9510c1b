"""All parts of a playbook together, against what is installed: everything that is wrong at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from siyu.budget.model import REASONS
from siyu.content.check.advice import mute
from siyu.content.check.files import read_file
from siyu.journeys.check import check, starts
from siyu.journeys.model import Catalogue, Journey
from siyu.kernel.document import Unreadable, read
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence
from siyu.playbooks.check import MANIFEST, MATERIALS, STORY, TAGS, story
from siyu.playbooks.model import Playbook
from siyu.segments.decide import Written, references
from siyu.segments.decide import check as segment
from siyu.segments.model import Family
from siyu.tagging.check import check_all

OWN = "own"  # as an owner: no playbook has brought it


class Known(NamedTuple):
    """What is there already: of other playbooks and the brand's own. `when`: the conditions of a
    segment; `taken`: what another playbook has brought, (kind, code) → which; `words`: as carriers
    intercept them for this brand."""

    catalogue: Catalogue
    when: Callable[[str], object]
    taken: Mapping[tuple[str, str], str]
    words: Mapping[str, bool]
    region: str
    currency: str


def wrong(playbook: Playbook, known: Known, families: Sequence[Family]) -> list[Problem]:
    """Every problem of every file, each with its file and its line."""
    said = segments(playbook, known.when, families)
    catalogue = _catalogue(playbook, known, families)
    problems = [*_taken(playbook, known), *_currency(playbook, known.currency)]
    if playbook.materials:
        text = playbook.texts[MATERIALS]
        found = read_file(text, known.region, known.words)
        problems += [_in(MATERIALS, one) for one in found.problems]
    problems += [problem for one in said.values() if isinstance(one, tuple) for problem in one]
    if playbook.tags:
        rules = check_all(playbook.tags)
        problems += [_in(TAGS, one) for one in rules if isinstance(one, Problem)]
    for path, text in playbook.journeys.items():
        found = check(text, families, catalogue)
        if isinstance(found, Journey):
            problems += _one_draw(path, found, playbook)
        else:
            problems += [_in(path, one) for one in found]
    materials = {one.code: one.channel for one in playbook.materials}
    problems += [_in(STORY, one) for one in story.loose(playbook.stories, materials, REASONS)]
    return problems


def _in(path: str, one: Problem) -> Problem:
    return Problem(f"{path} {one.where}".strip(), one.why, one.line)


def segments(
    playbook: Playbook, when: Callable[[str], object], families: Sequence[Family]
) -> dict[str, Written | tuple[Problem, ...]]:
    """Its segments by file, each with what it refers to of its own and of others."""
    own = {code: said for code, said in map(_of, playbook.segments.values()) if code}

    def resolve(code: str) -> object:
        return own[code] if code in own else when(code)

    found: dict[str, Written | tuple[Problem, ...]] = {}
    for path, text in playbook.segments.items():
        one = segment(text, families, resolve)
        found[path] = one if isinstance(one, Written) else tuple(_in(path, each) for each in one)
    return found


def in_order(playbook: Playbook) -> list[str]:
    """The texts of its segments, those first that others refer to."""
    waiting = {code: (text, when) for text in playbook.segments.values()
               for code, when in [_of(text)]}  # fmt: skip
    ordered: list[str] = []
    while waiting:
        free = [code for code, (_, when) in waiting.items()
                if not {name for name, _ in references(when)} & waiting.keys()]  # fmt: skip
        ordered += [waiting.pop(code)[0] for code in free or list(waiting)]
    return ordered


def codes_of(texts: Iterable[str], word: str) -> set[str]:
    """What these texts are called, as far as they can be read."""
    found: set[str] = set()
    for text in texts:
        try:
            value = read(text).value
        except Unreadable:
            continue
        code = cast("Mapping[str, object]", value).get(word) if isinstance(value, dict) else None
        if isinstance(code, str):
            found.add(code)
    return found


def _of(text: str) -> tuple[str, object]:
    """The code and the conditions of a segment's text, as far as it can be read."""
    try:
        value = read(text).value
    except Unreadable:
        return "", None
    said = cast("Mapping[str, object]", value if isinstance(value, dict) else {})
    code = said.get("segment")
    return (code, said.get("when")) if isinstance(code, str) else ("", None)


def _catalogue(playbook: Playbook, known: Known, families: Sequence[Family]) -> Catalogue:
    """What its journeys may refer to: its own, and what is there."""
    there, manifest = known.catalogue, playbook.manifest
    own = [text for one in playbook.materials for text in one.texts(known.region)]
    codes = {f"{source.code}/{code.step}" for source in manifest.sources for code in source.codes}
    return Catalogue(
        materials={**there.materials, **{one.code: one.channel for one in playbook.materials}},
        offers={**there.offers, **{one.code: one.kind for one in manifest.offers}},
        codes=there.codes | codes,
        sources=there.sources | {source.code for source in manifest.sources},
        journeys={**there.journeys, **_starts(playbook, families)},
        segments=there.segments
        | {code for code, _ in map(_of, playbook.segments.values()) if code},
        mute=there.mute | mute(own),
    )


def _starts(playbook: Playbook, families: Sequence[Family]) -> dict[str, frozenset[str]]:
    """Its own journeys, whichever of them is published first."""
    found = ((check(text, families), text) for text in playbook.journeys.values())
    return {one.journey: starts(text, families) for one, text in found if isinstance(one, Journey)}


def _taken(playbook: Playbook, known: Known) -> Iterator[Problem]:
    """Two playbooks never share a code: one would replace the other's."""
    for (what, code), owner in sorted(known.taken.items()):
        whose = Sentence(f"belongs to the playbook {owner}", f"属于打法 {owner}")
        if owner == OWN:
            whose = Sentence("is the brand's own", "是品牌自己的")
        why = Sentence(f"{whose}; give yours another code", f"{whose.zh}；请换一个编码")
        yield Problem(f"{what} {code}", why, _where(playbook, code))


def _where(playbook: Playbook, code: str) -> int | None:
    """The line of the manifest that says this code, if it does."""
    lines = playbook.texts[MANIFEST].splitlines()
    said = (n for n, line in enumerate(lines, 1) if f"code: {code}" in line)
    return next(said, None)


def _currency(playbook: Playbook, currency: str) -> Iterator[Problem]:
    lines = read(playbook.texts[MANIFEST]).lines
    for number, one in enumerate(playbook.manifest.offers):
        if currency not in one.value:
            said = ", ".join(sorted(one.value))
            why = Sentence(f"no value in {currency}, in which the books are kept; only in {said}",
                           f"没有 {currency} 的金额（账用它记），只有 {said}")  # fmt: skip
            place = f"offers[{number}].value"
            yield Problem(f"{MANIFEST} {place}", why, lines.get(place))


def _one_draw(path: str, journey: Journey, playbook: Playbook) -> Iterator[Problem]:
    """A customer who is held out is held out of touches and of inserts alike."""
    for source in playbook.manifest.sources:
        if source.journey == journey.journey and source.holdout != journey.holdout:
            why = Sentence(
                f"is {journey.holdout}, but its source {source.code} has {source.holdout}; one "
                f"draw decides both",
                f"是 {journey.holdout}，但它的来源 {source.code} 是 {source.holdout}；两处由同一次"
                f"抽签决定",
            )
            yield Problem(f"{path} holdout", why, read(playbook.texts[path]).lines.get("holdout"))
