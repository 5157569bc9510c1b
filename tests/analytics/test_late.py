"""What is cancelled or given back, whenever it is, takes orders, money and margin out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.analytics.pool import NOW as THEN
from tests.analytics.pool import World, at
from tests.build import KEYS, NOW, facts, tell

from siyu.analytics.check import read
from siyu.analytics.model.answer import Question
from siyu.analytics.render.answer import plain
from siyu.analytics.views.asked import Home, ask
from siyu.analytics.views.questions import QUESTIONS, named
from siyu.db.clock import RealClock
from siyu.db.pool import Pool
from siyu.kernel.errors import Refused
from siyu.kernel.ids import PublicIds
from siyu.lake.lake import Lake
from siyu.ledger import actions as ledger
from siyu.ledger.model import GoodsShare
from siyu.staff import actions as staff
from siyu.staff.model import Brand, Member, Store

UNDONE = """
update orders set state = %(state)s,
  refunded_minor = case %(state)s when 'refunded' then total_minor else 0 end
where total_minor = 7000
"""
BRAND = Brand("B", "Asia/Shanghai", "CNY", "CN", "zh")


@pytest.fixture
def home(db: Pool, tmp_path: Path) -> Home:
    return Home(db, KEYS, PublicIds(b"i" * 32), BRAND, Lake(db, tmp_path, RealClock()))


def answer(home: Home, question: Question) -> dict[str, Any]:
    """All that a report says but how fresh it is, or why it says nothing."""
    try:
        told = plain(ask(home, question, NOW))
    except Refused as refused:
        return {"refused": refused.detail}
    del told["fresh"]
    return told


LATE = [one for one in QUESTIONS if one.name in {"cohorts", "repurchase", "rfm", "value", "lapsed"}]


def test_an_order_that_is_gone_late_was_never_there(home: Home) -> None:
    made = facts()

    def pay(number: str, at: float, who: int, sku: str = "x") -> None:
        line = {"sku": sku, "category": sku, "quantity": 1, "unit_minor": 900, "amount_minor": 900}
        phone = {"phone": f"1380000000{who}", "order": f"s/{number}"}
        data = {"order_no": number, "total_minor": 900, "lines": [line]}
        tell(home.db, [made("order.paid", at=at, keys=phone, **data)])

    def back(number: str, at: float, **data: Any) -> None:
        data = {"order_no": number, "amount_minor": 900, "refund_no": f"r{number}", **data}
        tell(home.db, [made("order.refunded", at=at, **data)])

    for who in (1, 2, 3):
        pay(f"{who}", -90 + who, who)
    pay("4", -60, 1)
    before = {one.name: answer(home, one()) for one in LATE}
    assert before["repurchase"]["tables"][0]["rows"][1][:4] == ["x", 3, 3, 1]

    pay("5", -50, 2)
    pay("6", -50, 3, "y")
    between = {one.name: answer(home, one()) for one in LATE}
    assert between["repurchase"]["tables"][2]["rows"][0][:2] == [3, 1]
    assert all(before[name] != between[name] for name in ("cohorts", "repurchase", "rfm"))

    tell(home.db, [made("order.cancelled", at=50, order_no="5")])
    back("6", 55)
    assert {one.name: answer(home, one()) for one in LATE} == before
    books = answer(home, named("totals")())
    assert (books["net"], books["cancelled_orders"]) == (4 * 900, 1)


# Of each report what five orders come to, two more, these after half of them came back: the cells
# of a table, added up. Margin: four tenths.
POOL: dict[str, dict[str, tuple[int, int, int]]] = {
    "members": {
        "members.orders": (5, 7, 7),
        "members.net_minor": (5_000, 17_000, 11_000),
        "loyal.net_minor": (5_000, 17_000, 11_000),
    },
    "store": {
        "shops.orders": (5, 7, 7),
        "shops.private_orders": (3, 4, 4),
        "shops.net_minor": (5_000, 17_000, 11_000),
        "hours.margin_minor": (3_200, 9_600, 6_400),  # the shop's, and of it the store's friends'
    },
    "staff": {
        "results.orders": (3, 4, 4),
        "results.net_minor": (3_000, 7_000, 5_000),
        "results.margin_minor": (1_200, 2_800, 2_000),
        "store_results.net_minor": (3_000, 7_000, 5_000),
    },
}


def cells(found: dict[str, Any], name: str) -> int:
    """A column of a table, added up."""
    of, _, column = name.partition(".")
    (told,) = [one for one in found["tables"] if one["name"] == of]
    place = [one["name"] for one in told["columns"]].index(column)
    return sum(row[place] or 0 for row in told["rows"])


@pytest.mark.parametrize("gone", ["order.cancelled", "order.refunded"])
@pytest.mark.parametrize("name", POOL)
def test_what_comes_back_late_takes_its_order_money_and_margin_out_of_friends_stores_and_staff(
    home: Home, name: str, gone: str
) -> None:
    made = facts()
    with home.db.transaction() as conn:
        guide = Member("guide", "Guide", "guide", "north")
        staff.seed(conn, BRAND, [Store("north", "North")], [guide])
        ledger.set_share(conn, GoodsShare("", 6_000), "me", NOW)

    def pay(number: str, at: float, who: int, minor: int = 1_000) -> None:
        keys = {"phone": f"1380000000{who}", "order": f"s/{number}"}
        tell(home.db, [made("order.paid", at=at, keys=keys, order_no=number, total_minor=minor)])

    def asked(turn: int) -> dict[str, Any]:
        found = answer(home, read(named(name), {"until": "2026-12-20"}))
        told = {one: cells(found, one) for one in POOL[name]}
        assert told == {one: sums[turn] for one, sums in POOL[name].items()}
        return found

    for who in (1, 2, 3):
        friend = {"external_userid": f"wm{who}", "phone": f"1380000000{who}"}
        tell(home.db, [made("friend.added", at=30, keys=friend)])
    for who in range(1, 6):
        pay(f"{who}", 40, who)
    before = asked(0)
    pay("late", 41, 1, 4_000)  # a friend's
    pay("other", 41, 4, 8_000)
    asked(1)

    # Both come back when the days that are looked at are long over.
    if gone == "order.cancelled":
        tell(home.db, [made(gone, at=59, order_no=one) for one in ("late", "other")])
    else:
        for turn in (2, 0):
            for number, minor in (("late", 2_000), ("other", 4_000)):
                back = {"order_no": number, "amount_minor": minor, "refund_no": f"{number}{turn}"}
                tell(home.db, [made(gone, at=59, **back)])
            asked(turn)
    assert asked(0) == before


@pytest.mark.parametrize("state", ["cancelled", "refunded"])
@pytest.mark.parametrize("name", ["attribution", "content", "payback"])
def test_an_order_that_is_undone_counts_for_no_touch_and_pays_nothing_back(
    db: Pool, tmp_path: Path, name: str, state: str
) -> None:
    world = World(db, tmp_path)
    with db.transaction() as conn:
        ledger.set_share(conn, GoodsShare("", 6_000), "me", NOW)

    def asked() -> dict[str, Any]:
        world.write()
        world.again()
        told = plain(ask(world.home, named(name)(), THEN))
        del told["fresh"]
        return told

    for who in range(1, 41):
        world.friend(who, at(date(2026, 10, 10)))
        world.cost(who, at(date(2026, 10, 10)), 300)
        world.touch(who, at(date(2026, 11, 12)))
        if who % 2:
            world.order(who, at(date(2026, 11, 14)), 5_000)
    before = asked()
    late = range(2, 12)
    for who in late:
        world.order(who, at(date(2026, 11, 15)), 7_000)
    assert asked() != before
    with db.transaction() as conn:
        conn.execute(UNDONE, {"state": state})
    assert asked() == before
