"""The call desk: the next task with all that is needed to do it, and how the day goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body

from siyu.analytics.views import desk
from siyu.api.auth import Caller, TheApp, TheCaller, needs
from siyu.api.tasks import Task, shown, task_of
from siyu.api.words import Words
from siyu.app import App
from siyu.kernel.errors import BadInput, NotFound, Problem
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.outbox.views import Touch
from siyu.staff.views import brand
from siyu.tasks import actions, views
from siyu.tasks.model import HOLD
from siyu.tasks.model import Task as Row

router = APIRouter(prefix="/tasks", tags=["tasks"])


@dataclass(frozen=True)
class BoughtLine:
    title: str
    sku: str
    quantity: int
    amount_minor: int


@dataclass(frozen=True)
class BoughtOrder:
    """The order that the task is about."""

    shop: str
    shop_name: str
    order_no: str
    paid_at: datetime
    state: str
    total_minor: int
    refunded_minor: int
    currency: str
    items: list[BoughtLine]


@dataclass(frozen=True)
class PromisedOffer:
    """What we promise: `title` by language, `value_minor` what it is worth to the customer.

    It travels in `parcel_no`, for whoever is a friend by `cutoff_at`; without a parcel it is still
    to be planned.
    """

    offer: str
    title: dict[str, str]
    value_minor: int
    currency: str
    state: str
    expires_at: datetime
    parcel_no: str
    cutoff_at: datetime | None
    packed_at: datetime | None


@dataclass(frozen=True)
class EarlierTouch:
    """What was tried before in the same visit, sent or not. `reason` says why not."""

    step: str
    channel: str
    state: str
    at: datetime
    outcome: str
    intent: str
    reason: str


@dataclass(frozen=True)
class OtherTask:
    """Another open task about the same customer."""

    id: str
    kind: str
    staff: str
    due_at: datetime


@dataclass(frozen=True)
class TaskNote:
    text: str
    by: str
    at: datetime


@dataclass(frozen=True)
class AboutTask:
    """A task and everything around it. `orders` counts all that the customer ever made; `claim`
    (mat_…) is there once `already_added` was reported and until somebody has matched the friend."""

    task: Task
    order: BoughtOrder | None
    orders: int
    friend: bool
    promise: PromisedOffer | None
    touches: list[EarlierTouch]
    others: list[OtherTask]
    notes: list[TaskNote]
    claim: str


@dataclass(frozen=True)
class DayOf:
    """Somebody's day. `told` counts reports, calls that nobody answered too; `per_hour` is of the
    minutes worked, without breaks; `rest`: an hour has passed without one. `left`: how many more
    tasks may come today (null: no limit)."""

    staff: str
    at_work: bool
    open: int
    overdue: int
    done: int
    told: int
    left: int | None
    worked_minutes: int
    streak_minutes: int
    per_hour: float | None
    rest: bool


@dataclass(frozen=True)
class Take:
    """Whose list (empty: one's own), and of which kind."""

    staff: Words = ""
    kind: Words | None = None
    by: Words = ""


@dataclass(frozen=True)
class Next:
    """The task that is held for you now, for so many seconds; none: nothing to do."""

    task: Task | None
    hold_seconds: int
    about: AboutTask | None
    day: DayOf


def _list_of(caller: Caller, staff: str) -> str:
    """Whose list is asked for, if the caller may see it."""
    code = staff or caller.code
    if not code:
        raise BadInput(
            Sentence("Say whose list.", "请写明是谁的名单。"),
            (
                Problem(
                    "staff",
                    Sentence(Sentence("write the account", "请写账号"), "请写明是谁的名单。"),
                ),
            ),
        )
    if not caller.scope.sees(code):
        raise NotFound(Sentence(f"There is nobody {code!r} here.", f"这里没有 {code!r} 这个人。"))
    return code


def _bought(task: Row, found: desk.About) -> BoughtOrder | None:
    if found.order is None:
        return None
    return BoughtOrder(
        shop=task.shop,
        shop_name=found.shop_name,
        order_no=task.order_no,
        paid_at=found.order.paid_at,
        state=found.order.state,
        total_minor=found.order.total_minor,
        refunded_minor=found.order.refunded_minor,
        currency=found.order.currency,
        items=[
            BoughtLine(one.title, one.sku, one.quantity, one.amount_minor) for one in found.items
        ],
    )


def _promised(found: desk.Promised | None, currency: str) -> PromisedOffer | None:
    if found is None:
        return None
    parcel = found.parcel
    return PromisedOffer(
        offer=found.offer,
        title=dict(found.title),
        value_minor=found.value_minor,
        currency=currency,
        state=found.state,
        expires_at=found.expires_at,
        parcel_no=parcel.parcel_no if parcel else "",
        cutoff_at=parcel.cutoff_at if parcel else None,
        packed_at=parcel.packed_at if parcel else None,
    )


def _earlier(one: Touch) -> EarlierTouch:
    return EarlierTouch(
        step=one.step,
        channel=one.channel,
        state=one.state,
        at=one.sent_at or one.wished_at,
        outcome=one.outcome,
        intent=one.intent,
        reason=one.reason,
    )


def _about(app: App, conn: Conn, row: Row) -> AboutTask:
    found = desk.about(conn, app.keys, row)
    encode = app.ids.encode
    return AboutTask(
        task=shown(app, conn, [row])[0],
        order=_bought(row, found),
        orders=found.orders,
        friend=found.friend,
        promise=_promised(found.promise, brand(conn).currency),
        touches=[_earlier(one) for one in found.touches],
        others=[
            OtherTask(encode("tsk", one.id), one.kind, one.staff, one.due_at)
            for one in found.others
        ],
        notes=[TaskNote(one.text, one.by, one.at) for one in found.notes],
        claim=encode("mat", found.claim) if found.claim is not None else "",
    )


def _day(app: App, conn: Conn, staff: str) -> DayOf:
    found = views.today(conn, staff, app.clock.now(), app.clock.real())
    pace = found.pace
    return DayOf(
        staff=staff,
        at_work=found.desk.at_work,
        open=found.desk.open,
        overdue=found.desk.overdue,
        done=found.desk.done,
        told=found.told,
        left=found.desk.left,
        worked_minutes=round(pace.worked.total_seconds() / 60),
        streak_minutes=round(pace.streak.total_seconds() / 60),
        per_hour=round(pace.per_hour, 1) if pace.per_hour is not None else None,
        rest=pace.rest,
    )


@router.post("/next", **needs("tasks.work", scoped=True))
def take(app: TheApp, caller: TheCaller, which: Annotated[Take, Body()]) -> Next:
    """Take the most urgent task of a list, with all that is known of it; it is held for a quarter
    of an hour. Asked again, from another tab too, the same one.

    `by` tells apart people who share a list: two of them never get the same task.
    """
    staff = _list_of(caller, which.staff)
    with app.db.transaction() as conn:
        now, real = app.clock.now(), app.clock.real()
        row = actions.take_next(conn, staff, caller.code or which.by, now, real, which.kind)
        about = _about(app, conn, row) if row else None
        seconds = int(HOLD.total_seconds()) if about else 0
        return Next(about.task if about else None, seconds, about, _day(app, conn, staff))


@router.get("/day", **needs("tasks.read", scoped=True))
def day(app: TheApp, caller: TheCaller, staff: Words = "") -> DayOf:
    """How somebody's day goes; without `staff` one's own."""
    code = _list_of(caller, staff)
    with app.db.transaction() as conn:
        return _day(app, conn, code)


@router.get("/{task}/about", **needs("tasks.read", scoped=True))
def about(app: TheApp, caller: TheCaller, task: str) -> AboutTask:
    """A task with what the customer bought, what we promise, what was tried before."""
    with app.db.transaction() as conn:
        return _about(app, conn, task_of(app, conn, caller, task))
