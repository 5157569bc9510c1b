"""Who is in a set, how many, and why a customer is or is not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from siyu.kernel.sql import Params, Row
from siyu.segments.compile import (
    Compiled,
    Explained,
    brands_zone,
    compile_clauses,
    compile_count,
    compile_flips,
    compile_members,
    needs_zone,
    told,
)
from siyu.segments.model import Tree


class Store(Protocol):
    """Where sets are evaluated: the connection of a sweep, inside its transaction."""

    def fetch(self, sql: str, params: Params | None = None) -> list[Row]:
        """Run a statement; all its rows."""
        ...


class Verdict(NamedTuple):
    """What one part of a set's text says of one customer."""

    where: str  # the part's place in the text: any[0].not
    depth: int
    said: str
    holds: bool


def matching(
    store: Store, compiled: Compiled, customer_ids: Collection[int], now: datetime
) -> set[int]:
    """Those of these customers who are in the set: one query, however many they are."""
    if not customer_ids:
        return set()
    params = values(store, compiled, now, ids=sorted(customer_ids))
    return {row[0] for row in store.fetch(compiled.sql, params)}


def flips(
    store: Store, tree: Tree, customer_ids: Collection[int], now: datetime
) -> dict[int, datetime]:
    """When time alone may next move each of these customers in or out of the set; who is missing
    moves by events only. At most one query."""
    compiled = compile_flips(tree)
    if compiled is None or not customer_ids:
        return {}
    params = values(store, compiled, now, ids=sorted(customer_ids))
    return {id_: at for id_, at in store.fetch(compiled.sql, params) if at is not None}


def members(store: Store, tree: Tree, now: datetime) -> set[int]:
    """Everybody who is in the set."""
    compiled = compile_members(tree)
    return {row[0] for row in store.fetch(compiled.sql, values(store, compiled, now))}


def count(store: Store, tree: Tree, now: datetime) -> int:
    """How many are in the set."""
    compiled = compile_count(tree)
    return int(store.fetch(compiled.sql, values(store, compiled, now))[0][0])


def explain(store: Store, tree: Tree, customer_id: int, now: datetime) -> list[Verdict]:
    """Each part of the tree, in reading order, true or false for this customer; [] if unknown."""
    question = compile_clauses(tree)
    rows = store.fetch(
        question.sql, values(store, question, now, id=customer_id, ids=[customer_id])
    )
    if not rows:
        return []
    return [
        Verdict(*clause, holds=bool(holds))
        for clause, holds in zip(question.clauses, rows[0], strict=True)
    ]


def values(
    store: Store, compiled: Compiled | Explained, now: datetime, **also: object
) -> dict[str, object]:
    """What a statement takes now; one that is told of the brand's day costs a second query."""
    if not needs_zone(compiled.params):
        return {**compiled.params, "now": now, **also}
    rows = store.fetch(brands_zone())
    zone = ZoneInfo(str(rows[0][0])) if rows else ZoneInfo("UTC")
    return {**told(compiled.params, now, zone), "now": now, **also}
