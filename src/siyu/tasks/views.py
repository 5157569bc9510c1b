"""What people have to do, and what they did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.kernel.sql import Conn, load
from siyu.staff import views as people
from siyu.staff.decide import at_work, midnight
from siyu.staff.model import ANY_WORK
from siyu.tasks.decide import Pace, pace
from siyu.tasks.model import LOOKED_BACK, State, Task

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
    among: Sequence[str] | None = None,
    unassigned: bool = False,
) -> list[Task]:
    """Open tasks, the most urgent first, or those of another state by id, after task `after`.

    `escalated_to`, `due_before` (what is overdue) and `unassigned` (whoever has it works here no
    more) speak of open ones alone. `among`: of these people only.
    """
    params: dict[str, object] = {"after": after, "limit": limit, "staff": staff, "kind": kind}
    params["among"] = None if among is None else list(among)
    if state == "open":
        more = {"escalated_to": escalated_to, "due_before": due_before, "unassigned": unassigned}
        return [Task(*row) for row in conn.fetch(SQL.page, {**params, **more})]
    return [Task(*row) for row in conn.fetch(SQL.page_of_state, {**params, "state": state})]


def get(conn: Conn, task_id: int) -> Task | None:
    """One task; None if there is no such."""
    rows = conn.fetch(SQL.get, {"id": task_id})
    return Task(*rows[0]) if rows else None


def of_customer(conn: Conn, customer_id: int) -> list[Task]:
    """Every task about a customer, oldest first."""
    return [Task(*row) for row in conn.fetch(SQL.of_customer, {"customer": customer_id})]


class Untold(NamedTuple):
    """An open task that its guide was not told of by message."""

    id: int
    staff: str
    kind: str
    customer_id: int
    order_no: str
    due_at: datetime


def untold(conn: Conn, staff: Collection[str], now: datetime) -> dict[str, list[Untold]]:
    """Guide → what is new to them, the most urgent first."""
    found: dict[str, list[Untold]] = {}
    for row in conn.fetch(SQL.untold, {"staff": sorted(staff), "now": now}):
        one = Untold(*row)
        found.setdefault(one.staff, []).append(one)
    return found


class Reveal(NamedTuple):
    """A phone that somebody is to look up on the order's platform. `masked_item`: where the vault
    holds what is to be seen of it."""

    id: int
    shop: str
    order_no: str
    page: str
    masked_item: int | None
    staff: str
    paid_at: datetime
    until: datetime


def reveals(
    conn: Conn,
    now: datetime,
    span: timedelta,
    *,
    after: int | None = None,
    limit: int = 1_000,
    staff: str | None = None,
) -> list[Reveal]:
    """Phones to be looked up, the oldest order first. Each until its parcel's cut-off; where no
    parcel is planned, for `span` after it was paid."""
    params = {"now": now, "span": span, "since": now - max(span, LOOKED_BACK)}
    params |= {"after": after, "limit": limit, "staff": staff}
    return [Reveal(*row) for row in conn.fetch(SQL.reveals, params)]


class Desk(NamedTuple):
    """How a guide stands: what of today is used, by kind, and what is overdue.

    `escalated` open tasks were told upwards, `held` are on a screen now.
    """

    at_work: bool
    open: int
    overdue: int
    today: dict[str, int]
    escalated: int = 0
    held: int = 0
    done: int = 0
    most: Mapping[str, int] = {}

    @property
    def left(self) -> int | None:
        """How much more they may get today; None: without limit."""
        rooms = [most - self._used(work) for work, most in self.most.items()]
        return max(0, min(rooms)) if rooms else None

    def _used(self, work: str) -> int:
        return sum(self.today.values()) if work == ANY_WORK else self.today.get(work, 0)


@dataclass(frozen=True)
class Capacity:
    """A team's day: `given` today to those at work, of them `limited` to guides who have a limit,
    where `most` fit (None: nobody has one); `open`, `overdue` and `done` of everybody."""

    at_work: int
    given: int
    limited: int
    most: int | None
    open: int
    overdue: int
    done: int


def capacity(team: Collection[Desk]) -> Capacity:
    """What all of them together can take today, and how far they are.

    >>> capacity([Desk(True, 1, 0, {"call": 2}, most={"*": 5}), Desk(True, 0, 0, {"call": 9})])
    Capacity(at_work=2, given=11, limited=2, most=5, open=1, overdue=0, done=0)
    """
    here = [(sum(one.today.values()), one.left) for one in team if one.at_work]
    limited = [(given, left) for given, left in here if left is not None]
    return Capacity(
        len(here),
        sum(given for given, _ in here),
        sum(given for given, _ in limited),
        sum(given + left for given, left in limited) if limited else None,
        sum(one.open for one in team),
        sum(one.overdue for one in team),
        sum(one.done for one in team),
    )


def desks(
    conn: Conn, now: datetime, real: datetime | None = None, codes: Sequence[str] | None = None
) -> dict[str, Desk]:
    """Every active guide, or these. `real`: the time that holds are of."""
    duties, zone = people.duties(conn, now, codes=codes)
    params = {"staff": sorted(duties), "midnight": midnight(now, zone), "now": now, "real": real}
    today: dict[str, Counter[str]] = {code: Counter() for code in duties}
    done = Counter[str]()
    for code, kind, over, count in conn.fetch(SQL.loads, params):
        today[code][kind] += count
        done[code] += count if over else 0
    late = {row[0]: row[1:] for row in conn.fetch(SQL.overdue, params)}
    found: dict[str, Desk] = {}
    for code, duty in duties.items():
        count, overdue, escalated, held = late.get(code, (0, 0, 0, 0))
        here = at_work(duty, now, zone)
        found[code] = Desk(
            here, count, overdue, dict(today[code]), escalated, held, done[code], duty.most
        )
    return found


class Today(NamedTuple):
    """Somebody's day: how their list stands, and how they worked."""

    desk: Desk
    pace: Pace
    told: int


def today(conn: Conn, staff: str, now: datetime, real: datetime) -> Today:
    """One person's; who is no active guide has nothing to do, and may have done something."""
    zone = people.brand_zone(conn)
    rows = conn.fetch(SQL.reports, {"staff": staff, "since": midnight(now, zone)})
    desk = desks(conn, now, real, [staff]).get(staff, Desk(False, 0, 0, {}))
    return Today(desk, pace([(at, minutes) for at, minutes in rows], now), len(rows))


class Note(NamedTuple):
    """Words that somebody wrote about a task, as a vault item."""

    item: int
    by: str
    at: datetime


def notes(conn: Conn, task_ids: Sequence[int]) -> list[Note]:
    """What was written about these, eldest first."""
    return [Note(*row) for row in conn.fetch(SQL.notes, {"tasks": list(task_ids)})]
