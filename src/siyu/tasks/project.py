"""A task that is done, or a call that nobody answered: the outcome, and the minutes it cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from siyu.events.model import Batch, Event, OrderPaid, Projection, TaskDone, TaskTried, kinds_of
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, Row, load
from siyu.ledger import actions as ledger
from siyu.ledger.model import Entry
from siyu.outbox import views as outbox
from siyu.outbox.model import touch_id_of
from siyu.tasks import actions
from siyu.tasks.actions import reveals

SQL = load("siyu.tasks")


@dataclass(frozen=True)
class _Tasks:
    """Reports name the touch of a task; `ids` reads it."""

    ids: PublicIds

    def project(self, conn: Conn, batch: Batch, now: datetime) -> None:  # noqa: ARG002 - its form
        """Phones to look up, merges, then the reports of the batch in the order of their facts."""
        reveals.ask(conn, batch)
        if batch.merges:
            losers = [merge.loser for merge in batch.merges]
            winners = [merge.winner for merge in batch.merges]
            rows = conn.fetch(SQL.merge, {"losers": losers, "winners": winners})
            actions.mark_wrong(conn, [row[0] for row in rows])
        latest: dict[int, tuple[Event, TaskDone]] = {}
        for event, report in batch.of(TaskDone):
            touch = touch_id_of(self.ids, event, report.touch)
            if touch is not None:
                latest[touch] = max(latest.get(touch, (event, report)), (event, report), key=_rank)
        if latest:
            rows = _done(conn, latest)
            _post(conn, [row[:-1] for row in rows], "task")
            actions.mark_wrong(conn, [row[3] for row in rows if row[-1] and row[3] is not None])
        tried = [
            (touch, event, data)
            for event, data in batch.of(TaskTried)
            if (touch := touch_id_of(self.ids, event, data.touch)) is not None
        ]
        if tried:
            _post(conn, _tried(conn, tried), "task_try")


def projection(ids: PublicIds) -> Projection:
    """The tasks' part of each apply."""
    return Projection("tasks", kinds_of([OrderPaid, TaskDone, TaskTried]), _Tasks(ids).project)


def _rank(told: tuple[Event, TaskDone]) -> tuple[datetime, int, str]:
    event, report = told
    return event.occurred_at, report.minutes, report.outcome


def _done(conn: Conn, latest: dict[int, tuple[Event, TaskDone]]) -> list[Row]:
    touches = sorted(latest)
    return conn.fetch(
        SQL.done,
        {
            "touches": touches,
            "outcomes": [latest[touch][1].outcome for touch in touches],
            "minutes": [latest[touch][1].minutes for touch in touches],
            "staff": [latest[touch][1].staff for touch in touches],
            "ats": [latest[touch][0].occurred_at for touch in touches],
        },
    )


def _tried(conn: Conn, tried: list[tuple[int, Event, TaskTried]]) -> list[Row]:
    return conn.fetch(
        SQL.tried,
        {
            "touches": [touch for touch, _, _ in tried],
            "ats": [event.occurred_at for _, event, _ in tried],
            "staff": [data.staff for _, _, data in tried],
            "minutes": [data.minutes for _, _, data in tried],
            "agains": [data.again_at for _, _, data in tried],
        },
    )


def _post(conn: Conn, rows: list[Row], cause: Literal["task", "task_try"]) -> None:
    """Paid minutes are a cost of the step that asked for them."""
    facts = outbox.facts(conn, [row[1] for row in rows])
    ledger.post(
        conn,
        [
            Entry(
                cause=cause,
                cause_id=cause_id,
                kind="staff_minute",
                customer_id=customer,
                identity_id=identity,
                journey=facts[touch].journey if touch in facts else "",
                step=facts[touch].step if touch in facts else "",
                shop=shop,
                quantity=minutes,
                occurred_at=at,
                variant=role,
            )
            for cause_id, touch, customer, identity, shop, minutes, at, role in rows
        ],
        revise=True,
    )
