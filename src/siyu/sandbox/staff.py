"""Guides: in their hours they look at the to-do list and do one thing after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from siyu.kernel.time import duration, hours
from siyu.sandbox.client import Task
from siyu.sandbox.crowd import Buyer, Crowd, Received
from siyu.sandbox.phones import Touch
from siyu.sandbox.stage import Stage
from siyu.sandbox.vendors import link_in

CHANNELS = {"friend_request": "wecom_request", "call": "voice_human"}
STEPS = {"friend_request": "request", "call": "human"}  # where the list does not name the step
Served = Callable[[Buyer, Task, datetime], str]
_LONGEST_LULL = timedelta(minutes=30)
_LOOK_SLACK = timedelta(minutes=12)
_TASK_SLACK = timedelta(minutes=5)
_FIRST_STEP = timedelta(minutes=1)


class Guides:
    """Everybody who works through tasks, each at their own pace."""

    def __init__(self, stage: Stage, crowd: Crowd, served: Served | None = None) -> None:
        """`served`: whoever serves a customer who is no one to be invited; the outcome, or empty
        where it is an invitation after all."""
        self._served = served
        self._stage = stage
        self._crowd = crowd
        staff = stage.world.staff
        self._hours = hours(staff.hours)
        self._every = duration(staff.looks_every)
        self._minutes: Mapping[str, int] = {
            "friend_request": staff.request_minutes,
            "call": staff.call_minutes,
        }
        self._lull = self._every
        self._free: dict[str, datetime] = {}
        self._taken: set[str] = set()
        self._open: tuple[datetime, dict[str, Task]] = (stage.start, {})
        self._plan_look(stage.start)

    def look_again(self, after: datetime) -> None:
        """Their period goes on."""
        self._lull = self._every
        self._plan_look(after)

    def _plan_look(self, after: datetime) -> None:
        at, _ = self._hours.next(after, self._stage.zone)
        if at <= self._stage.end:
            self._stage.agenda.add(at, "look", self._look, slack=_LOOK_SLACK)

    def _look(self, _: datetime) -> None:
        """Take what is new on the list; an empty list is looked at less often."""
        at = self._stage.now  # a look rides along with the step that comes next
        fresh = [task for task in self._list().values() if task.id not in self._taken]
        for task in sorted(fresh, key=_natural):
            self._taken.add(task.id)
            self._plan(task, at)
        self._lull = self._every if fresh else min(max(_LONGEST_LULL, self._every), self._lull * 2)
        self._plan_look(at + self._lull)

    def _list(self) -> dict[str, Task]:
        """The open tasks, read at most once in a step."""
        if self._open[0] != self._stage.now or not self._open[1]:
            self._open = (self._stage.now, {task.id: task for task in self._stage.api.tasks()})
        return self._open[1]

    def _plan(self, task: Task, at: datetime) -> None:
        free = max(at, self._free.get(task.staff, at))
        begin, _ = self._hours.next(free + _FIRST_STEP, self._stage.zone)
        took = timedelta(minutes=self._minutes.get(task.kind, 5))
        self._free[task.staff] = begin + took
        name = f"task/{task.shop}/{task.order_no}/{task.kind}"
        self._stage.agenda.add(begin, name, lambda when: self._do(task, when), slack=_TASK_SLACK)

    def _do(self, task: Task, at: datetime) -> None:
        """Look again whether it is still wanted, then act at once."""
        channel = CHANNELS.get(task.kind)
        if channel is None or task.id not in self._list():
            return
        shown = self._stage.api.reveal(task.id, task.staff)
        buyer = self._crowd.by_phone(shown.phone) if shown and shown.phone else None
        if shown is None:
            return
        if buyer is None:
            self._stage.api.done(task.id, "wrong_person", 1, task.staff, at)
            return
        if buyer.person.draw("forgotten", task.kind) < self._stage.world.staff.forgets:
            return
        outcome = self._touch(task, channel, buyer, at)
        self._stage.api.done(task.id, outcome, self._minutes[task.kind], task.staff, at)

    def _touch(self, task: Task, channel: str, buyer: Buyer, at: datetime) -> str:
        step = task.step or STEPS[task.kind]
        about = (task.shop, task.order_no)
        touch = Touch(
            seq=self._stage.records.next_seq(),
            at=at,
            channel=channel,
            step=step,
            journey="",
            shop=about[0],
            order_no=about[1],
            token=task.touch or task.id,
            phone=buyer.contact.phone,
            buyer=buyer.key,
        )
        self._stage.records.touches.append(touch)
        if self._served is not None and (outcome := self._served(buyer, task, at)):
            return outcome
        link = task.link or link_in(task.script)
        received = Received(channel, step, task.script, link, about, task.staff)
        answer = self._crowd.receive(buyer, received, at)
        if answer.call is None:
            return "requested"
        touch.reached = answer.call.answered
        if answer.call.outcome == "already_added":
            self._crowd.identify(buyer, at)
        return answer.call.outcome


def _natural(task: Task) -> tuple[datetime, str, str, str]:
    """An order that no generated id has a part in."""
    return task.due_at, task.shop, task.order_no, task.kind
