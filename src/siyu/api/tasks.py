"""Work for people: what is open, whom it is about (revealed, audited), how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query

from siyu.analytics.actions import Revealed
from siyu.analytics.actions import reveal as show
from siyu.api.auth import TheApp, needs
from siyu.api.words import Words
from siyu.app import App
from siyu.customers.views import names
from siyu.identities import views as identities
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.sql import Conn
from siyu.outbox import views as touches
from siyu.tasks import actions, views
from siyu.tasks.model import PREFIX, Outcome, State
from siyu.tasks.model import Task as Row
from siyu.vault import views as vault
from siyu.vault.model import mask_name, mask_phone

router = APIRouter(prefix="/tasks", tags=["tasks"])


@dataclass(frozen=True)
class Task:
    """A task. `script` holds `{name}` where the name belongs; `reveal` shows it."""

    id: str
    touch: str
    kind: str
    staff: str
    state: str
    script: str
    step: str
    link: str
    shop: str
    order_no: str
    due_at: datetime
    customer: str
    name_masked: str
    phone_masked: str
    outcome: str


@dataclass(frozen=True)
class Tasks:
    tasks: list[Task]


@dataclass(frozen=True)
class Why:
    by: Words
    reason: Words


@dataclass(frozen=True)
class Done:
    """How a task ended. `minutes` of work go to the ledger."""

    outcome: Outcome
    minutes: int = 0
    staff: Words = ""
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class Reported:
    id: str
    outcome: str


def number(app: App, task: str) -> int:
    """The task behind a public id."""
    found = app.ids.decode(PREFIX, task)
    if found is None:
        raise NotFound("This is no task of ours; a task looks like tsk_…")
    return found


def shown(app: App, conn: Conn, rows: list[Row]) -> list[Task]:
    """Tasks as a list shows them: whom they are about is masked."""
    about = touches.facts(conn, [row.touch_id for row in rows])
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
            step=about[row.touch_id].step,
            link=app.context.link.format(state=about[row.touch_id].state_code),
            shop=row.shop,
            order_no=row.order_no,
            due_at=row.due_at,
            customer=app.ids.encode("cus", row.customer_id),
            name_masked=mask_name(called.get(items.get(row.customer_id, 0), "")),
            phone_masked=mask_phone(clear.get(phones.get(row.customer_id, b""), "")),
            outcome=row.outcome,
        )
        for row in rows
    ]


@router.get("", **needs("tasks.read"))
def listed(
    app: TheApp,
    state: State = "open",
    staff: Words | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Tasks:
    """Tasks of a state; open ones the most urgent first."""
    with app.db.transaction() as conn:
        if state == "open":
            return Tasks(shown(app, conn, views.open_tasks(conn, limit, staff)))
        return Tasks(shown(app, conn, views.of_state(conn, state, limit=limit)))


@router.post("/{task}/reveal", **needs("customers.reveal"))
def reveal(app: TheApp, task: str, why: Annotated[Why, Body()]) -> Revealed:
    """Phone and name behind an open task, for the one who does it now; audited first."""
    with app.db.transaction() as conn:
        row = views.get(conn, number(app, task))
        if row is None:
            raise NotFound("There is no such task.")
        if row.state != "open":
            raise Refused(f"This task is {row.state}: there is nothing to do any more.")
        return show(conn, app.keys, row.customer_id, task, why.by, why.reason, app.clock.now())


@router.post("/{task}/done", **needs("tasks.work"))
def done(app: TheApp, task: str, report: Annotated[Done, Body()]) -> Reported:
    """Report how it ended. `do_not_call`, `wrong_person` and `already_added` stop what follows."""
    with app.db.transaction() as conn:
        actions.done(
            conn,
            number(app, task),
            report.outcome,
            app.clock.now(),
            minutes=report.minutes,
            staff_code=report.staff,
            occurred_at=report.occurred_at,
        )
    app.wake()
    return Reported(task, report.outcome)
