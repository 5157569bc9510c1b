"""What a predicate becomes: its SQL is written down in golden.sql, so that a change is seen."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlglot
from sqlglot.optimizer.scope import Scope, traverse_scope

from siyu.kernel.sql import parse as named
from siyu.segments.compile import (
    compile_clauses,
    compile_count,
    compile_flips,
    compile_members,
    compile_tree,
    digest,
)
from siyu.segments.decide.heard import swept
from siyu.segments.model import All, Form, Leaf, Named, Not, Tree
from siyu.segments.predicates import FAMILIES
from siyu.segments.predicates.orders import Orders, Spent
from siyu.segments.predicates.profile import InSegment
from siyu.segments.predicates.tags import Tagged

GOLDEN = Path(__file__).with_name("golden.sql")
# name → text. To take over a change that is meant: delete golden.sql, run twice, read the diff.
TEXTS = {
    "everybody": "everybody: true",
    "stage": "stage: {at_least: A4}",
    "synthetic": "synthetic: false",
    "orders_within": "orders: {at_least: 2, within: 90d, shop: tmall}",
    "orders_of_sku": "orders: {sku: MASK}",
    "orders_of_category_cancelled": "orders: {category: skin, state: cancelled}",
    "spent": 'spent: {at_least: "100.00", within: 90d}',
    "spent_in_yen": 'spent: {at_least: "100", currency: JPY}',
    "spent_on_category": 'spent: {at_least: "100.00", category: skin}',
    "spent_on_sku": 'spent: {at_least: "100.00", sku: MASK, within: 30d, whole_days: true}',
    "orders_in_days": "orders: {within: 30d, whole_days: true, currency: CNY}",
    "friend": "friend: true",
    "tag": "tag: vip",
    "tag_older": "tag: {name: vip, older_than: 30d}",
    "consent": "consent: {channel: sms, purpose: promotion}",
    "known": "known: {within: 30d, older_than: 7d}",
    "identity": "identity: [phone, unionid]",
    "share": 'share: {percent: "12.5", of: spring}',
    "orders_between": "orders: {at_least: 2, at_most: 5, within: 90d, older_than: 30d}",
    "orders_first_and_last": "orders: {first_within: 90d, last_older_than: 30d}",
    "spent_at_most": 'spent: {at_most: "100.00"}',
    "friend_deleted": "friend: {state: deleted, staff: li, within: 30d}",
    "group": "group: {chat: mums, within: 30d}",
    "complaint": "complaint: {state: open, older_than: 14d}",
    "tag_any_of": "tag: {any_of: [vip, svip], source: crm}",
    "tag_prefix": "tag: {prefix: size-}",
    "fits": "fits: {size_tag: shoe-, store: own}",
    "touched": "touched: {state: replied, channel: sms, within: 30d}",
    "touched_long_ago": "touched: {last_older_than: 7d}",
    "offer": "offer: {offer: mask, state: [promised, claimable]}",
    "date": "date: {name: birthday, in_days: 7}",
    "child_age": "child_age: {at_least: 6, at_most: 12}",
    "festival": "festival: {name: mid_autumn, in_days: 7}",
    "event": "event: {kind: order.paid, where: total_minor, value_at_least: 100, within: 30d}",
    "sequence": "sequence: {first: {orders: {sku: A}}, then: {orders: {}}, within: 30d}",
    "sequence_not": "sequence: {first: {friend: {}}, not_then: {touched: {}}, within: 7d}",
    "segment": "segment: loyal",
    "segments_twice": "any: [{segment: loyal}, {all: [{segment: quiet}, {tag: vip}]}]",
    "consent_withdrawn": "consent: {channel: sms, purpose: promotion, state: withdrawn}",
    "lapsed": "lapsed: {cycles: [skin 62d, hair 40d]}",
    "a_tree": "any: [{all: [{friend: true}, {not: {tag: vip}}]}, {stage: {at_most: A2}}]",
}


@pytest.fixture(scope="module")
def golden() -> dict[str, str]:
    return named(GOLDEN.read_text("utf-8")) if GOLDEN.exists() else {}


def test_the_sql_of_each_predicate_is_the_one_written_down(
    tree: Callable[[str], Tree], golden: dict[str, str]
) -> None:
    now = {name: compile_tree(tree(text)).sql for name, text in TEXTS.items()}
    if not golden:
        GOLDEN.write_text("".join(f"-- name: {name}\n{sql};\n\n" for name, sql in now.items()))
    assert {name: plain(sql) for name, sql in now.items()} == {
        name: plain(sql) for name, sql in golden.items()
    }


def plain(sql: str) -> str:
    """Without what another version of the library may write differently: blanks, alias numbers."""
    seen: dict[str, str] = {}
    numbered = re.sub(r'"t\d+"', lambda m: seen.setdefault(m[0], f"t#{len(seen)}"), sql)
    return " ".join(numbered.split())


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("orders: {first_within: 30d, within: 30d}", {"orders": 2}),
        (
            "all: [{tag: x}, {tag: x}, {not: {friend: true}}, {friend: false}]",
            {"tag": 1, "friendship": 1},
        ),
    ],
)
def test_what_is_said_twice_is_asked_once(
    tree: Callable[[str], Tree], text: str, asked: dict[str, int]
) -> None:
    sql = compile_members(tree(text)).sql
    assert {name: sql.count(f'FROM "{name}"') for name in asked} == asked


def test_every_predicate_has_golden_sql_a_title_and_a_help_text(
    tree: Callable[[str], Tree],
) -> None:
    forms = [form for family in FAMILIES for form in family.forms]
    trees = [*map(tree, TEXTS.values())]
    written = {type(one.form) for one in trees if isinstance(one, Leaf)}
    assert written | {InSegment} == set(forms)
    assert any(isinstance(one, Named) for one in trees)
    for form in forms:
        assert all(form.title), form
        assert len(form.__doc__ or "") > 20, form


def test_what_reads_facts_that_sweeps_change_is_known_for_it(tree: Callable[[str], Tree]) -> None:
    for name, text in TEXTS.items():
        sql = compile_tree(tree(text)).sql
        assert swept(tree(text)) is ('"touch"' in sql or '"promise"' in sql), name


def test_over_everybody_nothing_is_asked_row_by_row_in_any_engine(
    tree: Callable[[str], Tree],
) -> None:
    for text in TEXTS.values():
        one = tree(text)
        for dialect in ("duckdb", "spark"):
            sql = compile_members(one, dialect).sql
            whole = sqlglot.parse_one(sql, dialect=dialect)  # it is that engine's language
            assert not any(is_correlated(scope) for scope in traverse_scope(whole)), sql


def is_correlated(scope: Scope) -> bool:
    return bool(scope.is_subquery and scope.external_columns)


def test_a_segment_that_is_named_twice_is_one_common_table(tree: Callable[[str], Tree]) -> None:
    one = tree(TEXTS["segments_twice"])
    for sql in (compile_tree(one).sql, compile_members(one, "duckdb").sql):
        assert sql.startswith("WITH")
        assert sql.count('"orders"') == 1
    once = tree("any: [{segment: loyal}, {tag: vip}]")
    assert (
        compile_tree(once).sql
        == compile_tree(tree("any: [{orders: {at_least: 3}}, {tag: vip}]")).sql
    )
    assert digest(once) == digest(tree("any: [{orders: {at_least: 3}}, {tag: vip}]"))


def test_of_a_batch_no_condition_reads_everybodys_orders(tree: Callable[[str], Tree]) -> None:
    twice = "all: [{spent: {at_least: 1}}, {spent: {at_least: 2, within: 30d}}, {spent: {SUCH}}]"
    for such in ("at_least: 3, sku: A", "at_least: 3, category: skin, whole_days: true"):
        one = tree(twice.replace("SUCH", such).replace(", {spent: {at_least: 1}}", ""))
        flips = compile_flips(one)
        assert flips is not None
        for sql in (compile_tree(one).sql, flips.sql, compile_clauses(one).sql):
            assert "WITH" not in sql


NASTY = "'; drop table customer; -- %s %(x)s %% \\ \" siyu:now 'siyu:p9' 面膜"


def test_nothing_that_people_write_becomes_part_of_the_sql() -> None:
    forms: list[Form] = [
        Orders(at_least=31337, within=timedelta(days=77), sku=NASTY, category=NASTY, shop=NASTY),
        Spent(Decimal("31337.00"), timedelta(days=77), NASTY, NASTY, NASTY, "JPY"),
        Tagged(NASTY, timedelta(days=77)),
    ]
    for form in forms:
        for compiled in (compile_tree(Leaf(form)), compile_members(Leaf(form))):
            assert "drop table" not in compiled.sql
            assert "31337" not in compiled.sql
            assert NASTY in compiled.params.values()
            assert compiled.sql % {**compiled.params, "now": 0, "ids": 0}  # each % is a placeholder


def test_the_same_text_has_the_same_digest_and_is_compiled_once(
    tree: Callable[[str], Tree],
) -> None:
    one = compile_tree(tree("orders: {within: 90d, at_least: 1}"))
    again = compile_tree(tree("orders: {at_least: 1, within: 2160h}"))
    other = compile_tree(tree("orders: {within: 91d}"))
    assert one is again
    assert one.digest == again.digest != other.digest
    assert one.sql == other.sql  # values are parameters: one prepared statement serves both
    assert one.digest == "9c29247bf2e114163cac34a7115cba68"


def test_equal_values_of_one_statement_share_a_placeholder(tree: Callable[[str], Tree]) -> None:
    compiled = compile_tree(tree("all: [{orders: {sku: A}}, {tag: A}]"))
    assert sorted(map(str, compiled.params.values())) == ["1", "A"]


def test_a_form_that_the_database_cannot_answer_is_named() -> None:
    class Elsewhere(Form):
        key = "elsewhere"

    with pytest.raises(TypeError, match="elsewhere"):
        compile_tree(All((Not(Leaf(Elsewhere())),)))


def test_all_shapes_leave_out_merged_customers(tree: Callable[[str], Tree]) -> None:
    everybody = tree("everybody: true")
    for compiled in (compile_tree, compile_members, compile_count):
        assert '"merged_into" IS NULL' in compiled(everybody).sql
    assert "ids" not in compile_members(everybody).sql


def test_the_parts_of_an_explanation_name_their_places(tree: Callable[[str], Tree]) -> None:
    clauses = compile_clauses(tree(TEXTS["a_tree"])).clauses
    assert [(clause.where, clause.depth, clause.said) for clause in clauses] == [
        ("", 0, "any"),
        ("any[0]", 1, "all"),
        ("any[0].all[0]", 2, '{"friend": true}'),
        ("any[0].all[1]", 2, "not"),
        ("any[0].all[1].not", 3, '{"tag": "vip"}'),
        ("any[1]", 1, '{"stage": {"at_most": "A2"}}'),
    ]


def test_checking_a_text_does_not_wait_for_ibis() -> None:
    """Ibis takes nearly half a second: a command that compiles no set must not pay for it."""
    code = (
        "import sys, siyu.segments.views, siyu.segments.predicates as p, siyu.segments.check as c;"
        "c.parse({'friend': True}, p.FAMILIES); sys.exit('ibis' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_compiling_needs_neither_pandas_nor_a_driver() -> None:
    code = (
        "import sys; from siyu.segments.compile import compile_tree;"
        "from siyu.segments.model import Leaf;"
        "from siyu.segments.predicates.friendship import Friend;"
        "compile_tree(Leaf(Friend(True))); sys.exit(bool({'pandas', 'psycopg'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_refunded_orders_with_a_thing_can_be_asked_by_their_first(
    tree: Callable[[str], Tree],
) -> None:
    one = tree("orders: {state: refunded, sku: a, shop: b, first_within: 90d}")
    assert "EXISTS" in compile_tree(one).sql.upper()
