"""Guides are told of their tasks by message, and answer one there by a button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.kernel.errors import Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, load
from siyu.staff import views as people
from siyu.tasks import actions, render
from siyu.tasks.model import PREFIX, Outcome, Task
from siyu.tasks.render import ANSWERS, MINUTES, Place

SQL = load("siyu.tasks")


class Button(NamedTuple):
    """A button that was pressed: of which message, what it says, and by whom."""

    token: str
    outcome: str
    staff: str


def told(conn: Conn, staff: str, ids: Sequence[int]) -> None:
    """They know of these, as far as they are still theirs."""
    conn.execute(SQL.told, {"staff": staff, "ids": list(ids)})


def token_of(ids: PublicIds, task_id: int, now: datetime) -> str:
    """How a button names its task; each message by a token of its own."""
    return f"{ids.encode(PREFIX, task_id)}@{int(now.timestamp())}"


def pressed(conn: Conn, ids: PublicIds, button: Button, now: datetime) -> str:
    """Somebody answered by a button: reported as in the console, once. What to say of it.

    What has ended, or is somebody else's by now, stays as it is, and the words say so.
    """
    brand, place = people.brand(conn), people.brand_zone(conn)
    here = Place(brand.locale, place)
    by = button.staff
    number = ids.decode(PREFIX, button.token.partition("@")[0])
    rows = conn.fetch(SQL.get, {"id": number})
    if not rows:
        return render.none(here)
    task = Task(*rows[0])
    members = people.members(conn, active_only=False)
    called = {one.code: one.name for one in members}
    if by not in {one.code for one in members if one.active}:
        return render.none(here)
    known: Mapping[str, Outcome] = {one: one for one in ANSWERS.get(task.kind, ())}
    word = known.get(button.outcome)
    if word is None or task.state == "done" or task.reported_at or task.staff != by:
        return _as_it_is(task, by, called, here)
    try:
        minutes = MINUTES[task.kind]
        end = actions.done(conn, task.id, word, now, minutes=minutes, staff_code=by)
    except Refused:  # somebody was quicker, this very moment
        return render.reported(here)
    if end.again_at is not None:
        return render.again(end.again_at, here)
    return render.done(called.get(by, by), word, here)


def _as_it_is(task: Task, by: str, called: dict[str, str], here: Place) -> str:
    if task.state == "done":
        return render.done(called.get(task.staff, task.staff), task.outcome, here)
    if task.staff != by:
        return render.moved(called.get(task.staff, task.staff), here)
    return render.reported(here) if task.reported_at else render.none(here)
