"""What of an address is kept, and whether answers answer their questions: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from siyu.pages.model import LONGEST_TEXT, Answer, Page, Question, Survey

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
