"""What happens to work by itself: leaves begin, what is overdue is told upwards."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from siyu.events import actions as events
from siyu.events.model import OURS, TaskEscalated
from siyu.kernel.sql import Conn, load
from siyu.outbox.model import own_token
from siyu.staff import actions as staff
from siyu.staff import views as people
from siyu.tasks.actions import rules_of
from siyu.tasks.actions.team import hand_over
from siyu.tasks.decide import escalates, superior
from siyu.tasks.model import LATER

SQL = load("siyu.tasks")


class _Late(NamedTuple):
    """An overdue task, as it was claimed."""

    task_id: int
    touch_id: int
    staff: str
    due_at: datetime
    escalation: int
    about: str


class _Step(NamedTuple):
    """Who is told of it, as the how many-th, and when the next one is."""

    late: _Late
    to: str
    next_at: datetime | None


def leaves(conn: Conn, now: datetime, real: datetime) -> int:
    """Work of people whose leave has begun goes to others; what nobody can take is tried again.

    How many people. One statement each for their tasks: leaves are few.
    """
    claimed = staff.claim_leaves(conn, now, now + LATER)
    done = [code for code in claimed if not hand_over(conn, code, OURS, "on leave", now, real).kept]
    staff.settle_leaves(conn, done, now)
    return len(claimed)


def escalate(conn: Conn, now: datetime, *, limit: int = 500) -> int:
    """Overdue by the rules: the store's operator learns of it, then head office. How many."""
    rows = conn.fetch(SQL.claim_overdue, {"now": now, "limit": limit})
    late = sorted(_Late(*row) for row in rows)
    if not late:
        return 0
    members, rules = people.members(conn), rules_of(conn)
    steps = [
        _Step(one, to, escalates(rules, one.due_at, one.escalation + 1))
        for one in late
        if (to := superior(one.staff, one.escalation, members)) is not None
    ]
    _tell(conn, steps, now)
    return len(late)


def _tell(conn: Conn, steps: list[_Step], now: datetime) -> None:
    if not steps:
        return
    conn.execute(
        SQL.escalated,
        {
            "ids": [one.late.task_id for one in steps],
            "told": [one.to for one in steps],
            "next": [one.next_at for one in steps],
        },
    )
    own: list[events.Own] = []
    lines: list[tuple[str, str, str, str]] = []
    for one in steps:
        level = one.late.escalation + 1
        told = TaskEscalated(touch=own_token(one.late.touch_id), to=one.to, level=level)
        name = f"task-escalated:{one.late.task_id}:{one.late.due_at.isoformat()}:{level}"
        own.append(events.Own(told, name, now))
        words = f"{one.late.staff} to {one.to}, due {one.late.due_at.isoformat()}"
        lines.append((OURS, "task.escalate", one.late.about, words))
    events.own(conn, own, now)
    staff.audit_all(conn, lines, now)
