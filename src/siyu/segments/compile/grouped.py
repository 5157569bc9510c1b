"""Very many conditions about the customers of a batch: each kind of fact is read once.

A look-up for each condition and customer would be the same few rows a hundred times over. So the
facts of a table are grouped by customer once, and each condition is an aggregate of them with a
filter of its own.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping

from siyu.segments.compile.scope import Batch, mark
from siyu.segments.model import Expression, Rows, Tree
from siyu.segments.predicates.facts import ibis


class Grouped(Batch):
    """A batch whose facts are grouped. What it answers are stand-ins: `answered` puts the columns
    of the statement in their places."""

    grouped = True

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree)
        self._facts: dict[typing.Any, dict[typing.Any, Expression]] = {}
        self._alone: dict[typing.Any, Expression] = {}
        self._stand_ins = 0

    def these(self, customer_id: Expression) -> Expression:
        return customer_id == mark("ids", "int64")

    def exists(self, rows: Rows) -> Expression:
        found = self._grouped(rows, lambda mine: mine.count() > 0)
        return self._apart(super().exists(rows)) if found is None else found

    def those(
        self,
        rows: Rows,
        judge: Callable[[Expression], Expression],
        *,
        value: Expression | None = None,
        none: bool = False,
    ) -> Expression:
        found = self._grouped(rows, judge, value)
        if found is not None:
            return found
        return self._apart(super().those(rows, judge, value=value, none=none))

    def first(self, rows: Rows, pick: Callable[[Expression], Expression]) -> Expression:
        found = self._grouped(rows, pick)
        return self._apart(super().first(rows, pick)) if found is None else found

    def answered(self, columns: Mapping[str, Expression]) -> Expression:
        """`id` and these columns, of those of %(ids)s who were not merged into another."""
        places: dict[typing.Any, typing.Any] = {}
        alone = {f"s{place}": found.to_expr() for place, found in enumerate(self._alone)}
        customer = self.customer.filter(*self.asked(), self.customer.merged_into.isnull())
        every = customer.mutate(**alone)
        for name, stand_in in zip(alone, self._alone.values(), strict=True):
            places[stand_in.op()] = every[name]
        whole = every
        for number, (rel, asked) in enumerate(self._facts.items()):
            names = {f"a{number}_{place}": what for place, what in enumerate(asked)}
            facts = rel.to_expr()
            facts = facts.filter(self.these(facts.customer_id))
            here = {rel: facts.op()}
            found = facts.group_by(**{f"of{number}": facts.customer_id}).aggregate(
                **{name: what.replace(here).to_expr() for name, what in names.items()}
            )
            whole = whole.left_join(found, every.id == found[f"of{number}"])
            for name, what in names.items():
                places[asked[what].op()] = _none_is_none(what, found[name])
        ready = {
            name: column.op().replace({old: new.op() for old, new in places.items()}).to_expr()
            for name, column in columns.items()
        }
        return whole.select(id=every.id, **ready)

    def _apart(self, found: Expression) -> Expression:
        """Asked for each customer, as by any batch."""
        return self._alone.setdefault(found.op(), self._stand_in(found))

    def _grouped(
        self,
        rows: Rows,
        judge: Callable[[Expression], Expression],
        value: Expression | None = None,
    ) -> Expression | None:
        """By aggregates of the table; None where its rows are picked by more than themselves."""
        ops = ibis().expr.operations
        rel = rows.table.op()
        such = ibis().and_(*rows.such).op() if rows.such else None
        if such is not None and not self._of(such, rel):
            return None
        seen = rows.table if value is None else rows.table.mutate(value=value)
        judged = judge(seen).op()
        places: dict[typing.Any, typing.Any] = {}
        for reduction in judged.find(ops.Reduction, filter=_but(seen.op())):
            own = reduction if value is None else reduction.replace(_unfolded(seen.op(), rel))
            filtered = _filtered(own, rel, such)
            if not self._of(filtered, rel):
                return None
            places[reduction] = self._asked(rel, filtered).op()
        return judged.replace(places).to_expr()

    def _of(self, node: typing.Any, rel: typing.Any) -> bool:
        """Whether it looks at this table row by row, and into no other for each of them."""
        ops = ibis().expr.operations
        inner = (self.customer.op(), rel)
        for sub in node.find(ops.Subquery, filter=_but(rel)):
            if any(below in inner for below in sub.find(ops.Relation)):
                return False
        every = node.find(ops.Field, filter=_but(rel, ops.Subquery))
        return all(field.rel == rel for field in every)

    def _asked(self, rel: typing.Any, reduction: typing.Any) -> Expression:
        group = self._facts.setdefault(rel, {})
        if reduction not in group:
            group[reduction] = self._stand_in(reduction.to_expr())
        return group[reduction]

    def _stand_in(self, found: Expression) -> Expression:
        self._stand_ins += 1
        return ibis().table({"it": found.type()}, name=f"stand_in_{self._stand_ins}")["it"]


def _none_is_none(reduction: typing.Any, found: Expression) -> Expression:
    """Who has no rows at all has none of any kind."""
    ops = ibis().expr.operations
    return found.coalesce(0) if isinstance(reduction, ops.CountStar | ops.Count) else found


def _filtered(reduction: typing.Any, rel: typing.Any, such: typing.Any) -> typing.Any:
    """The same of such rows alone."""
    ops = ibis().expr.operations
    named = dict(zip(reduction.argnames, reduction.args, strict=True))
    if "arg" in named and isinstance(named["arg"], ops.Relation):
        named["arg"] = rel
    if such is not None:
        where = named.get("where")
        named["where"] = such if where is None else ops.And(such, where)
    return type(reduction)(**named)


def _unfolded(seen: typing.Any, rel: typing.Any) -> dict[typing.Any, typing.Any]:
    """The columns of a table with one more, as what they are of the table itself."""
    ops = ibis().expr.operations
    return {ops.Field(seen, name): seen.values[name] for name in seen.values} | {seen: rel}


def _but(rel: typing.Any, *others: typing.Any) -> Callable[[typing.Any], bool]:
    """Not into the table itself."""
    return lambda node: node != rel and not isinstance(node, others)
