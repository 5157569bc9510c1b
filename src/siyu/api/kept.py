"""What takes long is worked out beside the request, one thing at a time, and kept for a while.

Who asks waits a moment; if that is not enough they are told so, with the last result where there is
one, and ask again. What took no longer than that moment is not kept; anything else is, for a
multiple of what it took, so that no question keeps the database busy.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWorking
from typing import Generic, NamedTuple, TypeVar, cast

from starlette.requests import Request

from siyu.kernel.errors import Busy
from siyu.kernel.sentence import Sentence

T = TypeVar("T")
PATIENCE = 0.15  # seconds that a page waits before it is told to ask again
EXPORT_PATIENCE = 120.0  # seconds that a download waits
MOST_KEPT = 100
MOST_WAITING = 20
WORTH = 20  # times of what it took, for which a result is kept


class Found(NamedTuple, Generic[T]):
    """A result, if there is one; `seconds`: how long the next one has been worked on, if it is."""

    result: T | None
    seconds: float | None


class _Work:
    """One question: what is known, and what is being worked out."""

    def __init__(self) -> None:
        self.result: object = None
        self.until = float("-inf")
        self.begun = 0.0
        self.future: Future[object] | None = None
        self.asker: Hashable = None


class Kept:
    """Results by question, each kept for `worth` times of what it took."""

    def __init__(self, name: str = "siyu-report", worth: float = WORTH) -> None:
        self._worth = worth
        self._works: OrderedDict[Hashable, _Work] = OrderedDict()
        self._guard = threading.Lock()
        self._threads = ThreadPoolExecutor(1, name)

    def ask(
        self,
        key: Hashable,
        work: Callable[[], T],
        patience: float = PATIENCE,
        asker: Hashable = None,
    ) -> Found[T]:
        """The result of `work`, or how far it is; what it raises is raised here and not kept.

        Of what an `asker` is waiting for, only the newest question is worked out."""
        with self._guard:
            one = self._works.setdefault(key, _Work())
            self._works.move_to_end(key)
            if time.monotonic() < one.until:
                return Found(cast("T", one.result), None)
            future = one.future
            if future is not None and one.asker != asker:
                one.asker = None  # two wait for it: neither takes it from the other
            if future is None:
                self._drop(asker)
                future = one.future = self._begin(one, work)
                one.asker = asker
            self._forget()
        try:
            return Found(cast("T", future.result(patience)), None)
        except (StillWorking, CancelledError):
            return Found(cast("T | None", one.result), time.monotonic() - one.begun)

    def _drop(self, asker: Hashable) -> None:
        """What this asker waits for and is not begun."""
        for one in self._works.values():
            if asker is not None and one.asker == asker and one.future and one.future.cancel():
                one.future = None

    def _begin(self, one: _Work, work: Callable[[], object]) -> Future[object]:
        under_way = sum(other.future is not None for other in self._works.values())
        if under_way >= MOST_WAITING:
            raise Busy(
                Sentence(
                    "Too much is being worked out at once; ask again in a moment.",
                    "同时在计算的太多；请稍后再试。",
                )
            )
        one.begun = time.monotonic()

        def run() -> object:
            began = time.monotonic()
            try:
                result = work()
            except BaseException:
                with self._guard:
                    one.future = None
                raise
            with self._guard:
                took = time.monotonic() - began
                one.result, one.future = result, None
                if took > PATIENCE:
                    one.until = time.monotonic() + self._worth * took
            return result

        return self._threads.submit(run)

    def _forget(self) -> None:
        """The oldest that nobody waits for."""
        for key in [key for key, one in self._works.items() if one.future is None]:
            if len(self._works) <= MOST_KEPT:
                return
            del self._works[key]


def the_kept(request: Request) -> Kept:
    """What this application keeps of reports."""
    kept: Kept = request.app.state.kept
    return kept


def the_counted(request: Request) -> Kept:
    """What it keeps of sets: these must not wait for reports."""
    kept: Kept = request.app.state.counted
    return kept
