"""Journeys: which there are, their text, where everybody stands; check and publish a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.fitting import refuse_unfit
from siyu.api.language import TheLanguage
from siyu.api.paging import After, Limit, following, start
from siyu.api.words import Number, Words
from siyu.app import PREDICATES
from siyu.journeys import actions, views
from siyu.journeys.check import check
from siyu.journeys.model import Journey as Checked
from siyu.journeys.views.figures import Figures, became, figures, outcomes, outranked, standing
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Language, within
from siyu.outbox.views import stops
from siyu.playbooks.actions import publish

router = APIRouter(prefix="/journeys", tags=["journeys"])
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Title:
    zh: str
    en: str


@dataclass(frozen=True)
class Ended:
    """How many visits ended with this outcome; who is held out apart."""

    outcome: str
    held_out: bool
    visits: int


@dataclass(frozen=True)
class Journey:
    """Counts stop at 10,001, which stands for more than 10,000. `version` null: it takes nobody in.

    `pilot`: only so many customers enter on the published version, `piloted` of them have.
    `waiting`: the version that a second person has to approve. `outcomes`, and `entered_week`: of
    the last seven days. `paused`: what it has to say is held, until somebody resumes it.
    """

    code: str
    title: Title
    version: int | None
    published_at: datetime | None
    playbook: str
    pilot: int | None
    piloted: int | None
    waiting: int | None
    under_way: int
    ended: int
    parked: int
    entered_today: int
    entered_week: int
    withheld_today: int
    outcomes: list[Ended]
    paused: bool


@dataclass(frozen=True)
class Journeys:
    journeys: list[Journey]
    next: str


@dataclass(frozen=True)
class Standing:
    """How many visits stand at a step (10,001 at most), and since when the longest."""

    version: int
    node: str
    visits: int
    longest_since: datetime


@dataclass(frozen=True)
class Became:
    """What became of so many who could have come in; `reason`: why they did not."""

    outcome: str
    reason: str
    entries: int


@dataclass(frozen=True)
class MadeWay:
    """So many of its touches were outranked by those of this journey."""

    journey: str
    touches: int


@dataclass(frozen=True)
class Detail:
    """The published text, or else (`published` false) the latest. `latest`: the highest version.

    `entries`, `outcomes` and `outranked` are of the last thirty days; counts stop at 10,001.
    """

    code: str
    title: Title
    version: int
    latest: int
    published: bool
    published_at: datetime | None
    playbook: str
    pilot: int | None
    piloted: int | None
    paused: bool
    text: str
    standing: list[Standing]
    entries: list[Became]
    outcomes: list[Ended]
    outranked: list[MadeWay]


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Publish:
    """`pilot`: only the first so many customers enter on it, until it is widened.

    `base_version`: the latest version that you have seen (0: none); refused with the code
    `overtaken` where somebody has stored another one since. null: not asked.
    """

    text: str
    pilot: int | None = None
    base_version: Number | None = None
    by: Words = ""


@dataclass(frozen=True)
class Place:
    where: str
    why: str
    line: int | None


def places(found: Sequence[Problem], locale: Language) -> list[Place]:
    """Problems as they are shown to somebody who reads this language."""
    return [Place(one.where, within(locale, one.why), one.line) for one in found]


@dataclass(frozen=True)
class Verdict:
    """`problems` is empty when the text can be published."""

    problems: list[Place]


@dataclass(frozen=True)
class Published:
    """`waiting`: nobody enters on it before a second person has approved."""

    code: str
    version: int
    new: bool
    pilot: int | None
    waiting: bool


@router.get("", **needs("journeys.read"))
def listed(app: TheApp, after: After = "", limit: Limit = 200) -> Journeys:
    """Every journey in the order in which they came, with its live figures."""
    first = start(app, after)
    with app.db.transaction() as conn:
        rows = views.listing(conn, first, limit)
        live = figures(conn, rows, app.clock.now(), app.journeys.zone)
    end = rows[-1].id if rows else first
    return Journeys([_journey(*pair) for pair in zip(rows, live, strict=True)], following(app, end))


def _journey(row: views.Listed, live: Figures) -> Journey:
    return Journey(
        code=row.code,
        title=Title(*row.title),
        version=row.version,
        published_at=row.published_at,
        playbook=row.playbook,
        pilot=row.pilot,
        piloted=row.piloted,
        waiting=row.waiting,
        under_way=live.under_way,
        ended=live.ended,
        parked=live.parked,
        entered_today=live.entered_today,
        entered_week=live.entered_week,
        withheld_today=live.withheld_today,
        outcomes=[Ended(*one) for one in live.outcomes],
        paused=live.paused,
    )


@router.get("/{code}", **needs("journeys.read"))
def one(app: TheApp, code: Words) -> Detail:
    """What a journey says, where its visits stand, who came in lately and who did not."""
    until = app.clock.now()
    since = until - LATELY
    with app.db.transaction() as conn:
        now = views.current(conn, code)
        return Detail(
            code=now.code,
            title=Title(*views.title_of(now.text)),
            version=now.version,
            latest=now.latest,
            published=now.published,
            published_at=now.published_at,
            playbook=now.playbook,
            pilot=now.pilot,
            piloted=now.piloted,
            paused=f"journey:{code}" in {stop.scope for stop in stops(conn)},
            text=now.text,
            standing=[Standing(*row) for row in standing(conn, code)],
            entries=[Became(*row) for row in became(conn, code, since)],
            outcomes=[Ended(*row) for row in outcomes(conn, code, since)],
            outranked=[MadeWay(*row) for row in outranked(conn, code, since, until)],
        )


@router.post("/check", **needs("journeys.read"))
def checked(app: TheApp, text: Annotated[Text, Body()], locale: TheLanguage) -> Verdict:  # noqa: ARG001 - same form as its neighbours
    """What is wrong with a text, line by line; nothing is stored."""
    found = check(text.text, PREDICATES)
    if isinstance(found, Checked):
        return Verdict([])
    return Verdict(places(found, locale))


@router.post("", **needs("journeys.publish"))
def publishing(app: TheApp, caller: TheCaller, text: Annotated[Publish, Body()]) -> Published:
    """Check and publish a text: newcomers walk on it, who is under way finishes on their own. Texts
    that a connected provider would surely refuse are refused, each with its step."""
    refuse_unfit(app, text.text)
    with app.db.transaction() as conn:
        asked = actions.Asked(caller.actor(text.by or "api"), text.pilot, text.base_version)
        found = publish(conn, text.text, PREDICATES, app.clock.now(), asked)
    return Published(**found._asdict())
