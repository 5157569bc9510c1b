"""People who answer by rates: the channels of a dry run, and staff who do what they are given.

Every draw hangs on the seed, the customer, the order and the step, on nothing that differs from run
to run: the same question has the same answer, and who answers at a low rate answers at a high one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from heapq import heappop, heappush
from typing import NamedTuple, cast

from siyu.dryrun.model import Level, Rates, Reaction
from siyu.events import actions as events
from siyu.events.model import (
    CallFinished,
    FriendAdded,
    Intent,
    Key,
    Payload,
    TouchDelivered,
    TouchFailed,
)
from siyu.kernel.errors import Refused
from siyu.kernel.ids import PublicIds, share
from siyu.kernel.sql import Conn, Db, load
from siyu.outbox.model import PREFIX, Asked, Found, Message, Result, Stopped, own_token
from siyu.staff import views as staff
from siyu.staff.decide import at_work
from siyu.tasks import actions as tasks
from siyu.tasks.model import Outcome

SQL = load("siyu.dryrun")
ADDS_WITHIN = timedelta(hours=2)  # of what made them


class _Due(NamedTuple):
    at: datetime
    name: str
    payload: Payload
    keys: tuple[Key, ...]


class _Invited(NamedTuple):
    """How a touch reached whom, and what the link in it says of whoever follows it."""

    touch_id: int
    channel: str
    kind: str
    hash: bytes
    state: bytes | None
    staff: str
    friend: bool


class _Task(NamedTuple):
    id: int
    touch_id: int
    kind: str
    staff: str
    customer_id: int
    shop: str
    order_no: str


@dataclass
class People:
    """Everybody outside, at one level of the rates."""

    ids: PublicIds
    rates: Rates
    level: Level
    seed: str
    now: datetime
    grid: timedelta
    _due: list[_Due] = field(default_factory=list[_Due])
    _busy: dict[str, datetime] = field(default_factory=dict[str, datetime])
    _reached: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def next_at(self) -> datetime | None:
        """When somebody does something of their own accord."""
        return self._due[0].at if self._due else None

    def got(self, channel: str, messages: Sequence[Message]) -> None:
        """These were handed over: who they are for will answer."""
        react = self._of(channel)
        for message in messages:
            touch = self.ids.decode(PREFIX, message.token)
            if touch is None:
                continue
            about = (message.customer, message.journey, message.step, message.order_no)
            reached = self.draw("reached", *about) < react.reached.at(self.level)
            self._answer(channel, touch, own_token(touch), about, react, reached=reached)
            if reached:
                self._reached.append((touch, "/".join(about)))

    def _answer(
        self,
        channel: str,
        touch: int,
        token: str,
        about: Sequence[str],
        react: Reaction,
        *,
        reached: bool,
    ) -> None:
        if channel == "voice_ai":
            intent: Intent = _drawn(self.draw("intent", *about), react.intents) if reached else ""
            seconds = round(react.seconds.at(self.level)) if reached else 0
            refused = reached and self.draw("refused", *about) < react.refused.at(self.level)
            outcome = "refused" if refused else ("answered" if reached else "no_answer")
            payload: Payload = CallFinished(
                touch=token, answered=reached, seconds=seconds, intent=intent, outcome=outcome
            )
        else:
            payload = TouchDelivered(touch=token) if reached else TouchFailed(touch=token)
        heappush(self._due, _Due(self.now, f"dry/{touch}/answer", payload, ()))

    def act(self, db: Db, now: datetime) -> int:
        """Tell what happens by now: answers, new friends, work that is done. How much."""
        self.now = now
        with db.transaction() as conn:
            done = self._work(conn, now)
            self._add(conn)
            told: list[events.Own] = []
            while self._due and self._due[0].at <= now:
                due = heappop(self._due)
                told.append(events.Own(due.payload, due.name, now, due.keys))
            events.own(conn, told, now)
        return done + len(told)

    def _add(self, conn: Conn) -> None:
        """Whoever was reached and adds us: by the link they had."""
        reached, self._reached = dict(self._reached), []
        if not reached:
            return
        rows = conn.fetch(SQL.invited, {"touches": sorted(reached)})
        for row in (_Invited(*row) for row in rows):
            about = reached[row.touch_id]
            if row.friend or not row.staff:
                continue
            if self.draw("added", about) >= self._of(row.channel).added.at(self.level):
                continue
            account = blake2b(f"dry {row.hash.hex()}".encode(), digest_size=16).digest()
            keys = [Key(row.kind, row.hash), Key("external_userid", account)]
            if row.state is not None:
                keys.append(Key("state", row.state))
            at = self.now + ADDS_WITHIN * self.draw("when", about)
            added = FriendAdded(staff=row.staff)
            heappush(self._due, _Due(at, f"dry/{row.touch_id}/added", added, tuple(keys)))

    def _work(self, conn: Conn, now: datetime) -> int:
        """Staff who are at work do one thing after the other."""
        rows = conn.fetch(SQL.tasks)
        if not rows:
            return 0
        duties, zone = staff.duties(conn, now)
        queues: dict[str, list[_Task]] = defaultdict(list)
        for task in (_Task(*row) for row in rows):
            if task.staff in duties and at_work(duties[task.staff], now, zone):
                queues[task.staff].append(task)
        return sum(self._one_by_one(conn, who, queue, now) for who, queue in queues.items())

    def _one_by_one(self, conn: Conn, who: str, queue: Sequence[_Task], now: datetime) -> int:
        done = 0
        for task in queue:
            if self._busy.get(who, now) > now:
                break
            react = self._of("voice_human" if task.kind == "call" else "wecom_request")
            about = f"{task.kind}/{task.customer_id}/{task.shop}/{task.order_no}"
            reached = self.draw("reached", about) < react.reached.at(self.level)
            minutes = round(react.minutes.at(self.level))
            refused = reached and self.draw("refused", about) < react.refused.at(self.level)
            outcome = _outcome(task.kind, reached=reached, refused=refused)
            try:
                tasks.done(conn, task.id, outcome, now, minutes=minutes, staff_code=who)
            except Refused:  # it was called off meanwhile
                continue
            if reached and not refused:
                self._reached.append((task.touch_id, about))
            begun = max(self._busy.get(who, now - self.grid), now - self.grid)
            self._busy[who] = begun + timedelta(minutes=minutes)
            done += 1
        return done

    def _of(self, channel: str) -> Reaction:
        return self.rates[channel]

    def draw(self, *words: str) -> float:
        """In [0, 1): the same for the same words and seed."""
        return share(self.seed, *words)


def _outcome(kind: str, *, reached: bool, refused: bool) -> Outcome:
    if kind != "call":
        return "requested"
    if not reached:
        return "no_answer"
    return "refused" if refused else "agreed"


def _drawn(at: float, weights: Mapping[str, float]) -> Intent:
    left = at * sum(weights.values())
    for word, weight in weights.items():
        left -= weight
        if left < 0:
            return cast("Intent", word)
    return ""


class Line:
    """A channel of a dry run: takes everything, and people answer by their rates."""

    def __init__(self, name: str, people: People) -> None:
        self._name = name
        self._people = people

    def send(self, messages: Sequence[Message]) -> list[Result]:
        """All of them are taken."""
        self._people.got(self._name, messages)
        return [Result(message.token, "accepted") for message in messages]

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:  # noqa: ARG002 - a Channel's form
        """What was handed over is under way."""
        return []

    def reconcile(self, asked: Sequence[Asked]) -> list[Found]:
        """Nothing is ever in doubt here."""
        return [Found(one.token, "accepted") for one in asked]
