"""PostgreSQL, DuckDB and a naive interpreter give the same set, for any facts and any text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.segments.engines import Duck, stored
from tests.segments.worlds import CUSTOMERS, DAY, NOW, TEXTS, TICK, facts, texts

from siyu.db.pool import Pool
from siyu.segments.actions.members import ask
from siyu.segments.check import document, parse
from siyu.segments.compile import compile_tree
from siyu.segments.decide.live import Answer, Live, Plan
from siyu.segments.model import Leaf, Tree
from siyu.segments.predicates import FAMILIES
from siyu.segments.views import count, explain, flips, matching, members


@pytest.fixture(scope="module")
def duck() -> Iterator[Duck]:
    made = Duck()
    yield made
    made.db.close()


def parsed(text: object) -> Tree:
    found = parse(text, FAMILIES)
    assert not isinstance(found, tuple), [str(problem) for problem in found]
    return found


@settings(max_examples=20)
@given(known=facts(), texts=st.sets(st.sampled_from(TEXTS), min_size=8, max_size=12))
def test_every_predicate_gives_the_set_that_the_naive_interpreter_gives(
    db: Pool,
    duck: Duck,
    reference: ModuleType,
    tree: Callable[[str], Tree],
    known: dict[str, Any],
    texts: set[str],
) -> None:
    everyone = range(1, CUSTOMERS + 1)
    lake = duck.filled(known)
    with stored(db, known) as conn:
        trees = [tree(text) for text in sorted(texts)]
        live = ask(conn, Plan([Live(1, "s", one) for one in trees]), [*everyone], NOW)
        for text, one in zip(sorted(texts), trees, strict=True):
            expected = reference.matching(one, known, NOW)
            assert matching(conn, compile_tree(one), everyone, NOW) == expected, text
            assert members(conn, one, NOW) == expected, text
            inside = live.of(one).inside
            assert {who for place, who in enumerate(live.ids) if inside >> place & 1} == expected
            assert lake.members(one, NOW) == expected, text


@settings(max_examples=20)
@given(known=facts(), text=texts)
def test_any_text_gives_the_set_that_the_naive_interpreter_gives(
    db: Pool, duck: Duck, reference: ModuleType, known: dict[str, Any], text: dict[str, Any]
) -> None:
    tree = parsed(text)
    expected = reference.matching(tree, known, NOW)
    assert duck.filled(known).members(tree, NOW) == expected
    with stored(db, known) as conn:
        compiled = compile_tree(tree)
        assert matching(conn, compiled, range(1, CUSTOMERS + 1), NOW) == expected
        assert matching(conn, compiled, [2, 4, 999], NOW) == expected & {2, 4}
        assert members(conn, tree, NOW) == expected
        assert count(conn, tree, NOW) == len(expected)
        live, who = kept(conn, tree)
        assert {one for place, one in enumerate(who) if live.inside >> place & 1} == expected
        for customer in known["customer"][:2]:
            whole, *parts = explain(conn, tree, customer["id"], NOW)
            assert whole.holds == reference.holds(tree, known, customer, NOW)
            assert len(parts) >= (0 if isinstance(tree, Leaf) else 1)


SPANS = [0 * DAY, DAY, 29 * DAY, 30 * DAY, 90 * DAY]  # of every `within` and `older_than` above


def borders(known: dict[str, list[dict[str, Any]]], text: object) -> list[datetime]:
    """Whenever time alone could move anybody: each fact's time and each span, and midnights."""
    moments = {
        value
        for table in known.values()
        for row in table
        for value in row.values()
        if isinstance(value, datetime)
    }
    found = {at + span for at in moments for span in SPANS}
    if any(word in str(text) for word in ("date", "whole_days", "festival")):
        midnight = datetime(2026, 11, 21, tzinfo=ZoneInfo(known["brand"][0]["time_zone"]))
        found |= {(midnight + days * DAY).astimezone(UTC) for days in range(400)}
    return sorted(at for at in found if at > NOW)


@settings(max_examples=30)
@given(known=facts(), text=texts)
def test_no_customer_moves_by_time_before_the_moment_that_is_told(
    db: Pool, reference: ModuleType, known: dict[str, Any], text: dict[str, Any]
) -> None:
    tree = parsed(text)
    later = borders(known, text)
    with stored(db, known) as conn:
        told = flips(conn, tree, range(1, CUSTOMERS + 1), NOW)
        live, who = kept(conn, tree)
    rechecks = {who[place]: at for place, at in live.moments.items()}
    assert all(at > NOW for at in (*told.values(), *rechecks.values()))
    for customer in known["customer"]:
        before = reference.holds(tree, known, customer, NOW)
        moved = (at for at in later if reference.holds(tree, known, customer, at) != before)
        first = next(moved, None)
        assert first is None or told[customer["id"]] <= first
        live_too = customer["id"] in who
        assert first is None or not live_too or rechecks[customer["id"]] <= first


def kept(conn: Any, tree: Tree) -> tuple[Answer, Sequence[int]]:
    """As live segments are asked: everybody's answer, and whose is at which place."""
    found = ask(conn, Plan([Live(1, "s", tree)]), [*range(1, CUSTOMERS + 1)], NOW)
    return found.of(tree), found.ids


def test_two_moments_of_the_same_rows_are_both_told(db: Pool, tree: Callable[[str], Tree]) -> None:
    both = tree("orders: {within: 90d, last_older_than: 90d, first_within: 90d}")
    order = {"id": 1, "customer_id": 1, "shop": "a", "state": "paid", "currency": "CNY"}
    order |= {"paid_at": NOW - 30 * DAY, "total_minor": 1, "refunded_minor": 0}
    with stored(db, {"orders": [order], "customer": [one_customer()]}) as conn:
        assert flips(conn, both, [1], NOW) == {1: NOW + 60 * DAY}


@pytest.mark.parametrize(
    "text",
    [
        "any: [{tag: x}, {festival: double_12}]",
        "any: [{fits: x}, {child_age: {at_least: 6}}, {tag: {prefix: x}}]",
    ],
)
def test_moments_of_rows_and_of_the_calendar_are_told_together(
    db: Pool, tree: Callable[[str], Tree], text: str
) -> None:
    with stored(db, {"customer": [one_customer()]}) as conn:
        assert flips(conn, tree(text), [1], NOW).keys() <= {1}


def test_days_are_those_of_the_brand_also_where_clocks_were_put_back(
    db: Pool, duck: Duck, reference: ModuleType, tree: Callable[[str], Tree]
) -> None:
    """The 30th day before, 22 October, began in London at 23:00 UTC: it was summer there."""
    began = datetime(2026, 10, 21, 23, tzinfo=UTC)
    ats = [began - TICK, began, began + DAY / 48, began + DAY / 24, began + 27 * DAY]
    orders = [
        {"id": who, "customer_id": who, "shop": "a", "state": "paid", "currency": "CNY",
         "paid_at": at, "total_minor": 100, "refunded_minor": 0}
        for who, at in enumerate(ats, 1)
    ]  # fmt: skip
    known = {"customer": [one_customer() | {"id": who} for who in range(1, 6)], "orders": orders}
    known |= {"brand": [{"currency": "CNY", "time_zone": "Europe/London"}], "order_item": []}
    known |= {"refund": []}
    expected = {
        "orders: {within: 30d, whole_days: true}": {2, 3, 4, 5},
        "orders: {older_than: 30d, whole_days: true}": {1},
        "orders: {first_within: 30d, whole_days: true}": {2, 3, 4, 5},
        "orders: {last_older_than: 29d, whole_days: true}": {1, 2, 3, 4},
        "spent: {at_least: 1, within: 30d, whole_days: true}": {2, 3, 4, 5},
        "spent: {at_least: 1, within: 5d, whole_days: true}": {5},
    }
    with stored(db, known) as conn:
        for text, people in expected.items():
            one = tree(text)
            assert reference.matching(one, known, NOW) == people, text
            assert members(conn, one, NOW) == people, text
            assert matching(conn, compile_tree(one), range(1, 6), NOW) == people, text
            assert duck.filled(known).members(one, NOW) == people, text
            tonight = datetime(2026, 11, 21, tzinfo=UTC)  # when the 22nd is the 31st day before
            told = flips(conn, one, range(1, 6), NOW)
            moved = people ^ reference.matching(one, known, tonight)
            assert all(told[who] == tonight for who in moved), text


def one_customer() -> dict[str, Any]:
    return {"id": 1, "stage": 1, "synthetic": False, "merged_into": None, "created_at": NOW}


def test_where_time_moves_nobody_nothing_is_asked(tree: Callable[[str], Tree]) -> None:
    class Silent:
        def fetch(self, sql: str, params: Any = None) -> Any:
            raise AssertionError(sql, params)

    assert flips(Silent(), tree("all: [{friend: true}, {orders: {at_least: 2}}]"), [1], NOW) == {}


@given(text=texts)
def test_a_tree_written_as_a_document_reads_as_the_same_tree(text: dict[str, Any]) -> None:
    tree = parsed(text)
    assert parsed(document(tree)) == tree
