"""Who does it instead: some tasks to somebody, everything of somebody to others, leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.kernel.errors import BadInput, NotFound, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.staff import actions as staff
from siyu.staff import views as people
from siyu.staff.model import Duty, Off, Scope
from siyu.tasks.actions import quiet
from siyu.tasks.actions.channel import loads
from siyu.tasks.decide import Job, Waits, assign
from siyu.tasks.model import REFUSALS, Refusal, Task

SQL = load("siyu.tasks")
EVERYBODY = Scope()
Duties = dict[str, Duty]


class Handed(NamedTuple):
    """How many tasks went to others, and how many nobody could take."""

    moved: int
    kept: int


class Given(NamedTuple):
    """What became of a task that was to be given on: whose it is, and why it is not another's.

    Neither `moved` nor refused: it was theirs already.
    """

    task_id: int
    staff: str
    refused: Refusal | None = None
    moved: bool = False


class Wish(NamedTuple):
    """Who gives tasks on, to whom (empty: to whom each falls), and why. `scope`: whose they may."""

    to: str
    by: str
    reason: str
    scope: Scope = EVERYBODY


def reassign(conn: Conn, task_id: int, wish: Wish, now: datetime, real: datetime) -> str:
    """Give one task to somebody; refused in words."""
    (one,) = reassign_all(conn, [task_id], wish, now, real)
    if one.refused == "no_such_task":
        raise NotFound(Sentence("There is no such task.", "没有这条待办。"))
    if one.refused is not None:
        raise Refused(Sentence(**REFUSALS[one.refused]))
    return one.staff


def reassign_all(
    conn: Conn, task_ids: Sequence[int], wish: Wish, now: datetime, real: datetime
) -> list[Given]:
    """Give these to somebody (`to`, who may begin later), or each to whom it falls to.

    Each by itself: over a capacity, on leave, on another's screen it stays where it is. Audited.
    """
    conn.execute(SQL.lock)
    wanted = {"ids": sorted(set(task_ids)), "scope": wish.scope.codes}
    found = {one.id: one for row in conn.fetch(SQL.lock_some, wanted) if (one := Task(*row))}
    duties, zone = people.duties(conn, now)
    seen = {code: one for code, one in duties.items() if wish.scope.sees(code)}
    if wish.to and wish.to not in seen:
        raise BadInput(
            Sentence(
                f"{wish.to!r} is no active guide; siyu staff list shows who is.",
                f"{wish.to!r} 不是在职导购；siyu staff list 会列出。",
            )
        )
    answers = {one: Given(one, "", "no_such_task") for one in task_ids if one not in found}
    answers |= {one.id: _stays(one, wish, real) for one in found.values()}
    free = [one for one in found.values() if answers[one.id].refused is None]
    free = [one for one in free if one.staff != wish.to]
    said = _spread(conn, free, seen, wish.to, now, zone)
    lines: list[tuple[str, str, str, str]] = []
    for one in free:
        to = said[one.id]
        if isinstance(to, Waits):
            answers[one.id] = Given(one.id, one.staff, _refusal(to))
            continue
        answers[one.id] = Given(one.id, to, moved=True)
        words = f"{one.staff} to {to} {wish.reason}".strip()
        lines.append((wish.by, "task.reassign", one.about, words))
    staff.audit_all(conn, lines, now)
    return [answers[one] for one in dict.fromkeys(task_ids)]


def _stays(one: Task, wish: Wish, real: datetime) -> Given:
    """Why a task can't be given to anybody; without a refusal it can."""
    if one.state != "open" or one.reported_at is not None:
        return Given(one.id, one.staff, "ended")
    if one.held_until is not None and one.held_until > real and one.held_by != wish.by:
        return Given(one.id, one.staff, "on_screen")
    return Given(one.id, one.staff)


def _refusal(waits: Waits) -> Refusal:
    if waits.reason == "nobody_has_room":
        return "no_room"
    return "not_at_work" if waits.reason == "nobody_at_work" else "no_guide"


def _spread(
    conn: Conn, tasks: Sequence[Task], duties: Duties, to: str, now: datetime, zone: ZoneInfo
) -> dict[int, str | Waits]:
    """Moved owner by owner, since a task that is given on never falls back to who has it."""
    if to:  # by hand: outside their hours it waits for them
        others = {to: replace(duties[to], week=None, days={})}
        said = _given(conn, tasks, others, now, zone)
        _move(conn, tasks, said, now)
        return said
    said = dict[int, str | Waits]()
    for code, some in groupby(sorted(tasks, key=lambda one: one.staff), lambda one: one.staff):
        others = {other: duty for other, duty in duties.items() if other != code}
        mine = list(some)
        given = _given(conn, mine, others, now, zone)
        _move(conn, mine, given, now)
        said |= given
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
    moves = _move(conn, free, _given(conn, free, others, now, zone), now)
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
    if not tasks:
        return {}
    jobs = [Job(one.id, one.kind, f"{one.shop}/{one.order_no}", one.due_at) for one in tasks]
    return assign(jobs, duties, loads(conn, duties, now, zone), now, zone)


def _move(
    conn: Conn, tasks: Sequence[Task], given: Mapping[int, str | Waits], now: datetime
) -> dict[int, str]:
    """What waits for a quiet hour waits for one of whoever has it now."""
    moves = {task: said for task, said in given.items() if isinstance(said, str)}
    if moves:
        ids = sorted(moves)
        conn.execute(SQL.move, {"ids": ids, "staff": [moves[task] for task in ids]})
        later = [
            one
            for one in tasks
            if one.id in moves and one.planned_for is not None and one.planned_for > now
        ]
        hours = quiet.permitted(conn, [one.touch_id for one in later])
        waiting = [
            quiet.Job(one.id, moves[one.id], one.due_at, hours.get(one.touch_id)) for one in later
        ]
        quiet.replan(conn, waiting, now)
    return moves


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
