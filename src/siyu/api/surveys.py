"""A page of kind survey, as people answer it; and what they have answered, as a brand reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.opening import Opening, draw, note
from siyu.api.words import Reason, Words
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.pages import decide, views
from siyu.pages.actions import answers as actions
from siyu.pages.model import Survey
from siyu.pages.render.survey import questions

router = APIRouter(prefix="/pages", tags=["pages"])
THANKS = Sentence("Thank you! Your answers are with us.", "谢谢！您的回答我们已收到。")
MISSING = Sentence("Some answers are missing.", "还有问题没有回答。")


@dataclass(frozen=True)
class Answered:
    """How many people gave this answer, QUESTION/CHOICE; empty: words of their own."""

    version: int
    question: str
    answer: str
    people: int
    last_at: datetime


@dataclass(frozen=True)
class Answers:
    answers: list[Answered]


@dataclass(frozen=True)
class FreeAnswer:
    customer: str
    version: int
    question: str
    text: str
    at: datetime


@dataclass(frozen=True)
class FreeAnswers:
    answers: list[FreeAnswer]


def shows(opening: Opening) -> list[str]:
    """The questions, or that they are answered."""
    survey, shown = _survey(opening), opening.shown
    with opening.app.db.transaction() as conn:
        done = views.has_answered(conn, opening.page.page, survey, opening.who)
    if done:
        return [note(shown, THANKS, bad=False)]
    wrong = decide.answers(survey, opening.said)[1] if opening.said else []
    return questions(shown, survey, opening.said, wrong)


def takes(opening: Opening) -> Response:
    """Keeps the answers; where some are missing none is kept, and the others stand there still."""
    app, survey = opening.app, _survey(opening)
    found, wrong = decide.answers(survey, opening.said)
    if wrong or not found:
        return draw(opening, 400, note(opening.shown, MISSING))
    with app.db.transaction() as conn:
        of = opening.page.page, survey
        actions.answer(conn, app.keys, of, opening.who, found, app.clock.now())
    app.wake()
    return draw(opening)


def _survey(opening: Opening) -> Survey:
    if opening.page.survey is None:
        raise LookupError
    return opening.page.survey


@router.get("/{page}/answers", **needs("content.read"))
def results(app: TheApp, page: Words) -> Answers:
    """How many people gave which answer, by version, the newest first."""
    with app.db.transaction() as conn:
        found = views.results(conn, page)
        if not found:  # another system's survey need not be a page of ours
            views.page(conn, page)
        return Answers([Answered(**one._asdict()) for one in found])


@router.post("/{page}/answers/reveal", **needs("customers.reveal"))
def texts(app: TheApp, caller: TheCaller, page: Words, why: Reason) -> FreeAnswers:
    """What people wrote in their own words, the latest 500, in clear. Audited."""
    if not why.reason.strip():
        raise BadInput(Sentence("Say why you want to read it.", "请写明为什么要看。"))
    with app.db.transaction() as conn:
        by, now = caller.actor(why.by), app.clock.now()
        found = actions.read_texts(conn, app.keys, page, by, why.reason, now)
    return FreeAnswers(
        [
            FreeAnswer(
                app.ids.encode("cus", one.customer_id), one.version, one.question, one.text, one.at
            )
            for one in found
        ]
    )
