"""Orders that were split or merged, on whichever pages their rows lie: one parcel carries what was
decided."""

from __future__ import annotations

from typing import Any

import pytest
from tests.connectors.bench import Plug
from tests.connectors.erp_jushuitan.bench import Desk, desk_of


@pytest.fixture
def desk(plugs: tuple[Plug, Plug]) -> Desk:
    return desk_of(plugs[0])


def _apart(desk: Desk, *others: int) -> None:
    """These orders lie on the last page, which is read first; all from before on the first one."""
    for number in range(50):
        desk.erp.pay(7, f"X{number}")
    desk.go(minutes=1)
    for number in others:
        desk.erp.edit(number)
    desk.go(minutes=1)


def _of(told: list[tuple[str, dict[str, Any]]], *orders: str) -> list[tuple[str, str | None]]:
    """Parcels of these orders, and what each stands for."""
    plans = [data for _, data in told if set(data["orders"]) & set(orders)]
    return sorted((data["parcel_no"], data["main_order"]) for data in plans)


def test_of_a_split_order_one_parcel_keeps_the_plan(desk: Desk) -> None:
    number = desk.erp.pay(7, "T1", ["SAMPLE", "CREAM"])
    desk.go(minutes=1)
    desk.pull("orders")
    desk.go(minutes=1)
    small, large = desk.erp.split(number)
    desk.erp.orders[small]["items"][0]["amount"] = "1.0"
    desk.go(minutes=1)

    plans = {data["parcel_no"]: data["main_order"] for _, data in desk.pull("orders")}
    desk.told.decide("T1")
    desk.pull("decisions")
    for child in (small, large):
        desk.erp.audit(child)
        desk.erp.send(child)
    desk.go(minutes=1)
    packed = {
        d["parcel_no"]: d.get("card") for kind, d in desk.pull("out") if kind == "parcel.packed"
    }

    assert plans == {"tmall/T1": "T1", f"tmall/T1#{small}": None}
    assert packed == {"tmall/T1": "hello", f"tmall/T1#{small}": None}


def test_of_merged_orders_the_first_is_marked_though_another_one_decides(desk: Desk) -> None:
    first, second = desk.erp.pay(7, "T1"), desk.erp.pay(7, "T2")
    desk.erp.merge(first, second)
    desk.go(minutes=1)
    desk.pull("orders")
    desk.told.decide("T1")
    desk.told.decided[-1] = desk.told.decided[-1]._replace(order_no="T2")  # the shop cancelled T1

    desk.pull("decisions")

    assert desk.erp.orders[first]["remark"] == "｜[卡CARD]"


def test_of_merged_orders_one_parcel_stands_for_both(desk: Desk) -> None:
    first, second = desk.erp.pay(7, "T1"), desk.erp.pay(7, "T2")
    desk.go(minutes=1)
    desk.pull("orders")
    desk.go(minutes=1)
    desk.erp.merge(first, second)
    desk.go(minutes=1)

    plans = {
        data["parcel_no"]: (data["orders"], data["main_order"]) for _, data in desk.pull("orders")
    }

    assert plans == {"tmall/T1": (["T1", "T2"], "T1"), "tmall/T2": (["T2"], None)}


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(("main", "last"), [(0, [1]), (1, [1]), (0, [0, 1])])
def test_children_of_a_split_on_two_pages_are_weighed_together(
    plugs: tuple[Plug, Plug], main: int, last: list[int], *, known: bool, counts: bool
) -> None:
    desk = desk_of(plugs[0], counts=counts)
    number = desk.erp.pay(7, "T1", ["CREAM", "SAMPLE"])
    desk.go(minutes=1)
    if known:
        desk.pull("orders")
    children = desk.erp.split(number)
    desk.erp.orders[children[main]]["items"][0]["amount"] = "90.0"
    _apart(desk, *(children[one] for one in last))
    plans = _of(desk.pull("orders"), "T1")
    desk.told.decide("T1", "gift")
    desk.pull("decisions")
    for child in children:
        desk.erp.audit(child)
        desk.erp.send(child)
    desk.go(minutes=1)
    packed = {d["parcel_no"]: d.get("gift") for kind, d in desk.pull("out") if "packed" in kind}

    further = f"tmall/T1#{children[1 - main]}"
    assert plans == [("tmall/T1", "T1"), (further, None)]
    assert packed == {"tmall/T1": "MASK", further: None}


def test_who_stands_for_a_split_order_keeps_standing_for_it(desk: Desk) -> None:
    first, second = desk.erp.split(desk.erp.pay(7, "T1", ["CREAM", "SAMPLE"]))
    desk.go(minutes=1)
    desk.pull("orders")
    desk.told.decide("T1", "gift")
    desk.pull("decisions")
    desk.erp.orders[second]["items"][0]["amount"] = "90.0"
    _apart(desk, second)

    assert _of(desk.pull("orders"), "T1") == [("tmall/T1", "T1"), (f"tmall/T1#{second}", None)]
    assert [desk.erp.orders[one]["remark"] for one in (first, second)] == ["｜[赠MASK]", ""]


def test_a_split_that_was_not_heard_of_yet_is_marked_where_it_will_be_packed(desk: Desk) -> None:
    number = desk.erp.pay(7, "T1", ["SAMPLE", "CREAM"])
    desk.go(minutes=1)
    desk.pull("orders")
    small, large = desk.erp.split(number)
    desk.erp.orders[small]["items"][0]["amount"] = "1.0"
    desk.told.decide("T1", "gift")
    desk.pull("decisions")
    desk.go(minutes=1)

    assert [desk.erp.orders[one]["remark"] for one in (small, large)] == ["", "｜[赠MASK]"]
    assert _of(desk.pull("orders"), "T1") == [("tmall/T1", "T1"), (f"tmall/T1#{small}", None)]


@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize("known", [False, True])
def test_merged_orders_on_two_pages_are_one_parcel(desk: Desk, last: int, *, known: bool) -> None:
    numbers = [desk.erp.pay(7, "T1"), desk.erp.pay(7, "T2")]
    desk.go(minutes=1)
    if known:
        desk.pull("orders")
    desk.erp.merge(*numbers)
    _apart(desk, numbers[last])
    told = desk.pull("orders")
    desk.told.decide("T1")
    desk.pull("decisions")

    assert _of(told, "T1", "T2") == [("tmall/T1", "T1"), ("tmall/T2", None)]
    assert [desk.erp.orders[one]["remark"] for one in numbers] == ["｜[卡CARD]", ""]


def test_a_child_that_goes_into_another_order_leaves_the_main_one_standing(desk: Desk) -> None:
    other = desk.erp.pay(7, "T2")
    _, further = desk.erp.split(desk.erp.pay(7, "T1", ["CREAM", "SAMPLE"]))
    desk.go(minutes=1)
    desk.pull("orders")
    desk.erp.merge(other, further)
    desk.go(minutes=1)

    told = _of(desk.pull("orders"), "T1")
    assert told == [(f"tmall/T1#{further}", None), ("tmall/T2", "T2")]


def test_orders_are_asked_for_within_the_interfaces_limits(desk: Desk) -> None:
    for order in range(45):
        desk.erp.split(desk.erp.pay(7, f"T{order}", ["CREAM", "SAMPLE", "MASK"]))
        desk.told.decide(f"T{order}")
    desk.go(minutes=1)
    told = desk.pull("orders")
    desk.pull("decisions")

    marked = [one["so_id"] for one in desk.erp.orders.values() if one["remark"]]
    assert sorted(marked) == sorted(d["main_order"] for _, d in told if d["main_order"])
    assert (len(told), len(set(marked))) == (135, 45)
