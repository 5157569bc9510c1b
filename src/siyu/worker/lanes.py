"""Lanes: threads that do not wait for one another, each given only what is due.

What may keep others waiting has a lane of its own: the applier, the plans of journeys, the
housekeeping, questions to providers, and the sending, urgent and bulk apart for every channel.
What connectors ask for has a few, each for whichever pull is due.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from queue import SimpleQueue
from typing import NamedTuple, Protocol

import structlog

from siyu.app import App
from siyu.events.sweep import describe
from siyu.kernel.errors import DatabaseDown
from siyu.kernel.ids import share
from siyu.kernel.time import doubled
from siyu.outbox import sweep as outbox
from siyu.outbox.model import LANES as URGENCIES
from siyu.outbox.model import Lane as Urgency
from siyu.worker.sweeps import SWEEPS, Sweep

log = structlog.get_logger(__name__)

LANES = tuple(dict.fromkeys(sweep.lane for sweep in SWEEPS))
FIRST_RETRY = 0.5  # seconds after a first failure; doubled after each further one
LONGEST_RETRY = 15.0
FIRST_PASS = 0.05  # due, but another worker has it in hand: look again so soon
LONGEST_PASS = 2.0
PULLS_AT_ONCE = 4  # so a long one keeps the others waiting only if three more are long


class Done(NamedTuple):
    """What one batch did. `trouble`: what is wrong, in words, though nothing was raised."""

    items: int
    trouble: str = ""


class Heard(Protocol):
    """Who hears of every run."""

    def __call__(self, sweep: str, items: int, seconds: float, error: str) -> None: ...


@dataclass
class Job:
    """One kind of work: what `due` calls it, a batch of it, and how it has fared lately.

    With `every` it is due by the clock on the wall, after so many seconds.
    """

    name: str
    run: Callable[[datetime], Done]
    every: float = 0.0
    rest_until: float = 0.0  # time.monotonic()
    failures: int = 0
    passes: int = 0

    def fared(self, done: Done) -> None:
        """Rest after a failure or an idle run: longer each time, and not all at one moment."""
        if done.trouble:
            self.failures += 1
            spread = 0.75 + share(self.name, str(self.failures), str(id(self))) / 2
            rest = doubled(FIRST_RETRY, self.failures - 1, LONGEST_RETRY) * spread
        elif done.items == 0:
            self.failures, self.passes = 0, self.passes + 1
            rest = doubled(FIRST_PASS, self.passes - 1, LONGEST_PASS)
        else:
            self.failures = self.passes = 0
            rest = 0.0
        self.rest_until = time.monotonic() + max(rest, self.every)


class Lane:
    """A thread that does the jobs it is given, one after the other, and says when it is idle."""

    def __init__(self, name: str, jobs: Sequence[Job]) -> None:
        self.name = name
        self.jobs = tuple(jobs)
        self.idle = True
        self._given: SimpleQueue[list[Job] | None] = SimpleQueue()
        self._ending = False
        self._thread: threading.Thread | None = None

    def start(
        self, clock: Callable[[], datetime], heard: Heard, after: Callable[[int], None]
    ) -> None:
        """`after` each round it is told how much was done."""
        self._thread = threading.Thread(
            target=self._work, args=(clock, heard, after), name=f"siyu-{self.name}", daemon=True
        )
        self._thread.start()

    def give(self, jobs: list[Job]) -> None:
        """Work for an idle lane."""
        self.idle = False
        self._given.put(jobs)

    def end(self) -> None:
        """No further batch after the one under way."""
        self._ending = True
        self._given.put(None)

    def join(self, seconds: float) -> bool:
        """Has it ended, waiting at most so long?"""
        if self._thread is None:
            return True
        self._thread.join(max(seconds, 0.0))
        return not self._thread.is_alive()

    def _work(
        self, clock: Callable[[], datetime], heard: Heard, after: Callable[[int], None]
    ) -> None:
        while (jobs := self._given.get()) is not None:
            items = 0
            for job in jobs:
                if self._ending:
                    return
                items += self._once(job, clock, heard)
            self.idle = True
            after(items)

    def _once(self, job: Job, clock: Callable[[], datetime], heard: Heard) -> int:
        began = time.monotonic()
        try:
            done = job.run(clock())
        except DatabaseDown as error:
            log.warning("the database is away; trying again", sweep=job.name, why=str(error))
            done = Done(0, str(error))
        except Exception as error:  # noqa: BLE001 - one bad sweep must not end the others
            # not the trace: it may quote values
            log.error("a sweep failed", sweep=job.name, error=describe(error))  # noqa: TRY400
            done = Done(0, describe(error))
        job.fared(done)
        heard(job.name, done.items, time.monotonic() - began, done.trouble)
        return done.items


def senders(app: App, channels: Collection[str]) -> list[Lane]:
    """The lanes of these channels."""
    return [
        Lane(f"send:{channel}:{urgency}", [_send(app, channel, urgency)])
        for channel in sorted(channels)
        for urgency in URGENCIES
    ]


def lanes(app: App, wanted: Collection[str]) -> list[Lane]:
    """All lanes but the applier's, whose sweep runs on the session that holds the lock."""
    found: list[Lane] = []
    for name in LANES:
        if name not in wanted or name == "apply":
            continue
        if name == "send":
            found += senders(app, app.channels)
            continue
        for place in range(PULLS_AT_ONCE if name == "pull" else 1):
            jobs = [_job(app, one) for one in SWEEPS if one.lane == name]
            found.append(Lane(f"{name}:{place + 1}" if place else name, jobs))
    return found


def _job(app: App, sweep: Sweep) -> Job:
    return Job(sweep.name, lambda now: Done(sweep.run(app, app.db, now)))


def _send(app: App, channel: str, urgency: Urgency) -> Job:
    return Job(f"send:{channel}:{urgency}", partial(_sent, app, channel, urgency))


def _sent(app: App, channel: str, urgency: Urgency, now: datetime) -> Done:
    """A provider that breaks, or takes nothing, gets rest: the sooner it is asked, the worse."""
    carrier = app.channels.get(channel)
    if carrier is None:  # it was taken out of the settings
        return Done(0)
    mine = {channel: carrier}
    sent = outbox.send(app.db, mine, app.context, now, app.clock.real(), lanes=(urgency,))
    trouble = sent.broken.get(channel, "")
    taken = sent.outcome["sent"] + sent.outcome["awaiting_staff"]
    if not trouble and sent.outcome["owed"] and not taken:
        trouble = "the provider takes nothing for now"
    return Done(sent.claimed, trouble)
