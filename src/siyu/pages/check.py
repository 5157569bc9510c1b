"""A text → a page, or what is wrong with it, line by line.

page: autumn-baby
title: {zh: 秋季育儿礼包, en: An autumn gift}
words: {zh: 添加顾问，领取育儿手册。, en: Add us and get the handbook.}
channel: new-orders/page
keep: [utm_source, utm_campaign, gdt_vid]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeVar, cast
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from siyu.kernel.document import Document, Unreadable, lines_of, read
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import duration
from siyu.kernel.typed import fields_at, form, known_at
from siyu.pages.model import CHOSEN, Page, PageKind, Question, Service
from siyu.staff.model import week

_STRANGE = re.compile(r"Object contains unknown field `(.+)`")
T = TypeVar("T", bound=Struct)
# What a kind of page needs; no other kind has it.
NEEDS: dict[str, PageKind] = {"survey": "survey", "service": "booking", "offer": "reserve"}
LONGEST_AHEAD = timedelta(days=90)
ANY = "[...]"  # which name of a mapping it is, a decoder leaves open
_PATH = re.compile(r"[!-~]+")  # of an address: nothing that ends a header


@lru_cache(512)
def check(text: str) -> Page | tuple[Problem, ...]:
    """One page; the same text is read once per process."""
    found = _converted(text, Page)
    if isinstance(found, Problem):
        return (found,)
    document, page = found
    return tuple(lines_of(document, one) for one in _wrong(page)) or page


@lru_cache(128)
def check_service(text: str) -> Service | tuple[Problem, ...]:
    """One service; the same text is read once per process."""
    found = _converted(text, Service)
    if isinstance(found, Problem):
        return (found,)
    document, service = found
    return tuple(lines_of(document, one) for one in _wrong_service(service)) or service


def placed(text: str, problem: Problem) -> Problem:
    """A problem with a text that can be read, with its line."""
    return lines_of(read(text), problem)


def _converted(text: str, form_of: type[T]) -> tuple[Document, T] | Problem:
    try:
        document = read(text)
    except Unreadable as error:
        return error.problem
    value: object = document.value
    if not isinstance(value, dict):
        why = Sentence("must be a mapping, each line `name: value`",
                       "必须是映射，每行写 `name: value`")  # fmt: skip
        return Problem("text", why, 1)
    try:
        return document, msgspec.convert(cast("object", value), form_of)
    except msgspec.ValidationError as error:
        return _misfit(
            document, _named(cast("dict[str, object]", value), str(error), form_of), form_of
        )


def _named(value: dict[str, object], said: str, form_of: type[Struct]) -> str:
    """What a decoder says, with the name that it leaves open where a mapping has names of its own:
    the first one by which alone it is wrong as well."""
    while ANY in said:
        head = said.rpartition(" - at ")[2].strip("`").partition(ANY)[0].removeprefix("$")
        path = [one for one in head.split(".") if one]
        names = [
            one for one in _inside(value, path) if not _fits(_only(value, [*path, one]), form_of)
        ]
        if not names:
            return said
        said = said.replace(ANY, f".{names[0]}", 1)
    return said


def _inside(value: object, path: list[str]) -> list[str]:
    for name in path:
        value = cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None
    return [*cast("dict[str, object]", value)] if isinstance(value, dict) else []


def _only(value: dict[str, object], path: list[str]) -> dict[str, object]:
    """The same with nothing else beside the end of the path, where it lies in a mapping."""
    first, *rest = path
    if not rest:
        return {first: value[first]}
    inner = value.get(first)
    return {**value, first: _only(cast("dict[str, object]", inner), rest)}


def _fits(value: dict[str, object], form_of: type[Struct]) -> bool:
    try:
        msgspec.convert(value, form_of)
    except msgspec.ValidationError:
        return False
    return True


def _misfit(document: Document, said: str, form_of: type[Struct]) -> Problem:
    why, _, inner = said.partition(" - at ")
    where = inner.strip("`").removeprefix("$").lstrip(".")
    strange = _STRANGE.fullmatch(why)
    if strange is None:
        return lines_of(document, Problem(where, form(why, known_at(form_of, where))))
    name = strange.group(1)
    known = fields_at(form_of, where)
    near = get_close_matches(name, known, 1, 0.5)
    hint = near[0] if near else ", ".join(known)
    told = Sentence(f"there is no `{name}`; known is {hint}", f"没有 `{name}`；可用的有 {hint}")
    return lines_of(document, Problem(f"{where}.{name}".lstrip("."), told))


def _wrong(page: Page) -> Iterator[Problem]:
    for name, kind in NEEDS.items():
        if bool(getattr(page, name)) != (page.kind == kind):
            yield Problem(
                name,
                Sentence(
                    f"belongs to a page of kind {kind}, which needs it",
                    f"属于 {kind} 类页面，这类页面必须写",
                ),
            )
    if page.kind == "entry" and not page.channel:
        yield Problem(
            "channel",
            Sentence("say by which channel code its friends come", "请写明好友通过哪个活码加入"),
        )
    yield from _picture(page)
    yield from _hold(page)
    if page.survey is not None:
        yield from _questions(page.survey.questions)


def _picture(page: Page) -> Iterator[Problem]:
    if not page.picture:
        return
    address = urlsplit(page.picture)
    if address.scheme != "https" or not address.hostname or not _PATH.fullmatch(page.picture):
        yield Problem("picture", Sentence("must begin with https://", "必须以 https:// 开头"))
    if page.picture_says is None:
        yield Problem(
            "picture_says",
            Sentence(
                "say what the picture shows, for people who can't see it",
                "请写明图片内容，供看不到图片的人了解",
            ),
        )


def _hold(page: Page) -> Iterator[Problem]:
    if not page.hold:
        return
    if page.kind != "reserve":
        yield Problem(
            "hold",
            Sentence("belongs to a page of kind reserve", "属于 reserve 类页面"),
        )
        return
    try:
        span = duration(page.hold)
    except ValueError as error:
        yield Problem("hold", wording(error))
        return
    if not span:
        yield Problem("hold", Sentence("must be longer than nothing", "必须大于零"))


def _questions(questions: tuple[Question, ...]) -> Iterator[Problem]:
    codes = [one.code for one in questions]
    for place, one in enumerate(questions):
        where = f"survey.questions[{place}]"
        if codes.index(one.code) < place:
            yield Problem(
                f"{where}.code",
                Sentence(f"`{one.code}` stands here twice", f"`{one.code}` 出现了两次"),
            )
        if one.type in CHOSEN and not 2 <= len(one.choices) <= 30:
            yield Problem(
                f"{where}.choices", Sentence("name 2 to 30 choices", "请列出 2 到 30 个选项")
            )
        if one.type not in CHOSEN and one.choices:
            yield Problem(
                f"{where}.choices",
                Sentence("only `one` and `many` have choices", "只有 `one` 和 `many` 有选项"),
            )


def _wrong_service(service: Service) -> Iterator[Problem]:
    if not service.stores:
        yield Problem("stores", Sentence("name a store and its week", "请写明门店和营业时段"))
    for store, opening in service.stores.items():
        try:
            week(opening.week)
        except ValueError as error:
            yield Problem(f"stores.{store}.week", wording(error))
    for name in ("ahead", "notice", "late"):
        try:
            span = duration(getattr(service, name))
        except ValueError as error:
            yield Problem(name, wording(error))
            continue
        if name == "ahead" and span > LONGEST_AHEAD:
            yield Problem(name, Sentence("is at most 90d", "最多 90d"))
