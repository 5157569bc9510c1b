"""Codes and links that lead to us: who is behind each, who came by it; made and given back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.acquisition import views as acquisition
from siyu.acquisition.views import Came
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.words import Number, Words
from siyu.app import App, Shift, Standing, WayIn, WayKind
from siyu.staff.actions import audit

router = APIRouter(prefix="/ways", tags=["ways"])
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class WayShift:
    """Who takes new friends in these hours of the week, in China's time: `mon-fri 09:00-18:00; sat
    10:00-16:00`; empty: at all hours."""

    staff: Annotated[list[Words], Field(max_length=500)]
    hours: Words = ""


@dataclass(frozen=True)
class WayInto:
    """A code (`code`) or a link (`link`) that leads to us, or a code into groups (`group`). With
    `per_day` new friends today somebody steps back from it (0: the settings say); `instead` stand
    in while nobody of a shift is at work. Without shifts those of the settings take turns."""

    kind: WayKind
    state: Words
    title: Words = ""
    shifts: Annotated[list[WayShift], Field(max_length=50)] = field(default_factory=list[WayShift])
    instead: Annotated[list[Words], Field(max_length=500)] = field(default_factory=list[Words])
    per_day: Annotated[Number, Field(ge=0)] = 0
    groups: Annotated[list[Words], Field(max_length=5)] = field(default_factory=list[Words])
    by: Words = ""


@dataclass(frozen=True)
class KnownWay:
    """`behind`: who takes new friends now. `friends` came with its state, each counted once;
    `lately`: in the last 30 days; null where friends are not what it brings. `gone`: the carrier
    does not know it any more. Not `ours`: it is one of the settings', and can't be given back.
    `clicks` on a link and new customers `added` by it are the carrier's count of the last 30 days
    that it has told; null: it has told none."""

    kind: WayKind
    state: str
    title: str
    shifts: list[WayShift]
    instead: list[str]
    per_day: int
    groups: list[str]
    url: str
    picture: str
    behind: list[str]
    gone: bool
    ours: bool
    friends: int | None
    lately: int | None
    clicks: int | None
    added: int | None


@dataclass(frozen=True)
class AllWays:
    """`possible`: something is connected that makes them."""

    possible: bool
    ways: list[KnownWay]


@dataclass(frozen=True)
class WhichWay:
    kind: WayKind
    state: Words
    by: Words = ""


@dataclass(frozen=True)
class Dropped:
    """`dropped`: there was one."""

    dropped: bool


@router.get("", **needs("ways.read"))
def ways(app: TheApp) -> AllWays:
    """Every code and link that leads to us, and how many new friends came by it."""
    found = app.connections.ways()
    return AllWays(found is not None, shown(app, found or []))


@router.post("", **needs("ways.write", once=False))
def make(app: TheApp, caller: TheCaller, new: Annotated[WayInto, Body()]) -> KnownWay:
    """Make it, or change who is behind the one of this state. Audited."""
    by = caller.actor(new.by)
    shifts = tuple(Shift(tuple(one.staff), one.hours) for one in new.shifts)
    instead, groups = tuple(new.instead), tuple(new.groups)
    way = WayIn(new.kind, new.state, new.title, shifts, instead, new.per_day, groups)
    return shown(app, [made(app, way, by)])[0]


@router.post("/drop", **needs("ways.write", once=False))
def drop(app: TheApp, caller: TheCaller, which: Annotated[WhichWay, Body()]) -> Dropped:
    """Give it back to the carrier: whoever uses it from then on gets nowhere. Audited."""
    return Dropped(dropped(app, which.kind, which.state, caller.actor(which.by)))


def made(app: App, way: WayIn, by: str) -> Standing:
    """Made or changed, and written into the audit log."""
    found = app.connections.make_way(way)
    with app.db.transaction() as conn:
        audit(conn, by, "way.make", f"{way.kind} {way.state}", way.title, app.clock.now())
    app.wake()
    return found


def dropped(app: App, kind: WayKind, state: str, by: str) -> bool:
    """Given back, and written into the audit log; False: there is none."""
    found = app.connections.drop_way(kind, state)
    if found:
        with app.db.transaction() as conn:
            audit(conn, by, "way.drop", f"{kind} {state}", "", app.clock.now())
    return found


def shown(app: App, found: list[Standing]) -> list[KnownWay]:
    """With who came by each."""
    states = [one.way.state for one in found if _brings_friends(one)]
    with app.db.transaction() as conn:
        came = acquisition.came(conn, app.keys, states, app.clock.now() - LATELY)
    return [_way(one, came.get(one.way.state) if _brings_friends(one) else None) for one in found]


def _brings_friends(one: Standing) -> bool:
    return one.ours and one.way.kind != "group"


def _way(one: Standing, came: Came | None) -> KnownWay:
    way = one.way
    return KnownWay(
        way.kind,
        way.state,
        way.title,
        [WayShift(list(shift.staff), shift.hours) for shift in way.shifts],
        list(way.instead),
        way.per_day,
        list(way.groups),
        one.url,
        one.picture,
        list(one.behind),
        one.gone,
        one.ours,
        came.all if came else None,
        came.lately if came else None,
        one.clicks,
        one.added,
    )
