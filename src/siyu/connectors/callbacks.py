"""What a vendor's fake has to tell: when it is due, and again until it is heard, or given up.

Faults are switched on by attributes: `deaf` answers are taken for lost, `twice` posts are repeated,
`shuffled` tells the youngest first, `down` tells nothing at all.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

# To which path, and what: at most so many items. True once it was heard.
Post = Callable[[str, list[Any]], bool]


@dataclass(order=True)
class _Due:
    at: datetime
    number: int
    path: str = field(compare=False)
    item: Any = field(compare=False)
    tries: int = field(default=0, compare=False)


class Callbacks:
    """Everything that is still to be told. `waits`: the pauses after the first try, the second …"""

    def __init__(self, post: Post, waits: Sequence[timedelta], most: int = 100) -> None:
        self._post = post
        self.waits = waits
        self._most = most
        self._lock = threading.Lock()
        self._due: list[_Due] = []
        self._numbers = count()
        self.given_up: list[Any] = []
        self.deaf = 0
        self.twice = 0
        self.shuffled = False
        self.down = False

    def add(self, path: str, item: Any, at: datetime) -> None:
        """To be told then."""
        with self._lock:
            heapq.heappush(self._due, _Due(at, next(self._numbers), path, item))

    def next_at(self) -> datetime | None:
        """When the next is due; None: there is nothing to tell."""
        with self._lock:
            return self._due[0].at if self._due else None

    def deliver(self, now: datetime) -> int:
        """Tell what is due, by real HTTP; how many items were heard."""
        if self.down:
            return 0
        with self._lock:
            ready: list[_Due] = []
            while self._due and self._due[0].at <= now:
                ready.append(heapq.heappop(self._due))
        if self.shuffled:
            ready.reverse()
        return sum(self._tell(path, group, now) for path, group in self._groups(ready))

    def _groups(self, ready: Sequence[_Due]) -> Iterator[tuple[str, list[_Due]]]:
        for path in dict.fromkeys(one.path for one in ready):
            mine = [one for one in ready if one.path == path]
            for start in range(0, len(mine), self._most):
                yield path, mine[start : start + self._most]

    def _tell(self, path: str, group: list[_Due], now: datetime) -> int:
        items = [one.item for one in group]
        heard = self._post(path, items)
        if self.twice:
            self.twice -= 1
            self._post(path, items)
        if self.deaf:
            self.deaf -= 1
            heard = False
        if heard:
            return len(group)
        with self._lock:
            for one in group:
                if one.tries >= len(self.waits):
                    self.given_up.append(one.item)
                    continue
                one.at, one.tries = now + self.waits[one.tries], one.tries + 1
                heapq.heappush(self._due, one)
        return 0
