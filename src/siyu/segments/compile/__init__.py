"""From a tree to one SQL statement: tree → Ibis expression → an engine's text with placeholders.

What people wrote never becomes part of the SQL. Each value enters the expression as a mark of our
own (`'siyu:p0'`, cast to its type) and the mark becomes a placeholder in the finished text, so one
statement serves every value, and no quoting can go wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from hashlib import blake2b
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from siyu.segments.check import document
from siyu.segments.compile.scope import Batch, Dialect, Everybody, Valued, mark, statement
from siyu.segments.model import (
    All,
    Any,
    Dated,
    Expression,
    Form,
    Leaf,
    Named,
    Not,
    Predicate,
    Tree,
    leaves,
)
from siyu.segments.predicates.facts import ibis, table

_CACHED = 512


class Compiled(NamedTuple):
    """A tree as a statement. It takes `params`, `now`, and `ids` where it asks for a batch; in the
    lake's engines `currency` as well, where amounts are in the brand's."""

    sql: str
    params: Mapping[str, object]
    digest: str


def told(params: Mapping[str, object], now: datetime, zone: ZoneInfo) -> dict[str, object]:
    """The values of a statement on this day: what depends on it is told of it."""
    return {
        name: cast("Dated", value).tell(now, zone) if _dated(type(value)) else value
        for name, value in params.items()
    }


@cache
def _dated(kind: type) -> bool:
    """Asked once for each type: a protocol goes through its names, for each of 500 values."""
    return issubclass(kind, Dated)


def lake_values(
    compiled: Compiled, now: datetime, zone: ZoneInfo, currency: str
) -> dict[str, object]:
    """All that a statement for an engine of the lake takes, and nothing else."""
    every = {
        **told(compiled.params, now, zone),
        "now": now.astimezone(UTC).replace(tzinfo=None),
        "currency": currency,
    }
    named = set(re.findall(r"[$:](\w+)", compiled.sql))
    return {name: value for name, value in every.items() if name in named}


class Clause(NamedTuple):
    """A part of a tree, as `explain` shows it: `said` in the words of the text."""

    where: str
    depth: int
    said: str


class Explained(NamedTuple):
    """A statement that answers each part of a tree for the customer %(id)s."""

    sql: str
    params: Mapping[str, object]
    clauses: tuple[Clause, ...]


def digest(tree: Tree) -> str:
    """The same for the same text, whatever its spelling; in every process and year."""
    return blake2b(_said(_spelled(tree)).encode(), digest_size=16).hexdigest()


@lru_cache(_CACHED)
def compile_tree(tree: Tree) -> Compiled:
    """Which customers of %(ids)s are in the set: on PostgreSQL, each looked up by index."""
    scope = Batch(tree)
    found = scope.chosen(_holds(tree, scope))
    found = found.filter(found.id == mark("ids", "int64"))
    return Compiled(statement(found, "postgres"), scope.params, digest(tree))


@lru_cache(_CACHED)
def compile_members(tree: Tree, dialect: Dialect = "postgres") -> Compiled:
    """Everybody who is in the set."""
    return _compiled(tree, dialect, lambda found: found)


@lru_cache(_CACHED)
def compile_count(tree: Tree, dialect: Dialect = "postgres") -> Compiled:
    """How many are in the set."""
    return _compiled(tree, dialect, lambda found: found.count().as_table())


def shaped(tree: Tree, finish: Callable[[Expression, Valued], Expression]) -> Compiled:
    """Everybody who is in the set, on PostgreSQL, as a room above makes it of their ids."""
    scope = Everybody(tree, "postgres")
    sql = statement(finish(scope.chosen(_holds(tree, scope)), scope), "postgres")
    return Compiled(sql, scope.params, digest(tree))


@lru_cache(_CACHED)
def compile_flips(tree: Tree) -> Compiled | None:
    """For each customer of %(ids)s the next moment at which time alone may move them in or out of
    the set, null for no such moment; None where time moves nobody."""
    scope = Batch(tree)
    forms = dict.fromkeys(_predicate(leaf.form) for leaf in leaves(tree))
    moments = [moment for form in forms if (moment := form.flips(scope)) is not None]
    if not moments:
        return None
    first = moments[0] if len(moments) == 1 else ibis().least(*moments)
    # Filtered behind: before it, Ibis may set the customers apart, where no look-up finds them.
    found = scope.customer.select("id", at=first)
    sql = statement(found.filter(found.id == mark("ids", "int64")), "postgres")
    return Compiled(sql, scope.params, digest(tree))


def needs_zone(params: Mapping[str, object]) -> bool:
    """Whether values of a statement depend on the brand's day."""
    return any(_dated(type(value)) for value in params.values())


@cache
def brands_zone() -> str:
    """The statement that asks for the zone by whose days dates are told."""
    return statement(table("brand").select("time_zone"), "postgres")


def _compiled(tree: Tree, dialect: Dialect, finish: Callable[[Expression], Expression]) -> Compiled:
    scope = Everybody(tree, dialect)
    sql = statement(finish(scope.chosen(_holds(tree, scope))), dialect)
    return Compiled(sql, scope.params, digest(tree))


@lru_cache(_CACHED)
def compile_clauses(tree: Tree) -> Explained:
    """The statement behind `explain`: one column for each part, in reading order."""
    scope = Batch(tree)
    parts = list(_parts(tree, "", 0))
    columns = {f"c{number}": _holds(part, scope) for number, (_, part) in enumerate(parts)}
    answered = scope.customer.select("id", **columns)
    one = answered.filter(answered.id == mark("id", "int64")).select(*columns)
    return Explained(statement(one, "postgres"), scope.params, tuple(clause for clause, _ in parts))


def _holds(tree: Tree, scope: Valued) -> Expression:
    match tree:
        case Leaf(form):
            return _predicate(form).holds(scope)
        case Not(part):
            return ~_holds(part, scope)
        case Named(_, part):
            return scope.segment(part, lambda: _holds(part, scope))
        case All(parts):
            return ibis().and_(*(_holds(part, scope) for part in parts))
        case Any(parts):
            return ibis().or_(*(_holds(part, scope) for part in parts))


def _spelled(tree: Tree) -> Tree:
    """The tree with what other segments say in place of their names."""
    match tree:
        case Leaf():
            return tree
        case Not(part):
            return Not(_spelled(part))
        case Named(_, part):
            return _spelled(part)
        case All(parts):
            return All(tuple(map(_spelled, parts)))
        case Any(parts):
            return Any(tuple(map(_spelled, parts)))


def _predicate(form: Form) -> Predicate:
    if not isinstance(form, Predicate):
        raise TypeError(f"`{form.key}` is no question that the database can answer")
    return form


def _parts(tree: Tree, where: str, depth: int) -> Iterator[tuple[Clause, Tree]]:
    match tree:
        case Leaf():
            yield Clause(where, depth, _said(tree)), tree
        case Not(part):
            yield Clause(where, depth, "not"), tree
            yield from _parts(part, f"{where}.not".lstrip("."), depth + 1)
        case Named(_, part):
            yield Clause(where, depth, _said(tree)), tree
            yield from _parts(part, f"{where}.segment".lstrip("."), depth + 1)
        case All(parts) | Any(parts):
            key = "all" if isinstance(tree, All) else "any"
            yield Clause(where, depth, key), tree
            for place, part in enumerate(parts):
                yield from _parts(part, f"{where}.{key}[{place}]".lstrip("."), depth + 1)


def _said(tree: Tree) -> str:
    return json.dumps(document(tree), ensure_ascii=False)
