"""To whom of us orders are credited: one rule, for one order and for all of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.analytics.small import Small, rows_of
from tests.analytics.staffed import BEGIN, FIRST, LAST, people
from tests.segments.engines import as_json

from siyu.analytics.compile.credit import credited
from siyu.analytics.decide.assisted import Deed, How, part, shares
from siyu.analytics.views import assisted
from siyu.analytics.views.questions.staff import Staff
from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput
from siyu.staff import views as staff
from siyu.staff.actions.credit import set_credit
from siyu.staff.model import CREDIT_RULES, Credit, CreditRule

NOON = datetime(2026, 10, 20, 4, tzinfo=UTC)


def deed(who: str, how: How, days: float = 1) -> Deed:
    return Deed(who, how, NOON - timedelta(days=days))


@pytest.mark.parametrize(
    ("rule", "deeds", "expected"),
    [
        ("owner", [deed("ann", "owner", 9), deed("bo", "task")], {"ann": ("owner", 1)}),
        ("last", [deed("ann", "owner", 9), deed("bo", "task"), deed("chen", "touch", 2)],
         {"bo": ("task", 1)}),
        ("last", [deed("ann", "owner", 9)], {"ann": ("owner", 1)}),
        ("shared", [deed("ann", "owner", 9), deed("ann", "task"), deed("bo", "touch", 2)],
         {"ann": ("task", 2), "bo": ("touch", 2)}),
        ("shared", [deed("ann", "owner"), deed("chen", "paid", 0)], {"chen": ("paid", 1)}),
        ("owner", [deed("bo", "task")], {}),
        ("last", [], {}),
    ],
)  # fmt: skip
def test_each_rule_hands_an_order_out_and_says_why(
    rule: CreditRule, deeds: list[Deed], expected: dict[str, tuple[str, int]]
) -> None:
    found = shares(deeds, rule)

    assert {one.staff: (one.how, one.parts) for one in found} == expected
    assert shares([*reversed(deeds)], rule) == found


def test_the_parts_of_an_amount_add_up_to_it_also_below_nought() -> None:
    for minor in (0, 1, 7, 100, -1, -100, 10**12 + 1):
        for parts in (1, 2, 3, 7):
            assert sum(part(minor, place, parts) for place in range(parts)) == minor


@pytest.fixture(scope="module")
def world() -> Iterator[Small]:
    """With tasks and touches of three guides, and orders that were paid in a chat."""
    chance = random.Random(5)
    with Small() as lake:
        people(lake, 3, 150)
        for order in [*lake.told["orders"]]:
            who = order["customer_id"]
            if who is None:
                continue
            for _ in range(chance.choice([0, 1, 2])):
                at = order["paid_at"] - timedelta(days=chance.randint(-2, 40))
                lake.add("task", touch_id=0, customer_id=who, kind="call", shop="s", minutes=1,
                         staff=chance.choice(["ann", "bo", "chen"]), outcome="agreed",
                         state=chance.choice(["done", "open"]), created_at=at, due_at=at,
                         done_at=at)  # fmt: skip
            if chance.random() < 0.5:
                at = order["paid_at"] - timedelta(days=chance.randint(0, 40))
                lake.add("touch", customer_id=who, journey="j", step="s", channel="wecom_message",
                         purpose="service", shop="s", material="m", state="sent", wished_at=at,
                         sent_at=at, staff=chance.choice(["ann", "bo", ""]))  # fmt: skip
            if chance.random() < 0.1:
                lake.add("paid_to", order_id=order["id"], staff=chance.choice(["ann", "chen"]))
        yield lake


FILLED = {
    "orders": "r.id, r.shop, r.id::text, r.customer_id, r.state, r.paid_at, 't', '1', r.currency,"
    " r.total_minor, r.refunded_minor, 0",
    "friendship": "row_number() over (), r.customer_id, r.staff, 'wecom', r.state,"
    " r.first_added_at, r.added_at, r.deleted_at, r.added_at, 't', '1'",
    "task": "row_number() over (), r.kind, r.customer_id, r.staff, '', 's', '', r.state,"
    " r.created_at, r.due_at, r.done_at, r.outcome",
    "touch": "'n' || r.id, 0, r.customer_id, 'j', 's', r.channel, 'service', 'now', 1, 's', '',"
    " 'm', 'zh', r.state, r.wished_at, r.wished_at, r.sent_at, r.staff",
}
NAMES = {
    "orders": "id, shop, order_no, customer_id, state, paid_at, source, source_id, currency,"
    " total_minor, refunded_minor, event_id",
    "friendship": "identity_id, customer_id, staff, carrier, state, first_added_at, added_at,"
    " deleted_at, changed_at, changed_source, changed_source_id",
    "task": "touch_id, kind, customer_id, staff, script, shop, order_no, state, created_at, due_at,"
    " done_at, outcome",
    "touch": "node, round, customer_id, journey, step, channel, purpose, lane, priority, shop,"
    " order_no, material, locale, state, wished_at, due_at, sent_at, staff",
}


def stored(conn: Any, world: Small) -> None:
    for table, said in FILLED.items():
        own = "overriding system value" if table == "orders" else ""
        conn.execute(
            f"insert into {table} ({NAMES[table]}) {own} select {said}"
            f" from jsonb_populate_recordset(null::{table}, %(rows)s::jsonb) r",
            {"rows": as_json(world.told[table])},
        )
    for number, one in enumerate(world.told["paid_to"]):
        said = {"n": str(number), "order": str(one["order_id"]), "staff": one["staff"], "at": NOON}
        conn.execute(
            "insert into payment_request (request, customer_id, staff, shop, order_no, about,"
            " amount_minor, currency, asked_at, until) select 'r' || %(n)s, 1, %(staff)s, shop,"
            " order_no, 'x', total_minor, currency, %(at)s, %(at)s from orders"
            " where order_no = %(order)s",
            said,
        )
        conn.execute(
            "insert into payment (carrier, trade_no, refund_no, staff, amount_minor, currency,"
            " paid_at, source, source_id, request) select 'wecom', %(n)s, '', %(staff)s,"
            " total_minor, currency, %(at)s, 't', %(n)s, 'r' || %(n)s from orders"
            " where order_no = %(order)s",
            said,
        )


@pytest.mark.parametrize("rule", CREDIT_RULES)
def test_the_order_page_and_the_report_credit_alike(world: Small, db: Pool, rule: str) -> None:
    credit = Credit(rule, 30)  # pyright: ignore[reportArgumentType]
    rows = world.fetch(credited(FIRST, LAST, credit))
    reported = {(int(order), who, int(parts)) for order, who, _, parts in rows}
    standing = [
        one["id"] for one in world.told["orders"]
        if one["state"] == "paid" and BEGIN <= one["paid_at"] < BEGIN + timedelta(days=28)
    ]  # fmt: skip
    with db.transaction() as conn:
        stored(conn, world)
        found = assisted.credited(conn, standing, credit)
    shown = {(order, one.staff, one.parts) for order, some in found.items() for one in some}

    assert shown == reported
    assert len(shown) > 40
    places = Counter(int(order) for order, *_ in rows)
    assert all(places[int(order)] == int(parts) for order, _, _, parts in rows)


def test_whatever_the_rule_the_money_of_credited_orders_is_handed_out_once(world: Small) -> None:
    sums: dict[str, int] = {}
    for rule in CREDIT_RULES:
        of = world.sources(LAST)._replace(credit=Credit(rule, 30))
        found = Staff(FIRST, LAST).answer(of)
        sums[rule] = sum(row["net_minor"] for row in rows_of(found, "results"))
        orders = {int(order): 0 for order, *_ in world.fetch(credited(FIRST, LAST, of.credit))}
        stood = {one["id"]: one for one in world.told["orders"]}
        mine = [stood[order] for order in orders if stood[order]["currency"] == "CNY"]
        net = sum(one["total_minor"] - one["refunded_minor"] for one in mine)
        assert sums[rule] == net, rule
        assert any("credited to" in note for note in found.notes)
    assert sums["owner"] < sums["last"] == sums["shared"]


def test_the_rule_is_set_with_its_audit_and_a_wrong_one_is_named(db: Pool) -> None:
    with db.transaction() as conn:
        assert staff.credit(conn) == Credit("owner", 30)
        set_credit(conn, "shared", 14, "ann", NOON)
        assert staff.credit(conn) == Credit("shared", 14)
        (line,) = conn.fetch("select actor, action, reason from audit")
        assert line == ("ann", "credit.set", "owner, 30 d → shared, 14 d")
    with db.transaction() as conn, pytest.raises(BadInput) as wrong:
        set_credit(conn, "first", 0, "ann", NOON)
    assert [one.where for one in wrong.value.problems] == ["rule", "days"]
