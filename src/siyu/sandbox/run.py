"""The loop of a simulated period: world and engine in one fixed order, from one cause to the next.

A step is made when something in the world can't wait any longer (each act says how long it can), or
when the engine's timer has waited long enough; everything that is due by then happens in it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from siyu.sandbox.world import World

SHORTEST = timedelta(seconds=1)  # what is overdue goes at once, but time always goes on
TIMERS_WITHIN = timedelta(minutes=2)  # journeys wait for minutes to days: several timers, one step
QUIET_WITHIN = timedelta(minutes=30)  # … and in quiet days only for days


class Engine(Protocol):
    """The part of the engine that a simulated period drives."""

    def next_due(self, now: datetime) -> datetime | None:
        """When the engine has its next work; None when it only waits for the world."""
        ...

    def tick(self, now: datetime) -> None:
        """Do everything that is due by `now`."""
        ...


class Run(NamedTuple):
    """What a run was: its steps, how much happened in the world, when it ended."""

    steps: int
    happened: int
    until: datetime


def run(
    world: World,
    engine: Engine,
    set_clock: Callable[[datetime], None],
    start: datetime,
    progress: Callable[[datetime], None] | None = None,
    *,
    timers_within: timedelta = TIMERS_WITHIN,
) -> Run:
    """Step from one due time to the next until the world's period is over."""
    now = start
    steps = happened = 0
    while True:
        timer = engine.next_due(now)
        within = QUIET_WITHIN if world.quiet(now) else timers_within
        latest = None if timer is None else timer + within
        waiting = [at for at in (world.next_at(), latest) if at is not None]
        if not waiting:
            break
        upcoming = max(min(waiting), now + SHORTEST if steps else now)
        if upcoming > world.end:
            break
        now = upcoming
        set_clock(now)
        happened += world.step(now)
        engine.tick(now)
        world.after_tick(now, applied=True)
        steps += 1
        if progress is not None:
            progress(now)
    return Run(steps, happened, now)
