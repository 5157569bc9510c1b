"""The team's work: how each guide stands, what waits for somebody, who does it instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.paging import After, Limit, Since, Until, following, start
from siyu.api.tasks import task_of
from siyu.api.words import Words
from siyu.commerce import views as commerce
from siyu.commerce.views import EVERYBODYS
from siyu.kernel.sql import Conn
from siyu.outbox import views as outbox
from siyu.staff import views as staff
from siyu.staff.model import Scope
from siyu.tasks import views
from siyu.tasks.actions import team
from siyu.tasks.actions.team import Wish
from siyu.tasks.model import KINDS, PREFIX, WAITS, Refusal
from siyu.tasks.views import Desk

router = APIRouter(prefix="/tasks", tags=["tasks"])


@dataclass(frozen=True)
class Colleague:
    """A guide and their day. `capacity` by kind of work (`*`: all kinds), `today` what is used of
    it, `left` how many more may come (null: no limit); `escalated` were told upwards, `held` are
    on a screen now."""

    code: str
    name: str
    store: str
    store_name: str
    at_work: bool
    open: int
    overdue: int
    escalated: int
    held: int
    done: int
    today: dict[str, int]
    capacity: dict[str, int]
    left: int | None


@dataclass(frozen=True)
class Team:
    team: list[Colleague]
    next: str


@dataclass(frozen=True)
class Waiting:
    """Work that nobody has got yet, by kind and reason; `next_at`: when it is tried again.

    `count` is bounded: 1,000 stands for so many or more.
    """

    kind: str
    reason: str
    words: dict[str, str]
    count: int
    next_at: datetime


@dataclass(frozen=True)
class AllWaiting:
    waiting: list[Waiting]


@dataclass(frozen=True)
class Reassign:
    """To whom; empty: to whom it falls by their hours, capacities and work."""

    to: Words = ""
    reason: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Reassigned:
    id: str
    staff: str


@dataclass(frozen=True)
class Selection:
    """Which tasks, and to whom; empty: each to whom it falls."""

    tasks: Annotated[list[Words], Field(min_length=1, max_length=200)]
    to: Words = ""
    reason: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Moved:
    """Whose a task is now; `refused` says why it is not another's."""

    id: str
    staff: str
    refused: Refusal | None


@dataclass(frozen=True)
class AllMoved:
    """`moved` counts those that went to somebody else."""

    moved: int
    tasks: list[Moved]


@router.get("/team", **needs("tasks.read", scoped=True))
def colleagues(
    app: TheApp, caller: TheCaller, store: Words = "", after: After = "", limit: Limit = 200
) -> Team:
    """Every active guide whom the caller may see, and how they stand today."""
    last = start(app, after)
    with app.db.transaction() as conn:
        rows = staff.guides(conn, last, limit, scope=caller.scope, store=store)
        now, real = app.clock.now(), app.clock.real()
        desks = views.desks(conn, now, real, [row.code for row in rows])
    return Team(
        [_colleague(row, desks[row.code]) for row in rows],
        following(app, rows[-1].id if rows else last),
    )


def _colleague(row: staff.Guide, desk: Desk) -> Colleague:
    return Colleague(
        row.code,
        row.name,
        row.store,
        row.store_name,
        desk.at_work,
        desk.open,
        desk.overdue,
        desk.escalated,
        desk.held,
        desk.done,
        desk.today,
        dict(desk.most),
        desk.left,
    )


@router.get("/capacity", **needs("tasks.read", scoped=True))
def capacity(app: TheApp, caller: TheCaller) -> views.Capacity:
    """What all active guides whom the caller may see can take today, and how far they are."""
    with app.db.transaction() as conn:
        now, real = app.clock.now(), app.clock.real()
        return views.capacity(views.desks(conn, now, real, caller.scope.codes).values())


@router.get("/waiting", **needs("tasks.read"))
def waiting(app: TheApp) -> AllWaiting:
    """Work that waits for somebody to be at work and have room."""
    with app.db.transaction() as conn:
        rows = outbox.queued(conn, list(KINDS), list(WAITS))
    return AllWaiting(
        [Waiting(KINDS[one.channel], one.reason, dict(WAITS[one.reason]), *one[2:]) for one in rows]
    )


@dataclass(frozen=True)
class PaidToStaff:
    """What customers paid somebody of us in chats on a day, and what was given back of it.
    `of_orders_minor`: what of both together paid orders that stand, whose figures have it already.
    """

    staff: str
    name: str
    day: date
    currency: str
    payments: int
    paid_minor: int
    refunded_minor: int
    of_orders_minor: int


@dataclass(frozen=True)
class Payments:
    payments: list[PaidToStaff]


@router.get("/payments", **needs("tasks.read", scoped=True))
def payments(app: TheApp, caller: TheCaller, since: Since = None, until: Until = None) -> Payments:
    """By member, the latest day first; of 30 days where nothing is said."""
    with app.db.transaction() as conn:
        return Payments(paid(conn, since, until, app.clock.now(), caller.scope))


def paid(
    conn: Conn,
    since: datetime | None,
    until: datetime | None,
    now: datetime,
    scope: Scope = EVERYBODYS,
) -> list[PaidToStaff]:
    """From `since` (30 days before) on and before `until` (now)."""
    end = until or now
    start_at = since or end - timedelta(days=30)
    names = {one.code: one.name for one in staff.members(conn, active_only=False)}
    rows = commerce.payments(conn, start_at, end, staff.brand_zone(conn), scope)
    return [PaidToStaff(one.staff, names.get(one.staff, one.staff), *one[1:]) for one in rows]


@router.post("/reassign", **needs("tasks.manage", scoped=True))
def reassign_all(app: TheApp, caller: TheCaller, how: Annotated[Selection, Body()]) -> AllMoved:
    """Give these to somebody else, each by itself: over a capacity, on leave, on another's screen
    it stays where it is, and the answer says why. Audited."""
    asked = {one: app.ids.decode(PREFIX, one) for one in dict.fromkeys(how.tasks)}
    known = [task for task in asked.values() if task is not None]
    with app.db.transaction() as conn:
        now, real = app.clock.now(), app.clock.real()
        wish = Wish(how.to, caller.actor(how.by), how.reason, caller.scope)
        given = {one.task_id: one for one in team.reassign_all(conn, known, wish, now, real)}
    answers: list[Moved] = []
    for one, task in asked.items():
        got = given.get(task or 0)
        refused = got.refused if got else "no_such_task"
        answers.append(Moved(one, got.staff if got else "", refused))
    return AllMoved(sum(one.moved for one in given.values()), answers)


@router.post("/{task}/reassign", **needs("tasks.manage", scoped=True))
def reassign(
    app: TheApp, caller: TheCaller, task: str, how: Annotated[Reassign, Body()]
) -> Reassigned:
    """Give it to somebody else; refused over their capacity and on leave. Audited."""
    with app.db.transaction() as conn:
        row, now, real = task_of(app, conn, caller, task), app.clock.now(), app.clock.real()
        wish = Wish(how.to, caller.actor(how.by), how.reason, caller.scope)
        to = team.reassign(conn, row.id, wish, now, real)
    return Reassigned(task, to)
