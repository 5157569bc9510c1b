"""Why a customer is in a set or not: the fact beside each answer never contradicts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from tests.build import NOW, facts, tell

from siyu.db.pool import Pool
from siyu.segments.model import Tree
from siyu.segments.views.evidence import Asking, told

BUYER = {"buyer": "shop/b1"}
FRIEND = {"buyer": "shop/b1", "external_userid": "wm1"}
GOODS = {"sku": "mask", "category": "care", "unit_minor": 7500}


def lived() -> list[Any]:
    """An old order, a newer one of which the masks came back, a friendship that ended."""
    event = facts()

    def order(number: str, at: float, total: int) -> Any:
        lines = [{**GOODS, "quantity": 2, "amount_minor": total}]
        more = {"order_no": number, "total_minor": total, "lines": lines}
        return event("order.paid", at=at, keys=BUYER, **more)

    back = [{"sku": "mask", "quantity": 2, "amount_minor": 2100}]
    refund = {"order_no": "2", "refund_no": "r", "amount_minor": 2100, "lines": back}
    return [
        order("1", -150, 20000),
        order("2", 11, 15000),
        event("order.refunded", at=12, keys=BUYER, **refund),
        event("friend.added", at=-140, keys=FRIEND),
        event("friend.deleted_by_customer", at=13, keys=FRIEND),
        event("tag.set", at=-100, keys=BUYER, name="vip"),
    ]


QUESTION = """
all:
  - orders: {at_least: 2, within: 90d}
  - orders: {at_least: 2, sku: mask}
  - not: {orders: {state: cancelled}}
  - spent: {at_least: "300", currency: CNY}
  - friend: true
  - tag: vip
  - tag: gold
  - consent: {channel: sms, purpose: promotion}
  - stage: {at_least: A4}
  - synthetic: true
  - everybody: true
  - touched: {within: 90d}
  - event: {kind: order.paid}
  - tag: {prefix: v}
  - orders: {older_than: 100d}
  - spent: {at_least: "300", sku: mask, currency: CNY}
  - spent: {at_least: "300", category: care, within: 50d, whole_days: true, currency: CNY}
  - orders: {within: 49d, whole_days: true}
"""
SAID = [
    (False, "", ""),
    (False, "1 order, last 2026-11-12 ¥129.00", "1 笔订单，最近一笔 2026-11-12 ¥129.00"),
    (False, "1 order, last 2026-06-04 ¥200.00", "1 笔订单，最近一笔 2026-06-04 ¥200.00"),
    (True, "", ""),
    (False, "0 cancelled orders", "0 笔已取消的订单"),
    (True, "¥329.00 in 2 orders", "2 笔订单，共 ¥329.00"),
    (
        False,
        "not of guide any more, since 2026-11-14",
        "2026-11-14 起已不是 guide 的好友",
    ),
    (True, "since 2026-07-24, by test", "2026-07-24 起，来自 test"),
    (False, "not tagged", "没有这个标签"),
    (False, "never said", "从未表态"),
    (True, "A4", "A4"),
    (False, "a real customer", "真实客户"),
    (True, "", ""),
    (False, "never", "从未有过"),
    (True, "2 times, last 2026-11-12", "2 次，最近 2026-11-12"),
    (True, "vip since 2026-07-24, by test", "2026-07-24 起有 vip，来自 test"),
    (True, "1 order, last 2026-06-04 ¥200.00", "1 笔订单，最近一笔 2026-06-04 ¥200.00"),
    (True, "¥329.00 in 2 orders", "2 笔订单，共 ¥329.00"),
    (False, "¥129.00 in 1 order", "1 笔订单，共 ¥129.00"),
    (False, "0 orders", "0 笔订单"),
]


def test_each_condition_tells_the_fact_that_decides_it(
    db: Pool, tree: Callable[[str], Tree]
) -> None:
    tell(db, lived())
    with db.transaction() as conn:
        ((one,),) = conn.fetch("select id from customer")
        asking = Asking(conn, one, NOW, ZoneInfo("Asia/Shanghai"), "CNY")
        found = told(tree(QUESTION), asking)
        nobody = told(tree("everybody: true"), asking._replace(customer_id=one + 1))

    assert [(one.holds, one.fact[:], one.fact.zh) for one in found] == SAID
    assert nobody == []
