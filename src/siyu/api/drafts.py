"""A page as somebody will see it, drawn from a text that nobody has kept yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import StringConstraints

from siyu.api.auth import TheApp, needs
from siyu.api.journeys import Place, places
from siyu.api.language import TheLanguage
from siyu.api.opened import SHOWS
from siyu.api.opening import Opening, stranger
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Language
from siyu.pages import actions
from siyu.pages.model import Visitor
from siyu.pages.render import Shown, page

router = APIRouter(prefix="/pages", tags=["pages"])
NOBODY = 0  # is no customer: has answered, booked and reserved nothing


@dataclass(frozen=True)
class ToPreview:
    """A page's text, seen by somebody whom a link of theirs names, else by a `stranger`."""

    text: Annotated[str, StringConstraints(max_length=200_000, pattern=r"^[^\x00]*$")]
    language: Language = "zh"
    stranger: bool = False


@dataclass(frozen=True)
class Preview:
    """The page as HTML, without a script, its forms leading nowhere; empty where `problems` says
    what is wrong with its text."""

    code: str
    html: str
    problems: list[Place]


@router.post("/preview", **needs("content.read", once=False))
def preview(app: TheApp, text: Annotated[ToPreview, Body()], locale: TheLanguage) -> Preview:
    """How a text would look as a page, and what is wrong with it, line by line; nothing is kept,
    and nothing counts as a visit."""
    try:
        with app.db.transaction() as conn:
            of = actions.checked(conn, text.text)
    except BadInput as error:
        return Preview("", "", places(error.problems, locale))
    shown = Shown(text.language, "", "")
    opening = Opening(app, of, Visitor(NOBODY, "", {}), shown, {}, SHOWS[of.kind])
    known = of.kind == "entry" or not text.stranger
    parts = opening.shows(opening) if known else stranger(opening)
    return Preview(of.page, page(shown, of, parts), [])
