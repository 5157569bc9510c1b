"""Sets on a real database: one query however many are asked, and times to the microsecond."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from siyu.db.pool import Pool
from siyu.kernel.errors import TookTooLong
from siyu.kernel.sql import Conn
from siyu.segments.compile import compile_tree
from siyu.segments.model import Tree
from siyu.segments.views import count, explain, flips, matching, members
from siyu.segments.views.found import PAGE, first, funnel

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


DATE = """insert into customer_date (identity_id, customer_id, name, calendar, month, day,
  changed_at, changed_source, changed_source_id)
values (%(c)s, %(c)s, 'birthday', %(calendar)s, %(month)s, %(day)s, %(now)s, 't', '1')"""
DAYS = [
    ("solar", 2, 28),
    ("solar", 2, 29),  # comes on the 28th in a common year
    ("solar", 3, 1),
    ("lunar", 1, 11),  # 27 February 2026 and 16 February 2027
]


@pytest.mark.parametrize(
    ("now", "near", "flips_at"),
    [
        # 27 February 2026, the last second by Shanghai's clock, and the first of the 28th
        ("2026-02-27T15:59:59Z", {4}, {1: "28", 2: "28", 4: "28"}),
        ("2026-02-27T16:00:00Z", {1, 2}, {1: "01", 2: "01", 3: "01"}),
        ("2028-02-27T16:00:00Z", {1}, {1: "29", 2: "29"}),  # a leap year
    ],
)
def test_a_yearly_day_comes_at_midnight_in_the_brands_zone(
    db: Pool,
    tree: Callable[[str], Tree],
    now: str,
    near: set[int],
    flips_at: dict[int, str],
) -> None:
    asked, at = tree("date: {name: birthday, in_days: 1}"), datetime.fromisoformat(now)
    with db.transaction() as conn:
        conn.execute(
            "insert into brand (name, time_zone, currency, region, locale)"
            " values ('b', 'Asia/Shanghai', 'CNY', 'CN', 'zh')"
        )
        conn.execute(CUSTOMER, {"ids": [1, 2, 3, 4], "now": at, "into": 0})
        for number, (calendar, month, day) in enumerate(DAYS, 1):
            said = {"c": number, "calendar": calendar, "month": month, "day": day, "now": at}
            conn.execute(DATE, said)
        assert matching(conn, compile_tree(asked), [1, 2, 3, 4], at) == near
        assert members(conn, asked, at) == near
        moments = flips(conn, asked, [1, 2, 3, 4], at)
        zone = ZoneInfo("Asia/Shanghai")
        told = {who: moment.astimezone(zone) for who, moment in moments.items()}
        assert {who: f"{told[who]:%d}" for who in flips_at} == flips_at
        assert {f"{moment:%H:%M:%S}" for moment in told.values()} == {"00:00:00"}


def test_who_was_born_in_a_lunar_leap_month_keeps_the_month_of_its_number(
    db: Pool, tree: Callable[[str], Tree]
) -> None:
    asked = tree("date: {name: birthday, in_days: 1}")
    first, again = datetime(2025, 7, 9, 4, tzinfo=UTC), datetime(2025, 8, 8, 4, tzinfo=UTC)
    with db.transaction() as conn:
        conn.execute(CUSTOMER, {"ids": [1], "now": first, "into": 0})
        conn.execute(DATE, {"c": 1, "calendar": "lunar", "month": 6, "day": 15, "now": first})
        assert members(conn, asked, first) == {1}  # the 15th of the sixth month
        assert members(conn, asked, again) == set()  # and of the sixth month that 2025 has again


def test_a_share_is_always_the_same_customers_and_about_so_many(
    db: Pool, clock: Any, tree: Callable[[str], Tree]
) -> None:
    with db.transaction() as conn:
        customers(conn, list(range(1, 5001)), clock)
        few, more = (members(conn, tree(f'share: "{p}"'), clock.now()) for p in (10, 20))
        other = members(conn, tree('share: {percent: "20", of: autumn}'), clock.now())
        conn.execute("delete from customer")
    assert sorted(few)[:3] == [32, 45, 69]  # pinned: in every engine and year
    assert few < more
    assert 430 < len(few) < 570  # 5,000 draws: three standard deviations are 64
    assert 140 < len(other & more) < 260  # of 1,000 and 1,000, drawn independently: 200


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


def test_a_count_is_broken_off_when_it_takes_longer_than_it_may(
    db: Pool, clock: Any, tree: Callable[[str], Tree]
) -> None:
    everybody = tree("everybody: true")
    with db.transaction() as writer:
        writer.execute("lock table customer in access exclusive mode")  # nobody can count meanwhile
        with pytest.raises(TookTooLong), db.transaction() as conn:
            conn.at_most(0.05)
            funnel(conn, everybody, clock.now())
    with db.transaction() as conn:  # only that transaction was bounded
        assert conn.fetch("show statement_timeout") == [("0",)]
        assert funnel(conn, everybody, clock.now()).members == 0


def test_a_search_for_the_first_members_ends_when_it_is_late(
    db: Pool, clock: Any, tree: Callable[[str], Tree]
) -> None:
    with db.transaction() as conn:
        customers(conn, list(range(1, PAGE + 2)), clock)
        conn.execute(ORDER, {"no": "1", "customer": PAGE + 1, "at": clock.now()})
        buyers, now = tree("orders: {}"), clock.now()
        assert first(conn, buyers, now, after=0, limit=1, looks=2) == [PAGE + 1]
        assert first(conn, buyers, now, after=0, limit=1, looks=2, late=lambda: True) == []
