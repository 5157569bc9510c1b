"""Hand work to people, take it back, pass it on, hear how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.events import actions as events
from siyu.events.check import AHEAD
from siyu.events.model import LONGEST_TASK, TaskDone, TaskTried
from siyu.identities import actions as identities
from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, Db, load
from siyu.kernel.time import EARLIEST, Clock
from siyu.ledger import actions as ledger
from siyu.outbox.model import PREFIX, Found, Message, Result, own_token
from siyu.staff import actions as staff
from siyu.staff import views as people
from siyu.staff.decide import midnight
from siyu.staff.model import Duty, Off
from siyu.tasks.decide import Job, Loads, Waits, assign, call_again, unlimited
from siyu.tasks.model import HOLD, KINDS, USUAL_TIME, Outcome, Rules, State, Task

SQL = load("siyu.tasks")


class Told(NamedTuple):
    """What a report made of a task: `open` where it is to be done again, from then on."""

    state: State
    again_at: datetime | None = None


class Handed(NamedTuple):
    """How many tasks went to others, and how many nobody could take."""

    moved: int
    kept: int


class _Wanted(NamedTuple):
    """A touch that asks for somebody. `staff`: who has its task already."""

    touch_id: int
    channel: str
    customer_id: int
    identity_id: int | None
    shop: str
    order_no: str
    valid_until: datetime | None
    staff: str
    friend: str
    holder: str

    @property
    def kind(self) -> str:
        return KINDS.get(self.channel, self.channel)


class TaskChannel:
    """People as a channel: what is sent becomes a task of a guide who is at work and has room.

    Every answer is read off the rows, so it is exact: nothing stays unknown here for long.
    """

    def __init__(self, db: Db, ids: PublicIds, clock: Clock) -> None:
        self._db = db
        self._ids = ids
        self._clock = clock

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """One task per message; where nobody can take it, when to try again and why."""
        known = self._known(messages)
        with self._db.transaction() as conn:
            waits = _hand_out(conn, known, self._clock.now())
        return [_result(message.token, waits.get(touch)) for touch, message in known.items()]

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


def _result(token: str, waits: Waits | None) -> Result:
    if waits is None:
        return Result(token, "awaiting_staff")
    return Result(token, "retry", reason=waits.reason, again=waits.again)


def _hand_out(conn: Conn, messages: Mapping[int, Message], now: datetime) -> dict[int, Waits]:
    """Three statements; two more where capacities or hours are set."""
    duties, zone = people.duties(conn, now)
    rows = conn.fetch(SQL.wanted, {"touches": sorted(messages)})
    wanted = [one for one in (_Wanted(*row) for row in rows) if not one.staff]
    jobs = [
        Job(
            one.touch_id,
            one.kind,
            # a token only where there is no order, since no two homes share one
            f"{one.shop}/{one.order_no or messages[one.touch_id].token}",
            one.valid_until,
            messages[one.touch_id].staff,
            one.friend,
            one.holder,
        )
        for one in wanted
    ]
    given = assign(jobs, duties, _loads(conn, duties, now, zone), now, zone)
    _add(conn, [(one, who) for one in wanted if isinstance(who := given[one.touch_id], str)],
         messages, now)  # fmt: skip
    return {touch: said for touch, said in given.items() if isinstance(said, Waits)}


def _loads(conn: Conn, duties: Mapping[str, Duty], now: datetime, zone: ZoneInfo) -> Loads:
    """Read under the lock of all who assign; not asked for where nothing depends on it."""
    if unlimited(duties, now, zone):
        return {}
    conn.execute(SQL.lock)
    params = {"staff": sorted(duties), "midnight": midnight(now, zone)}
    found: dict[tuple[str, str], int] = {}
    for code, kind, count in conn.fetch(SQL.loads, params):
        found[code, kind] = found.get((code, kind), 0) + count
    return found


def _add(
    conn: Conn,
    given: Sequence[tuple[_Wanted, str]],
    messages: Mapping[int, Message],
    now: datetime,
) -> None:
    if not given:
        return
    latest = now + USUAL_TIME
    conn.execute(
        SQL.add,
        {
            "touches": [one.touch_id for one, _ in given],
            "kinds": [one.kind for one, _ in given],
            "customers": [one.customer_id for one, _ in given],
            "identities": [one.identity_id for one, _ in given],
            "staff": [who for _, who in given],
            "scripts": [messages[one.touch_id].text for one, _ in given],
            "shops": [one.shop for one, _ in given],
            "order_nos": [one.order_no for one, _ in given],
            "due_ats": [min(one.valid_until or latest, latest) for one, _ in given],
            "now": now,
        },
    )


def take_next(
    conn: Conn, code: str, by: str, now: datetime, real: datetime, kind: str | None = None
) -> Task | None:
    """The most urgent task of a guide, held for `by` while they do it; None: nothing to do.

    Asked again before it is done or given back, it is the same one, held anew. Two who share an
    account (`by` differs) never get the same.
    """
    params = {"staff": code, "by": by or code, "kind": kind}
    rows = conn.fetch(SQL.next, {**params, "now": now, "real": real, "until": real + HOLD})
    return Task(*rows[0]) if rows else None


def snooze(conn: Conn, task_id: int, until: datetime, now: datetime) -> Task:
    """Not before then: it leaves the screen and the queue of what is next."""
    task = _open(conn, task_id)
    if until.tzinfo is None:
        raise BadInput("`until` has no offset; add +08:00 or Z")
    if not now < until < task.due_at:
        raise BadInput(f"It must be done by {task.due_at.isoformat()}; write a time before that.")
    conn.execute(SQL.snooze, {"id": task_id, "until": until})
    return task._replace(snoozed_until=until, held_by="", held_until=None)


def reassign(
    conn: Conn, task_id: int, to: str, by: str, reason: str, now: datetime, real: datetime
) -> str:
    """Give a task to somebody: to `to`, who may begin later, or else to whom it falls to.

    Refused over a capacity, to somebody on leave, and while another has it on the screen.
    """
    conn.execute(SQL.lock)
    task = _open(conn, task_id)
    if task.held_until is not None and task.held_until > real and task.held_by != by:
        raise Refused(f"{task.held_by} has it on the screen; try again in some minutes.")
    duties, zone = people.duties(conn, now)
    if to and to not in duties:
        raise BadInput(f"{to!r} is no active guide; siyu staff list shows who is.")
    if to == task.staff:
        return to
    others = {code: one for code, one in duties.items() if code != task.staff}
    if to:  # by hand: outside their hours it waits for them
        others = {to: replace(others[to], week=None, days={})}
    said = _given(conn, [task], others, now, zone)[task.id]
    if isinstance(said, Waits):
        raise Refused(f"{to or 'Nobody'} can't take it: {said.reason.replace('_', ' ')}.")
    _move(conn, {task.id: said})
    words = f"{task.staff} to {said} {reason}".strip()
    staff.audit(conn, by, "task.reassign", task.about, words, now)
    return said


def hand_over(conn: Conn, code: str, by: str, reason: str, now: datetime, real: datetime) -> Handed:
    """Everything that somebody has open, to others; what is on a screen or told stays."""
    conn.execute(SQL.lock)
    tasks = [Task(*row) for row in conn.fetch(SQL.open_of, {"staff": code})]
    free = [
        one for one in tasks
        if one.reported_at is None and (one.held_until is None or one.held_until <= real)
    ]  # fmt: skip
    told = sum(one.reported_at is not None for one in tasks)
    duties, zone = people.duties(conn, now)
    others = {other: duty for other, duty in duties.items() if other != code}
    given = _given(conn, free, others, now, zone)
    moves = {task: said for task, said in given.items() if isinstance(said, str)}
    _move(conn, moves)
    lines = [
        (by, "task.reassign", one.about, f"{code} to {moves[one.id]} {reason}".strip())
        for one in free
        if one.id in moves
    ]
    staff.audit_all(conn, lines, now)
    return Handed(len(moves), len(tasks) - told - len(moves))


def _given(
    conn: Conn, tasks: Sequence[Task], duties: Mapping[str, Duty], now: datetime, zone: ZoneInfo
) -> dict[int, str | Waits]:
    jobs = [Job(one.id, one.kind, f"{one.shop}/{one.order_no}", one.due_at) for one in tasks]
    return assign(jobs, duties, _loads(conn, duties, now, zone), now, zone)


def _move(conn: Conn, moves: Mapping[int, str]) -> None:
    if moves:
        ids = sorted(moves)
        conn.execute(SQL.move, {"ids": ids, "staff": [moves[task] for task in ids]})


def go_off(
    conn: Conn, code: str, off: Off, reason: str, by: str, now: datetime, real: datetime
) -> Handed:
    """On leave; where it has begun, open tasks go to others now, else as it begins."""
    staff.go_off(conn, code, off, reason, by, now)
    if off.since > now:
        return Handed(0, 0)
    handed = hand_over(conn, code, by, reason or "on leave", now, real)
    if not handed.kept:
        staff.settle_leaves(conn, [code], now)
    return handed


def set_rules(conn: Conn, rules: Rules, by: str, now: datetime) -> None:
    """How often a call is made again, and when overdue tasks are told of upwards."""
    conn.execute(SQL.set_rules, asdict(rules))
    words = ", ".join(f"{name} {value}" for name, value in asdict(rules).items())
    staff.audit(conn, by, "task.rules", "tasks", words, now)


def _open(conn: Conn, task_id: int) -> Task:
    """The open task, locked."""
    rows = conn.fetch(SQL.lock_one, {"id": task_id})
    if not rows:
        raise NotFound("There is no such task.")
    task = Task(*rows[0])
    if task.state != "open" or task.reported_at is not None:
        state = "done" if task.state == "open" else task.state
        raise Refused(f"This task is {state}: there is nothing to do any more.")
    return task


def done(
    conn: Conn,
    task_id: int,
    outcome: Outcome,
    now: datetime,
    *,
    minutes: int = 0,
    staff_code: str = "",
    occurred_at: datetime | None = None,
) -> Told:
    """Somebody did it: told as an event of our own, so everything that follows is in one place.

    A call that nobody answered is made again while the rules and its time allow it.
    """
    at = occurred_at or now
    _check(minutes, at, now)
    rows = conn.fetch(SQL.get, {"id": task_id})
    if not rows:
        raise NotFound("There is no such task.")
    task = Task(*rows[0])
    if task.state == "done" or not conn.fetch(SQL.report, {"id": task_id, "now": now}):
        raise Refused("This task was reported as done before.")
    touch = own_token(task.touch_id)
    again = _again(conn, task, at, now) if outcome == "no_answer" else None
    if again is not None:
        tried = TaskTried(touch=touch, again_at=again, minutes=minutes, staff=staff_code)
        name = f"task-tried:{task_id}:{at.isoformat()}"
        events.own(conn, [events.Own(tried, name, at)], now)
        return Told("open", again)
    told = TaskDone(touch=touch, outcome=outcome, minutes=minutes, staff=staff_code)
    events.own(conn, [events.Own(told, f"task-done:{task_id}", at)], now)
    return Told("done")


def _again(conn: Conn, task: Task, at: datetime, now: datetime) -> datetime | None:
    rules = rules_of(conn)
    if task.kind != "call" or task.state != "open" or rules.most_tries == 1:
        return None
    tried = [tried for (tried,) in conn.fetch(SQL.tries_of, {"task": task.id})]
    if at in tried:
        raise Refused("This call was reported before.")
    return call_again([*tried, at], rules, task.due_at, people.duties(conn, now).zone)


def rules_of(conn: Conn) -> Rules:
    """The brand's rules; without any, a call is made once and nothing is told upwards."""
    rows = conn.fetch(SQL.rules)
    return Rules(*rows[0]) if rows else Rules()


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
    """After a split of these customers: tasks and calls, and what they cost, go with their touches.

    A stranger's phone is one to the customer whose task said so.
    """
    people = {"customers": list(customer_ids)}
    moved = conn.fetch(SQL.follow, people)
    for cause in ("task", "task_try"):
        ledger.follow(conn, cause, [row[1:] for row in moved if row[0] == cause])
    mark_wrong(conn, [row[0] for row in conn.fetch(SQL.strangers, people)])


def mark_wrong(conn: Conn, phones: Sequence[int]) -> None:
    """Read off the reports that stand, so that they may come in any order."""
    if phones:
        wanted = {"identities": sorted(set(phones))}
        identities.mark_wrong(conn, dict(conn.fetch(SQL.wrong_since, wanted)))
