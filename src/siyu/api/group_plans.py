"""Groups by purpose: plans as text, how full each is, who is in the wrong ones, the calendar."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query

from siyu.analytics.views.masked import names as masked
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.journeys import Verdict, places
from siyu.api.language import TheLanguage
from siyu.api.paging import After, Limit, following, start
from siyu.api.words import Words
from siyu.app import App
from siyu.groups import actions, views
from siyu.groups.model import Room, Through
from siyu.kernel.errors import BadInput
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone
from siyu.worker.groups import chats, fill

router = APIRouter(prefix="/groups", tags=["groups"])
OddKind = Literal["twice", "apart"]
Text = Annotated[str, Body(max_length=100_000)]
Before = Annotated[str | None, Body(max_length=100_000)]


@dataclass(frozen=True)
class PlannedChat:
    """A group chat of a plan; `people` are customers and us. `led_into`: the code leads here."""

    chat: str
    title: str
    people: int
    room: Room
    led_into: bool


@dataclass(frozen=True)
class PlanEntry:
    """On these weekdays (Monday is 1) at this hour `owner` says it; `at` like 20:00."""

    days: list[int]
    at: str
    material: str
    through: Through
    owner: str


@dataclass(frozen=True)
class GroupPlan:
    """Groups of one purpose. `fills_up_to`: with so many in it, the next group is filled. `alarm`:
    no group of these has room, or none is called so. `members`: customers, each once. `named`: its
    group chats as the text names them. Paused: nothing is said, its code is led nowhere else."""

    code: str
    title: dict[str, str]
    admission: str
    apart_from: list[str]
    way: str
    capacity: int
    fills_up_to: int
    members: int
    alarm: bool
    chats: list[PlannedChat]
    named: list[str]
    roll_over: float
    calendar: list[PlanEntry]
    text: str
    set_by: str
    set_at: datetime
    paused_at: datetime | None
    paused_by: str


@dataclass(frozen=True)
class GroupPlans:
    plans: list[GroupPlan]


@dataclass(frozen=True)
class NewPlans:
    """Plans as YAML, several apart by a line `---`. `before`: their text as its writer has seen it,
    empty where there was none; refused with `overtaken` where another one is kept by now. Left out:
    not looked at."""

    text: Text
    by: Words = ""
    before: Before = None


@dataclass(frozen=True)
class WhichPlan:
    code: Words
    by: Words = ""


@dataclass(frozen=True)
class LedWay:
    """The code of this state leads into these groups from now on."""

    purpose: str
    way: str
    into: list[str]


@dataclass(frozen=True)
class LedWays:
    led: list[LedWay]


@dataclass(frozen=True)
class GroupDay:
    purpose: str
    day: date
    joined: int
    left: int


@dataclass(frozen=True)
class GroupDays:
    days: list[GroupDay]


@dataclass(frozen=True)
class OddMember:
    """A customer in several groups of one `purpose`, or also of an `other` one that is kept apart
    from it."""

    customer: str
    name_masked: str
    purpose: str
    other: str
    chats: list[str]


@dataclass(frozen=True)
class OddMembers:
    rows: list[OddMember]
    next: str


@dataclass(frozen=True)
class GroupPost:
    """What is to be said in the groups of a purpose when its time comes: by each group's owner, who
    presses; by `owner` where that is nobody of ours."""

    purpose: str
    at: datetime
    through: Through
    material: str
    owner: str


@dataclass(frozen=True)
class GroupCalendar:
    posts: list[GroupPost]


@router.get("/plans", **needs("groups.read"))
def plans(app: TheApp) -> GroupPlans:
    """What groups are for, who is in them, how full each is and which one is filled."""
    return GroupPlans(listed(app))


def listed(app: App) -> list[GroupPlan]:
    """The same."""
    known = chats(app)
    with app.db.transaction() as conn:
        kept, figures = views.plans(conn), views.figures(conn)
        full = {one.plan.code: one for one in views.fillings(conn, known)}
    return [
        GroupPlan(
            one.plan.code,
            dict(one.plan.title),
            one.plan.admission,
            list(one.plan.apart_from),
            one.plan.way,
            one.plan.capacity,
            one.plan.fills_up_to,
            figures.get(one.plan.code, views.Figures()).members,
            full[one.plan.code].alarm,
            [
                PlannedChat(*stand.chat[:3], stand.room, stand.led_into)
                for stand in full[one.plan.code].chats
            ],
            list(one.plan.chats),
            one.plan.roll_over,
            [
                PlanEntry(list(it.days), f"{it.at:%H:%M}", it.material, it.through, it.owner)
                for it in one.plan.calendar
            ],
            one.text,
            one.set_by,
            one.set_at,
            one.paused_at,
            one.paused_by,
        )
        for one in kept
    ]


@router.put("/plans", **needs("ways.write", once=False))
def set_plans(app: TheApp, caller: TheCaller, new: Annotated[NewPlans, Body()]) -> GroupPlans:
    """Keep every plan of a text, all or none; what is wrong is said by line. Audited."""
    known, by = chats(app), caller.actor(new.by)
    with app.db.transaction() as conn:
        actions.seen(conn, new.text, new.before)
        actions.set_plans(conn, new.text, known, by, app.clock.now())
    app.wake()
    return plans(app)


@router.post("/plans/check", **needs("groups.read", once=False))
def check(app: TheApp, text: Annotated[NewPlans, Body()], locale: TheLanguage) -> Verdict:
    """What is wrong with a text of plans, line by line; nothing is stored."""
    try:
        with app.db.transaction() as conn:
            actions.checked(conn, text.text)
    except BadInput as error:
        return Verdict(places(error.problems, locale))
    return Verdict([])


@router.post("/plans/drop", **needs("ways.write", once=False))
def drop(app: TheApp, caller: TheCaller, which: Annotated[WhichPlan, Body()]) -> GroupPlans:
    """Give a plan up; its groups stay as they are and are for nothing any more. Audited."""
    known, by = chats(app), caller.actor(which.by)
    with app.db.transaction() as conn:
        actions.drop(conn, which.code, known, by, app.clock.now())
    return plans(app)


@router.post("/plans/pause", **needs("ways.write", once=False))
def pause(app: TheApp, caller: TheCaller, which: Annotated[WhichPlan, Body()]) -> GroupPlans:
    """Say nothing in its groups and lead its code nowhere else, until it is resumed; who is in them
    and who is kept apart stays. Audited."""
    with app.db.transaction() as conn:
        actions.pause(conn, which.code, caller.actor(which.by), app.clock.now())
    return plans(app)


@router.post("/plans/resume", **needs("ways.write", once=False))
def resume(app: TheApp, caller: TheCaller, which: Annotated[WhichPlan, Body()]) -> GroupPlans:
    """Let a paused plan go on; what its calendar said meanwhile is not said afterwards. Audited."""
    with app.db.transaction() as conn:
        actions.resume(conn, which.code, caller.actor(which.by), app.clock.now())
    app.wake()
    return plans(app)


@router.post("/plans/fill", **needs("ways.write", once=False))
def lead(app: TheApp, caller: TheCaller, which: Annotated[WhichPlan, Body()]) -> LedWays:
    """Have a plan's code lead into groups that have room; that happens by itself every ten
    minutes. Empty: the codes of all plans. Audited."""
    found = fill(app, [which.code] if which.code else None, caller.actor(which.by))
    return LedWays([LedWay(one.purpose, one.way, list(one.into)) for one in found])


@router.get("/days", **needs("groups.read"))
def days(
    app: TheApp,
    back: Annotated[int, Query(ge=1, le=366, description="So many days back.")] = 30,
) -> GroupDays:
    """Customers who came into groups of each purpose and who went, day by day."""
    since = app.clock.now() - timedelta(days=back)
    with app.db.transaction() as conn:
        found = views.days(conn, since, zone(app.brand.time_zone))
    return GroupDays([GroupDay(*one) for one in found])


@router.get("/odd", **needs("groups.read"))
def odd(
    app: TheApp,
    kind: Annotated[
        OddKind, Query(description="In several groups of one purpose, or in some kept apart.")
    ] = "twice",
    after: After = "",
    limit: Limit = 100,
) -> OddMembers:
    """Customers who are in groups in which they should not be together, by id."""
    last = start(app, after)
    with app.db.transaction() as conn:
        rows = strays(conn, kind, last, limit)
        known = masked(conn, app.keys, [one.customer_id for one in rows])
    return OddMembers(
        [
            OddMember(
                app.ids.encode("cus", one.customer_id),
                known.get(one.customer_id, ""),
                one.purpose,
                one.other,
                one.chats,
            )
            for one in rows
        ],
        following(app, rows[-1].customer_id if rows else last),
    )


def strays(conn: Conn, kind: OddKind, after: int, limit: int) -> list[views.Odd]:
    """The same, as the room has them."""
    return (views.twice if kind == "twice" else views.mixed)(conn, after, limit)


@router.get("/calendar", **needs("groups.read"))
def calendar(
    app: TheApp,
    ahead: Annotated[int, Query(ge=1, le=62, description="So many days ahead.")] = 7,
) -> GroupCalendar:
    """What is to be said in groups, by whom and when, from now on."""
    return GroupCalendar(said(app, ahead))


def said(app: App, ahead: int) -> list[GroupPost]:
    """The same."""
    now = app.clock.now()
    with app.db.transaction() as conn:
        found = views.posts(conn, now, now + timedelta(days=ahead), zone(app.brand.time_zone))
    return [
        GroupPost(one.purpose, one.at, one.entry.through, one.entry.material, one.entry.owner)
        for one in found
    ]


def as_json(found: list[GroupPlan]) -> dict[str, object]:
    """For a command."""
    return {"plans": [asdict(one) for one in found]}
