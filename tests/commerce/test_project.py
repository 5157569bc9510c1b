"""Orders, refunds, corrections and parcels as they come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.build import DAY

from siyu.commerce import views
from siyu.commerce.actions import seed_shop
from siyu.commerce.model import OrderFact, Shop, Unmatched
from siyu.customers.views import profile
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.kernel.sql import Row
from siyu.staff.model import Scope

Event = Callable[..., Incoming]
Tell = Callable[..., None]
WANG, LI = {"buyer": "s/wang"}, {"buyer": "s/li"}


def line(sku: str, quantity: int, amount: int = 100) -> dict[str, Any]:
    unit = amount // quantity
    return {"sku": sku, "quantity": quantity, "unit_minor": unit, "amount_minor": amount}


def back(sku: str, quantity: int, amount: int = 100) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, "amount_minor": amount}


def order(db: Pool, order_no: str = "1") -> OrderFact:
    with db.transaction() as conn:
        return views.orders(conn, [("s", order_no)])["s", order_no]


def rows(db: Pool, query: str) -> list[Row]:
    with db.transaction() as conn:
        return conn.fetch(query)


def test_a_partial_refund_leaves_the_order_paid_and_a_whole_one_does_not(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [event("order.paid", keys=WANG, order_no="1", total_minor=300)])
    tell(db, [event("order.refunded", at=1, refund_no="r1", order_no="1", amount_minor=100)])
    assert (order(db).state, order(db).refunded_minor) == ("paid", 100)

    tell(db, [event("order.refunded", at=2, refund_no="r2", order_no="1", amount_minor=200)])
    assert (order(db).state, order(db).refunded_minor) == ("refunded", 300)


@pytest.mark.parametrize("kind", ["order.cancelled", "order.refunded"])
def test_what_is_taken_back_before_its_order_is_heard_of_waits_for_it(
    db: Pool, event: Event, tell: Tell, kind: str
) -> None:
    data = {"refund_no": "r1", "amount_minor": 300} if kind == "order.refunded" else {}
    tell(db, [event(kind, at=1, order_no="1", **data)])
    tell(db, [event("order.paid", keys=WANG, order_no="1", total_minor=300)])

    assert order(db).state == kind.removeprefix("order.")


def test_an_order_told_anew_replaces_the_earlier_telling_with_its_lines(
    db: Pool, event: Event, tell: Tell
) -> None:
    told = event("order.paid", at=1, keys=WANG, order_no="1", total_minor=1, lines=[line("b", 1)])
    lines = [line("a", 1), line("a", 2)]
    earlier = event("order.paid", keys=WANG, order_no="1", total_minor=2, lines=lines)
    tell(db, [earlier])
    tell(db, [told])
    tell(db, [event("order.paid", keys=LI, order_no="1", total_minor=3, lines=lines)])

    assert order(db).total_minor == 1
    assert rows(db, "select sku, line from order_item") == [("b", 1)]


def test_a_refund_without_reference_takes_from_the_latest_earlier_line_with_enough_left(
    db: Pool, event: Event, tell: Tell
) -> None:
    for number, quantity in (("1", 5), ("2", 3), ("3", 1)):
        lines = [line("a", quantity, 100 * quantity)]
        total = 100 * quantity
        tell(db, [event("order.paid", at=int(number), keys=WANG, order_no=number,
                        total_minor=total, lines=lines)])  # fmt: skip
    tell(db, [event("order.refunded", at=5, keys=WANG, refund_no="C1", amount_minor=200,
                    lines=[back("a", 2, 200)])])  # fmt: skip

    assert [order(db, number).refunded_minor for number in "123"] == [0, 200, 0]


def test_a_late_order_takes_over_the_refund_that_was_its_own(
    db: Pool, event: Event, tell: Tell
) -> None:
    lines = [line("a", 1)]
    paid = [
        event("order.paid", at=at, keys=WANG, order_no=str(at), total_minor=100, lines=lines)
        for at in (1, 2)
    ]
    tell(db, [paid[0]])
    tell(db, [event("order.refunded", at=3, keys=WANG, refund_no="C1", amount_minor=100,
                    lines=[back("a", 1)])])  # fmt: skip
    assert order(db, "1").state == "refunded"

    tell(db, [paid[1]])
    assert [order(db, number).state for number in "12"] == ["paid", "refunded"]


def test_a_merge_brings_refunds_to_the_orders_they_take_from(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [event("order.paid", keys=WANG, order_no="1", total_minor=100, lines=[line("a", 1)])])
    tell(db, [event("order.refunded", at=1, keys={"phone": "13800000001"}, refund_no="C1",
                    amount_minor=100, lines=[back("a", 1)])])  # fmt: skip
    assert order(db).state == "paid"

    tell(db, [event("customer.identified", keys=WANG | {"phone": "13800000001"})])
    assert order(db).state == "refunded"


def test_an_order_that_turns_out_to_be_anothers_gives_the_refund_free(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [event("order.paid", keys=WANG, order_no="1", total_minor=100, lines=[line("a", 1)])])
    tell(db, [event("order.refunded", at=2, keys=WANG, refund_no="C1", amount_minor=100,
                    lines=[back("a", 1)])])  # fmt: skip
    # The order's number alone would join the two: another source tells it without one.
    with db.transaction() as conn:
        conn.execute("delete from identity where kind = 'order'")
    tell(db, [event("order.paid", at=1, keys=LI, order_no="1", total_minor=100,
                    lines=[line("a", 1)])])  # fmt: skip

    assert (order(db).state, order(db).refunded_minor) == ("paid", 0)
    with db.transaction() as conn:
        assert views.unmatched_refunds(conn) == [Unmatched("CNY", 1, 1, 100, 0)]


def test_a_guests_order_goes_to_whoever_claims_its_number(
    db: Pool, event: Event, tell: Tell
) -> None:
    keys = {"phone": "13800000001"}
    tell(db, [event("order.refunded", at=1, keys=keys, refund_no="C1", amount_minor=100,
                    lines=[back("a", 1)])])  # fmt: skip
    tell(db, [event("order.paid", order_no="1", total_minor=100, lines=[line("a", 1)])])
    assert order(db).customer_id is None

    tell(db, [event("customer.identified", keys=keys | {"order": "s/1"})])
    found = order(db)
    assert found.customer_id is not None
    assert found.state == "refunded"
    with db.transaction() as conn:
        buyer = profile(conn, found.customer_id)
    assert buyer is not None
    assert buyer.stage == 4


def test_refunds_of_guests_stay_unmatched_and_are_counted(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [
        event("order.paid", order_no="1", total_minor=100, lines=[line("a", 1)]),
        event("order.refunded", at=1, refund_no="C1", amount_minor=150, lines=[back("a", 1)]),
        event("order.refunded", at=1, refund_no="r2", order_no="9", amount_minor=50),
    ])  # fmt: skip

    with db.transaction() as conn:
        assert views.unmatched_refunds(conn) == [
            Unmatched("CNY", refunds=2, lines=3, amount_minor=200, waiting=1)
        ]


def test_a_refund_told_anew_with_fewer_lines_leaves_none_of_the_old_ones(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [event("order.paid", keys=WANG, order_no="1", total_minor=500)])
    old = event("order.refunded", at=1, refund_no="r", order_no="1", amount_minor=200,
                lines=[back("a", 1), back("b", 1)])  # fmt: skip
    new = event("order.refunded", at=2, refund_no="r", order_no="1", amount_minor=70)
    tell(db, [old])
    tell(db, [new])

    assert order(db).refunded_minor == 70
    assert rows(db, "select line, amount_minor from refund") == [(0, 70)]


def test_the_books_of_a_currency_add_up(db: Pool, event: Event, tell: Tell) -> None:
    tell(db, [
        event("order.paid", keys=WANG, order_no="1", total_minor=300, lines=[line("a", 3, 300)]),
        event("order.paid", order_no="2", total_minor=100, lines=[line("a", 1), line("b", 1, 0)]),
        event("order.refunded", at=1, refund_no="r1", order_no="1", amount_minor=50),
        event("order.cancelled", at=2, order_no="1"),
        event("order.corrected", correction_no="c", amount_minor=-7, lines=2),
        event("order.paid", keys=LI, order_no="3", total_minor=1, currency="GBP"),
    ])  # fmt: skip

    with db.transaction() as conn:
        yuan, pounds = views.totals(conn)
    assert yuan._asdict() == {
        "currency": "CNY", "lines": 6, "orders": 2, "customers": 1, "orders_without_customer": 1,
        "cancelled_orders": 1, "refunded_orders": 0, "refunds": 1, "refund_lines": 1,
        "corrected": 1, "gross": 400, "refunded": 300, "corrections": -7, "net": 93,
    }  # fmt: skip
    assert (pounds.orders, pounds.customers, pounds.net) == (1, 1, 1)


def test_a_parcel_packed_before_its_plan_is_heard_of_is_one_parcel(
    db: Pool, event: Event, tell: Tell
) -> None:
    tell(db, [event("parcel.packed", at=2, parcel_no="p", gift="mask")])
    tell(db, [event("parcel.shipped", at=3, parcel_no="p")])
    with db.transaction() as conn:
        assert views.parcels_of(conn, [("s", "1")]) == {}

    tell(db, [event("parcel.planned", at=1, parcel_no="p", orders=["1", "2"], main_order="2",
                    cutoff_at="2026-11-03T18:00:00+08:00")])  # fmt: skip
    with db.transaction() as conn:
        found = views.parcels_of(conn, [("s", "1"), ("s", "2"), ("s", "3")])
    assert {pair[1]: (fact.parcel_no, fact.main) for pair, fact in found.items()} == {
        "1": ("p", "2"),
        "2": ("p", "2"),
    }
    assert rows(db, "select packed_gift, shipped_at is null from parcel") == [("mask", False)]


def test_of_a_split_order_the_main_parcel_is_found_and_the_last_plan_holds(
    db: Pool, event: Event, tell: Tell
) -> None:
    cutoff = "2026-11-09T18:00:00+08:00"
    planned = [
        ("child", 1, ["1"], None),
        ("main", 1, ["1", "2"], "1"),
        ("main", 2, ["1"], "1"),
    ]
    tell(db, [
        event("parcel.planned", at=at, parcel_no=no, orders=orders, main_order=main,
              cutoff_at=cutoff)
        for no, at, orders, main in reversed(planned)
    ])  # fmt: skip

    with db.transaction() as conn:
        found = views.parcels_of(conn, [("s", "1"), ("s", "2")])
    assert {pair[1]: fact.parcel_no for pair, fact in found.items()} == {"1": "main"}


def test_the_number_of_statements_does_not_depend_on_the_batch(
    new_db: Callable[[], Pool], event: Event, tell: Tell
) -> None:
    def history(size: int) -> list[Incoming]:
        return [
            one
            for n in range(size)
            for one in (
                event("order.paid", keys={"buyer": f"s/{n}"}, order_no=f"{n}", total_minor=100,
                      lines=[line("a", 1)]),
                event("order.refunded", at=1, keys={"buyer": f"s/{n}"}, refund_no=f"C{n}",
                      amount_minor=100, lines=[back("a", 1)]),
                event("order.refunded", at=1, refund_no=f"r{n}", order_no=f"{n}", amount_minor=1),
                event("order.cancelled", at=2, order_no=f"{n}"),
                event("order.corrected", correction_no=f"{n}", amount_minor=1),
                event("parcel.planned", parcel_no=f"{n}", orders=[f"{n}"], main_order=f"{n}",
                      cutoff_at="2026-11-09T18:00:00+08:00"),
                event("parcel.packed", parcel_no=f"{n}"),
                event("parcel.shipped", parcel_no=f"{n}"),
                event("customer.identified", keys={"buyer": f"s/{n}", "phone": f"1380000{n:04}"}),
            )
        ]  # fmt: skip

    counts: list[int] = []
    for size in (1, 40):
        db = new_db()
        with db.counting() as seen:
            tell(db, history(size))
        counts.append(len(seen))

    assert counts[0] == counts[1]


def test_a_shop_is_made_known_and_changed(db: Pool) -> None:
    with db.transaction() as conn:
        seed_shop(conn, [Shop("s", "Shop", "tmall"), Shop("t", "Other", "jd", inserts=False)])
        seed_shop(conn, [Shop("s", "Flagship", "tmall")])

        assert views.shops(conn) == {
            "s": Shop("s", "Flagship", "tmall"),
            "t": Shop("t", "Other", "jd", inserts=False),
        }


def test_a_payment_in_a_chat_is_credited_to_whom_it_was_paid_and_is_no_order(
    db: Pool, event: Event, tell: Tell
) -> None:
    anna, told = {"external_userid": "wm1"}, {"currency": "CNY", "trade_no": "t1"}
    tell(db, [
        event("payment.received", keys=anna, staff="guide-1", amount_minor=900, **told),
        event("payment.refunded", at=1, keys=anna, staff="guide-1", amount_minor=200,
              refund_no="r1", **told),
        event("payment.received", staff="guide-2", currency="CNY", trade_no="t2", amount_minor=5),
    ])  # fmt: skip

    with db.transaction() as conn:
        found = views.payments(conn, DAY, DAY + timedelta(days=9), ZoneInfo("UTC"))
        later = views.payments(
            conn,
            DAY + timedelta(days=1),
            DAY + timedelta(days=9),
            ZoneInfo("UTC"),
            Scope(("guide-1",)),
        )
        assert views.totals(conn) == []
    days = DAY.date(), DAY.date() + timedelta(days=1)
    assert [tuple(one) for one in found] == [
        ("guide-1", days[1], "CNY", 0, 0, 200, 0),
        ("guide-1", days[0], "CNY", 1, 900, 0, 0),
        ("guide-2", days[0], "CNY", 1, 5, 0, 0),
    ]  # fmt: skip
    assert later == found[:1]


def test_a_payment_follows_its_customer_through_a_merge(db: Pool, event: Event, tell: Tell) -> None:
    anna = {"external_userid": "wm1"}
    tell(db, [event("payment.received", keys=anna, staff="g", currency="CNY", trade_no="t",
                    amount_minor=9)])  # fmt: skip
    tell(db, [event("order.paid", keys=WANG, order_no="1", total_minor=1)])
    tell(db, [event("customer.identified", keys=anna | WANG)])

    assert rows(db, "select count(distinct customer_id) from (select customer_id from payment"
                " union all select customer_id from orders) x") == [(1,)]  # fmt: skip
