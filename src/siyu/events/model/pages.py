"""Kinds that are heard of pages and stores: opened, answered, booked, reserved, visited."""

from __future__ import annotations

from siyu.events.model.base import Code, CodeOrNone, Payload, Positive


class PageOpened(Payload, frozen=True, tag="page.opened", kw_only=True):
    """A page was opened: by a customer, where a token of ours said so, else by nobody who is known.
    `origin`, `medium` and `campaign` of the advertisement (its utm parameters); which click it was
    is not told."""

    page: Code
    channel: CodeOrNone = ""
    source: CodeOrNone = ""
    origin: CodeOrNone = ""
    medium: CodeOrNone = ""
    campaign: CodeOrNone = ""


class SurveyAnswered(Payload, frozen=True, tag="survey.answered", kw_only=True):
    """One answer to one question. `answer` is QUESTION/CHOICE, `skin/dry`, of several choices an
    event each; or QUESTION/MONTH, `moved/2026-05`. Words of one's own come in `person.text`, and
    `answer` is then empty."""

    survey: Code
    version: Positive = 1
    question: Code
    answer: CodeOrNone = ""
