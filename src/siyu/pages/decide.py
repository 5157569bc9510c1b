"""What of an address is kept, whether answers answer their questions, which times there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from siyu.kernel.time import duration, moment
from siyu.pages.model import LONGEST_TEXT, Answer, Opening, Page, Question, Service, Survey
from siyu.staff.model import week, windows

_KEPT = re.compile(r"[^\x00-\x1f\x7f<>\"'`\\]{1,120}")
# A phone, a mail address or an identity number that somebody has put into a link is not kept.
_PERSONAL = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)|@|(?<!\d)\d{17}[\dXx](?!\d)")
_CLICKS = ("gdt_vid", "qz_gdt", "clickid", "click_id", "bd_vid")  # letters of a platform's own


def kept(page: Page, said: Mapping[str, str]) -> dict[str, str]:
    """The parameters of an advertisement that this page keeps, bounded; all others are dropped.

    A value that may be somebody's phone or address is dropped, too.
    """
    found: dict[str, str] = {}
    for name in page.keep:
        value = said.get(name, "").strip()
        if not _KEPT.fullmatch(value):
            continue
        personal = _PERSONAL.fullmatch(value) if name in _CLICKS else _PERSONAL.search(value)
        if personal is None:
            found[name] = value
    return found


_MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def field(question: Question) -> str:
    """What a question's field of the form is called."""
    return f"q_{question.code}"


def answers(survey: Survey, said: Mapping[str, str]) -> tuple[list[Answer], list[str]]:
    """What a form says to each question, and the questions that it does not answer rightly."""
    found: list[Answer] = []
    wrong: list[str] = []
    for one in survey.questions:
        values = [part for part in said.get(field(one), "").strip().split("\n") if part.strip()]
        if not values and not one.required:
            continue
        mine = _answer(one, values)
        found += mine
        if not mine:
            wrong.append(one.code)
    return found, wrong


def _answer(question: Question, values: list[str]) -> list[Answer]:
    """Nothing: it can't be an answer to this."""
    if question.type == "text":
        text = "\n".join(values)
        fits = 0 < len(text) <= LONGEST_TEXT and not _UNSTORABLE.search(text)
        return [Answer(question.code, "", text)] if fits else []
    if question.type != "many" and len(values) != 1:
        return []
    known = question.choices.keys()
    fits = all(
        bool(_MONTH.fullmatch(value)) if question.type == "month" else value in known
        for value in values
    )
    chosen = dict.fromkeys(values)
    return [Answer(question.code, f"{question.code}/{one}") for one in chosen] if fits else []


def answered_as(survey: str, version: int, customer: int, place: int) -> str:
    """How an answer is named among our own facts: so each is told once."""
    return f"survey/{survey}/{version}/{customer}/{place}"


def times(service: Service, store: str, day: date, zone: ZoneInfo) -> list[datetime]:
    """When the slots of a store begin on a day, by the brand's clocks."""
    opening = service.stores.get(store)
    if opening is None or not opening.capacity or day in opening.closed:
        return []
    return list(_times(opening, timedelta(minutes=service.minutes), day, zone))


def _times(opening: Opening, lasts: timedelta, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    for window in windows(week(opening.week).get(day.isoweekday(), "")):
        at, ends = moment(day, window.start, zone), moment(day, window.end, zone)
        while at + lasts <= ends:
            yield at
            at += lasts


def days(service: Service, now: datetime, zone: ZoneInfo) -> list[date]:
    """On which days it can be booked now."""
    first = now.astimezone(zone).date()
    last = (now + duration(service.ahead)).astimezone(zone).date()
    return [first + timedelta(days=many) for many in range((last - first).days + 1)]


def bookable(service: Service, store: str, at: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Whether this time can be booked now, if there is room."""
    if not now + duration(service.notice) <= at <= now + duration(service.ahead):
        return False
    return at in times(service, store, at.astimezone(zone).date(), zone)


def missed_at(service: Service, at: datetime) -> datetime:
    """From when on whoever booked this time has missed it."""
    return at + timedelta(minutes=service.minutes) + duration(service.late)


def part(store: str, at: datetime) -> str:
    """What a slot is called as a part of its offer."""
    return f"{store}@{at.astimezone(UTC):%Y%m%dT%H%MZ}"


def at_of(text: str) -> datetime | None:
    """The time that a form names; None: it is none."""
    try:
        found = datetime.strptime(text, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None
