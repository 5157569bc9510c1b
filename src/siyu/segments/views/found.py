"""The customers of a set: page by page, and how many each of its conditions leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from siyu.kernel.sql import Conn, load
from siyu.segments.compile import compile_tree
from siyu.segments.compile.live import compile_funnel
from siyu.segments.model import Tree
from siyu.segments.views import matching, values

SQL = load("siyu.segments")
PAGE = 5_000  # customers that one statement looks at


class Left(NamedTuple):
    """One part of a set's text, and for how many customers it holds by itself."""

    where: str
    depth: int
    said: str
    customers: int


class Funnel(NamedTuple):
    """Of `everybody`, those for whom each part holds; the first part is the whole set."""

    everybody: int
    parts: list[Left]

    @property
    def members(self) -> int:
        """How many are in the set."""
        return self.parts[0].customers


def funnel(conn: Conn, tree: Tree, now: datetime) -> Funnel:
    """How many customers each part of a set leaves, in one statement."""
    asked = compile_funnel(tree)
    ((everybody, *counts),) = conn.fetch(asked.sql, values(conn, asked, now))
    pairs = zip(asked.clauses, counts, strict=True)
    return Funnel(everybody, [Left(*clause, int(count)) for clause, count in pairs])


def pages(conn: Conn, tree: Tree, now: datetime, after: int = 0) -> Iterator[list[int]]:
    """The members with an id above `after`, in id order: of each page of customers those who are
    in the set, so that a large base is never in memory at once."""
    compiled = compile_tree(tree)
    while True:
        rows = conn.fetch(SQL.everybody, {"after": after, "limit": PAGE})
        page = [row[0] for row in rows]
        yield sorted(matching(conn, compiled, page, now))
        if len(page) < PAGE:
            return
        after = page[-1]


def _never() -> bool:
    return False


def first(
    conn: Conn,
    tree: Tree,
    now: datetime,
    *,
    after: int,
    limit: int,
    looks: int,
    late: Callable[[], bool] = _never,
) -> list[int]:
    """The first members behind an id, of `looks` pages of customers at most, or as many as there
    are before it is late."""
    found: list[int] = []
    for number, page in enumerate(pages(conn, tree, now, after), 1):
        found += page[: limit - len(found)]
        if len(found) == limit or number == looks or late():
            break
    return found
