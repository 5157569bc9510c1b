"""Hand work to people as the outbox hands messages to a channel, and take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, Db, load
from siyu.kernel.time import Clock
from siyu.outbox.model import PREFIX, Asked, Found, Message, Result, Stopped
from siyu.staff import views as people
from siyu.staff.decide import midnight
from siyu.staff.model import Duty
from siyu.tasks.actions import quiet
from siyu.tasks.decide import Job, Loads, Waits, assign, unlimited
from siyu.tasks.decide.quiet import Planned
from siyu.tasks.model import KINDS, USUAL_TIME, WAITING_TIME

SQL = load("siyu.tasks")


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
    off_peak: bool

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

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        """Take back what nobody has done yet."""
        touches = self._touches([one.token for one in asked])
        with self._db.transaction() as conn:
            conn.execute(SQL.cancel, {"touches": sorted(touches.values())})
            states = dict(conn.fetch(SQL.states, {"touches": sorted(touches.values())}))
        return [Stopped(token) for token, touch in touches.items() if states.get(touch) != "done"]

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """A task is there, or it provably never was."""
        touches = self._touches([one.token for one in asked])
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
    given = assign(jobs, duties, loads(conn, duties, now, zone), now, zone)
    taken = [(one, who) for one in wanted if isinstance(who := given[one.touch_id], str)]
    hours = quiet.permitted(conn, [one.touch_id for one, _ in taken if one.off_peak])
    waiting = [
        quiet.Job(one.touch_id, who, _latest(one, now), hours[one.touch_id])
        for one, who in taken
        if one.off_peak
    ]
    _add(conn, taken, messages, quiet.planned(conn, waiting, duties, now, zone), now)
    return {touch: said for touch, said in given.items() if isinstance(said, Waits)}


def loads(conn: Conn, duties: Mapping[str, Duty], now: datetime, zone: ZoneInfo) -> Loads:
    """Read under the lock of all who assign; not asked for where nothing depends on it."""
    if unlimited(duties, now, zone):
        return {}
    conn.execute(SQL.lock)
    params = {"staff": sorted(duties), "midnight": midnight(now, zone)}
    found: dict[tuple[str, str], int] = {}
    for code, kind, _, count in conn.fetch(SQL.loads, params):
        found[code, kind] = found.get((code, kind), 0) + count
    return found


def _add(
    conn: Conn,
    given: Sequence[tuple[_Wanted, str]],
    messages: Mapping[int, Message],
    plans: Mapping[int, Planned],
    now: datetime,
) -> None:
    if not given:
        return
    planned = [plans.get(one.touch_id) for one, _ in given]
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
            "due_ats": [
                _due(one, plan, now) for (one, _), plan in zip(given, planned, strict=True)
            ],
            "planned": [plan and plan.at for plan in planned],
            "whys": ["" if plan is None else str(plan.why) for plan in planned],
            "now": now,
        },
    )


def _latest(one: _Wanted, now: datetime) -> datetime:
    """Until when it may wait."""
    return min(one.valid_until or now + WAITING_TIME, now + WAITING_TIME)


def _due(one: _Wanted, plan: Planned | None, now: datetime) -> datetime:
    """Work that waits for a quiet hour has its usual time from then on."""
    begins = now if plan is None or plan.at is None else max(now, plan.at)
    return min(one.valid_until or begins + USUAL_TIME, begins + USUAL_TIME)
