"""Stock turnover: counts of goods beside what was sold, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.analytics.small import Small, rows_of

from siyu.analytics.decide.ratios import Sums
from siyu.analytics.views.days import Days
from siyu.analytics.views.questions.store import Place, Store, _says
from siyu.commerce.actions import count_goods
from siyu.commerce.model import Counted
from siyu.db.pool import Pool
from siyu.ledger import actions as ledger
from siyu.ledger.model import GoodsCost

FIRST, HALF, LAST = date(2026, 10, 1), date(2026, 10, 15), date(2026, 10, 28)
BEGIN, END = datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 28, 16, tzinfo=UTC)


def test_how_often_stock_is_turned_over(db: Pool) -> None:
    """Shop s: 20 pieces for 14 days, 10 for 14; of k its cost is known, which rises in between."""
    small = Small()
    noon = BEGIN + timedelta(hours=12)
    costs = [GoodsCost("k", 100, "CNY", date(2026, 1, 1)), GoodsCost("k", 200, "CNY", HALF)]
    for one in costs:
        small.add("goods_cost", **one._asdict())
    for shop, at, sku, pieces, back in (
        ("s", noon, "k", 3, 1), ("s", noon + timedelta(days=20), "k", 1, 0),
        ("s", noon, "other", 5, 0), ("t", noon, "k", 2, 0),
        ("s", noon - timedelta(days=1), "k", 50, 0),
    ):  # fmt: skip
        order = small.order(1, at, pieces * 1_000, shop=shop)["id"]
        small.add("order_item", order_id=order, line=1, sku=sku, category="", quantity=pieces,
                  unit_minor=1_000, amount_minor=pieces * 1_000)  # fmt: skip
        if back:
            small.add("refund", order_id=order, customer_id=1, shop=shop, refund_no="r", sku=sku,
                      quantity=back, amount_minor=back * 1_000, currency="CNY", refunded_at=at,
                      whole=False)  # fmt: skip
    with db.transaction() as conn:
        ledger.set_costs(conn, costs, "ann", END, "")
        counts = [
            Counted("s", FIRST - timedelta(days=40), "k", 999),
            Counted("s", FIRST - timedelta(days=3), "k", 15),
            Counted("s", FIRST - timedelta(days=3), "other", 2),
            Counted("s", FIRST - timedelta(days=3), "other", 3),
            Counted("s", HALF, "k", 10),
            Counted("w", HALF, "k", 30), Counted("w", LAST + timedelta(days=1), "k", 5_000),
        ]  # fmt: skip
        assert count_goods(conn, counts, "ann", END, "count.csv") == 5
        count_goods(conn, counts[4:], "ann", END, "count.csv")  # again: changes nothing

    found = Store(FIRST, LAST).answer(small.sources(LAST, db))
    s, w, every = rows_of(found, "stock")

    assert (s["place"], s["counts"], s["stock"], s["sold"]) == ("s", 2, 15.0, 8)
    assert s["turns"] == pytest.approx(8 * 365 / 28 / 15)
    assert s["lasts_days"] == pytest.approx(15 * 28 / 8)
    assert (s["stock_minor"], s["sold_minor"]) == ((1_500 + 2_000) // 2, 2 * 100 + 200)
    assert s["cost_turns"] == pytest.approx(400 * 365 / 28 / 1_750)
    assert s["costed"] == pytest.approx((15 + 10) / (20 + 10))
    assert (w["place"], w["stock"], w["sold"], w["stock_minor"]) == ("w", 30.0, None, 6_000)
    assert (every["stock"], every["sold"], every["sold_minor"]) == (45.0, 10, 600)
    assert found.keys["stock_turnover"] == pytest.approx(600 * 365 / 28 / 7_750)
    assert "stock is turned over 1.0 times a year at cost" in found.says

    with db.transaction() as conn:
        conn.execute("delete from goods_stock where place = 'w'")
    every = rows_of(Store(FIRST, LAST).answer(small.sources(LAST, db)), "stock")[-1]
    assert (every["stock"], every["sold"]) == (15.0, 8)  # not what t sold, which nobody counted


# ── What is not said ─────────────────────────────────────────────────────────────────────────────


def shop(minutes: int | None, private: float = 0.0) -> Place:
    """Forty buyers who spent 100 each, of whom friends spent so much."""
    sums = Sums(40, private, 4_000.0, private * 100, 400_000.0, private * 100)
    return Place("shop", "s", "CNY", 40, 0, sums, 400_000, 10_000.0, 0, 0, minutes)


def test_over_few_reported_hours_no_margin_an_hour_is_headlined() -> None:
    days = Days(FIRST, LAST, BEGIN, END)

    few, enough, none = (_says([shop(many)], [], days, "CNY") for many in (90, 2_400, None))

    assert "only 1.5 hours of work were reported" in few
    assert "for each of" not in few
    assert "不足 40 小时" in few.zh
    assert "¥100" in enough
    assert "for each of 40.0 reported hours" in enough
    assert "nobody reported hours" in none


def test_of_no_private_sales_the_interval_says_how_many_there_may_be() -> None:
    none, all_, some = (shop(None, private).share for private in (0.0, 4_000.0, 2_000.0))

    assert none is not None
    assert (none.low, round(none.high, 3)) == (0.0, 0.088)
    assert all_ is not None
    assert (round(all_.low, 3), all_.high) == (0.912, 1.0)
    assert some is not None
    assert some.low < 0.5 < some.high
