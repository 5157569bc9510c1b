"""What people have to do, and what they did."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from siyu.kernel.sql import Conn, load
from siyu.staff import views as people
from siyu.staff.decide import at_work, midnight
from siyu.tasks.model import State, Task

SQL = load("siyu.tasks")


def page(  # noqa: PLR0913 - each is a filter
    conn: Conn,
    state: State = "open",
    *,
    after: int | None = None,
    limit: int = 500,
    staff: str | None = None,
    kind: str | None = None,
    escalated_to: str | None = None,
    due_before: datetime | None = None,
) -> list[Task]:
    """Open tasks, the most urgent first, or those of another state by id, after task `after`.

    `escalated_to` and `due_before` (what is overdue) speak of open ones alone.
    """
    params = {"after": after, "limit": limit, "staff": staff, "kind": kind}
    if state == "open":
        more = {"escalated_to": escalated_to, "due_before": due_before}
        return [Task(*row) for row in conn.fetch(SQL.page, {**params, **more})]
    return [Task(*row) for row in conn.fetch(SQL.page_of_state, {**params, "state": state})]


def get(conn: Conn, task_id: int) -> Task | None:
    """One task; None if there is no such."""
    rows = conn.fetch(SQL.get, {"id": task_id})
    return Task(*rows[0]) if rows else None


def of_customer(conn: Conn, customer_id: int) -> list[Task]:
    """Every task about a customer, oldest first."""
    return [Task(*row) for row in conn.fetch(SQL.of_customer, {"customer": customer_id})]


class Desk(NamedTuple):
    """How a guide stands: what of today is used, by kind, and what is overdue."""

    at_work: bool
    open: int
    overdue: int
    today: dict[str, int]


def desks(conn: Conn, now: datetime) -> dict[str, Desk]:
    """Every active guide."""
    duties, zone = people.duties(conn, now)
    params = {"staff": sorted(duties), "midnight": midnight(now, zone)}
    today: dict[str, Counter[str]] = {code: Counter() for code in duties}
    for code, kind, count in conn.fetch(SQL.loads, params):
        today[code][kind] += count
    rows = conn.fetch(SQL.overdue, {"staff": sorted(duties), "now": now})
    late = {code: (count, overdue) for code, count, overdue in rows}
    return {
        code: Desk(at_work(duty, now, zone), *late.get(code, (0, 0)), dict(today[code]))
        for code, duty in duties.items()
    }
