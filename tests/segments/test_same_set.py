"""PostgreSQL, DuckDB and a naive interpreter give the same set, for any facts and any text.

An engine of the lake is filled with the facts and asked for `members`: see `Duck`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.db.pool import Pool
from siyu.kernel.sql import Conn
from siyu.segments.check import document, parse
from siyu.segments.compile import compile_members, compile_tree, lake_refuses, lake_values
from siyu.segments.model import Leaf, Tree
from siyu.segments.predicates import FAMILIES
from siyu.segments.predicates.facts import COLUMNS
from siyu.segments.views import count, explain, flips, matching, members

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
CUSTOMERS = 5
ZONE = ZoneInfo("Asia/Shanghai")
LAKE = [name for name in COLUMNS if name != "brand"]

# Times on both sides of every border that the leaves below draw.
ages = st.sampled_from(
    [edge + step for edge in (0 * DAY, 30 * DAY, 90 * DAY) for step in (-TICK, 0 * TICK, TICK)]
)
times = ages.map(lambda age: NOW - age)
known_one = st.integers(1, CUSTOMERS)
who = st.none() | known_one
shops, skus = st.sampled_from("ab"), st.sampled_from(["x", "y%", "z'"])
categories = st.sampled_from(["", "skin", "hair"])
currencies = st.sampled_from(["CNY", "JPY"])
withins = st.none() | st.sampled_from(["30d", "90d"])


def rows(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(dict(columns)), max_size=6)


@st.composite
def facts(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    customers = [
        {
            "id": number,
            "stage": draw(st.integers(1, 5)),
            "synthetic": draw(st.booleans()),
            "merged_into": draw(st.sampled_from([None, None, None, 1])),
        }
        for number in range(1, CUSTOMERS + 1)
    ]
    paid = st.sampled_from(["paid", "paid", "paid", "cancelled", "refunded"])
    orders = draw(
        rows(
            customer_id=who,
            shop=shops,
            state=paid,
            paid_at=times,
            currency=currencies,
            total_minor=st.sampled_from([0, 1, 100, 9_999, 10_000]),
            refunded_minor=st.sampled_from([0, 0, 1, 100]),
        )
    )
    for number, order in enumerate(orders, 1):
        order["id"] = number
    order_id = st.integers(1, 6)
    items = draw(
        rows(order_id=order_id, sku=skus, category=categories, quantity=st.integers(-1, 3))
    )
    changed = {"channel": st.just("sms"), "purpose": st.sampled_from(["service", "promotion"])}
    return {
        "customer": customers,
        "orders": orders,
        "order_item": items,
        "refund": draw(rows(order_id=st.none() | order_id, sku=skus, quantity=st.integers(1, 2))),
        "friendship": draw(
            rows(
                customer_id=known_one,
                state=st.sampled_from(["live", "deleted_by_customer", "deleted_by_staff"]),
            )
        ),
        "tag": draw(rows(customer_id=known_one, name=skus, tagged_at=times)),
        "consent": draw(
            rows(
                customer_id=known_one,
                state=st.sampled_from(["given", "withdrawn"]),
                changed_at=times,
                **changed,
            )
        ),
        "brand": [{"currency": draw(currencies)}],
    }


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Fields of a form; those that drew None are left out."""
    drawn = st.fixed_dictionaries(dict(fields))
    return drawn.map(lambda said: {name: v for name, v in said.items() if v is not None})


stages = st.sampled_from(["A1", "A2", "A4", "A5"])
leaves = st.one_of(
    st.fixed_dictionaries({"everybody": st.booleans()}),
    st.fixed_dictionaries({"synthetic": st.booleans()}),
    st.fixed_dictionaries({"friend": st.booleans()}),
    st.fixed_dictionaries({"stage": some(at_least=stages)}),
    st.fixed_dictionaries({"stage": some(at_most=stages)}),
    st.fixed_dictionaries(
        {
            "orders": some(
                at_least=st.sampled_from([None, 2]),
                within=withins,
                sku=st.none() | skus,
                category=st.sampled_from([None, "skin", "hair"]),
                shop=st.none() | shops,
                state=st.sampled_from([None, None, "cancelled", "refunded"]),
            )
        }
    ),
    st.fixed_dictionaries(
        {
            "spent": some(
                at_least=st.sampled_from(["0", "0.01", "1.00", "99.99", "100", 10000]),
                within=withins,
                shop=st.none() | shops,
                currency=st.none() | currencies,
            )
        }
    ),
    st.fixed_dictionaries({"tag": skus}),
    st.fixed_dictionaries({"tag": some(name=skus, older_than=withins)}),
    st.fixed_dictionaries(
        {
            "consent": st.fixed_dictionaries(
                {"channel": st.just("sms"), "purpose": st.sampled_from(["service", "promotion"])}
            )
        }
    ),
)
texts = st.recursive(
    leaves,
    lambda part: st.one_of(
        part.map(lambda inner: {"not": inner}),
        st.lists(part, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(part, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
    ),
    max_leaves=5,
)

# What the tables ask for besides, and no predicate reads.
FILLED = {
    "customer": {"created_at": "%(now)s"},
    "orders": {
        "order_no": "row_number() over ()",
        "source": "'t'",
        "source_id": "'1'",
        "event_id": "0",
    },
    "order_item": {
        "line": "row_number() over ()",
        "title": "''",
        "unit_minor": "0",
        "amount_minor": "0",
    },
    "refund": {
        "shop": "'a'",
        "refund_no": "row_number() over ()",
        "line": "1",
        "whole": "false",
        "amount_minor": "0",
        "currency": "'CNY'",
        "refunded_at": "%(now)s",
        "source": "'t'",
        "source_id": "'1'",
    },
    "friendship": {
        "identity_id": "row_number() over ()",
        "staff": "'guide'",
        "carrier": "'wecom'",
        "changed_at": "%(now)s",
        "changed_source": "'t'",
        "changed_source_id": "'1'",
    },
    "tag": {"identity_id": "row_number() over ()", "source": "'t'"},
    "consent": {
        "identity_id": "row_number() over ()",
        "basis": "'consent'",
        "evidence": "'form'",
        "changed_source": "'t'",
        "changed_source_id": "'1'",
    },
    "brand": {"name": "'b'", "time_zone": "'Asia/Shanghai'", "region": "'CN'", "locale": "'zh'"},
}
OVERRIDDEN = {"orders"}  # ids of our own where the table makes them


@contextmanager
def stored(db: Pool, known: dict[str, list[dict[str, Any]]]) -> Iterator[Conn]:
    """The facts in the database, until the end of the block."""

    class Undo(Exception):
        pass

    with pytest.raises(Undo), db.transaction() as conn:
        for table, found in known.items():
            if not found:
                continue
            columns = list(found[0])
            extra = FILLED[table]
            names = ", ".join([*columns, *extra])
            values = ", ".join([f"r.{column}" for column in columns] + list(extra.values()))
            own = "overriding system value" if table in OVERRIDDEN else ""
            conn.execute(
                f"insert into {table} ({names}) {own} select {values}"
                f" from jsonb_populate_recordset(null::{table}, %(rows)s::jsonb) r",
                {"rows": as_json(found), "now": NOW},
            )
        yield conn
        raise Undo


class Duck:
    """The facts in DuckDB: tables like the lake's, times in UTC without a zone."""

    TYPES: ClassVar = {
        "int64": "bigint", "int32": "integer", "int16": "smallint", "string": "varchar",
        "boolean": "boolean", "timestamp('UTC')": "timestamp",
    }  # fmt: skip

    def __init__(self) -> None:
        self.db = duckdb.connect(":memory:")
        for table in LAKE:
            typed = ", ".join(f"{c} {self.TYPES[of]}" for c, of in COLUMNS[table].items())
            self.db.execute(f"create table {table} ({typed})")

    def filled(self, known: dict[str, list[dict[str, Any]]]) -> Duck:
        """Holding these facts and no others."""
        for table in LAKE:
            self.db.execute(f"delete from {table}")
            names = [*known[table][0]] if known.get(table) else []
            for row in known.get(table, []):
                values = [
                    row[name].replace(tzinfo=None) if isinstance(row[name], datetime) else row[name]
                    for name in names
                ]
                marks = ", ".join("?" * len(names))
                self.db.execute(
                    f"insert into {table} ({', '.join(names)}) values ({marks})", values
                )
        self.currency = known["brand"][0]["currency"]
        return self

    def members(self, tree: Tree, now: datetime) -> set[int]:
        compiled = compile_members(tree, "duckdb")
        values = lake_values(compiled, now, ZONE, self.currency)
        return {row[0] for row in self.db.execute(compiled.sql, values).fetchall()}


@pytest.fixture(scope="module")
def duck() -> Iterator[Duck]:
    made = Duck()
    yield made
    made.db.close()


def as_json(found: list[dict[str, Any]]) -> str:
    return json.dumps(found, default=lambda value: value.isoformat())


def parsed(text: object) -> Tree:
    found = parse(text, FAMILIES)
    assert not isinstance(found, tuple), [str(problem) for problem in found]
    return found


# One text for each thing that a predicate distinguishes; asked of every world.
ASKED = """
everybody: true | everybody: false | synthetic: true | friend: true | friend: false
stage: {at_least: A2} | stage: {at_most: A4} | stage: {at_least: A2, at_most: A3}
orders: {} | orders: {at_least: 2} | orders: {within: 90d} | orders: {at_least: 2, within: 30d}
orders: {shop: b} | orders: {sku: x} | orders: {sku: y%} | orders: {category: skin}
orders: {sku: x, category: skin} | orders: {sku: x, within: 90d} | orders: {state: cancelled}
orders: {state: refunded, sku: x} | orders: {state: cancelled, category: hair, shop: a}
spent: {at_least: "0"} | spent: {at_least: "0.01"} | spent: {at_least: "99.99"}
spent: {at_least: "100"} | spent: {at_least: "1", currency: JPY}
spent: {at_least: "100", within: 30d}
spent: {at_least: 10000, currency: JPY} | spent: {at_least: "1", currency: CNY, shop: b}
tag: x | tag: "z'" | tag: {name: x, older_than: 30d} | tag: {name: y%, older_than: 90d}
consent: {channel: sms, purpose: service} | consent: {channel: sms, purpose: promotion}
consent: {channel: wecom, purpose: service}
"""


@settings(max_examples=60)
@given(known=facts())
def test_every_predicate_gives_the_set_that_the_naive_interpreter_gives(
    db: Pool, duck: Duck, reference: ModuleType, tree: Callable[[str], Tree], known: dict[str, Any]
) -> None:
    asked = [tree(text) for line in ASKED.strip().splitlines() for text in line.split(" | ")]
    everyone = range(1, CUSTOMERS + 1)
    lake = duck.filled(known)
    with stored(db, known) as conn:
        for one in asked:
            expected = reference.matching(one, known, NOW)
            assert matching(conn, compile_tree(one), everyone, NOW) == expected, document(one)
            assert members(conn, one, NOW) == expected, document(one)
            assert lake_refuses(one) or lake.members(one, NOW) == expected, document(one)


@settings(max_examples=25)
@given(known=facts(), text=texts)
def test_any_text_gives_the_set_that_the_naive_interpreter_gives(
    db: Pool, duck: Duck, reference: ModuleType, known: dict[str, Any], text: dict[str, Any]
) -> None:
    tree = parsed(text)
    expected = reference.matching(tree, known, NOW)
    assert lake_refuses(tree) or duck.filled(known).members(tree, NOW) == expected
    with stored(db, known) as conn:
        compiled = compile_tree(tree)
        assert matching(conn, compiled, range(1, CUSTOMERS + 1), NOW) == expected
        assert matching(conn, compiled, [2, 4, 999], NOW) == expected & {2, 4}
        assert members(conn, tree, NOW) == expected
        assert count(conn, tree, NOW) == len(expected)
        for customer in known["customer"][:2]:
            whole, *parts = explain(conn, tree, customer["id"], NOW)
            assert whole.holds == reference.holds(tree, known, customer, NOW)
            assert len(parts) >= (0 if isinstance(tree, Leaf) else 1)


SPANS = [0 * DAY, 30 * DAY, 90 * DAY]


@settings(max_examples=60)
@given(known=facts(), text=texts)
def test_no_customer_moves_by_time_before_the_moment_that_is_told(
    db: Pool, reference: ModuleType, known: dict[str, Any], text: dict[str, Any]
) -> None:
    tree = parsed(text)
    moments = {row["paid_at"] for row in known["orders"]} | {r["tagged_at"] for r in known["tag"]}
    later = sorted(at + span for at in moments for span in SPANS if at + span > NOW)
    with stored(db, known) as conn:
        told = flips(conn, tree, range(1, CUSTOMERS + 1), NOW)
    assert all(at > NOW for at in told.values())
    for customer in known["customer"]:
        before = reference.holds(tree, known, customer, NOW)
        moved = (at for at in later if reference.holds(tree, known, customer, at) != before)
        first = next(moved, None)
        assert first is None or told[customer["id"]] <= first


def test_where_time_moves_nobody_nothing_is_asked(tree: Callable[[str], Tree]) -> None:
    class Silent:
        def fetch(self, sql: str, params: Any = None) -> Any:
            raise AssertionError(sql, params)

    assert flips(Silent(), tree("all: [{friend: true}, {orders: {at_least: 2}}]"), [1], NOW) == {}


@given(text=texts)
def test_a_tree_written_as_a_document_reads_as_the_same_tree(text: dict[str, Any]) -> None:
    tree = parsed(text)
    assert parsed(document(tree)) == tree
