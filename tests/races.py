"""Two transactions that want the same."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TypeVar

from siyu.db.pool import Pool
from siyu.kernel.sql import Conn

One = TypeVar("One")
Other = TypeVar("Other")
WAITING = """
select count(*) from pg_stat_activity
where wait_event_type = 'Lock' and datname = current_database()
"""


def behind(
    db: Pool, first: Callable[[Conn], One], second: Callable[[Conn], Other]
) -> tuple[One, Other]:
    """Both answers: `first` commits as soon as `second`, in another session, waits for it."""
    with ThreadPoolExecutor(1) as pool:

        def run() -> Other:
            with db.transaction() as conn:
                return second(conn)

        with db.transaction() as conn:
            one = first(conn)
            other = pool.submit(run)
            until = monotonic() + 20
            while db.fetch(WAITING) != [(1,)]:
                assert monotonic() < until
                assert not other.done()
        return one, other.result()
