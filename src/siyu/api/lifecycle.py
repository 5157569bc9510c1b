"""What people do with versions of a journey: approve, widen, compare, migrate; and stop it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.fitting import refuse_unfit
from siyu.api.journeys import Place, Published, places
from siyu.api.language import TheLanguage
from siyu.api.paging import following, start
from siyu.api.words import Number, Who, Words
from siyu.app import PREDICATES
from siyu.journeys import actions, views
from siyu.journeys.actions import approve as approving
from siyu.journeys.actions.migrate import Migration, migrate, plan
from siyu.journeys.check.diff import What, compare

router = APIRouter(prefix="/journeys", tags=["journeys"])


@dataclass(frozen=True)
class Difference:
    """`old` and `new` as the text would write them; of a new step `old` is the one before it."""

    code: What
    step: str
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Version:
    """A version; `published`: it takes newcomers in. `changes` against the one before, in words.

    `under_way` and `parked` stop at 10,001.
    """

    version: int
    published_at: datetime | None
    published: bool
    under_way: int
    parked: int
    changes: list[str]
    differences: list[Difference]


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
    differences: list[Difference]


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
class MigrationLine:
    """So many visits stand there and go to `to`; empty: the step must be mapped."""

    version: int
    node: str
    visits: int
    to: str


@dataclass(frozen=True)
class Moving:
    """One batch. With a `next`: ask again with it as `after`, until it is empty."""

    where: list[MigrationLine]
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


@router.post("/{code}/widen", **needs("journeys.publish"))
def widening(app: TheApp, caller: TheCaller, code: Words, who: Annotated[Who, Body()]) -> Published:
    """End a pilot: everybody enters on its version."""
    with app.db.transaction() as conn:
        done = approving.widen(conn, code, caller.actor(who.by), PREDICATES, app.clock.now())
        refuse_unfit(app, views.get(conn, code, done.version).text)
    return Published(code, done.version, new=False, pilot=None, waiting=not done.published)


@router.post("/{code}/approve", **needs("journeys.approve"))
def approved(
    app: TheApp, caller: TheCaller, code: Words, said: Annotated[Approve, Body()]
) -> Approved:
    """A second person says yes, and it is published; or no, and it is not."""
    with app.db.transaction() as conn:
        by, now = caller.actor(said.by), app.clock.now()
        done = approving.decide(conn, code, by, PREDICATES, now, yes=said.yes, reason=said.reason)
        if said.yes:
            refuse_unfit(app, views.get(conn, code, done.version).text)
    return Approved(**done._asdict())


@router.get("/{code}/versions", **needs("journeys.read"))
def versions(app: TheApp, code: Words) -> Versions:
    """Every version: since when, how many are under way on it, what it changed."""
    with app.db.transaction() as conn:
        rows = views.versions(conn, code)
    return Versions(code, [_version(row) for row in rows])


def _version(row: views.VersionLine) -> Version:
    said = [str(one) for one in row.changes]
    parts = [Difference(*one) for one in row.changes]
    return Version(*row[:-1], said, parts)


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
    found = compare(*texts)
    return Changes(code, old, new, [str(one) for one in found], [Difference(*one) for one in found])


@router.post("/{code}/migrate", **needs("journeys.publish"))
def migrating(
    app: TheApp,
    caller: TheCaller,
    code: Words,
    wanted: Annotated[Move, Body()],
    locale: TheLanguage,
) -> Moving:
    """Show who would go where; with `confirm`, move up to 2,000 visits to another version."""
    want = Migration(code, wanted.to, wanted.origin, wanted.map)
    after = start(app, wanted.after)
    with app.db.transaction() as conn:
        found = plan(conn, want, PREDICATES)
        lines = [MigrationLine(**line._asdict()) for line in found.lines]
        problems = places(found.problems, locale)
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
