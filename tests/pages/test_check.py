"""A page's text: what is wrong is named with its line and what would be right."""

from __future__ import annotations

import pytest

from siyu.kernel.sentence import within
from siyu.pages.check import check
from siyu.pages.decide import answers, kept
from siyu.pages.model import Page

ENTRY = """
page: autumn
title: {zh: 秋季礼包, en: Autumn gift}
channel: new-orders/page
"""
SURVEY = """
page: skin
kind: survey
title: {zh: 肤质问卷, en: Your skin}
survey:
  questions:
    - {code: type, type: one, ask: {zh: 肤质？, en: Which skin}, choices: {dry: {zh: 干, en: Dry}, oily: {zh: 油, en: Oily}}}
    - {code: uses, type: many, ask: {zh: 在用？, en: In use}, choices: {mask: {zh: 面膜, en: Mask}, oil: {zh: 油, en: Oil}}, required: false}
    - {code: wish, type: text, ask: {zh: 想要？, en: A wish}, required: false}
    - {code: since, type: month, ask: {zh: 何时起？, en: Since when}, required: false}
"""  # noqa: E501 - a table of questions


OILY = ", oily: {zh: 油, en: Oily}"


def page(text: str) -> Page:
    found = check(text)
    assert isinstance(found, Page), found
    return found


def test_the_least_is_enough() -> None:
    assert (page(ENTRY).kind, page(ENTRY).channel) == ("entry", "new-orders/page")


@pytest.mark.parametrize(
    ("text", "where", "line", "says"),
    [
        (ENTRY.replace("channel", "chanel"), "chanel", 4, "known is channel"),
        (ENTRY.replace("channel: new-orders/page", ""), "channel", 2, "by which channel code"),
        (ENTRY + "picture: http://a.example/x.png\n", "picture", 5, "https://"),
        (ENTRY + "keep: [utm_source, phone]\n", "keep[1]", 5, "phone"),
        (ENTRY + "survey: {questions: []}\n", "survey.questions", 5, "at least 1"),
        (ENTRY + "hold: 3d\n", "hold", 5, "kind reserve"),
        (ENTRY + "offer: mask\n", "offer", 5, "kind reserve"),
        (SURVEY.replace("code: uses", "code: type"), "survey.questions[1].code", 8, "twice"),
        (SURVEY.replace(OILY, ""), "survey.questions[0].choices", 7, "2 to"),
        ("[a]", "text", 1, "mapping"),
        ("a: [", "text", None, "not readable"),
    ],
)
def test_what_is_wrong_is_named(text: str, where: str, line: int | None, says: str) -> None:
    found = check(text)

    assert isinstance(found, tuple)
    assert where in [one.where for one in found]
    (problem,) = [one for one in found if one.where == where][:1]
    assert says in problem.why
    assert line is None or problem.line == line
    assert within("zh", problem.why) != problem.why


def test_of_an_address_only_what_is_listed_is_kept_and_nobodys_phone() -> None:
    said = {
        "utm_source": "douyin", "utm_campaign": "20261129", "utm_term": "13800000001",
        "utm_content": "a@b.example", "gdt_vid": "wx0813800000001aa", "clickid": "13800000001",
        "name": "Anna", "utm_medium": "x" * 121, "qz_gdt": "<script>",
    }  # fmt: skip

    assert kept(page(ENTRY), said) == {
        "utm_source": "douyin", "utm_campaign": "20261129", "gdt_vid": "wx0813800000001aa",
    }  # fmt: skip
    assert kept(page(ENTRY + "keep: [gdt_vid]\n"), said) == {"gdt_vid": "wx0813800000001aa"}


def test_answers_answer_their_questions_or_are_named() -> None:
    survey = page(SURVEY).survey
    assert survey is not None
    good = {"q_type": "dry", "q_uses": "mask\noil\nmask", "q_wish": "a lid", "q_since": "2025-12"}

    found, wrong = answers(survey, good)

    assert [(one.answer, one.text) for one in found] == [
        ("type/dry", ""), ("uses/mask", ""), ("uses/oil", ""), ("", "a lid"), ("since/2025-12", ""),
    ]  # fmt: skip
    assert wrong == []
    bad = {"q_type": "wet", "q_uses": "mask\nx", "q_wish": "x" * 501, "q_since": "2025-13"}
    assert answers(survey, bad) == ([], ["type", "uses", "wish", "since"])
    assert answers(survey, {})[1] == ["type"]
    assert answers(survey, {"q_type": "dry\noily"})[1] == ["type"]
