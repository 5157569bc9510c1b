"""What takes long is worked out beside the request, one thing at a time, and kept for a while.

Who asks waits a moment; if that is not enough they are told so, with the last result where there is
one, and ask again. What took no longer than that moment is not kept; anything else is, for twenty
times of what it took, so that no question keeps the database busy.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
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
WORTH = 20


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


class Kept:
    """Results by question. One per application."""

    def __init__(self) -> None:
        self._works: OrderedDict[Hashable, _Work] = OrderedDict()
        self._guard = threading.Lock()
        self._threads = ThreadPoolExecutor(1, "siyu-report")

    def ask(self, key: Hashable, work: Callable[[], T], patience: float = PATIENCE) -> Found[T]:
        """The result of `work`, or how far it is; what it raises is raised here and not kept."""
        with self._guard:
            one = self._works.setdefault(key, _Work())
            self._works.move_to_end(key)
            if time.monotonic() < one.until:
                return Found(cast("T", one.result), None)
            future = one.future
            if future is None:
                future = one.future = self._begin(one, work)
            self._forget()
        try:
            return Found(cast("T", future.result(patience)), None)
        except StillWorking:
            return Found(cast("T | None", one.result), time.monotonic() - one.begun)

    def _begin(self, one: _Work, work: Callable[[], object]) -> Future[object]:
        under_way = sum(other.future is not None for other in self._works.values())
        if under_way >= MOST_WAITING:
            raise Busy(
                Sentence(
                    "Too many reports are asked for at once; ask again in a moment.",
                    "同时要的报表太多；请稍后再要。",
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
                    one.until = time.monotonic() + WORTH * took
            return result

        return self._threads.submit(run)

    def _forget(self) -> None:
        """The oldest that nobody waits for."""
        for key in [key for key, one in self._works.items() if one.future is None]:
            if len(self._works) <= MOST_KEPT:
                return
            del self._works[key]


def the_kept(request: Request) -> Kept:
    """What this application keeps."""
    kept: Kept = request.app.state.kept
    return kept
