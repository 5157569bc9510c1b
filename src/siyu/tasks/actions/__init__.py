"""What somebody does with a task of theirs: take the next, put it off, report how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from siyu.events import actions as events
from siyu.events.check import AHEAD
from siyu.events.model import LONGEST_TASK, TaskDone, TaskTried
from siyu.identities import actions as identities
from siyu.identities import views as known
from siyu.kernel.errors import BadInput, NotFound, Problem, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import EARLIEST
from siyu.ledger import actions as ledger
from siyu.outbox.model import own_token
from siyu.staff import actions as staff
from siyu.staff import views as people
from siyu.tasks.decide import call_again
from siyu.tasks.model import FOLLOWS, HOLD, STATES, Followed, Outcome, Rules, State, Task, report_of
from siyu.vault.actions import Sealing, seal
from siyu.vault.model import Keys

SQL = load("siyu.tasks")


class Told(NamedTuple):
    """What a report made of a task: `open` where it is to be done again, from then on."""

    state: State
    follows: Followed
    again_at: datetime | None = None


def take_next(
    conn: Conn, code: str, by: str, now: datetime, real: datetime, kind: str | None = None
) -> Task | None:
    """The most urgent task of a guide, held for `by` while they do it; None: nothing to do.

    Asked again before it is done or given back, it is the same one, held anew; from two tabs at
    once, too. Two who share a list (`by` differs) never get the same.
    """
    params = {"staff": code, "by": by or code, "kind": kind}
    conn.execute(SQL.one_at_a_time, {"by": by or code})
    rows = conn.fetch(SQL.next, {**params, "now": now, "real": real, "until": real + HOLD})
    return Task(*rows[0]) if rows else None


def snooze(conn: Conn, task_id: int, until: datetime, now: datetime) -> Task:
    """Not before then: it leaves the screen and the queue of what is next."""
    task = _open(conn, task_id)
    if until.tzinfo is None:
        raise BadInput(
            Sentence(
                "`until` has no offset; add +08:00 or Z", "`until` 没有时差；请加上 +08:00 或 Z"
            )
        )
    if not now < until < task.due_at:
        raise BadInput(
            Sentence(
                f"It must be done by {task.due_at.isoformat()}; write a time before that.",
                f"必须在 {task.due_at.isoformat()} 前完成；请写更早的时间。",
            )
        )
    conn.execute(SQL.snooze, {"id": task_id, "until": until})
    return task._replace(snoozed_until=until, held_by="", held_until=None)


def set_rules(conn: Conn, rules: Rules, by: str, now: datetime) -> None:
    """How often a call is made again, and when overdue tasks are told of upwards."""
    conn.execute(SQL.set_rules, asdict(rules))
    words = ", ".join(f"{name} {value}" for name, value in asdict(rules).items())
    staff.audit(conn, by, "task.rules", "tasks", words, now)


def _open(conn: Conn, task_id: int) -> Task:
    """The open task, locked."""
    rows = conn.fetch(SQL.lock_one, {"id": task_id})
    if not rows:
        raise NotFound(Sentence("There is no such task.", "没有这条待办。"))
    task = Task(*rows[0])
    if task.state != "open" or task.reported_at is not None:
        state = STATES["done" if task.state == "open" else task.state]
        raise Refused(
            Sentence(
                f"This task is {state}: there is nothing to do any more.",
                f"这条待办{state.zh}：不用再做了。",
            )
        )
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
        raise NotFound(Sentence("There is no such task.", "没有这条待办。"))
    task = Task(*rows[0])
    if task.state == "done" or not conn.fetch(SQL.report, {"id": task_id, "now": now}):
        raise Refused(Sentence("This task was reported as done before.", "这条待办已报告过完成。"))
    touch = own_token(task.touch_id)
    again = _again(conn, task, at, now) if outcome == "no_answer" else None
    if again is not None:
        tried = TaskTried(touch=touch, again_at=again, minutes=minutes, staff=staff_code)
        name = f"task-tried:{task_id}:{at.isoformat()}"
        events.own(conn, [events.Own(tried, name, at)], now)
        return Told("open", "call_again", again)
    told = TaskDone(touch=touch, outcome=outcome, minutes=minutes, staff=staff_code)
    events.own(conn, [events.Own(told, report_of(task_id), at)], now)
    return Told("done", FOLLOWS[outcome])


def note(conn: Conn, keys: Keys, task: Task, text: str, by: str, now: datetime) -> None:
    """What somebody wrote about it: sealed, since people write names and numbers."""
    if not text.strip():
        return
    subjects = known.hashes(conn, [task.identity_id] if task.identity_id else [])
    if not subjects:
        raise Refused(
            Sentence(
                "Nothing ties this task to a person any more: no note can be kept.",
                "这条待办已不属于任何客户：不能保存备注。",
            )
        )
    sealing = Sealing(next(iter(subjects.values())), "note", text.strip())
    (item,) = seal(conn, keys, [sealing], now)
    conn.execute(SQL.add_note, {"task": task.id, "item": item, "by": by, "at": now})


def _again(conn: Conn, task: Task, at: datetime, now: datetime) -> datetime | None:
    rules = rules_of(conn)
    if task.kind != "call" or task.state != "open" or rules.most_tries == 1:
        return None
    tried = [tried for (tried,) in conn.fetch(SQL.tries_of, {"task": task.id})]
    if at in tried:
        raise Refused(Sentence("This call was reported before.", "这通电话已报告过。"))
    return call_again([*tried, at], rules, task.due_at, people.duties(conn, now).zone)


def rules_of(conn: Conn) -> Rules:
    """The brand's rules; without any, a call is made once and nothing is told upwards."""
    rows = conn.fetch(SQL.rules)
    return Rules(*rows[0]) if rows else Rules()


def _check(minutes: int, at: datetime, now: datetime) -> None:
    """Refused here, in words: told as an event it would be parked, and the report be lost."""
    problems: list[Problem] = []
    if not 0 <= minutes <= LONGEST_TASK:
        problems.append(
            Problem(
                "minutes", Sentence(f"must be 0 to {LONGEST_TASK}", f"必须是 0 到 {LONGEST_TASK}")
            )
        )
    if at.tzinfo is None:
        problems.append(
            Problem(
                "occurred_at",
                Sentence("has no offset; add +08:00 or Z", "没有时差；请加上 +08:00 或 Z"),
            )
        )
    elif not EARLIEST <= at <= now + AHEAD:
        problems.append(
            Problem(
                "occurred_at",
                Sentence(
                    "lies before 1990 or more than a day ahead", "早于 1990 年，或比现在晚一天以上"
                ),
            )
        )
    if problems:
        raise BadInput(
            Sentence("This report can't be true.", "这个报告不可能是真的。"), tuple(problems)
        )


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
