"""What is asked for in a chat, what comes of it, and to whom it is credited: once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.build import DAY

from siyu.commerce import views
from siyu.commerce.actions import payments
from siyu.commerce.model.payments import NewRequest, Request
from siyu.db.pool import Pool
from siyu.events.model import Incoming
from siyu.identities import actions as identities
from siyu.kernel.errors import BadInput, Refused
from siyu.kernel.ids import PublicIds
from siyu.staff.model import Scope

IDS = PublicIds(b"p" * 32)
Event = Callable[..., Incoming]
Tell = Callable[..., None]
ANNA, LI = {"buyer": "s/anna"}, {"buyer": "s/li"}


def asks(
    db: Pool, amount: int = 900, order_no: str = "", customer: int = 0, hours: float = 1
) -> str:
    with db.transaction() as conn:
        who = customer or conn.fetch("select min(customer_id) from orders")[0][0]
        shop = "s" if order_no else ""
        new = NewRequest(who, "guide-1", amount, "CNY", "跑鞋 R7 42", shop, order_no)
        made = payments.request(conn, IDS, new, "guide-1", DAY + timedelta(hours=hours))
        return views.requests(conn, number=made)[0].request


def request(db: Pool, name: str) -> Request:
    with db.transaction() as conn:
        (found,) = [one for one in views.requests(conn) if one.request == name]
        return found


def pays(event: Event, amount: int = 900, trade_no: str = "t1", **more: Any) -> Incoming:
    said = {"staff": "guide-1", "currency": "CNY", "trade_no": trade_no, "amount_minor": amount}
    return event("payment.received", at=more.pop("at", 1), keys=ANNA, **said, **more)


def gives_back(event: Event, amount: int, trade_no: str = "t1") -> Incoming:
    said = {"staff": "guide-1", "currency": "CNY", "trade_no": trade_no, "refund_no": "r1"}
    return event("payment.refunded", at=2, keys=ANNA, amount_minor=amount, **said)


@pytest.fixture
def bought(db: Pool, event: Event, tell: Tell) -> Pool:
    tell(db, [event("order.paid", keys=ANNA, order_no="1", total_minor=900)])
    return db


def credited(db: Pool) -> tuple[int, int, int]:
    with db.transaction() as conn:
        rows = views.payments(conn, DAY, DAY + timedelta(days=9), ZoneInfo("UTC"))
    mine = [one for one in rows if one.staff == "guide-1"]
    return (
        sum(one.paid_minor for one in mine),
        sum(one.refunded_minor for one in mine),
        sum(one.of_orders_minor for one in mine),
    )


def test_a_payment_meets_the_request_of_its_customer_guide_and_amount_and_a_refund_reverses_it(
    bought: Pool, event: Event, tell: Tell
) -> None:
    name = asks(bought)
    assert request(bought, name).state(DAY + timedelta(days=1)) == "asked"
    tell(bought, [pays(event, 500, "other"), pays(event)])
    stands = request(bought, name)
    assert (stands.state(DAY), stands.paid_minor) == ("paid", 900)

    tell(bought, [gives_back(event, 400)])
    assert (request(bought, name).state(DAY), request(bought, name).refunded_minor) == ("paid", 400)
    tell(bought, [gives_back(event, 900)])

    assert request(bought, name).state(DAY) == "refunded"
    assert credited(bought) == (1_400, 900, 0)


def test_the_request_that_a_payment_names_goes_before_the_one_that_it_looks_like(
    bought: Pool, event: Event, tell: Tell
) -> None:
    first, second = asks(bought), asks(bought)
    tell(bought, [pays(event, request=second)])
    tell(bought, [pays(event, trade_no="t2", at=1.1)])
    tell(bought, [pays(event, trade_no="t3", at=1.2)])

    assert [request(bought, name).paid_minor for name in (first, second)] == [900, 900]
    assert credited(bought)[0] == 2_700


def test_money_that_pays_an_order_is_told_apart_so_that_nothing_counts_twice(
    bought: Pool, event: Event, tell: Tell
) -> None:
    asks(bought, order_no="1")
    tell(bought, [pays(event), pays(event, 500, "t2")])
    assert credited(bought) == (1_400, 0, 900)  # of 1,400 taken 900 are in the order's net already

    tell(bought, [gives_back(event, 200)])
    assert credited(bought) == (1_400, 200, 700)
    tell(bought, [event("order.cancelled", at=3, order_no="1")])
    assert credited(bought) == (1_400, 200, 0)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount": 1, "order_no": "1"}, "order_no"),  # comes to more
        ({"amount": 0}, "amount_minor"),
        ({"amount": 5_000_001}, "amount_minor"),
        ({"order_no": "2"}, "order_no"),  # somebody else's
        ({"order_no": "3"}, "order_no"),  # cancelled
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_its_field(
    bought: Pool, event: Event, tell: Tell, changed: dict[str, Any], field: str
) -> None:
    tell(bought, [event("order.paid", keys=LI, order_no="2", total_minor=5),
                  event("order.paid", keys=ANNA, order_no="3", total_minor=5),
                  event("order.cancelled", at=1, order_no="3")])  # fmt: skip
    with bought.transaction() as conn:
        anna = conn.fetch("select customer_id from orders where order_no = '1'")[0][0]

    with pytest.raises(BadInput) as refused:
        asks(bought, customer=anna, **changed)

    assert [problem.where for problem in refused.value.problems] == [field]


def test_an_order_is_asked_for_once_and_what_is_paid_is_not_taken_back(
    bought: Pool, event: Event, tell: Tell
) -> None:
    name = asks(bought, order_no="1")
    with pytest.raises(BadInput, match="can't be asked for"):
        asks(bought, order_no="1")
    with bought.transaction() as conn:
        number = IDS.decode("pay", name)
        payments.withdraw(conn, number, name, "ann", DAY + timedelta(hours=2))
    again = asks(bought, order_no="1")
    tell(bought, [pays(event)])

    assert request(bought, name).state(DAY) == "withdrawn"
    assert request(bought, again).state(DAY) == "paid"
    with bought.transaction() as conn, pytest.raises(Refused):
        payments.withdraw(conn, IDS.decode("pay", again), again, "ann", DAY)


def test_others_requests_are_not_shown_to_whom_the_scope_does_not_hold(bought: Pool) -> None:
    asks(bought)
    with bought.transaction() as conn:
        assert views.requests(conn, Scope(("guide-2",))) == []
        assert len(views.requests(conn, Scope(("guide-1",)))) == 1


def test_a_request_whose_time_is_over_keeps_no_payment_from_a_later_one(
    bought: Pool, event: Event, tell: Tell
) -> None:
    lapsed, early, first, second = (asks(bought, hours=24 * day) for day in (-9, -8, -5, 0))
    tell(bought, [pays(event, trade_no="t0", at=-7), pays(event), pays(event, trade_no="t2")])

    paid = [request(bought, name).paid_minor for name in (lapsed, early, first, second)]
    assert paid == [900, 0, 900, 900]


def test_a_part_of_an_order_earns_no_credit_for_the_whole(
    bought: Pool, event: Event, tell: Tell
) -> None:
    with bought.transaction() as conn:
        anna = conn.fetch("select customer_id from orders")[0][0]
    name = asks(bought, 1, "2", anna)  # nobody has told of the order yet
    tell(bought, [pays(event, 1, request=name)])
    tell(bought, [event("order.paid", keys=ANNA, order_no="2", total_minor=99_900)])
    with bought.transaction() as conn:
        assert conn.fetch("select * from paid_to") == []

    asks(bought, order_no="1")
    tell(bought, [pays(event, trade_no="t2")])
    with bought.transaction() as conn:
        assert conn.fetch("select staff from paid_to") == [("guide-1",)]


def test_after_a_split_a_request_goes_back_to_whom_it_was_made_to(
    bought: Pool, event: Event, tell: Tell
) -> None:
    tell(bought, [event("order.paid", keys=LI, order_no="2", total_minor=5)])
    with bought.transaction() as conn:
        anna, li = [who for (who,) in conn.fetch("select customer_id from orders order by 1")]
    name = asks(bought, customer=li)
    tell(bought, [event("customer.identified", at=0.5, keys=ANNA | {"unionid": "u"}),
                  event("customer.identified", at=0.6, keys=LI | {"unionid": "u"})])  # fmt: skip
    assert request(bought, name).customer_id == anna

    with bought.transaction() as conn:
        off = [key for (key,) in conn.fetch("select identity_id from orders where order_no = '2'")]
        identities.split(conn, IDS, anna, off, "ann", "two people", DAY + timedelta(days=1))
    tell(bought, [])
    assert request(bought, name).customer_id == li


@pytest.mark.parametrize("order_no", ["1", "7"])  # known, and told of by nobody yet
def test_two_who_ask_for_one_order_at_the_same_time_are_one_request(
    bought: Pool, order_no: str
) -> None:
    with bought.transaction() as conn:
        anna = conn.fetch("select customer_id from orders")[0][0]
    with ThreadPoolExecutor(1) as pool:
        with bought.transaction() as conn:
            new = NewRequest(anna, "guide-1", 900, "CNY", "R7", "s", order_no)
            payments.request(conn, IDS, new, "guide-1", DAY + timedelta(hours=1))
            other = pool.submit(asks, bought, 900, order_no, anna)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.5)
        with pytest.raises(BadInput, match="can't be asked for"):
            other.result(timeout=10)
