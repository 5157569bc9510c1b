"""The two shapes of a statement, and how values of a text become placeholders in it.

A batch asks for each of its few customers by index. Over everybody nothing may be asked row by
row: facts are grouped and joined once, in whichever engine.
"""

from __future__ import annotations

import re
import typing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Literal, NamedTuple, TypeAlias

from siyu.segments.model import (
    All,
    Any,
    Dated,
    Expression,
    Leaf,
    Named,
    Not,
    Rows,
    Scope,
    Tree,
)
from siyu.segments.predicates.facts import exists, function, ibis, table

Dialect: TypeAlias = Literal["postgres", "duckdb", "spark"]


class _Engine(NamedTuple):
    ibis: str  # what Ibis calls its dialect
    placeholder: str
    moment: str  # of `now`: the lake's times are all UTC, without a zone
    span: Callable[[timedelta], str]


def _seconds(span: timedelta) -> str:
    # In seconds: a day of 23 hours must not move the border of `within: 90d`.
    return f"{int(span.total_seconds())} seconds"


def _day_to_second(span: timedelta) -> str:
    hours, seconds = divmod(span.seconds, 3600)
    return f"{span.days} {hours:02}:{seconds // 60:02}:{seconds % 60:02}"


ENGINES: Mapping[Dialect, _Engine] = {
    "postgres": _Engine("postgres", r"%(\1)s", r"CAST(%(now)s AS TIMESTAMPTZ)", _seconds),
    "duckdb": _Engine("duckdb", r"$\1", "CAST($now AS TIMESTAMP)", _seconds),
    "spark": _Engine("pyspark", r":\1", "CAST(:now AS TIMESTAMP)", _day_to_second),
}
_MARK = re.compile(r"'siyu:(\w+)'")
_NOW = re.compile(r"CAST\('siyu:now' AS TIMESTAMP\w*\)")
_SPAN = re.compile(
    r"TO_SECONDS\(CAST\('siyu:(\w+)' AS INT\)\)|CAST\('siyu:(\w+)' AS INTERVAL SECOND\)"
)
_SPANS: Mapping[Dialect, str] = {
    "postgres": r"CAST(%(\1\2)s AS INTERVAL SECOND)",
    "duckdb": r"CAST($\1\2 AS INTERVAL)",
    "spark": r"CAST(:\1\2 AS INTERVAL DAY TO SECOND)",
}
_IDS = "CAST(%(ids)s AS BIGINT)"


def mark(name: str, of: str) -> Expression:
    """A place for a value, in an expression."""
    return ibis().literal(f"siyu:{name}").cast(of)


def statement(expression: Expression, dialect: Dialect) -> str:
    """The text for an engine, with its placeholders where the marks were.

    It holds nothing but our own words and marks; Ibis needs no driver for it.
    """
    engine = ENGINES[dialect]
    text = str(ibis().to_sql(expression, dialect=engine.ibis)).strip()
    if dialect == "postgres":
        text = text.replace("%", "%%")
    if dialect == "duckdb":
        text = _made_once(text)
    text = _NOW.sub(engine.moment, text)
    text = _SPAN.sub(_SPANS[dialect], text)
    text = _MARK.sub(engine.placeholder, text)
    return text.replace(_IDS, "ANY(CAST(%(ids)s AS BIGINT[]))")


def _made_once(text: str) -> str:
    """DuckDB would work out a common table each time that it is named. A mere part of a table is
    better read again."""
    from sqlglot import expressions, parse_one  # noqa: PLC0415 - it comes with Ibis, as late

    whole = parse_one(text, dialect="duckdb")
    for common in whole.find_all(expressions.CTE):
        if common.this.find(expressions.Join, expressions.Group):
            common.set("materialized", True)
    return whole.sql(dialect="duckdb", pretty=True)


class Valued(Scope):
    """It collects the values of one statement in `params`; equal values share a name."""

    def __init__(self, tree: Tree, dialect: Dialect = "postgres") -> None:
        self.params: dict[str, object] = {}
        self._uses = Counter(part for part in _named(tree))
        self._made: dict[Tree, Expression] = {}
        self._picked: dict[object, object] = {}
        self._groups: dict[object, tuple[Expression, Callable[[Expression], Expression]]] = {}
        self.dialect: Dialect = dialect
        self.customer = table("customer")
        self.now = mark("now", "timestamp('UTC')")

    def _keep(self, value: object) -> str:
        for name, kept in self.params.items():
            if kept == value and type(kept) is type(value):
                return name
        name = f"p{len(self.params)}"
        self.params[name] = value
        return name

    def flag(self, value: bool) -> Expression:
        return ibis().literal(value)

    def text(self, value: str) -> Expression:
        return mark(self._keep(value), "string")

    def number(self, value: int) -> Expression:
        return mark(self._keep(value), "int64")

    def span(self, value: timedelta) -> Expression:
        return mark(self._keep(ENGINES[self.dialect].span(value)), "interval('s')")

    def ago(self, value: timedelta) -> Expression:
        return self.now - self.span(value)

    def told(self, what: Dated) -> Expression:
        return mark(self._keep(what), "string")

    def attribute(self, data: Expression, name: str) -> Expression:
        if self.dialect == "postgres":
            path = ibis().literal("d"), ibis().literal(name)
            takes = ("json", "string", "string")
            return function("json_extract_path_text", takes, "string")(data.cast("json"), *path)
        asks = {"duckdb": "json_extract_string", "spark": "get_json_object"}[self.dialect]
        return function(asks, ("string", "string"), "string")(data, ibis().literal(f"$.d.{name}"))

    def chosen(self, holds: Expression) -> Expression:
        """The ids of those for whom it holds. Who was merged into another is in no set: their facts
        are the other's now."""
        raise NotImplementedError

    def segment(self, tree: Tree, holds: Callable[[], Expression]) -> Expression:
        """Whether the customer is in another segment. Named more than once it is one common
        table of the statement, made once."""
        if self._uses[tree] < 2:
            return holds()
        if tree not in self._made:
            customer = self.customer
            self._made[tree] = customer.filter(*self.asked(), holds()).select("id")
        return self.customer.id.isin(self._made[tree].view().id)

    def asked(self) -> list[Expression]:
        """Which customers the statement is about at all."""
        return []

    def currency(self) -> Expression:
        if self.dialect == "postgres":
            return table("brand").currency.as_scalar()
        return mark("currency", "string")  # the lake has no table of it: whoever asks says it


class Batch(Valued):
    """For the customers of a batch, on PostgreSQL: each is looked up by index."""

    sets = False

    def chosen(self, holds: Expression) -> Expression:
        return self.customer.filter(self.customer.merged_into.isnull(), holds).select("id")

    def asked(self) -> list[Expression]:
        return [self.customer.id == mark("ids", "int64")]

    def exists(self, rows: Rows) -> Expression:
        own = {rows.table.op()}
        if any(one.op().relations - own for one in rows.such):  # it looks into other tables
            rows = Rows(rows.table.filter(*rows.such))
        mine = rows.table.customer_id == self.customer.id
        for one in rows.such:
            mine = mine & one
        return exists(self.customer, mine)

    def those(
        self,
        rows: Rows,
        judge: Callable[[Expression], Expression],
        *,
        value: Expression | None = None,
        none: bool = False,
    ) -> Expression:
        del none  # the aggregate of no rows says it
        if value is None:
            return self._mine(rows, judge)
        return self._mine(rows, lambda mine: judge(mine.select(value=value)))

    def first(self, rows: Rows, pick: Callable[[Expression], Expression]) -> Expression:
        return self._mine(rows, pick)

    def _mine(self, rows: Rows, pick: Callable[[Expression], Expression]) -> Expression:
        """An aggregate of the customer's rows. Ibis would make a common table of rows that two
        aggregates ask, where no customer is known any more: so they are never quite the same."""
        mine = rows.table.filter(rows.table.customer_id == self.customer.id, *rows.such)
        found = pick(mine)
        while self._picked.setdefault(mine.op(), found.op()) != found.op():
            mine = mine.filter(ibis().literal(len(self._picked)) > 0)
            found = pick(mine)
        return found


class Everybody(Valued):
    """Over all customers, in any engine: facts are grouped once and joined."""

    sets = True

    def exists(self, rows: Rows) -> Expression:
        return self._in(rows.table.filter(*rows.such) if rows.such else rows.table)

    def those(
        self,
        rows: Rows,
        judge: Callable[[Expression], Expression],
        *,
        value: Expression | None = None,
        none: bool = False,
    ) -> Expression:
        found = rows.table.filter(*rows.such) if rows.such else rows.table
        if value is not None:
            found = found.select("customer_id", value=value)

        def judged(found: Expression) -> Expression:
            every = found.group_by("customer_id").aggregate(holds=judge(found))
            return every.filter(~every.holds if none else every.holds)

        inside = self._in(judged(found))
        self._groups[inside.op().rel] = (found, judged)
        return ~inside if none else inside

    def _in(self, found: Expression) -> Expression:
        known = found.filter(found.customer_id.notnull())
        return self.customer.id.isin(known.customer_id)

    def chosen(self, holds: Expression) -> Expression:
        """The customers for whom it holds. What must be true in any case is a join of two sets, so
        that an engine may begin with the smaller one; `in` is left to what stands under an `or`.

        Facts are grouped for those alone who are left by then, in the order of the text.
        """
        ops = ibis().expr.operations
        among: list[typing.Any] = []
        but: list[typing.Any] = []
        plain: list[Expression] = []
        for part in _conjuncts(holds.op()):
            match part:
                case ops.InSubquery():
                    among.append(part.rel)
                case ops.Not(ops.InSubquery() as inner):
                    but.append(inner.rel)
                case _:
                    plain.append(part.to_expr())
        found = self.customer.filter(self.customer.merged_into.isnull(), *plain).select("id")
        among, but = list(dict.fromkeys(among)), list(dict.fromkeys(but))  # each once
        among.sort(key=self._groups.__contains__)
        for number, rel in enumerate(among):
            found = self._joined(found, rel, narrow=number > 0)
        for rel in but:
            other = rel.to_expr()
            found = found.anti_join(other, found.id == other[other.columns[0]])
        return found

    def _joined(self, found: Expression, rel: typing.Any, *, narrow: bool) -> Expression:
        if (
            not narrow or rel not in self._groups or self.dialect == "spark"
        ):  # it would do all twice
            other = rel.to_expr()
            return found.semi_join(other, found.id == other[other.columns[0]])
        facts, judged = self._groups[rel]
        left, among = found.view(), found.view()  # so that it is one common table
        other = judged(facts.semi_join(among, facts.customer_id == among.id))
        return left.semi_join(other, left.id == other.customer_id)


def _conjuncts(op: typing.Any) -> Iterator[typing.Any]:
    if isinstance(op, ibis().expr.operations.And):
        yield from _conjuncts(op.left)
        yield from _conjuncts(op.right)
    else:
        yield op


def _named(tree: Tree) -> Iterator[Tree]:
    """What other segments say, as often as they are named."""
    match tree:
        case Leaf():
            return
        case Not(part):
            yield from _named(part)
        case Named(_, part):
            yield part
            yield from _named(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from _named(part)
