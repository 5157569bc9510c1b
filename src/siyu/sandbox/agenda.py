"""What happens next in virtual time: due acts in order, ties broken by their natural names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush

Act = Callable[[datetime], None]
_NONE = timedelta(0)


class Agenda:
    """A queue of acts. An act with `slack` may ride along with the next step, at most that late;
    `least` is what every act has of it."""

    def __init__(self, least: timedelta = _NONE) -> None:
        self._least = least
        self._due: list[tuple[datetime, str, int, Act]] = []
        self._latest: list[tuple[datetime, int]] = []
        self._done: set[int] = set()
        self._number = 0

    def add(self, at: datetime, name: str, act: Act, slack: timedelta = _NONE) -> None:
        """Plan `act(at)`. `name` comes from the world, never from the engine: it orders ties."""
        self._number += 1
        heappush(self._due, (at, name, self._number, act))
        heappush(self._latest, (at + max(slack, self._least), self._number))

    def next_at(self) -> datetime | None:
        """The moment by which the next step must be made."""
        while self._latest and self._latest[0][1] in self._done:
            self._done.discard(heappop(self._latest)[1])
        return self._latest[0][0] if self._latest else None

    def run(self, now: datetime) -> int:
        """Do everything that is due by `now`, also what is planned meanwhile; how many acts."""
        count = 0
        while self._due and self._due[0][0] <= now:
            at, _, number, act = heappop(self._due)
            self._done.add(number)
            act(at)
            count += 1
        return count
