"""Journeys as people look at them: drawn, with who is where; and a text that is being written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query

from siyu.api.auth import TheApp, needs
from siyu.api.fitting import TextFit, fits
from siyu.api.journeys import Place, Text, places
from siyu.api.language import TheLanguage
from siyu.api.paging import CURSOR, Limit
from siyu.api.visits import PREFIX
from siyu.api.words import Number, Words
from siyu.app import PREDICATES, App
from siyu.customers.views import names
from siyu.journeys import render
from siyu.journeys.actions import approve
from siyu.journeys.check import check
from siyu.journeys.check.diff import What
from siyu.journeys.model import Journey
from siyu.journeys.model.story import Happened
from siyu.journeys.render import EnterKind, ValueKind, WayKind
from siyu.journeys.views import draft as drafts
from siyu.journeys.views import flow
from siyu.journeys.views.flow import Show
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.playbooks.actions import catalogue
from siyu.segments import model as segments
from siyu.vault import views as vault
from siyu.vault.model import mask_name

router = APIRouter(prefix="/journeys", tags=["journeys"])
MICRO = timedelta(microseconds=1)
Days = Annotated[int, Query(ge=1, le=90, description="Who came in within so many days.")]
Version = Annotated[Number | None, Query(description="Of this version; null: what it says now.")]
Page = Annotated[str, Query(max_length=60, description="`next` of the page before.")]


@dataclass(frozen=True)
class Both:
    """In both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class StepSays:
    """What a step says under `name`; `words` where the value is a span or a condition."""

    name: str
    title: Both
    kind: ValueKind
    value: str
    words: Both | None


@dataclass(frozen=True)
class Node:
    """A step. `now`, `elsewhere` (on other versions) and `parked` count everybody, 10,001 at most
    (more than 10,000); the others count visits of the cohort."""

    id: str
    kind: str
    title: Both
    line: int
    takes_time: bool
    says: list[StepSays]
    now: int
    longest_since: datetime | None
    elsewhere: int
    parked: int
    passed: int
    sent: int
    withheld: int
    ended: int


@dataclass(frozen=True)
class Edge:
    """A way. `weight`: so many of the cohort went so; `words`: a condition; `name`: an arm's."""

    source: str
    to: str
    code: WayKind
    words: Both | None
    name: str
    share: float | None
    weight: int


@dataclass(frozen=True)
class Cohort:
    """Who came in since then, and walks on this version; `more`: the latest 1,000 of them."""

    since: datetime
    visits: int
    more: bool


@dataclass(frozen=True)
class Graph:
    """A journey as its text says it, from top to bottom."""

    code: str
    version: int
    title: Both
    source: str
    enter: EnterKind
    enters: list[StepSays]
    reenter: str
    concurrent: str
    holdout: float
    ends_when: Both | None
    nodes: list[Node]
    edges: list[Edge]
    cohort: Cohort | None


@dataclass(frozen=True)
class Drawn:
    """`graph` null: the text has problems. `known`: all that it refers to is installed."""

    code: str
    problems: list[Place]
    graph: Graph | None


@dataclass(frozen=True)
class TextChange:
    """A difference; `before`: so many under way have not come past it, 10,001 at most."""

    code: What
    step: str
    field: str
    old: str
    new: str
    before: int


@dataclass(frozen=True)
class Wanted:
    """A text, and for how many first customers; null: for everybody."""

    text: str
    pilot: Number | None = None


@dataclass(frozen=True)
class TextPreview:
    """What publishing would do. `base`: the latest version that there is, 0 where there is none.

    `people` are expected in thirty days, for `cost_minor`; `second_person`: somebody else has to
    approve it first. `texts`: what providers would refuse, or may.
    """

    code: str
    base: int
    published: int | None
    changes: list[TextChange]
    people: int
    cost_minor: int
    currency: str
    second_person: bool
    texts: list[TextFit]


@dataclass(frozen=True)
class Passed:
    step: str
    code: str
    about: str


@dataclass(frozen=True)
class Last:
    """The latest line of a visit's history, as codes."""

    at: datetime
    code: Happened
    about: str
    passed: list[Passed]


@dataclass(frozen=True)
class Walker:
    """Somebody at a step. `until`: it goes on then at the latest. `reason`: of what was withheld;
    `error`: why the visit is parked."""

    visit: str
    customer: str
    name_masked: str
    key: str
    version: int
    step: str
    state: Literal["under_way", "ended", "parked"]
    since: datetime
    until: datetime | None
    waiting_for: list[str]
    outcome: str
    held_out: bool
    last: Last | None
    reason: str
    error: str


@dataclass(frozen=True)
class Walkers:
    """`next` empty: that was all."""

    people: list[Walker]
    next: str


@router.get("/{code}/graph", **needs("journeys.read"))
def graph(app: TheApp, code: Words, version: Version = None, days: Days = 7) -> Graph:
    """A journey drawn, with who is where, and what those did who came in lately."""
    with app.db.transaction() as conn:
        found = flow.graph(conn, PREDICATES, code, version, days, app.clock.now())
    return _graph(found.drawing, found.version, found.lines, found)


@router.get("/{code}/nodes/{node}/visits", **needs("journeys.read"))
def visits(  # noqa: PLR0913, PLR0917 - each is a filter
    app: TheApp,
    code: Words,
    node: Words,
    show: Show = "now",
    version: Version = None,
    days: Days = 7,
    after: Page = "",
    limit: Limit = 50,
) -> Walkers:
    """Who stands at a step (the longest first), or who of the cohort passed it, and why."""
    asked = flow.Asked(code, node, version, show, days)
    with app.db.transaction() as conn:
        found, end = flow.people(conn, asked, _start(app, after), limit, app.clock.now())
        return Walkers(_people(app, conn, found), _following(app, end))


@router.get("/{code}/parked", **needs("journeys.read"))
def parked(app: TheApp, code: Words, after: Page = "", limit: Limit = 50) -> Walkers:
    """Visits of a journey that wait for a person, on any version; `visits/retry` takes them up."""
    start = _start(app, after)
    with app.db.transaction() as conn:
        found = flow.parked(conn, code, start[1] if start else 0, limit)
        end = (flow.LONG_AGO, found[-1].visit.visit_id) if len(found) == limit else None
        return Walkers(_people(app, conn, found), _following(app, end))


@router.post("/draw", **needs("journeys.read"))
def drawn(app: TheApp, text: Annotated[Text, Body()], locale: TheLanguage) -> Drawn:
    """A text drawn, or what is wrong with it, line by line; nothing is stored."""
    with app.db.transaction() as conn:
        found = check(text.text, PREDICATES, catalogue(conn, PREDICATES))
    if isinstance(found, Journey):
        drawing = render.draw(found)
        return Drawn(found.journey, [], _graph(drawing, 0, flow.lines(text.text), None))
    return Drawn("", places(found, locale), None)


@router.post("/preview", **needs("journeys.read"))
def preview(app: TheApp, wanted: Annotated[Wanted, Body()], locale: TheLanguage) -> TextPreview:
    """What publishing a text would change, for how many, and whether it needs a second person."""
    with app.db.transaction() as conn:
        found = check(wanted.text, PREDICATES, catalogue(conn, PREDICATES))
        if not isinstance(found, Journey):
            raise BadInput(
                Sentence("This is no journey that can be published:", "这个旅程还不能发布："), found
            )
        draft = drafts.draft(conn, PREDICATES, found.journey, wanted.text)
        now = app.clock.now()
        size = approve.expected(conn, found, wanted.pilot, now)
        second = approve.needed(conn, found, wanted.pilot, now) is not None
    current = draft.now
    return TextPreview(
        code=found.journey,
        base=current.latest if current else 0,
        published=current.version if current and current.published else None,
        changes=[TextChange(*one, before) for one, before in draft.changes],
        people=size.people,
        cost_minor=size.cost_minor,
        currency=size.currency,
        second_person=second,
        texts=fits(app, found, locale),
    )


def _graph(
    drawing: render.Drawing, version: int, lines: dict[str, int], walked: flow.Graph | None
) -> Graph:
    nobody = flow.Place(0, None, 0, 0, 0, 0, 0, 0)
    places = walked.places if walked else {}
    weights = walked.weights if walked else {}
    return Graph(
        code=drawing.code,
        version=version,
        title=_both(drawing.title),
        source=drawing.source,
        enter=drawing.enter,
        enters=[_said(one) for one in drawing.enters],
        reenter=drawing.reenter,
        concurrent=drawing.concurrent,
        holdout=drawing.holdout,
        ends_when=_perhaps(drawing.ends_when),
        nodes=[
            Node(
                one.id,
                one.kind,
                _both(one.title),
                lines.get(one.id, 1),
                one.takes_time,
                [_said(said) for said in one.says],
                *places.get(one.id, nobody),
            )
            for one in drawing.steps
        ],
        edges=[
            Edge(
                one.source,
                one.to,
                one.code,
                _perhaps(one.words),
                one.name,
                one.share,
                weights.get((one.source, one.to), 0),
            )
            for one in drawing.edges
        ],
        cohort=walked
        and Cohort(walked.cohort.since, len(walked.cohort.visits), walked.cohort.more),
    )


def _said(one: render.Said) -> StepSays:
    return StepSays(one.name, _both(one.title), one.kind, one.value, _perhaps(one.words))


def _both(words: segments.Words) -> Both:
    return Both(words.zh, words.en)


def _perhaps(words: segments.Words | None) -> Both | None:
    return None if words is None else _both(words)


def _people(app: App, conn: Conn, found: list[flow.Person]) -> list[Walker]:
    """Whom they are about is masked."""
    items = names(conn, [one.visit.customer_id for one in found])
    called = vault.open_items(conn, app.keys, list(items.values()))
    return [
        Walker(
            visit=app.ids.encode(PREFIX, visit.visit_id),
            customer=app.ids.encode("cus", visit.customer_id),
            name_masked=mask_name(called.get(items.get(visit.customer_id, 0), "")),
            key=visit.key,
            version=visit.version,
            step=visit.node,
            state=visit.state,  # pyright: ignore[reportArgumentType]
            since=visit.since,
            until=visit.due_at,
            waiting_for=sorted(visit.waiting_for),
            outcome=visit.outcome,
            held_out=visit.held_out,
            last=last
            and Last(last.at, told.code, told.about, [Passed(*one) for one in told.passed]),
            reason=reason,
            error=visit.error or "",
        )
        for visit, last, told, reason in found
    ]


def _start(app: App, after: str) -> flow.Key | None:
    """The place that a cursor stands for: a moment and a visit."""
    if not after:
        return None
    at, _, visit = after.partition(".")
    moment, number = app.ids.decode(CURSOR, at), app.ids.decode(PREFIX, visit)
    if moment is None or number is None:
        raise BadInput(
            Sentence(
                "`after` is no cursor of this list; use the `next` of the page before.",
                "`after` 不是这个列表的位置；请用上一页的 `next`。",
            )
        )
    return flow.LONG_AGO + moment * MICRO, number


def _following(app: App, end: flow.Key | None) -> str:
    if end is None:
        return ""
    moment = (end[0] - flow.LONG_AGO) // MICRO
    return f"{app.ids.encode(CURSOR, moment)}.{app.ids.encode(PREFIX, end[1])}"
