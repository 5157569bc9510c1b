"""The loop of a simulated period: world and engine in one fixed order, on a grid of 30 seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from siyu.sandbox.world import World

GRID = timedelta(seconds=30)
_EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


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


def on_grid(at: datetime) -> datetime:
    """The first moment of the grid that is not before `at`.

    >>> on_grid(datetime.fromisoformat("2026-03-02T10:00:01+00:00")).isoformat()
    '2026-03-02T10:00:30+00:00'
    """
    return at + (_EPOCH - at) % GRID


def run(
    world: World,
    engine: Engine,
    set_clock: Callable[[datetime], None],
    start: datetime,
    progress: Callable[[datetime], None] | None = None,
) -> Run:
    """Step from one due time to the next until the world's period is over."""
    now = start
    steps = happened = 0
    while True:
        waiting = [at for at in (world.next_at(), engine.next_due(now)) if at is not None]
        if not waiting:
            break
        # What is overdue goes now, but time always goes on.
        upcoming = on_grid(max(min(waiting), now + GRID if steps else now))
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
