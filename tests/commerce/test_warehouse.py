from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from siyu.commerce.decide import gift_deadline, warehouse_of
from siyu.commerce.model import Warehouse

MORNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


def _house(code: str = "w", shops: tuple[str, ...] = (), **more: Any) -> Warehouse:
    usual: dict[str, Any] = {
        "audit_delay": timedelta(minutes=30),
        "ship_cutoff": time(16),
        "margin": timedelta(minutes=10),
    }
    return Warehouse(
        code, shops, "Asia/Shanghai", timedelta(minutes=15), **(usual | more),
        plans=True, items={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("paid_after", "more", "left"),
    [
        (timedelta(), {}, timedelta(minutes=35)),
        (timedelta(hours=5, minutes=30), {}, timedelta(minutes=20)),  # 15:30: closed at 16:00
        (
            timedelta(hours=5, minutes=45),
            {},
            timedelta(minutes=35),
        ),  # is there at 16:00: tomorrow's
        (timedelta(), {"audit_delay": None}, timedelta(hours=5, minutes=50)),
        (timedelta(hours=7), {"audit_delay": None}, timedelta(hours=22, minutes=50)),
        (timedelta(), {"ship_cutoff": None}, timedelta(minutes=35)),
        (timedelta(), {"margin": timedelta(hours=2)}, timedelta()),  # never before it was paid
    ],
)
def test_a_parcel_can_be_changed_until_it_is_audited_or_the_day_is_closed(
    paid_after: timedelta, more: dict[str, Any], left: timedelta
) -> None:
    paid = MORNING + paid_after

    assert gift_deadline(paid, _house(**more)) - paid == left


def test_a_warehouse_that_names_the_shop_goes_before_one_for_all() -> None:
    houses = [_house("a"), _house("b", ("tmall",)), _house("c", ("tmall", "jd"))]

    serving = {shop: warehouse_of(shop, houses) for shop in ("tmall", "jd", "pdd")}

    assert {shop: one and one.code for shop, one in serving.items()} == {
        "tmall": "b", "jd": "c", "pdd": "a",
    }  # fmt: skip
    assert warehouse_of("pdd", houses[1:]) is None
