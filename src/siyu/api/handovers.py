"""Friends of one of us become another's: counted, begun, stopped, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.group_plans import said
from siyu.api.language import TheLanguage
from siyu.api.words import Words
from siyu.app import App, Given, Giving, HandOver
from siyu.kernel.sentence import Language, within
from siyu.staff import views as staff
from siyu.staff.actions import audit
from siyu.tasks.actions import team
from siyu.tasks.actions.team import Handed

router = APIRouter(prefix="/handovers", tags=["handovers"])
AHEAD = 28  # days of the calendar of groups
State = Literal["running", "stopped", "given", "failed"]


@dataclass(frozen=True)
class FriendsGiven:
    """In friends: `free` can still be given; `waiting` were, and are settled within a day or so;
    `resting` were given too often lately. The others are settled: `done`, `refused` by the
    customer, `full`: the other can have no more, `failed`."""

    free: int
    waiting: int
    resting: int
    done: int
    refused: int
    full: int
    failed: int


@dataclass(frozen=True)
class FriendsHandedOver:
    """`why` it failed, in words; empty otherwise."""

    giver: str
    giver_name: str
    taker: str
    taker_name: str
    left: bool
    words: str
    by: str
    state: State
    began_at: datetime
    friends: FriendsGiven
    why: str


@dataclass(frozen=True)
class HandOvers:
    """The newest first, of the last 90 days; `possible`: something is connected that can do it."""

    possible: bool
    handovers: list[FriendsHandedOver]


@dataclass(frozen=True)
class Two:
    """Whose friends, and to whom; `left`: the giver does not work here any more."""

    giver: Words
    taker: Words
    left: bool = False


@dataclass(frozen=True)
class NewHandOver:
    """`words`: what customers are told when it is done, not of those whom somebody left behind."""

    giver: Words
    taker: Words
    left: bool = False
    words: Words = ""
    reason: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class StopHandOver:
    giver: Words
    taker: Words
    by: Words = ""


@dataclass(frozen=True)
class Begun:
    """What was begun. Open tasks went to others at once: `moved`; nobody could take `kept`."""

    handover: FriendsHandedOver
    moved: int
    kept: int
    stays: StaysWith


@dataclass(frozen=True)
class StaysWith:
    """What does not go with the friends, for somebody to see to: group chats that the giver owns,
    by title; mass messages that wait for the giver's press (they end as not pressed); what the
    calendars of groups have the giver say in the next four weeks."""

    groups: list[str]
    presses: int
    posts: int


@dataclass(frozen=True)
class HandOverStopped:
    """`stopped`: it ran until now."""

    stopped: bool


@router.get("", **needs("staff.handover"))
def handovers(app: TheApp, locale: TheLanguage) -> HandOvers:
    """Hand-overs of friends and how far each is."""
    found = app.connections.hand_overs()
    return HandOvers(found is not None, shown(app, found or [], locale))


@router.post("/plan", **needs("staff.handover", once=False))
def plan(app: TheApp, new: Annotated[Two, Body()]) -> FriendsGiven:
    """Ask the carrier how many friends could be given; nothing is changed."""
    return _counts(app.connections.plan_hand_over(Giving(new.giver, new.taker, new.left)))


@router.post("", **needs("staff.handover", once=False))
def begin(
    app: TheApp, caller: TheCaller, new: Annotated[NewHandOver, Body()], locale: TheLanguage
) -> Begun:
    """Give the friends, a hundred at a time, and what the giver has open at once. One that was
    stopped goes on; nobody is given twice. Audited."""
    giving = Giving(new.giver, new.taker, new.left, new.words, caller.actor(new.by))
    app.connections.plan_hand_over(giving)  # what can't be is refused before anything is changed
    handed = noted(app, giving, new.reason)
    begun = app.connections.begin_hand_over(giving)
    app.wake()
    return Begun(shown(app, [begun], locale)[0], *handed, stays_with(app, giving.giver))


@router.post("/stop", **needs("staff.handover", once=False))
def stop(app: TheApp, caller: TheCaller, which: Annotated[StopHandOver, Body()]) -> HandOverStopped:
    """End it behind the hundred under way; begun again, it goes on there. Audited."""
    giving = Giving(which.giver, which.taker, by=caller.actor(which.by))
    return HandOverStopped(stopped(app, giving))


def stopped(app: App, giving: Giving) -> bool:
    """Ended, and written into the audit log; False: it did not run."""
    found = app.connections.stop_hand_over(giving)
    if found:
        words = f"to {giving.taker}"
        with app.db.transaction() as conn:
            audit(conn, giving.by, "staff.friends.stop", giving.giver, words, app.clock.now())
    return found


def stays_with(app: App, code: str) -> StaysWith:
    """What somebody still has that no hand-over of friends moves."""
    owned = [one.title or one.chat for one in app.connections.groups() if one.owner == code]
    waiting = sum(one.staff == code for one in app.connections.unsent() or [])
    return StaysWith(owned, waiting, sum(one.owner == code for one in said(app, AHEAD)))


def noted(app: App, giving: Giving, reason: str) -> Handed:
    """Written into the audit log; what the giver has open goes to others."""
    now, real = app.clock.now(), app.clock.real()
    words = f"to {giving.taker} {reason}".strip()
    with app.db.transaction() as conn:
        audit(conn, giving.by, "staff.friends", giving.giver, words, now)
        return team.hand_over(conn, giving.giver, giving.by, reason, now, real)


def shown(app: App, found: list[HandOver], locale: Language) -> list[FriendsHandedOver]:
    """With everybody's name."""
    with app.db.transaction() as conn:
        names = {one.code: one.name for one in staff.members(conn, active_only=False)}
    return [
        FriendsHandedOver(
            one.giving.giver,
            names.get(one.giving.giver, one.giving.giver),
            one.giving.taker,
            names.get(one.giving.taker, one.giving.taker),
            one.giving.left,
            one.giving.words,
            one.giving.by,
            one.state,
            one.began_at,
            _counts(one.how_far),
            within(locale, one.why) if one.why else "",
        )
        for one in found
    ]


def _counts(given: Given) -> FriendsGiven:
    return FriendsGiven(**given._asdict())
