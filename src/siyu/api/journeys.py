"""Journeys: which there are, their text, where everybody stands; check and publish a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.paging import After, Limit, following, start
from siyu.api.words import Number, Who, Words
from siyu.app import PREDICATES
from siyu.journeys import actions, views
from siyu.journeys.actions import approve as approving
from siyu.journeys.actions.migrate import Migration, migrate, plan
from siyu.journeys.check import check
from siyu.journeys.check.diff import changes
from siyu.journeys.model import Journey as Checked
from siyu.playbooks.actions import publish

router = APIRouter(prefix="/journeys", tags=["journeys"])


@dataclass(frozen=True)
class Journey:
    """`pilot`: only so many customers enter on the published version, `piloted` of them have."""

    code: str
    version: int | None
    published_at: datetime | None
    playbook: str
    under_way: int
    ended: int
    parked: int
    held_out: int
    pilot: int | None
    piloted: int | None


@dataclass(frozen=True)
class Journeys:
    journeys: list[Journey]
    next: str


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
class Publish:
    """`pilot`: only the first so many customers enter on it, until it is widened."""

    text: str
    pilot: int | None = None
    by: Words = ""


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
    """`waiting`: nobody enters on it before a second person has approved."""

    code: str
    version: int
    new: bool
    pilot: int | None
    waiting: bool


@dataclass(frozen=True)
class Version:
    """A version; `published`: it takes newcomers in. `changes` against the one before, in words."""

    version: int
    published_at: datetime | None
    published: bool
    under_way: int
    parked: int
    changes: list[str]


@dataclass(frozen=True)
class Versions:
    code: str
    versions: list[Version]


@dataclass(frozen=True)
class Written:
    """One version as it was written."""

    code: str
    version: int
    text: str
    published_at: datetime | None


@dataclass(frozen=True)
class Changes:
    """What is different in `new`, a line each."""

    code: str
    old: int
    new: int
    changes: list[str]


@dataclass(frozen=True)
class Move:
    """`confirm` false: it is only shown who would go where. `after` is the answer's `next`.

    `map`: step of theirs → step of the version `to`, or `end`.
    """

    to: int
    origin: int | None = None
    map: dict[Words, Words] = field(default_factory=dict[str, str])
    confirm: bool = False
    after: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Line:
    """So many visits stand there and go to `to`; empty: the step must be mapped."""

    version: int
    node: str
    visits: int
    to: str


@dataclass(frozen=True)
class Moving:
    """One batch. With a `next`: ask again with it as `after`, until it is empty."""

    where: list[Line]
    problems: list[Place]
    moved: int
    ended: int
    touches: int
    next: str


@dataclass(frozen=True)
class Halt:
    """`confirm` false: it is only counted who would end."""

    confirm: bool = False
    by: Words = ""


@dataclass(frozen=True)
class Stopping:
    """One batch of those who were under way. Ask again until `left` is 0."""

    ended: int
    touches: int
    left: int


@dataclass(frozen=True)
class Approve:
    """`yes` false: refused, with the reason."""

    yes: bool = True
    reason: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Approved:
    code: str
    version: int
    published: bool


@router.get("", **needs("journeys.read"))
def listed(app: TheApp, after: After = "", limit: Limit = 200) -> Journeys:
    """Every journey in the order in which they came, with how many visits it has."""
    first = start(app, after)
    with app.db.transaction() as conn:
        rows = views.listing(conn, first, limit)
    end = rows[-1].id if rows else first
    return Journeys([Journey(*one[1:]) for one in rows], following(app, end))


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
def publishing(app: TheApp, caller: TheCaller, text: Annotated[Publish, Body()]) -> Published:
    """Check and publish a text: newcomers walk on it, who is under way finishes on their own."""
    with app.db.transaction() as conn:
        asked = actions.Asked(caller.actor(text.by or "api"), text.pilot)
        found = publish(conn, text.text, PREDICATES, app.clock.now(), asked)
    return Published(**found._asdict())


@router.post("/{code}/widen", **needs("journeys.publish"))
def widening(app: TheApp, caller: TheCaller, code: Words, who: Annotated[Who, Body()]) -> Published:
    """End a pilot: everybody enters on its version."""
    with app.db.transaction() as conn:
        done = approving.widen(conn, code, caller.actor(who.by), PREDICATES, app.clock.now())
    return Published(code, done.version, new=False, pilot=None, waiting=not done.published)


@router.post("/{code}/approve", **needs("journeys.approve"))
def approved(
    app: TheApp, caller: TheCaller, code: Words, said: Annotated[Approve, Body()]
) -> Approved:
    """A second person says yes, and it is published; or no, and it is not."""
    with app.db.transaction() as conn:
        by, now = caller.actor(said.by), app.clock.now()
        done = approving.decide(conn, code, by, PREDICATES, now, yes=said.yes, reason=said.reason)
    return Approved(**done._asdict())


@router.get("/{code}/versions", **needs("journeys.read"))
def versions(app: TheApp, code: Words) -> Versions:
    """Every version: since when, how many are under way on it, what it changed."""
    with app.db.transaction() as conn:
        rows = views.versions(conn, code)
    return Versions(code, [Version(**row._asdict()) for row in rows])


@router.get("/{code}/versions/{version}", **needs("journeys.read"))
def written(app: TheApp, code: Words, version: Number) -> Written:
    """One version as it was written."""
    with app.db.transaction() as conn:
        return Written(**views.get(conn, code, version)._asdict())


@router.get("/{code}/diff", **needs("journeys.read"))
def compared(app: TheApp, code: Words, old: Number, new: Number) -> Changes:
    """What version `new` says otherwise than version `old`, step by step, in words."""
    with app.db.transaction() as conn:
        texts = [views.get(conn, code, version).text for version in (old, new)]
    return Changes(code, old, new, changes(*texts))


@router.post("/{code}/migrate", **needs("journeys.publish"))
def migrating(
    app: TheApp, caller: TheCaller, code: Words, wanted: Annotated[Move, Body()]
) -> Moving:
    """Show who would go where; with `confirm`, move up to 2,000 visits to another version."""
    want = Migration(code, wanted.to, wanted.origin, wanted.map)
    after = start(app, wanted.after)
    with app.db.transaction() as conn:
        found = plan(conn, want, PREDICATES)
        lines = [Line(**line._asdict()) for line in found.lines]
        problems = [Place(one.where, one.why, one.line) for one in found.problems]
        if not wanted.confirm:
            return Moving(lines, problems, 0, 0, 0, "")
        by, now = caller.actor(wanted.by), app.clock.now()
        done = migrate(conn, want, PREDICATES, by, now, after=after)
    app.wake()
    rest = following(app, done.last)
    return Moving(lines, problems, done.visits, done.ended, done.touches, rest)


@router.post("/{code}/stop", **needs("journeys.publish"))
def stop(app: TheApp, caller: TheCaller, code: Words, who: Annotated[Halt, Body()]) -> Stopping:
    """End a journey for good, with `confirm`: nobody enters, up to 2,000 under way end."""
    with app.db.transaction() as conn:
        done = actions.Stopped(0, 0)
        if who.confirm:
            done = actions.stop(conn, code, caller.actor(who.by), app.clock.now())
        left = sum(one.under_way + one.parked for one in views.versions(conn, code))
    app.wake()
    return Stopping(done.visits, done.touches, left)
