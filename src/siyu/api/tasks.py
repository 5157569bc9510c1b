"""Work for people: what is next, whom it is about (revealed, audited), how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query

from siyu.analytics.actions import Revealed
from siyu.analytics.actions import reveal as show
from siyu.api.auth import Caller, TheApp, TheCaller, needs
from siyu.api.paging import After, Limit, following, start
from siyu.api.words import Moment, Reason, Words
from siyu.app import App
from siyu.customers.views import names
from siyu.identities import views as identities
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.outbox import views as touches
from siyu.staff.views import members
from siyu.tasks import actions, views
from siyu.tasks.decide.quiet import why_of, words
from siyu.tasks.model import PREFIX, STATES, Followed, Outcome, State, read_rules, spell
from siyu.tasks.model import Task as Row
from siyu.vault import views as vault
from siyu.vault.model import mask_name, mask_phone

router = APIRouter(prefix="/tasks", tags=["tasks"])


@dataclass(frozen=True)
class Task:
    """A task. `script` holds `{name}` where the name belongs; `reveal` shows it.

    `intent` is what the last call of the same visit heard: A (strong) to F; empty: none did.
    `planned_for`: the quiet hour that work which may wait was given, and why that one, by language.
    """

    id: str
    touch: str
    kind: str
    staff: str
    state: str
    script: str
    journey: str
    step: str
    intent: str
    link: str
    shop: str
    order_no: str
    due_at: datetime
    customer: str
    name_masked: str
    phone_masked: str
    outcome: str
    tries: int
    snoozed_until: datetime | None
    held_by: str
    held_until: datetime | None
    escalated_to: str
    planned_for: datetime | None
    planned_why: Mapping[str, str]


@dataclass(frozen=True)
class Tasks:
    tasks: list[Task]
    next: str


@dataclass(frozen=True)
class Done:
    """How a task ended. `minutes` of work go to the ledger; a note is sealed with personal data.

    `added` is said of somebody who added us during the call, `agreed` of who promised to.
    """

    outcome: Outcome
    minutes: int = 0
    staff: Words = ""
    note: Words = ""
    occurred_at: Moment | None = None
    by: Words = ""


@dataclass(frozen=True)
class Reported:
    """`state` is `open` where the call is to be made again, from `again_at` on. `follows` says what
    comes of it, as soon as it is applied."""

    id: str
    outcome: str
    state: str
    follows: Followed
    again_at: datetime | None


@dataclass(frozen=True)
class Snooze:
    until: Moment


@dataclass(frozen=True)
class Snoozed:
    id: str
    snoozed_until: datetime | None


@dataclass(frozen=True)
class TaskRules:
    """Spans like `3h`. With one try a call that nobody answers is over; null is never. Of work that
    may wait `per_hour` go into a guide's quiet hour."""

    most_tries: int = 1
    again_after: str = "3h"
    again_hours: Words = "10:00-20:00"
    overdue_after: str | None = None
    head_office_after: str | None = None
    per_hour: int = 6


@dataclass(frozen=True)
class NewRules(TaskRules):
    by: Words = ""


def number(app: App, task: str) -> int:
    """The task behind a public id."""
    found = app.ids.decode(PREFIX, task)
    if found is None:
        raise NotFound(
            Sentence(
                "This is no task of ours; a task looks like tsk_…",
                "这不是我们的待办；待办的编号像 tsk_…",
            )
        )
    return found


def task_of(app: App, conn: Conn, caller: Caller, task: str) -> Row:
    """The task behind a public id, if the caller may see whose it is."""
    row = views.get(conn, number(app, task))
    if row is None or not caller.scope.sees(row.staff):
        raise NotFound(Sentence("There is no such task.", "没有这条待办。"))
    return row


def team_of(conn: Conn, caller: Caller, store: str) -> list[str] | None:
    """Whose tasks a list is of: those of the caller's scope, of a store; None: everybody's."""
    if not store:
        return caller.scope.codes
    people = members(conn, active_only=False)
    return [one.code for one in people if one.store == store and caller.scope.sees(one.code)]


def shown(app: App, conn: Conn, rows: list[Row]) -> list[Task]:
    """Tasks as a list shows them: whom they are about is masked."""
    about = touches.facts(conn, [row.touch_id for row in rows])
    heard = touches.intents(conn, [one.visit_id for one in about.values() if one.visit_id])
    customers = sorted({row.customer_id for row in rows})
    phones = {one: found[0][1] for one, found in identities.reach(conn, customers, "phone").items()}
    clear = vault.open_field(conn, app.keys, list(phones.values()), "phone")
    items = names(conn, customers)
    called = vault.open_items(conn, app.keys, list(items.values()))
    return [
        Task(
            id=app.ids.encode(PREFIX, row.id),
            touch=app.ids.encode("tch", row.touch_id),
            kind=row.kind,
            staff=row.staff,
            state=row.state,
            script=row.script,
            journey=about[row.touch_id].journey,
            step=about[row.touch_id].step,
            intent=heard.get(about[row.touch_id].visit_id, ""),
            link=app.context.link.format(state=about[row.touch_id].state_code),
            shop=row.shop,
            order_no=row.order_no,
            due_at=row.due_at,
            customer=app.ids.encode("cus", row.customer_id),
            name_masked=mask_name(called.get(items.get(row.customer_id, 0), "")),
            phone_masked=mask_phone(clear.get(phones.get(row.customer_id, b""), "")),
            outcome=row.outcome,
            tries=row.tries,
            snoozed_until=row.snoozed_until,
            held_by=row.held_by,
            held_until=row.held_until,
            escalated_to=row.escalated_to,
            planned_for=row.planned_for,
            planned_why=_why(row),
        )
        for row in rows
    ]


def _why(row: Row) -> dict[str, str]:
    why = why_of(row.planned_why)
    said = None if why is None else words(why)
    return {} if said is None else {"en": said[:], "zh": said.zh}


@router.get("", **needs("tasks.read", scoped=True))
def listed(  # noqa: PLR0913 - each is a filter
    app: TheApp,
    caller: TheCaller,
    state: State = "open",
    staff: Words | None = None,
    kind: Words | None = None,
    escalated_to: Words | None = None,
    store: Words = "",
    *,
    overdue: Annotated[bool, Query(description="Only open ones whose time is over.")] = False,
    unassigned: Annotated[
        bool, Query(description="Only open ones of people who get no work any more.")
    ] = False,
    after: After = "",
    limit: Limit = 100,
) -> Tasks:
    """Tasks of a state; open ones the most urgent first."""
    last = start(app, after, PREFIX)
    with app.db.transaction() as conn:
        rows = views.page(
            conn,
            state,
            after=last or None,
            limit=limit,
            staff=staff,
            kind=kind,
            escalated_to=escalated_to,
            due_before=app.clock.now() if overdue else None,
            among=team_of(conn, caller, store),
            unassigned=unassigned,
        )
        found = shown(app, conn, rows)
    return Tasks(found, following(app, rows[-1].id if rows else last, PREFIX))


@router.get("/rules", **needs("tasks.read"))
def rules(app: TheApp) -> TaskRules:
    """How often a call is made again, and when what is overdue is told upwards."""
    with app.db.transaction() as conn:
        found = actions.rules_of(conn)
    return TaskRules(
        found.most_tries,
        spell(found.again_after),
        found.again_hours,
        spell(found.overdue_after) if found.overdue_after is not None else None,
        spell(found.head_office_after) if found.head_office_after is not None else None,
        found.per_hour,
    )


@router.put("/rules", **needs("tasks.manage"))
def set_rules(app: TheApp, caller: TheCaller, new: Annotated[NewRules, Body()]) -> TaskRules:
    """Set all of them; open tasks go by them at once. Audited."""
    with app.db.transaction() as conn:
        by, now = caller.actor(new.by), app.clock.now()
        actions.set_rules(conn, read_rules(asdict(new)), by, now)
    app.wake()
    return rules(app)


@router.get("/{task}", **needs("tasks.read", scoped=True))
def one(app: TheApp, caller: TheCaller, task: str) -> Task:
    """One task."""
    with app.db.transaction() as conn:
        return shown(app, conn, [task_of(app, conn, caller, task)])[0]


@router.post("/{task}/reveal", **needs("tasks.reveal", scoped=True))
def reveal(app: TheApp, caller: TheCaller, task: str, why: Annotated[Reason, Body()]) -> Revealed:
    """Phone and name behind an open task, for the one who does it now; audited first."""
    with app.db.transaction() as conn:
        row = task_of(app, conn, caller, task)
        if row.state != "open":
            state = STATES[row.state]
            raise Refused(
                Sentence(
                    f"This task is {state}: there is nothing to do any more.",
                    f"这条待办{state.zh}：不用再做了。",
                )
            )
        by, now = caller.actor(why.by), app.clock.now()
        return show(conn, app.keys, row.customer_id, task, by, why.reason, now)


@router.post("/{task}/done", **needs("tasks.work", scoped=True))
def done(app: TheApp, caller: TheCaller, task: str, report: Annotated[Done, Body()]) -> Reported:
    """Report how it ended. `do_not_call`, `wrong_person` and `already_added` stop what follows."""
    with app.db.transaction() as conn:
        row, now = task_of(app, conn, caller, task), app.clock.now()
        who = caller.code or report.staff
        told = actions.done(
            conn,
            row.id,
            report.outcome,
            now,
            minutes=report.minutes,
            staff_code=who,
            occurred_at=report.occurred_at,
        )
        actions.note(conn, app.keys, row, report.note, who or report.by or row.staff, now)
    app.wake()
    return Reported(task, report.outcome, told.state, told.follows, told.again_at)


@router.post("/{task}/snooze", **needs("tasks.work", scoped=True))
def snooze(app: TheApp, caller: TheCaller, task: str, how: Annotated[Snooze, Body()]) -> Snoozed:
    """Not before then; it must be within the time that the task has."""
    with app.db.transaction() as conn:
        row = task_of(app, conn, caller, task)
        row = actions.snooze(conn, row.id, how.until, app.clock.now())
    return Snoozed(task, row.snoozed_until)
