"""Hand work to people, take it back, hear that it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.events import actions as events
from siyu.events.check import AHEAD
from siyu.events.model import LONGEST_TASK, TaskDone
from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, Db, load
from siyu.kernel.time import EARLIEST, Clock
from siyu.ledger import actions as ledger
from siyu.outbox import views as outbox
from siyu.outbox.model import PREFIX, Found, Message, Result, own_token
from siyu.staff import views as staff
from siyu.tasks.model import KINDS, USUAL_TIME, Outcome, Task, assigned

SQL = load("siyu.tasks")


class TaskChannel:
    """People as a channel: what is sent becomes a task of an active guide.

    Every answer is read off the rows, so it is exact: nothing stays unknown here for long.
    """

    def __init__(self, db: Db, ids: PublicIds, clock: Clock) -> None:
        self._db = db
        self._ids = ids
        self._clock = clock

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """One task per message, spread over the active guides; without any: try again."""
        with self._db.transaction() as conn:
            guides = [member.code for member in staff.members(conn, "guide")]
            if not guides:
                why = "no active guide"
                return [Result(message.token, "retry", reason=why) for message in messages]
            _add(conn, self._known(messages), guides, self._clock.now())
        return [Result(message.token, "awaiting_staff") for message in messages]

    def cancel(self, tokens: Sequence[str]) -> list[str]:
        """Take back what nobody has done yet."""
        touches = self._touches(tokens)
        with self._db.transaction() as conn:
            conn.execute(SQL.cancel, {"touches": sorted(touches.values())})
            states = dict(conn.fetch(SQL.states, {"touches": sorted(touches.values())}))
        return [token for token, touch in touches.items() if states.get(touch) != "done"]

    def reconcile(self, tokens: Sequence[str]) -> list[Found]:
        """A task is there, or it provably never was."""
        touches = self._touches(tokens)
        with self._db.transaction() as conn:
            there = {
                touch for touch, _ in conn.fetch(SQL.states, {"touches": list(touches.values())})
            }
        return [
            Found(token, "accepted" if touch in there else "absent")
            for token, touch in touches.items()
        ]

    def _touches(self, tokens: Sequence[str]) -> dict[str, int]:
        decoded = {token: self._ids.decode(PREFIX, token) for token in tokens}
        return {token: touch for token, touch in decoded.items() if touch is not None}

    def _known(self, messages: Sequence[Message]) -> dict[int, Message]:
        by_token = {message.token: message for message in messages}
        return {touch: by_token[token] for token, touch in self._touches(list(by_token)).items()}


def _add(conn: Conn, messages: dict[int, Message], guides: Sequence[str], now: datetime) -> None:
    touches = outbox.facts(conn, list(messages))
    ids = sorted(touches)
    latest = now + USUAL_TIME
    conn.execute(
        SQL.add,
        {
            "touches": ids,
            "kinds": [KINDS.get(touches[touch].channel, touches[touch].channel) for touch in ids],
            "customers": [touches[touch].customer_id for touch in ids],
            "identities": [touches[touch].identity_id for touch in ids],
            "staff": [
                messages[touch].staff
                # a token only where there is no order, since no two homes share one
                or assigned(
                    f"{touches[touch].shop}/{touches[touch].order_no or messages[touch].token}",
                    guides,
                )
                for touch in ids
            ],
            "scripts": [messages[touch].text for touch in ids],
            "shops": [touches[touch].shop for touch in ids],
            "order_nos": [touches[touch].order_no for touch in ids],
            "due_ats": [min(touches[touch].valid_until or latest, latest) for touch in ids],
            "now": now,
        },
    )


def done(
    conn: Conn,
    task_id: int,
    outcome: Outcome,
    now: datetime,
    *,
    minutes: int = 0,
    staff_code: str = "",
    occurred_at: datetime | None = None,
) -> None:
    """Somebody did it: told as an event of our own, so everything that follows is in one place."""
    _check(minutes, occurred_at or now, now)
    rows = conn.fetch(SQL.get, {"id": task_id})
    if not rows:
        raise NotFound("There is no such task.")
    task = Task(*rows[0])
    if task.state == "done":
        raise Refused("This task was reported as done before.")
    told = TaskDone(
        touch=own_token(task.touch_id), outcome=outcome, minutes=minutes, staff=staff_code
    )
    events.own(conn, [events.Own(told, f"task-done:{task_id}", occurred_at or now)], now)


def _check(minutes: int, at: datetime, now: datetime) -> None:
    """Refused here, in words: told as an event it would be parked, and the report be lost."""
    problems: list[Problem] = []
    if not 0 <= minutes <= LONGEST_TASK:
        problems.append(Problem("minutes", f"must be 0 to {LONGEST_TASK}"))
    if at.tzinfo is None:
        problems.append(Problem("occurred_at", "has no offset; add +08:00 or Z"))
    elif not EARLIEST <= at <= now + AHEAD:
        problems.append(Problem("occurred_at", "lies before 1990 or more than a day ahead"))
    if problems:
        raise BadInput("This report can't be true.", tuple(problems))


def follow(conn: Conn, customer_ids: Sequence[int]) -> None:
    """After a split of these customers: tasks, and what they cost, go where their touches went."""
    moved = conn.fetch(SQL.follow, {"customers": list(customer_ids)})
    ledger.follow(conn, "task", [(task, customer) for task, customer in moved])
