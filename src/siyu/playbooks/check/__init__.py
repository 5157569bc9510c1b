"""From a playbook's files to a playbook, or everything that is wrong with them, file by file.

settings.py fills values in · offers.py knows what each kind of offer needs · story.py reads
stories, facts.py what they leave unsaid · whole.py checks all parts together, against what is
installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec

from siyu.content.model import MaterialText
from siyu.events.model import KINDS
from siyu.kernel.document import Document, Unreadable, read
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import duration
from siyu.kernel.typed import misfit
from siyu.playbooks.check import offers, settings, story
from siyu.playbooks.model import Manifest, Playbook
from siyu.playbooks.model.settings import SettingText, Settled
from siyu.playbooks.model.story import Story

MANIFEST = "playbook.yaml"
MATERIALS = "materials.yaml"
JOURNEYS = "journeys/"
SEGMENTS = "segments/"
TAGS = "tags.yaml"
STORY = "story.yaml"
ABOUT = {"zh": "README.zh.md", "en": "README.en.md"}
T = TypeVar("T")


def playbook(
    files: Mapping[str, str],
    given: Mapping[str, object] | None = None,
    currency: str = "CNY",
    *,
    lenient: bool = False,
) -> Playbook:
    """Parse a folder given as path → text, with these values in the place of `${name}`; BadInput
    lists every problem with its file. `lenient`: a value that has to be said need not be yet."""
    if MANIFEST not in files:
        raise BadInput(Sentence(f"A playbook needs a {MANIFEST}.", f"打法需要有 {MANIFEST}。"))
    problems: list[Problem] = []
    values = _values(files[MANIFEST], given or {}, currency, problems, lenient=lenient)
    texts = _filled(files, values, problems)
    manifest = _typed(MANIFEST, texts[MANIFEST], Manifest, problems)
    if manifest is not None:
        problems += _said(manifest, read(texts[MANIFEST]))
    materials = _typed(MATERIALS, texts.get(MATERIALS, "[]"), list[MaterialText], problems) or []
    stories = _stories(texts.get(STORY), problems)
    problems += _strange(texts)
    if manifest is None:
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
    said = sorted(files.items()), sorted(values.items())
    return Playbook(
        manifest=manifest,
        materials=materials,
        journeys=_under(texts, JOURNEYS),
        segments=_under(texts, SEGMENTS),
        tags=texts.get(TAGS, ""),
        stories=stories,
        about={language: files[path] for language, path in ABOUT.items() if path in files},
        values=values,
        texts=texts,
        digest=sha256(repr(said if values else said[0]).encode()).hexdigest(),
    )


def _under(texts: Mapping[str, str], folder: str) -> dict[str, str]:
    return {path: text for path, text in sorted(texts.items()) if _within(path, folder)}


def _within(path: str, folder: str) -> bool:
    return path.startswith(folder) and path.endswith(".yaml")


def declared(text: str) -> dict[str, SettingText]:
    """The values that a manifest declares; nothing where it can't be read."""
    return _declared(_settings(text), [])


def _settings(text: str) -> Document:
    """What a manifest declares. It is read before anything is filled in, so nothing stands yet."""
    try:
        document = read(settings.blank(text))
    except Unreadable:
        return Document({}, {})  # said when the whole is read
    value = document.value
    said = cast("Mapping[str, Any]", value).get("settings") if isinstance(value, dict) else None
    return Document(said if isinstance(said, dict) else {}, document.lines)


def _declared(document: Document, problems: list[Problem]) -> dict[str, SettingText]:
    found: dict[str, SettingText] = {}
    for name, one in cast("Mapping[str, Any]", document.value).items():
        typed = _shaped(one, SettingText, f"settings.{name}", MANIFEST, document, [])
        if typed is not None:
            found[name] = typed
    for place, why in settings.declared(found):
        problems.append(Problem(f"{MANIFEST} {place}", why, _line(document.lines, place)))
    return found


def _values(
    text: str,
    given: Mapping[str, object],
    currency: str,
    problems: list[Problem],
    *,
    lenient: bool,
) -> dict[str, Settled]:
    document = _settings(text)
    known = _declared(document, problems)
    nothing = {name: Settled("", "0", "0") for name in cast("Mapping[str, Any]", document.value)}
    if problems:
        return nothing
    found, wrong = settings.settled(known, given, currency)
    for name, why in wrong:
        if not (lenient and name in nothing and name not in given):
            problems.append(Problem(f"settings.{name}", why))
    return {**nothing, **found}


def _filled(
    files: Mapping[str, str], values: Mapping[str, Settled], problems: list[Problem]
) -> dict[str, str]:
    used: set[str] = set()
    found: dict[str, str] = {}
    for path, text in files.items():
        if path in ABOUT.values():
            found[path] = text
            continue
        found[path], wrong = settings.fill(path, text, values, used)
        problems += wrong
    for name in sorted(values.keys() - used):
        line = _line(read(settings.blank(files[MANIFEST])).lines, f"settings.{name}")
        why = Sentence(f"no text says `${{{name}}}`", f"没有任何文本用到 `${{{name}}}`")
        problems.append(Problem(f"{MANIFEST} settings.{name}", why, line))
    return found


def _said(manifest: Manifest, document: Document) -> Iterator[Problem]:
    wrong = [*offers.wrong(manifest.offers), *_outcome(manifest), *_needs(manifest)]
    for place, why in wrong:
        yield Problem(f"{MANIFEST} {place}", why, _line(document.lines, place))


def _outcome(manifest: Manifest) -> Iterator[offers.Wrong]:
    one = manifest.outcome
    if one is None:
        return
    if one.event not in KINDS:
        known = ", ".join(sorted(KINDS))
        yield "outcome.event", Sentence(f"is no kind of event; known are {known}",
                                        f"不是事件；可用的有 {known}")  # fmt: skip
    else:
        fields = KINDS[one.event].__struct_fields__
        for name in one.data:
            if name not in fields:
                known = ", ".join(fields)
                yield f"outcome.data.{name}", Sentence(f"is no field of it; it has {known}",
                                                       f"它没有这个字段；有 {known}")  # fmt: skip
    try:
        duration(one.within)
    except ValueError as error:
        yield "outcome.within", wording(error)


def _needs(manifest: Manifest) -> Iterator[offers.Wrong]:
    for number, one in enumerate(manifest.needs):
        if len(one.what) != 1:
            yield (
                f"needs[{number}]",
                Sentence(
                    "names exactly one of connector, channel, fact and playbook",
                    "connector、channel、fact、playbook 中必须且只能写一个",
                ),
            )
        elif one.fact and one.fact not in KINDS:
            known = ", ".join(sorted(KINDS))
            yield f"needs[{number}].fact", Sentence(f"is no kind of event; known are {known}",
                                                    f"不是事件；可用的有 {known}")  # fmt: skip


def _stories(text: str | None, problems: list[Problem]) -> list[Story]:
    if text is None:
        return []
    found = story.stories(text)
    problems += [Problem(f"{STORY} {one.where}", one.why, one.line) for one in found.problems]
    return found.stories


def _strange(files: Mapping[str, str]) -> Iterator[Problem]:
    known = {MANIFEST, MATERIALS, TAGS, STORY, *ABOUT.values()}
    parts = ", ".join((MANIFEST, MATERIALS, f"{JOURNEYS}*.yaml", f"{SEGMENTS}*.yaml", TAGS, STORY))
    for path in sorted(files):
        if path not in known and not _within(path, JOURNEYS) and not _within(path, SEGMENTS):
            yield Problem(
                path,
                Sentence(f"no part of a playbook; known are {parts}",
                         f"不属于打法；可用的有 {parts}"),
            )  # fmt: skip


def _typed(path: str, text: str, kind: type[T], problems: list[Problem]) -> T | None:
    try:
        document = read(text)
    except Unreadable as error:
        problems.append(
            Problem(f"{path} {error.problem.where}", error.problem.why, error.problem.line)
        )
        return None
    return _shaped(document.value, kind, "", path, document, problems)


def _shaped(
    value: object, kind: type[T], place: str, path: str, document: Document, problems: list[Problem]
) -> T | None:
    """A value of this type; else every misfit of its parts, each with its line."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        before = len(problems)
        for inner, typed, where in _parts(value, kind, place):
            _shaped(inner, typed, where, path, document, problems)
        why, _, at = str(error).partition(" - at ")
        where = f"{place}{at.strip('`').removeprefix('$')}".removeprefix(".")
        if len(problems) == before or where == place:  # none of its parts has said it
            line = _line(document.lines, where)
            problems.append(Problem(f"{path} {where}".strip(), misfit(why, kind), line))
    return None


def _parts(value: object, kind: Any, place: str) -> Iterator[tuple[object, Any, str]]:
    """What a value is made of, with the type that each part should have."""
    if get_origin(kind) is dict and isinstance(value, dict):
        for name, one in cast("dict[str, object]", value).items():
            yield one, get_args(kind)[1], f"{place}.{name}"
    elif get_origin(kind) is list and isinstance(value, list):
        (of,) = get_args(kind)
        for number, one in enumerate(cast("list[object]", value)):
            yield one, of, f"{place}[{number}]"
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        hints = get_type_hints(kind, include_extras=True)
        for name, one in cast("dict[str, object]", value).items():
            if name in hints:
                yield one, hints[name], f"{place}.{name}" if place else name


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
