"""From a tree to one SQL statement: tree → Ibis expression → PostgreSQL text with placeholders.

What people wrote never becomes part of the SQL. Each value enters the expression as a mark of our
own (`'siyu:p0'`, cast to its type) and the mark becomes a placeholder in the finished text, so one
statement serves every value, and no quoting can go wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from siyu.segments.check import document
from siyu.segments.model import (
    All,
    Any,
    Expression,
    Form,
    Leaf,
    Not,
    Predicate,
    Scope,
    Tree,
    leaves,
)
from siyu.segments.predicates.facts import ibis, table

_CACHED = 512


class Compiled(NamedTuple):
    """A tree as a statement. It takes `params`, `now`, and `ids` where it asks for a batch."""

    sql: str
    params: Mapping[str, object]
    digest: str


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
    return blake2b(_said(tree).encode(), digest_size=16).hexdigest()


@lru_cache(_CACHED)
def compile_tree(tree: Tree) -> Compiled:
    """Which customers of %(ids)s are in the set."""
    return _compiled(tree, lambda found: found.filter(found.id == _mark("ids", "int64")))


@lru_cache(_CACHED)
def compile_members(tree: Tree) -> Compiled:
    """Everybody who is in the set."""
    return _compiled(tree, lambda found: found)


@lru_cache(_CACHED)
def compile_count(tree: Tree) -> Compiled:
    """How many are in the set."""
    return _compiled(tree, lambda found: found.count().as_table())


@lru_cache(_CACHED)
def compile_flips(tree: Tree) -> Compiled | None:
    """For each customer of %(ids)s the next moment at which time alone may move them in or out of
    the set, null for no such moment; None where time moves nobody."""
    params: dict[str, object] = {}
    scope = _scope(params)
    found = (_predicate(leaf.form).flips(scope) for leaf in leaves(tree))
    moments = [moment for moment in found if moment is not None]
    if not moments:
        return None
    customer = scope.customer
    asked = customer.filter(customer.id == _mark("ids", "int64"))
    first = moments[0] if len(moments) == 1 else ibis().least(*moments)
    return Compiled(_sql(asked.select("id", at=first)), params, digest(tree))


def _compiled(tree: Tree, finish: Callable[[Expression], Expression]) -> Compiled:
    """Customers who were merged into another are in no set: their facts are the other's now."""
    params: dict[str, object] = {}
    scope = _scope(params)
    customer = scope.customer
    found = customer.filter(customer.merged_into.isnull(), _holds(tree, scope)).select("id")
    return Compiled(_sql(finish(found)), params, digest(tree))


@lru_cache(_CACHED)
def compile_clauses(tree: Tree) -> Explained:
    """The statement behind `explain`: one column for each part, in reading order."""
    params: dict[str, object] = {}
    scope = _scope(params)
    parts = list(_parts(tree, "", 0))
    columns = {f"c{number}": _holds(part, scope) for number, (_, part) in enumerate(parts)}
    answered = scope.customer.select("id", **columns)
    one = answered.filter(answered.id == _mark("id", "int64")).select(*columns)
    return Explained(_sql(one), params, tuple(clause for clause, _ in parts))


def _holds(tree: Tree, scope: Scope) -> Expression:
    match tree:
        case Leaf(form):
            return _predicate(form).holds(scope)
        case Not(part):
            return ~_holds(part, scope)
        case All(parts):
            return ibis().and_(*(_holds(part, scope) for part in parts))
        case Any(parts):
            return ibis().or_(*(_holds(part, scope) for part in parts))


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
        case All(parts) | Any(parts):
            key = "all" if isinstance(tree, All) else "any"
            yield Clause(where, depth, key), tree
            for place, part in enumerate(parts):
                yield from _parts(part, f"{where}.{key}[{place}]".lstrip("."), depth + 1)


def _said(tree: Tree) -> str:
    return json.dumps(document(tree), ensure_ascii=False)


# ── Values, marks, placeholders ────────────────────────────────────────────────────────────────

_MARK = re.compile(r"'siyu:(\w+)'")
_IDS = "CAST(%(ids)s AS BIGINT)"


def _scope(params: dict[str, object]) -> Scope:
    """A scope that collects the values of one statement in `params`; equal values share a name."""

    def keep(value: object) -> str:
        for name, kept in params.items():
            if kept == value and type(kept) is type(value):
                return name
        name = f"p{len(params)}"
        params[name] = value
        return name

    def flag(value: bool) -> Expression:
        return ibis().literal(value)

    def text(value: str) -> Expression:
        return _mark(keep(value), "string")

    def number(value: int) -> Expression:
        return _mark(keep(value), "int64")

    def ago(span: timedelta) -> Expression:
        # In seconds: a day of 23 hours must not move the border of `within: 90d`.
        return now - length(span)

    def length(span: timedelta) -> Expression:
        return _mark(keep(f"{int(span.total_seconds())} seconds"), "interval('s')")

    now = _mark("now", "timestamp('UTC')")
    return Scope(table("customer"), now, flag, text, number, ago, length)


def _mark(name: str, of: str) -> Expression:
    return ibis().literal(f"siyu:{name}").cast(of)


def _sql(expression: Expression) -> str:
    # ibis.to_sql needs no driver; the text holds nothing but our own words and marks.
    text = str(ibis().to_sql(expression, dialect="postgres")).strip()
    text = _MARK.sub(r"%(\1)s", text.replace("%", "%%"))
    return text.replace(_IDS, "ANY(CAST(%(ids)s AS BIGINT[]))")
