"""Journeys: which there are, their text, where everybody stands; check and publish a text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, needs
from siyu.api.words import Words
from siyu.app import PREDICATES
from siyu.journeys import views
from siyu.journeys.check import check
from siyu.journeys.model import Journey as Checked
from siyu.playbooks.actions import publish

router = APIRouter(prefix="/journeys", tags=["journeys"])


@dataclass(frozen=True)
class Journey:
    code: str
    version: int | None
    published_at: datetime | None
    playbook: str
    under_way: int
    ended: int
    parked: int
    held_out: int


@dataclass(frozen=True)
class Journeys:
    journeys: list[Journey]


@dataclass(frozen=True)
class Standing:
    """How many visits stand at a step, and since when the longest."""

    version: int
    node: str
    visits: int
    longest_since: datetime


@dataclass(frozen=True)
class Detail:
    code: str
    version: int
    published_at: datetime | None
    text: str
    standing: list[Standing]
    entries: dict[str, int]
    outcomes: dict[str, int]


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Place:
    where: str
    why: str
    line: int | None


@dataclass(frozen=True)
class Verdict:
    """`problems` is empty when the text can be published."""

    problems: list[Place]


@dataclass(frozen=True)
class Published:
    code: str
    version: int
    new: bool


@router.get("", **needs("journeys.read"))
def listed(app: TheApp) -> Journeys:
    """Every journey with how many visits it has."""
    with app.db.transaction() as conn:
        return Journeys([Journey(**one._asdict()) for one in views.listing(conn)])


@router.get("/{code}", **needs("journeys.read"))
def one(app: TheApp, code: Words) -> Detail:
    """A journey's published text, where its visits stand, who came in and who did not."""
    with app.db.transaction() as conn:
        version = views.get(conn, code)
        return Detail(
            version.code,
            version.version,
            version.published_at,
            version.text,
            [Standing(**row._asdict()) for row in views.standing(conn, code)],
            {
                " ".join(part for part in key if part): count
                for key, count in views.entry_counts(conn, code).items()
            },
            {
                f"{outcome} (held out)" if held_out else outcome: count
                for (outcome, held_out), count in views.outcomes(conn, code).items()
            },
        )


@router.post("/check", **needs("journeys.read"))
def checked(app: TheApp, text: Annotated[Text, Body()]) -> Verdict:  # noqa: ARG001 - same form as its neighbours
    """What is wrong with a text, line by line; nothing is stored."""
    found = check(text.text, PREDICATES)
    if isinstance(found, Checked):
        return Verdict([])
    return Verdict([Place(one.where, one.why, one.line) for one in found])


@router.post("", **needs("journeys.publish"))
def publishing(app: TheApp, text: Annotated[Text, Body()]) -> Published:
    """Check and publish a text: newcomers walk on it, who is under way finishes on their own."""
    with app.db.transaction() as conn:
        found = publish(conn, text.text, PREDICATES, app.clock.now())
    return Published(found.code, found.version, found.new)
