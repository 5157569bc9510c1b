"""Many sets in one statement: each distinct condition is a column, asked once for each customer.

Which sets a customer is in, the conditions' answers then say by themselves: what a hundred segments
have in common, and what they refer to, costs one column.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from siyu.segments.compile import (
    _CACHED,  # pyright: ignore[reportPrivateUsage]
    Clause,
    Compiled,
    Explained,
    _holds,  # pyright: ignore[reportPrivateUsage]
    _parts,  # pyright: ignore[reportPrivateUsage]
    _predicate,  # pyright: ignore[reportPrivateUsage]
    compile_count,
)
from siyu.segments.compile.grouped import Grouped
from siyu.segments.compile.scope import Batch, Dialect, Everybody, mark, statement
from siyu.segments.model import All, Form, Leaf, Step, Tree


class Asked(NamedTuple):
    """A statement for the customers of %(ids)s: id, whether each form holds, and for those of
    `timed` the next moment at which time alone may change it."""

    sql: str
    params: Mapping[str, object]
    forms: tuple[Form, ...]
    timed: tuple[Form, ...]


@lru_cache(_CACHED)
def compile_forms(forms: tuple[Form, ...]) -> Asked:
    """All these conditions at once. Customers who were merged into another are left out."""
    scope = Grouped(All(tuple(map(Leaf, forms))))
    columns = {f"c{place}": _holds(Leaf(form), scope) for place, form in enumerate(forms)}
    moments = {form: _predicate(form).flips(scope) for form in forms}
    timed = tuple(form for form in forms if moments[form] is not None)
    columns |= {f"t{place}": moments[form] for place, form in enumerate(timed)}
    return Asked(statement(scope.answered(columns), "postgres"), scope.params, forms, timed)


@lru_cache(_CACHED)
def compile_happened(form: Step) -> Explained:
    """How often what a condition speaks of has happened to the customer %(id)s, and when last."""
    scope = Batch(Leaf(form))
    rows = form.rows(scope)
    mine = rows.table.filter(rows.table.customer_id == mark("id", "int64"), *rows.such)
    found = mine.select(at=rows.at)
    counted = found.aggregate(times=found.count(), last=found["at"].max())
    return Explained(statement(counted, "postgres"), scope.params, ())


@lru_cache(_CACHED)
def compile_funnel(tree: Tree) -> Explained:
    """How many customers there are, and for how many each part of the tree holds, in reading
    order."""
    scope = Everybody(tree)
    parts = list(_parts(tree, "", 0))
    columns = {f"c{number}": _holds(part, scope) for number, (_, part) in enumerate(parts)}
    answered = scope.customer.select("id", "merged_into", **columns)
    answered = answered.filter(answered.merged_into.isnull())
    counts = {name: answered[name].sum().coalesce(0) for name in columns}
    counted = answered.aggregate(everybody=answered.count(), **counts)
    return Explained(
        statement(counted, "postgres"), scope.params, tuple(clause for clause, _ in parts)
    )


def compile_parts(tree: Tree, dialect: Dialect) -> list[tuple[Clause, Compiled]]:
    """The same as a statement for each part."""
    return [(clause, compile_count(part, dialect)) for clause, part in _parts(tree, "", 0)]
