"""What a playbook brings, by name; and what it has brought so far, for a gallery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from fastapi import APIRouter, Request

from siyu.analytics.model.answer import Told
from siyu.analytics.views.questions.playbook import PlaybookReport
from siyu.api.auth import TheApp, needs
from siyu.api.figures import State
from siyu.api.journeys import Title
from siyu.api.kept import PATIENCE
from siyu.api.questions import Both, found_of
from siyu.api.words import Words
from siyu.kernel.errors import Refused
from siyu.kernel.sentence import within
from siyu.playbooks.model import Playbook
from siyu.playbooks.views import folder, installed
from siyu.playbooks.views.brought import Part, brought

router = APIRouter(prefix="/playbooks", tags=["playbooks"])


@dataclass(frozen=True)
class PlaybookPart:
    """`kind`: of a material its channel, of an offer its kind."""

    code: str
    title: Title
    kind: str


@dataclass(frozen=True)
class PlaybookParts:
    """`stories`: what it is proven by."""

    journeys: list[PlaybookPart]
    segments: list[PlaybookPart]
    materials: list[PlaybookPart]
    offers: list[PlaybookPart]
    sources: list[PlaybookPart]
    stories: list[PlaybookPart]


@dataclass(frozen=True)
class PlaybookLift:
    """A difference in shares (0.02 is two points), and its 95 % interval."""

    points: float
    low: float
    high: float


@dataclass(frozen=True)
class PlaybookFigures:
    """In short what `siyu report playbook` says. `state` working: ask again. `answer` null: it has
    never been installed. `lift` null: too few yet to say; not `sure`: zero lies within."""

    state: State
    answer: Both | None
    entered: int
    held_out: int
    sent: int
    lift: PlaybookLift | None
    sure: bool
    cost_minor: int
    currency: str
    as_of: datetime | None


def parts(found: Playbook) -> PlaybookParts:
    """Each thing with its name."""
    return PlaybookParts(*([_part(one) for one in some] for some in brought(found)))


def _part(one: Part) -> PlaybookPart:
    return PlaybookPart(one.code, Title(within("zh", one.title), one.title[:]), one.kind)


@router.get("/{playbook}/figures", **needs("reports.read"))
def figures(request: Request, app: TheApp, playbook: Words) -> PlaybookFigures:
    """Who came in, what went out and what it cost, and what it brings beyond those held out."""
    with app.db.transaction() as conn:
        if all(one.code != playbook for one in installed(conn)):
            folder(playbook, app.brand.currency)  # NotFound where there is none of this name
    found = found_of(request, app, PlaybookReport(playbook=playbook), PATIENCE)
    state: State = "ready" if found.seconds is None else "working"
    told = found.result
    if told is None or isinstance(told, Refused):
        return PlaybookFigures(state, None, 0, 0, 0, None, False, 0, app.brand.currency, None)
    return _shown(state, told)


def _shown(state: State, told: Told) -> PlaybookFigures:
    answer = told.answer
    keys = cast("dict[str, Any]", answer.keys)
    lift: Sequence[float] | None = keys["lift"]
    return PlaybookFigures(
        state,
        Both(within("zh", answer.says), answer.says[:]),
        keys["entered"],
        keys["held_out"],
        keys["sent"],
        None if lift is None else PlaybookLift(*lift),
        keys["sure"],
        keys["cost_minor"],
        answer.currency,
        told.fresh.as_of,
    )
