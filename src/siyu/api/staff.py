"""Who works here, when and how much; leaves and hand-overs. Every change is audited."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.words import Moment, Words
from siyu.app import App
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence, wording
from siyu.outbox.actions import trial
from siyu.outbox.views import staff_masked
from siyu.staff import actions, views
from siyu.staff.model import WEEKDAYS, Member, Off, Role, Store
from siyu.tasks.actions import team as tasks
from siyu.tasks.views import Desk, desks

router = APIRouter(tags=["staff"])


@dataclass(frozen=True)
class Day:
    day: date
    hours: str
    note: str


@dataclass(frozen=True)
class Leave:
    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True)
class Set:
    """What is set: week by weekday, days unlike it, capacity by kind of work, leaves."""

    week: dict[str, str]
    days: list[Day]
    capacity: dict[str, int]
    leaves: list[Leave]


@dataclass(frozen=True)
class Person:
    """Somebody, what is set for them, and how they stand today.

    `at_work` is null for those who get no tasks. `reached`: the phone and account for test sends,
    masked.
    """

    code: str
    name: str
    role: str
    store: str | None
    region: str
    active: bool
    set: Set
    at_work: bool | None
    open: int
    overdue: int
    today: dict[str, int]
    reached: dict[str, str]


@dataclass(frozen=True)
class AtStore:
    code: str
    name: str
    region: str


@dataclass(frozen=True)
class Staff:
    """`everybody` holds for whoever has nothing of their own."""

    staff: list[Person]
    stores: list[AtStore]
    everybody: Set


@dataclass(frozen=True)
class NewMember:
    name: Words
    role: Role
    store: Words | None = None
    active: bool = True
    by: Words = ""


@dataclass(frozen=True)
class NewStore:
    name: Words
    region: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class NewWeek:
    """Hours by weekday: `{"mon": "09:00-12:00,13:00-18:00"}`; null: at all hours."""

    week: dict[str, Words] | None = field(default=None)
    by: Words = ""


@dataclass(frozen=True)
class NewDay:
    """Other hours on that day; empty: free; null: as usual again."""

    hours: Words | None = None
    note: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class NewCapacity:
    """At most so much in a day; null: no limit."""

    per_day: int | None = None
    by: Words = ""


@dataclass(frozen=True)
class NewAddress:
    """A phone, or an account on the carrier; empty: none any more."""

    value: Words
    by: Words = ""


@dataclass(frozen=True)
class NewLeave:
    """From `since` (now, if it is left out) to `until` (null: not known yet)."""

    since: Moment | None = None
    until: Moment | None = None
    reason: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Why:
    reason: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Changed:
    """Whose settings have changed."""

    code: str


@dataclass(frozen=True)
class Handed:
    """`kept` tasks stay: nobody can take them now, or they are on the screen."""

    code: str
    moved: int
    kept: int


@router.get("/staff", **needs("staff.read", scoped=True))
def staff(app: TheApp, caller: TheCaller) -> Staff:
    """Everybody with their hours, capacity, leaves, and today's load; else who is at one's own
    stores."""
    codes = caller.scope.staff
    return listed(app, None if codes is None else {caller.code, *codes})


def listed(app: App, codes: set[str] | None = None) -> Staff:
    """The whole house; or these people and whoever is at their stores, without addresses."""
    with app.db.transaction() as conn:
        now = app.clock.now()
        stores = {one.code: one for one in views.stores(conn)}
        members = views.members(conn, active_only=False)
        if codes is not None:
            near = {one.store for one in members if one.code in codes and one.store}
            stores = {code: one for code, one in stores.items() if code in near}
            members = [one for one in members if one.code in codes or one.store in near]
        names = [one.code for one in members]
        rules = views.rules(conn, now)
        at = desks(conn, now, codes=names if codes is not None else None)
        reached = staff_masked(conn, app.keys, names) if codes is None else {}
    return Staff(
        [
            _person(
                one,
                stores.get(one.store or ""),
                rules.get(one.code),
                at.get(one.code),
                reached.get(one.code, {}),
            )
            for one in members
        ],
        [AtStore(one.code, one.name, one.region) for one in stores.values()],
        _as_set(rules.get("*")),
    )


def _person(
    member: Member,
    store: Store | None,
    rules: views.Rules | None,
    desk: Desk | None,
    reached: dict[str, str],
) -> Person:
    return Person(
        member.code,
        member.name,
        member.role,
        member.store,
        store.region if store else "",
        member.active,
        _as_set(rules),
        desk.at_work if desk else None,
        desk.open if desk else 0,
        desk.overdue if desk else 0,
        dict(desk.today) if desk else {},
        reached,
    )


def _as_set(rules: views.Rules | None) -> Set:
    if rules is None:
        return Set({}, [], {}, [])
    return Set(
        rules.week,
        [Day(*one) for one in rules.days],
        rules.capacity,
        [Leave(*one) for one in rules.leaves],
    )


@router.put("/stores/{store}", **needs("staff.manage"))
def set_store(
    app: TheApp, caller: TheCaller, store: Words, new: Annotated[NewStore, Body()]
) -> Changed:
    """Add a store, or change its name and region."""
    with app.db.transaction() as conn:
        actions.set_store(
            conn, Store(store, new.name, new.region), caller.actor(new.by), app.clock.now()
        )
    return Changed(store)


@router.put("/staff/{who}", **needs("staff.manage"))
def set_member(
    app: TheApp, caller: TheCaller, who: Words, new: Annotated[NewMember, Body()]
) -> Changed:
    """Add somebody, or change name, role, store; not active: no work any more."""
    try:
        member = Member(who, new.name, new.role, new.store, new.active)
    except ValueError as error:
        raise BadInput(wording(error)) from None
    by = caller.actor(new.by)
    with app.db.transaction() as conn:
        caller.may_manage(who, new.role, *views.roles(conn, who))
        actions.set_member(conn, member, by, app.clock.now())
    return Changed(who)


@router.put("/staff/{who}/addresses/{address}", **needs("staff.manage"))
def set_address(
    app: TheApp,
    caller: TheCaller,
    who: Words,
    address: Literal["phone", "external_userid"],
    new: Annotated[NewAddress, Body()],
) -> Changed:
    """Where somebody gets test sends. Sealed; shown masked, used for nothing else."""
    with app.db.transaction() as conn:
        trial.set_address(
            conn, app.keys, who, address, new.value, caller.actor(new.by), app.clock.now()
        )
    return Changed(who)


@router.put("/staff/{who}/hours", **needs("staff.manage"))
def set_hours(
    app: TheApp, caller: TheCaller, who: Words, new: Annotated[NewWeek, Body()]
) -> Changed:
    """The usual week; `*` as the code is everybody who has no week of their own."""
    week: dict[int, str] | None = None
    if new.week is not None:
        strays = sorted(set(new.week) - set(WEEKDAYS))
        if strays:
            raise BadInput(
                Sentence(
                    f"A day of the week is one of {', '.join(WEEKDAYS)}.",
                    f"星期几只能是其中之一：{', '.join(WEEKDAYS)}。",
                )
            )
        week = {WEEKDAYS.index(day) + 1: hours for day, hours in new.week.items()}
    with app.db.transaction() as conn:
        actions.set_week(conn, who, week, caller.actor(new.by), app.clock.now())
    return Changed(who)


@router.put("/staff/{who}/days/{day}", **needs("staff.manage"))
def set_day(
    app: TheApp, caller: TheCaller, who: Words, day: date, new: Annotated[NewDay, Body()]
) -> Changed:
    """A day unlike its weekday: a holiday (`*`: of everybody), an extra shift."""
    with app.db.transaction() as conn:
        actions.set_day(conn, who, day, new.hours, new.note, caller.actor(new.by), app.clock.now())
    return Changed(who)


@router.put("/staff/{who}/capacity/{work}", **needs("staff.manage"))
def set_capacity(
    app: TheApp, caller: TheCaller, who: Words, work: Words, new: Annotated[NewCapacity, Body()]
) -> Changed:
    """At most so much work of a kind (`*`: of all kinds) in a day."""
    with app.db.transaction() as conn:
        actions.set_capacity(conn, who, work, new.per_day, caller.actor(new.by), app.clock.now())
    return Changed(who)


@router.post("/staff/{who}/off", **needs("staff.manage"))
def off(app: TheApp, caller: TheCaller, who: Words, new: Annotated[NewLeave, Body()]) -> Handed:
    """On leave: no new work; open tasks go to others as it begins."""
    now, real = app.clock.now(), app.clock.real()
    leave = Off(new.since or now, new.until)
    with app.db.transaction() as conn:
        handed = tasks.go_off(conn, who, leave, new.reason, caller.actor(new.by), now, real)
    app.wake()
    return Handed(who, handed.moved, handed.kept)


@router.post("/staff/{who}/back", **needs("staff.manage"))
def back(app: TheApp, caller: TheCaller, who: Words, why: Annotated[Why, Body()]) -> Changed:
    """At work again: leaves under way end, those to come are taken away."""
    with app.db.transaction() as conn:
        actions.come_back(conn, who, caller.actor(why.by), app.clock.now())
    app.wake()
    return Changed(who)


@router.post("/staff/{who}/hand-over", **needs("tasks.manage"))
def hand_over(app: TheApp, caller: TheCaller, who: Words, why: Annotated[Why, Body()]) -> Handed:
    """Everything that somebody has open, to others."""
    with app.db.transaction() as conn:
        now, real = app.clock.now(), app.clock.real()
        handed = tasks.hand_over(conn, who, caller.actor(why.by), why.reason, now, real)
    return Handed(who, handed.moved, handed.kept)
