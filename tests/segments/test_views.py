"""Sets on a real database: one query however many are asked, and times to the microsecond."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from siyu.db.pool import Pool
from siyu.kernel.sql import Conn
from siyu.segments.compile import compile_tree
from siyu.segments.model import Tree
from siyu.segments.views import count, explain, matching, members

CUSTOMER = """insert into customer (id, created_at, merged_into)
select id, %(now)s, nullif(%(into)s::bigint, 0) from unnest(%(ids)s::bigint[]) id"""
ORDER = """insert into orders (shop, order_no, customer_id, state, paid_at, source, source_id,
  currency, total_minor, event_id)
values ('s', %(no)s, %(customer)s, 'paid', %(at)s, 's', '1', 'CNY', 100, 0)"""


def customers(conn: Conn, ids: list[int], clock: Any, into: int = 0) -> None:
    conn.execute(CUSTOMER, {"ids": ids, "now": clock.now(), "into": into})


def test_within_is_open_at_its_start_and_closed_at_now(
    db: Pool, clock: Any, tree: Callable[[str], Tree]
) -> None:
    now, tick = clock.now(), timedelta(microseconds=1)
    edges = [now - timedelta(days=90), now - timedelta(days=90) + tick, now, now + tick]
    with db.transaction() as conn:
        customers(conn, [1, 2, 3, 4], clock)
        for number, at in enumerate(edges, 1):
            conn.execute(ORDER, {"no": str(number), "customer": number, "at": at})
        recent = compile_tree(tree("orders: {within: 90d}"))
        assert matching(conn, recent, [1, 2, 3, 4], now) == {2, 3}


def test_merged_customers_are_in_no_set(db: Pool, clock: Any, tree: Callable[[str], Tree]) -> None:
    with db.transaction() as conn:
        customers(conn, [1, 2], clock)
        customers(conn, [3], clock, into=1)
        everybody = tree("everybody: true")
        assert matching(conn, compile_tree(everybody), [1, 2, 3], clock.now()) == {1, 2}
        assert members(conn, everybody, clock.now()) == {1, 2}
        assert count(conn, everybody, clock.now()) == 2


def test_a_set_is_one_query_for_one_and_for_a_thousand_and_none_for_nobody(
    db: Pool, clock: Any, tree: Callable[[str], Tree]
) -> None:
    compiled = compile_tree(tree("not: {friend: true}"))
    with db.transaction() as conn:
        customers(conn, list(range(1, 1001)), clock)
        counts: list[int] = []
        for asked in ([], [7], range(1, 1001)):
            with db.counting() as seen:
                assert matching(conn, compiled, asked, clock.now()) == set(asked)
            counts.append(len(seen))
    assert counts == [0, 1, 1]


def test_values_with_every_kind_of_quote_and_percent_are_found_as_they_are(
    db: Pool, clock: Any, tree: Callable[[str], Tree]
) -> None:
    name = "5'折%s %(now)s \\ \" 面膜%%"
    with db.transaction() as conn:
        customers(conn, [1, 2], clock)
        conn.execute(
            "insert into tag (identity_id, customer_id, name, source, tagged_at)"
            " values (1, 2, %(name)s, 't', %(now)s)",
            {"name": name, "now": clock.now()},
        )
        quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        tagged = compile_tree(tree(f"tag: {quoted}"))
        assert matching(conn, tagged, [1, 2], clock.now()) == {2}


def test_an_explanation_says_of_each_part_whether_it_holds(
    db: Pool, clock: Any, tree: Callable[[str], Tree]
) -> None:
    asked = tree("all: [{everybody: true}, {any: [{friend: true}, {not: {orders: {}}}]}]")
    with db.transaction() as conn:
        customers(conn, [1], clock)
        found = explain(conn, asked, 1, clock.now())
        assert explain(conn, asked, 99, clock.now()) == []
    assert [(verdict.said, verdict.holds) for verdict in found] == [
        ("all", True),
        ('{"everybody": true}', True),
        ("any", True),
        ('{"friend": true}', False),
        ("not", True),
        ('{"orders": {}}', False),
    ]


def test_a_small_batch_is_answered_by_index_not_by_reading_everybody(
    db: Pool, clock: Any, tree: Callable[[str], Tree]
) -> None:
    asked = compile_tree(tree("any: [{not: {friend: true}}, {orders: {within: 90d}}, {tag: a}]"))
    with db.transaction() as conn:
        customers(conn, list(range(1, 20_001)), clock)
        conn.execute(
            "insert into friendship (identity_id, customer_id, staff, carrier, state, changed_at,"
            " changed_source, changed_source_id)"
            " select id, id, 'g', 'wecom', 'live', %(now)s, 's', '1' from customer",
            {"now": clock.now()},
        )
        conn.execute("analyze customer")
        conn.execute("analyze friendship")
        params = {**asked.params, "now": clock.now(), "ids": [5, 6, 7]}
        plan = "\n".join(row[0] for row in conn.fetch("explain " + asked.sql, params))
        assert "Seq Scan on customer" not in plan
        assert "Seq Scan on friendship" not in plan
        conn.execute("delete from friendship")
        conn.execute("delete from customer")
