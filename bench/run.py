"""Processes that work beside each other: each says when it is ready, all begin at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from siyu.app import App, open_app
from siyu.settings import load

_CONTEXT = get_context("spawn")
Job = Callable[..., Any]


class Crew:
    """Started processes. `go()` lets all begin; `ended()` waits: (what it answered, its CPU)."""

    def __init__(self, home: Path, jobs: list[tuple[Job, tuple[Any, ...]]]) -> None:
        self._ready = _CONTEXT.Semaphore(0)
        self._go = _CONTEXT.Event()
        self.stop = _CONTEXT.Event()
        self._answers = [_CONTEXT.SimpleQueue() for _ in jobs]
        self._processes = [
            _CONTEXT.Process(
                target=_work,
                args=(home, job, arguments, self._ready, self._go, self.stop, answer),
                daemon=True,
            )
            for (job, arguments), answer in zip(jobs, self._answers, strict=True)
        ]
        for process in self._processes:
            process.start()
        for _ in jobs:
            if not self._ready.acquire(timeout=300):
                raise SystemExit("a process of the bench did not come up")

    def go(self) -> None:
        """All begin."""
        self._go.set()

    def ended(self) -> list[tuple[Any, float]]:
        """What each answered, and the CPU seconds that it took."""
        pairs = zip(self._processes, self._answers, strict=True)
        answers = [_answer(process, queue) for process, queue in pairs]
        for process in self._processes:
            process.join(timeout=30)
        return answers


def _answer(process: Any, queue: Any) -> tuple[Any, float]:
    """What a process says at its end; one that died says nothing."""
    while queue.empty():
        if not process.is_alive() and queue.empty():
            raise SystemExit("a process of the bench failed; what it said stands above")
        time.sleep(0.002)
    return queue.get()


@contextmanager
def crew(home: Path, *jobs: tuple[Job, tuple[Any, ...]]) -> Iterator[Crew]:
    """Processes on one home, gone at the end whatever happens."""
    started = Crew(home, list(jobs))
    try:
        yield started
    finally:
        started.stop.set()
        for process in started._processes:  # noqa: SLF001 - this file's own class
            process.join(timeout=10)
            process.kill()


def _work(
    home: Path, job: Job, arguments: tuple[Any, ...], ready: Any, go: Any, stop: Any, answer: Any
) -> None:
    with open_app(load(None, home=home)) as app:
        prepared = job(app, stop, *arguments)
        next(prepared)
        ready.release()
        go.wait()
        began = time.process_time()
        try:
            next(prepared)
        except StopIteration as end:
            answer.put((end.value, time.process_time() - began))


Prepared = Iterator[None]
__all__ = ["App", "Crew", "Prepared", "crew"]
