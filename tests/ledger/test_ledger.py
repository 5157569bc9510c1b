"""Costs: each cause once, at the listed price."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from siyu.db.pool import Pool
from siyu.events.model import Batch, Merge
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sql import Conn
from siyu.ledger import actions, views
from siyu.ledger.actions import Entry, NoPrice, Price, post, reverse, set_prices
from siyu.ledger.model import GoodsShare, Repriced, StepCost, Tool
from siyu.ledger.project import PROJECTION
from siyu.staff import actions as staff
from siyu.staff.model import Brand

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
        assert views.prices(conn, NOON)["sms_segment"] == Price("sms_segment", 6, "CNY")


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


def seed_brand(conn: Conn) -> None:
    staff.seed(conn, Brand("B", "Asia/Shanghai", "CNY", "CN", "zh"))


def at(cause_id: int, when: str, kind: str = "sms_segment", variant: str = "") -> Entry:
    told = datetime.fromisoformat(when).replace(tzinfo=UTC)
    return entry(cause_id, kind)._replace(occurred_at=told, variant=variant)


def amounts(conn: Conn) -> dict[int, int]:
    return {one.cause_id: one.amount_minor for one in views.of_customer(conn, 7)}


def test_a_cost_is_priced_at_the_brands_day_on_which_it_happened(db: Pool) -> None:
    with db.transaction() as conn:
        seed_brand(conn)  # in Shanghai
        dear = Price("sms_segment", 7, "CNY", valid_from=date(2026, 11, 20))
        set_prices(conn, [Price("sms_segment", 5, "CNY"), dear])
        post(
            conn,
            [
                at(1, "2026-11-19T15:59:59"),
                at(2, "2026-11-19T16:00:00"),
                at(3, "2020-01-01T00:00:00"),
            ],
        )

        assert amounts(conn) == {1: 5, 2: 7, 3: 5}


def test_the_price_of_its_vendor_goes_before_that_of_any_and_only_from_its_day_on(db: Pool) -> None:
    with db.transaction() as conn:
        set_prices(
            conn,
            [
                Price("sms_segment", 5, "CNY"),
                Price("sms_segment", 6, "CNY", valid_from=date(2026, 11, 20)),
                Price("sms_segment", 4, "CNY", "", "sms_aliyun", date(2026, 11, 10)),
            ],
        )
        post(
            conn,
            [
                at(1, "2026-11-09T04:00:00", variant="sms_aliyun"),
                at(2, "2026-11-21T04:00:00", variant="sms_aliyun"),
                at(3, "2026-11-21T04:00:00", variant="another"),
            ],
        )

        assert amounts(conn) == {1: 5, 2: 4, 3: 6}


def test_what_happened_before_the_first_day_of_its_price_has_none(db: Pool) -> None:
    with pytest.raises(NoPrice, match="sms_segment"), db.transaction() as conn:
        set_prices(conn, [Price("sms_segment", 5, "CNY", valid_from=date(2026, 11, 20))])
        post(conn, [at(1, "2026-11-19T04:00:00")])


def test_a_price_changed_for_the_past_changes_what_is_posted_only_when_asked(db: Pool) -> None:
    with db.transaction() as conn:
        seed_brand(conn)
        set_prices(conn, [Price("sms_segment", 5, "CNY"), Price("card", 30, "CNY")])
        days = ("2026-11-01T04:00:00", "2026-11-21T04:00:00", "2026-11-22T04:00:00")
        post(conn, [at(number, day) for number, day in enumerate(days)])
        post(conn, [at(3, days[1], "card"), at(4, days[1])])
        reverse(conn, "touch", [4], NOON)
        new = Price("sms_segment", 8, "CNY", valid_from=date(2026, 11, 15))
        assert actions.change_prices(conn, [new], "ana", NOON) == 1
        since = date(2026, 11, 22)
        of = [Repriced("sms_segment", "", "CNY", 1, 5, 8)]

        assert amounts(conn) == {0: 5, 1: 5, 2: 5, 3: 30, 4: 0}
        assert actions.reprice(conn, since, "ana", NOON, write=False) == of
        assert amounts(conn)[2] == 5
        assert actions.reprice(conn, since, "ana", NOON, write=True) == of
        assert amounts(conn) == {0: 5, 1: 5, 2: 8, 3: 30, 4: 0}
        assert actions.reprice(conn, since, "ana", NOON, write=True) == []


def test_what_is_told_otherwise_later_is_revised_and_nothing_of_nothing_is_no_entry(
    db: Pool,
) -> None:
    with db.transaction() as conn:
        priced(conn)
        post(conn, [entry(1, quantity=3), entry(2, quantity=0)], revise=True)
        post(conn, [entry(1, quantity=2)])
        assert amounts(conn) == {1: 15}
        post(conn, [entry(1, quantity=2)], revise=True)
        assert amounts(conn) == {1: 10}
        post(conn, [entry(1, quantity=0)], revise=True)
        assert amounts(conn) == {1: 0}


def test_each_month_of_a_tool_is_booked_once_when_it_is_over_at_the_fee_of_its_last_day(
    db: Pool,
) -> None:
    fees = [
        Price("tool_fee", 29_900, "CNY", "", "scrm", date(2026, 8, 10)),
        Price("tool_fee", 39_900, "CNY", "", "scrm", date(2026, 10, 31)),
    ]
    with db.transaction() as conn:
        seed_brand(conn)
        actions.change_prices(conn, fees, "ana", NOON)
        actions.set_tool(conn, Tool("scrm", "friend"), "ana", NOON)
        actions.set_tool(conn, Tool("free", "order"), "ana", NOON)  # without a fee

        assert actions.book_months(conn, NOON) == 3
        assert actions.book_months(conn, NOON) == 0
        assert actions.book_months(conn, datetime(2026, 11, 30, 16, tzinfo=UTC)) == 1
        rows, _ = views.page(conn, 0, 9, customer=None, kind="tool_fee", journey="")

    assert [one.amount_minor for one in rows] == [29_900, 29_900, 39_900, 39_900]
    assert [one.step for one in rows] == ["friend"] * 4
    assert [f"{one.occurred_at:%m-%d %H:%M:%S}" for one in rows] == [
        "08-31 15:59:59", "09-30 15:59:59", "10-31 15:59:59", "11-30 15:59:59",
    ]  # fmt: skip


def test_the_months_in_which_a_tool_was_given_up_are_never_booked(db: Pool) -> None:
    fee = Price("tool_fee", 100, "CNY", "", "scrm", date(2026, 1, 1))
    with db.transaction() as conn:
        seed_brand(conn)
        actions.change_prices(conn, [fee], "ana", NOON)
        actions.set_tool(conn, Tool("scrm", "friend"), "ana", NOON)
        booked = [actions.book_months(conn, datetime(2026, 3, 2, tzinfo=UTC))]
        actions.drop_tool(conn, "scrm", "ana", datetime(2026, 3, 3, tzinfo=UTC))
        actions.set_tool(conn, Tool("scrm", "friend"), "ana", datetime(2026, 6, 3, tzinfo=UTC))
        for day in (datetime(2026, 6, 30, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=UTC)):
            booked.append(actions.book_months(conn, day))  # noqa: PERF401 - in their order

    assert booked == [2, 0, 1]


@pytest.mark.parametrize(
    "price",
    [
        Price("telegram", 1, "CNY"),
        Price("card", 10**13, "CNY"),
        Price("card", 1, "XXX"),
        Price("card", 1, "CNY", "", "a\nb"),
        Price("tool_fee", 1, "CNY", "", "", date(2026, 1, 1)),
        Price("tool_fee", 1, "CNY", "", "scrm"),
    ],
)
def test_a_price_set_by_hand_can_be_used_or_is_refused(db: Pool, price: Price) -> None:
    with db.transaction() as conn, pytest.raises(BadInput):
        actions.change_prices(conn, [price], "ana", NOON)


def test_a_price_a_tool_and_a_share_that_are_not_there_cannot_be_dropped(db: Pool) -> None:
    with db.transaction() as conn:
        with pytest.raises(NotFound, match="card"):
            actions.drop_price(conn, "card", "", date.min, "ana", NOON)
        with pytest.raises(NotFound, match="scrm"):
            actions.drop_tool(conn, "scrm", "ana", NOON)
        with pytest.raises(NotFound, match="shoes"):
            actions.drop_share(conn, "shoes", "ana", NOON)
        with pytest.raises(BadInput, match="between 0 and 1"):
            actions.set_share(conn, GoodsShare("", 10_001), "ana", NOON)
