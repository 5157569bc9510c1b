"""What people have to do, and what they did."""

from __future__ import annotations

from siyu.kernel.sql import Conn, load
from siyu.tasks.model import State, Task

SQL = load("siyu.tasks")


def open_tasks(conn: Conn, limit: int = 500, staff: str | None = None) -> list[Task]:
    """What is to be done, the most urgent first; of one person if asked."""
    return [Task(*row) for row in conn.fetch(SQL.open, {"limit": limit, "staff": staff})]


def of_state(conn: Conn, state: State, after: int = 0, limit: int = 500) -> list[Task]:
    """Tasks of a state with an id above `after`."""
    params = {"state": state, "after": after, "limit": limit}
    return [Task(*row) for row in conn.fetch(SQL.of_state, params)]


def get(conn: Conn, task_id: int) -> Task | None:
    """One task; None if there is no such."""
    rows = conn.fetch(SQL.get, {"id": task_id})
    return Task(*rows[0]) if rows else None


def of_customer(conn: Conn, customer_id: int) -> list[Task]:
    """Every task about a customer, oldest first."""
    return [Task(*row) for row in conn.fetch(SQL.of_customer, {"customer": customer_id})]
