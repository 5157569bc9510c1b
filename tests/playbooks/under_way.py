"""A story played on, and at each point where something new of it is under way to somebody: what
would become of that, were they to say no now. What was tried is undone, and the story goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import yaml

from siyu.db.clock import VirtualClock
from siyu.db.pool import Joined
from siyu.dryrun.place import Apart, Ground
from siyu.dryrun.story import WITHOUT, Line, _begin, _incoming, _Stage
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, Db
from siyu.outbox.model import (
    ADDRESS,
    CALLS,
    MASSES,
    PREFIX,
    STAFF_CHANNELS,
    Asked,
    Message,
    Result,
    Stopped,
)
from siyu.playbooks.check import playbook as parsed
from siyu.playbooks.model.story import Story
from siyu.worker.sweeps import tick

EVERY = ("sms", "voice", "wecom")
UNSENT = ("wished", "owed", "leased", "unknown", "awaiting_staff")
LATER = (timedelta(days=4), timedelta(days=40))  # when it is looked whether nothing follows


class Point(NamedTuple):
    """Something under way: of a touch its journey, step, channel and how far it is."""

    journey: str
    step: str
    channel: str
    state: str


class Open(NamedTuple):
    """What is under way, to whom."""

    customer: int
    touch: int | None
    point: Point


class Pressed(Line):
    """A message to a friend waits until staff press; presses and calls can be asked back. What says
    the same by the same guide is one mass message, which stops as a whole."""

    def __init__(self, ids: PublicIds) -> None:
        super().__init__(ids)
        self.sent: list[Message] = []
        self.back: list[int] = []
        self.made: dict[str, list[str]] = {}  # mass message → tokens

    def send(self, messages: Sequence[Message]) -> list[Result]:
        self.sent += messages
        said: dict[tuple[str, str], list[str]] = {}
        for one in messages:
            if one.channel in MASSES:
                said.setdefault((one.staff, one.text), []).append(one.token)
        made = {f"m{len(self.made) + n}": tokens for n, tokens in enumerate(said.values())}
        self.made |= made
        id_ = {token: msgid for msgid, tokens in made.items() for token in tokens}
        return [one._replace(status="awaiting_staff", vendor_id=id_[one.token])
                if one.token in id_ else one for one in super().send(messages)]  # fmt: skip

    def cancel(self, asked: Sequence[Asked]) -> list[Stopped]:
        self.back += [self._ids.decode(PREFIX, one.token) or 0 for one in asked]
        gone = {one.token: Stopped(one.token) for one in asked}
        along = {token: Stopped(token, one.vendor_id) for one in asked
                 for token in self.made.get(one.vendor_id, ())}  # fmt: skip
        return [*(along | gone).values()]


class Undone(Exception):
    """What was tried is not to stay."""


class Touch(NamedTuple):
    """A touch as it is. `task`: somebody has it to do; `calling`: a call that has not ended, and
    that nobody has asked back."""

    customer: int
    journey: str
    channel: str
    purpose: str
    state: str
    reason: str
    task: bool
    calling: bool


@dataclass
class Tried:
    """What was so after a no: every touch one sweep later and as it was before; what was asked back
    by then; what of theirs has gone out since, weeks later, and what their parcels carry."""

    what: str  # all, a channel, or deleted
    who: int
    point: Point
    before: Mapping[int, Touch]
    touches: Mapping[int, Touch]
    back: list[int]
    sent: list[Touch]
    parcels: list[tuple[str, str]]


# Every touch, as `Touch` has it.
TOUCHES = """\
select t.id, t.customer_id, t.journey, t.channel, t.purpose, t.state, t.reason,
  exists (select from task k where k.touch_id = t.id and k.state = 'open'),
  t.channel = any(%(calls)s::text[]) and t.finished_at is null
    and t.state in ('sent', 'delivered', 'read') and not t.cancel_wanted
from touch t order by t.id
"""
OPEN = """\
select t.customer_id, t.id, t.journey, t.step, t.channel,
  case when t.state = any(%(unsent)s::text[]) then t.state else 'called' end
from touch t
where t.state = any(%(unsent)s::text[])
  or t.channel = any(%(calls)s::text[]) and t.finished_at is null
    and t.state in ('sent', 'delivered', 'read')
union all
select o.customer_id, null, '', 'parcel', 'parcel', 'planned'
from parcel_due d join parcel_order p on p.parcel_id = d.parcel_id
join orders o on o.shop = p.shop and o.order_no = p.order_no where o.customer_id is not null
order by 1, 2
"""
PARCELS = """\
select content, reason from parcel_decision where customer_id = %(who)s and frozen_at >= %(now)s
"""


class Walk(_Stage):
    """A story as it is always played, with a stop wherever something new is under way."""

    def __init__(self, there: Apart, story: Story, line: Pressed, seen: set[Point]) -> None:
        super().__init__(there, story, line)
        self.seen, self.tried, self.pressed = seen, list[Tried](), line

    def _until_quiet(self, lock: Db, now: datetime) -> datetime | None:
        tick(self.there, now, applier=lock, without=(*WITHOUT, "send"))
        self._stop(now)  # what is owed has not left yet
        tick(self.there, now, applier=lock, without=WITHOUT)
        self._stop(now)  # it is with staff, or with whom calls
        times = super()._until_quiet(lock, now)
        self._stop(now)
        return times

    def _stop(self, now: datetime) -> None:
        params = {"unsent": list(UNSENT), "calls": sorted(CALLS)}
        found = [Open(who, touch, Point(*point))
                 for who, touch, *point in self.there.db.fetch(OPEN, params)]  # fmt: skip
        for one in found:
            if one.point not in self.seen:
                self.seen.add(one.point)
                self.tried += [self._try(what, one, now) for what in noes(one.point)]

    def _try(self, what: str, one: Open, now: datetime) -> Tried:
        arrived, sent, back = self.line.arrived[:], len(self.pressed.sent), len(self.pressed.back)
        before, found = self._touches(self.there.db), list[Tried]()
        with suppress(Undone), self.there.db.transaction() as conn:
            there = self._within(conn, now)
            self._say_no(there, what, one.customer, now)
            tick(there, now, applier=there.db, without=WITHOUT)
            touches, asked = self._touches(there.db), self.pressed.back[back:]
            for later in LATER:
                there.hands.set(now + later)
                tick(there, now + later, applier=there.db, without=WITHOUT)
            after = self._touches(there.db)
            gone = [after[touch] for touch in self._left(sent)]
            rows = there.db.fetch(PARCELS, {"who": one.customer, "now": now})
            found.append(Tried(
                what, one.customer, one.point, before, touches, asked,
                [touch for touch in gone if touch.customer == one.customer],
                [(content, reason) for content, reason in rows],
            ))  # fmt: skip
            raise Undone
        self.line.arrived = arrived
        del self.pressed.sent[sent:], self.pressed.back[back:]
        return found[0]

    def _within(self, conn: Conn, now: datetime) -> Apart:
        """The application inside a transaction, which is undone at its end."""
        joined = Joined(self.there.db, conn)
        clock = VirtualClock(joined)
        clock.set(now)
        there = replace(self.there, db=joined, clock=clock, hands=clock)
        for name in ("brand", "journeys", "_context"):  # read once, not in each trial
            there.__dict__[name] = getattr(self.there, name)
        return there

    def _left(self, since: int) -> Iterator[int]:
        for message in self.pressed.sent[since:]:
            touch = self.there.ids.decode(PREFIX, message.token)
            if touch is not None:
                yield touch

    def _touches(self, db: Db) -> dict[int, Touch]:
        return {id_: Touch(*row) for id_, *row in db.fetch(TOUCHES, {"calls": sorted(CALLS)})}

    def _say_no(self, there: Apart, what: str, customer: int, now: datetime) -> None:
        who = next(name for name in self.story.people if self._id(name) == customer)
        if what == "deleted":
            sql = f"select staff from friendship where customer_id = {customer} and state = 'live'"
            friends = [staff for (staff,) in there.db.fetch(sql)] or [self.story.staff[0]]
            told = [("friend.deleted_by_customer", {"staff": staff}) for staff in friends]
        else:
            channels = EVERY if what == "all" else (what,)
            told = [("consent.withdrawn", {"channels": channels, "evidence": "tried"})]
        whole, self.there = self.there, there
        try:
            for kind, data in told:
                name = f"no/{what}/{data.get('staff', '')}"
                assert self._accept([_incoming(name, kind, now, self._keys(who), data)], now) == []
        finally:
            self.there = whole


def noes(point: Point) -> list[str]:
    """What somebody may say to this: no to all, to its channel; or they delete us."""
    if point.channel == "parcel" or point.state == "wished":
        return ["all"]
    group = "voice" if point.channel.startswith("voice") else point.channel.partition("_")[0]
    deletes = ["deleted"] if group != "sms" else []
    return ["all", *([] if point.state == "owed" else [group]), *deletes]


def walked(stage: Ground, files: Mapping[str, str]) -> list[Tried]:
    """Every story of a playbook; each point once, in whichever story it comes first."""
    seen: set[Point] = set()
    tried: list[Tried] = []
    for story in parsed(files, lenient=True).stories:
        playbook = parsed(files, story.settings, story.place.currency)
        line = Pressed(stage.app.ids)
        stage.wipe()
        lines = {name: line for name in ADDRESS if name not in STAFF_CHANNELS}
        there = stage.begin(story.begins, lines)
        _begin(there, playbook, story)
        walk = Walk(there, story, line, seen)
        assert walk.live() == []
        tried += walk.tried
    return tried


def speaking(files: Mapping[str, str]) -> set[tuple[str, str]]:
    """Every step of a playbook that says something to somebody, or has staff do so."""
    one = parsed(files, lenient=True).stories[0]
    texts = parsed(files, one.settings, one.place.currency).journeys.values()
    return {(said["journey"], step["id"]) for said in map(yaml.safe_load, texts)
            for step in said["steps"] if "send" in step or "task" in step}  # fmt: skip
