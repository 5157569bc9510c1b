"""A half of the job of a contender, while it is measured: its meters, and what it is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import house
import psycopg

from siyu.app import App

Figures = dict[str, Any]


class Half:
    """One half of the job while it is measured: until `count` are done or its time is over."""

    SECONDS = 5  # at most

    def __init__(self) -> None:
        self._until = time.monotonic() + self.SECONDS

    def goes_on(self) -> bool:
        """Is there time left?"""
        return time.monotonic() < self._until

    def left(self) -> float:
        """Seconds of it."""
        return max(0.1, self._until - time.monotonic())


@contextmanager
def measured(app: App, found: Figures, name: str, done: list[int]) -> Iterator[Half]:
    """Puts the figures of a half under its name; `done` has the number of items at the end."""
    with counted() as statements, house.metered(app) as spent:
        mine = time.process_time()
        yield Half()
        mine = time.process_time() - mine
    count = sum(done)
    assert count, f"nothing was done in {Half.SECONDS} s"
    wall, database, wal = spent[0]
    found[name] = {
        "per_s": round(count / wall),
        "count": count,
        "cpu_ms_each": round((mine + database) / count * 1e3, 4),
        "cpu_ms_by": {
            "process": round(mine / count * 1e3, 4),
            "database": round(database / count * 1e3, 4),
        },
        "wal_bytes_each": round(wal / count),
        "statements_each": round(statements[0] / count, 2),
    }


@contextmanager
def counted() -> Iterator[list[int]]:
    """How many statements this process sends inside, whoever sends them; no begin, no commit."""
    seen = [0]
    before = {cls: cls.execute for cls in (psycopg.Cursor, psycopg.AsyncCursor)}

    def counting(execute: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **options: Any) -> Any:
            seen[0] += 1
            return execute(*args, **options)

        return called

    for cls, execute in before.items():
        cls.execute = counting(execute)  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        for cls, execute in before.items():
            cls.execute = execute  # type: ignore[method-assign]


def orders(count: int) -> Iterator[tuple[str, str]]:
    """So many orders: what they are called, and what is told of them."""
    for number in range(count):
        data = {"keys": {"phone": f"138{number:08d}"}, **house.order(str(number))}
        yield f"bench/{number}", json.dumps(data)
