"""Costs: each cause once, at the listed price."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from siyu.db.pool import Pool
from siyu.events.model import Batch, Merge
from siyu.kernel.sql import Conn
from siyu.ledger import views
from siyu.ledger.actions import Entry, NoPrice, Price, post, reverse, set_prices
from siyu.ledger.model import StepCost
from siyu.ledger.project import PROJECTION

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def entry(cause_id: int, kind: str = "sms_segment", quantity: int = 1, customer: int = 7) -> Entry:
    return Entry("touch", cause_id, kind, customer, None, "cascade", "sms", "s", quantity, NOON)


def priced(conn: Conn) -> None:
    set_prices(conn, [Price("sms_segment", 5, "CNY"), Price("card", 30, "CNY", "with print")])


def test_a_cause_is_posted_once_at_units_times_price(db: Pool) -> None:
    with db.transaction() as conn:
        priced(conn)
        post(conn, [entry(1, quantity=2), entry(1, quantity=9), entry(2, "card")])
        post(conn, [entry(1, quantity=5)])

        assert views.total(conn) == {"CNY": 40}
        assert views.by_step(conn) == [
            StepCost("cascade", "sms", "card", "CNY", 1, 30),
            StepCost("cascade", "sms", "sms_segment", "CNY", 2, 10),
        ]


def test_a_kind_without_a_price_is_refused_by_name_and_nothing_is_posted(db: Pool) -> None:
    with pytest.raises(NoPrice, match="no price for fax, telegram"), db.transaction() as conn:
        priced(conn)
        post(conn, [entry(1), entry(2, "telegram"), entry(3, "fax"), entry(4, "fax")])

    with db.transaction() as conn:
        assert views.total(conn) == {}


def test_a_new_price_holds_from_then_on(db: Pool) -> None:
    with db.transaction() as conn:
        priced(conn)
        post(conn, [entry(1)])
        set_prices(conn, [Price("sms_segment", 6, "CNY")])
        post(conn, [entry(1), entry(2)])

        assert views.total(conn) == {"CNY": 11}
        assert views.prices(conn)["sms_segment"] == Price("sms_segment", 6, "CNY")


@pytest.mark.parametrize("price", [Price("a", -1, "CNY"), Price("a", 1, "XXX")])
def test_a_price_is_a_plain_amount_of_a_known_currency(db: Pool, price: Price) -> None:
    with db.transaction() as conn, pytest.raises(ValueError, match=r"negative|unknown currency"):
        set_prices(conn, [price])


def test_what_provably_never_happened_costs_nothing_until_it_does(db: Pool) -> None:
    with db.transaction() as conn:
        priced(conn)
        post(conn, [entry(1), entry(2)])
        assert reverse(conn, "touch", [1, 1, 99], NOON) == 1
        assert reverse(conn, "touch", [1], NOON) == 0
        assert reverse(conn, "touch", [], NOON) == 0
        assert views.total(conn) == {"CNY": 5}

        post(conn, [entry(1, quantity=3)])
        assert views.total(conn) == {"CNY": 20}


def test_costs_follow_a_customer_who_was_merged(db: Pool) -> None:
    batch = Batch([], merges=[Merge(loser=8, winner=7, event_id=1)])
    with db.transaction() as conn:
        priced(conn)
        post(conn, [entry(1, customer=7), entry(2, customer=8)])
        assert PROJECTION.wants(batch)
        PROJECTION.project(conn, batch, NOON)

        assert [posted.cause_id for posted in views.of_customer(conn, 7)] == [1, 2]
        assert views.of_customer(conn, 8) == []


def test_posting_is_one_statement_however_many(db: Pool) -> None:
    with db.transaction() as conn:
        priced(conn)
        with db.counting() as seen:
            post(conn, [entry(number) for number in range(500)])
            post(conn, [])

    assert len(seen) == 1
