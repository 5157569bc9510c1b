"""Jushuitan over real HTTP: plans, marks before audit, what was packed; once, and all of it."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from tests.connectors.bench import Plug
from tests.connectors.erp_jushuitan.bench import SECRET, Desk, config_of, desk_of, paid

from siyu.connectors.erp_jushuitan import source
from siyu.connectors.erp_jushuitan.check import check
from siyu.connectors.erp_jushuitan.client import Client


@pytest.fixture
def desk(plugs: tuple[Plug, Plug]) -> Desk:
    return desk_of(plugs[0])


def test_an_order_is_planned_marked_audited_packed_and_shipped(desk: Desk) -> None:
    number = desk.erp.pay(7, "T1")
    desk.erp.edit(number, remark="客户要发票")
    desk.go(minutes=1)
    plans = desk.pull("orders")
    desk.told.decide("T1")
    desk.pull("decisions")
    desk.erp.audit(number)
    desk.go(hours=1)
    desk.erp.send(number)
    desk.go(minutes=1)

    assert plans == [
        ("parcel.planned", {
            "parcel_no": "tmall/T1", "shop": "tmall", "orders": ["T1"], "main_order": "T1",
            "cutoff_at": "2026-11-20T02:30:00Z",
        }),
    ]  # fmt: skip
    assert desk.erp.orders[number]["remark"] == "客户要发票｜[卡CARD]"
    assert desk.pull("out") == [
        ("parcel.packed", {"parcel_no": "tmall/T1", "card": "hello"}),
        ("parcel.shipped", {"parcel_no": "tmall/T1"}),
    ]
    assert [desk.pull("out"), desk.pull("logistic")] == [[], []]
    assert desk.pull("orders") == []  # what has left and was planned is planned no more


@pytest.mark.parametrize("mark", ["remark", "flag", "label"])
def test_a_mark_is_set_once_however_often_it_is_told(desk: Desk, mark: str) -> None:
    number = desk.erp.pay(7, "T1")
    desk.erp.edit(number, remark="加急")
    desk.go(minutes=1)
    desk.pull("orders")
    desk.told.decide("T1")
    desk.erp.faults.extend(["token", "500"])

    for _ in range(3):
        desk.cursors["decisions"] = ""  # killed before it was kept
        try:
            desk.pull("decisions", mark=mark)
        except httpx.HTTPStatusError:
            continue

    order = desk.erp.orders[number]
    said = {
        "remark": ("加急｜[卡CARD]", "", None),
        "flag": ("加急", "", 5),
        "label": ("加急", "放卡片", None),
    }[mark]
    assert (order["remark"], order["labels"], order["seller_flag"]) == said
    paths = desk.erp.calls
    writes = (
        paths["/open/jushuitan/order/remark/upload"] + paths["/open/jushuitan/order/label/upload"]
    )
    assert (writes, desk.erp.tokens) == (1, 2)


def test_a_mark_lost_after_its_effect_is_found_and_not_repeated(desk: Desk) -> None:
    number = desk.erp.pay(7, "T1")
    desk.go(minutes=1)
    desk.pull("orders")
    desk.told.decide("T1", "gift")
    desk.erp.lost_marks = 1

    with pytest.raises(httpx.HTTPStatusError):
        desk.pull("decisions")
    desk.pull("decisions")

    assert desk.erp.orders[number]["remark"] == "｜[赠MASK]"
    assert desk.erp.calls["/open/jushuitan/order/remark/upload"] == 1


def test_after_the_audit_a_decision_is_too_late_and_told_so(desk: Desk) -> None:
    number = desk.erp.pay(7, "T1")
    desk.go(minutes=1)
    desk.pull("orders")
    desk.erp.audit(number)
    gone = desk.erp.pay(7, "T2")
    desk.erp.cancel(gone)
    for order in ("T1", "T9", "T2"):
        desk.told.decide(order)

    desk.pull("decisions")

    assert (desk.erp.orders[number]["remark"], desk.erp.late_marks) == ("", 0)
    found = {one.what[:]: (one.state, one.why[:]) for one in check(desk.config, desk.tools)}
    whys = [one.why[:] for one in check(desk.config, desk.tools)]
    assert found["application"][0] == "ok"
    assert found["shop tmall"][0] == "ok"
    assert whys[-2:] == [
        "1 came after the audit", "1 had an order that Jushuitan does not show",
    ]  # fmt: skip


def test_one_order_that_takes_no_mark_keeps_no_other_waiting(desk: Desk) -> None:
    first, second = desk.erp.pay(7, "T1"), desk.erp.pay(7, "T2")
    desk.erp.locked.add(first)
    desk.go(minutes=1)
    desk.pull("orders")
    desk.told.decide("T1")
    desk.told.decide("T2")

    desk.pull("decisions")

    assert [desk.erp.orders[n]["remark"] for n in (first, second)] == ["", "｜[卡CARD]"]
    assert check(desk.config, desk.tools)[-1].why == "1 were refused by Jushuitan"


def test_an_order_that_was_never_planned_is_found_by_the_shops_number(desk: Desk) -> None:
    number = desk.erp.pay(7, "T1")
    desk.told.decide("T1")

    desk.pull("decisions")

    assert desk.erp.orders[number]["remark"] == "｜[卡CARD]"


def test_a_remark_without_room_keeps_what_staff_wrote(desk: Desk) -> None:
    number = desk.erp.pay(7, "T1")
    desk.erp.edit(number, remark="长" * 495)
    desk.go(minutes=1)
    desk.pull("orders")
    desk.told.decide("T1")

    desk.pull("decisions")

    assert desk.erp.orders[number]["remark"] == "长" * 495
    assert check(desk.config, desk.tools)[-1].why == "1 found no room in the remark"


def test_a_token_that_is_over_is_renewed_once(desk: Desk) -> None:
    desk.pull("out")
    desk.go(days=31)
    desk.pull("out")
    desk.erp.faults.append("token")
    desk.pull("logistic")

    assert desk.erp.calls["/openWeb/auth/getInitToken"] == 1
    assert desk.erp.calls["/openWeb/auth/refreshToken"] == 2
    assert SECRET not in repr(desk.config)


def test_a_token_that_was_given_is_used_until_it_is_refused(desk: Desk) -> None:
    given = {"access_token": desk.erp.access, "refresh_token": desk.erp.refresh}
    desk.pull("out", **given)
    desk.erp.until = desk.clock.at
    desk.pull("out", **given)

    assert "/openWeb/auth/getInitToken" not in desk.erp.calls
    assert desk.erp.calls["/openWeb/auth/refreshToken"] == 1


@pytest.mark.parametrize("counts", [True, False])
def test_pages_and_windows_are_complete(plugs: tuple[Plug, Plug], *, counts: bool) -> None:
    desk = desk_of(plugs[0], counts=counts)
    desk.clock.at -= timedelta(days=20)
    for day in range(20):
        for number in range(7):
            desk.erp.pay(7, f"T{day}-{number}")
        desk.go(days=1)

    told = desk.pull("orders", first_days=30)

    assert len({data["parcel_no"] for _, data in told}) == 140
    assert (desk.erp.widest, desk.erp.largest) == (timedelta(days=7), 50)


def test_rows_that_change_while_one_pages_are_lost_to_nobody(desk: Desk) -> None:
    numbers = [desk.erp.pay(7, f"T{number}") for number in range(160)]
    desk.go(minutes=10)
    touched = iter(numbers)

    def edited() -> None:
        desk.clock.at += timedelta(seconds=20)
        for _ in range(5):
            desk.erp.edit(next(touched))

    desk.erp.between = edited
    told = desk.pull("orders")
    desk.erp.between = lambda: None
    desk.go(minutes=1)
    told += desk.pull("orders")

    assert {data["parcel_no"] for _, data in told} == {f"tmall/T{n}" for n in range(160)}


def test_a_token_that_ends_between_two_pages_loses_no_row(plugs: tuple[Plug, Plug]) -> None:
    desk = paid(plugs[0], 120)

    def others() -> None:  # have fetched a token, so that ours can't even be renewed
        desk.erp.between = lambda: None
        desk.erp.renew()

    desk.erp.between = others

    assert len(desk.pull("orders")) == 120
    assert desk.erp.calls["/openWeb/auth/getInitToken"] == 2


def test_an_authorisation_that_was_renewed_by_hand_is_taken(desk: Desk) -> None:
    first = {"access_token": desk.erp.access, "refresh_token": desk.erp.refresh}
    desk.pull("out", **first)
    desk.erp.renew()
    with pytest.raises(Exception, match="code 100"):
        desk.pull("out", **first)

    desk.pull("out", access_token=desk.erp.access, refresh_token=desk.erp.refresh)

    assert "/openWeb/auth/getInitToken" not in desk.erp.calls


def test_too_many_calls_are_asked_again_in_a_minute(desk: Desk) -> None:
    desk.erp.pay(7, "T1")
    desk.go(minutes=1)
    desk.pull("out")
    desk.erp.faults.append("limit")

    assert desk.pull("orders") == []
    assert desk.again == desk.clock.at + timedelta(minutes=1)
    assert [data["parcel_no"] for _, data in desk.pull("orders")] == ["tmall/T1"]


def test_a_catch_up_that_is_limited_goes_on_with_the_page_it_was_at(
    plugs: tuple[Plug, Plug],
) -> None:
    desk = paid(plugs[0], 170)
    served: list[int] = []

    def two_pages_a_minute() -> None:
        served.append(1)
        if len(served) % 2 == 0:
            desk.erp.faults.append("limit")

    desk.erp.between = two_pages_a_minute
    first = desk.pull("orders")
    assert desk.again == desk.clock.at + timedelta(minutes=1)
    desk.go(minutes=1)
    desk.erp.edit(min(desk.erp.orders), remark="changed meanwhile")  # it leaves the window
    rest = [desk.pull("orders"), desk.pull("orders")]

    assert (len(first), [len(one) for one in rest]) == (20, [99, 51])
    assert len(desk.heard) == 170
    assert desk.erp.calls[source.ORDERS] == 8


def test_what_is_of_other_shops_or_not_paid_is_no_parcel_of_ours(desk: Desk) -> None:
    desk.erp.pay(8, "X1")
    desk.erp.edit(desk.erp.pay(7, "T1"), status="WaitPay")
    desk.erp.cancel(desk.erp.pay(7, "T2"))
    desk.go(minutes=1)

    assert desk.pull("orders") == []
    desk.told.figures = False
    desk.erp.pay(7, "T3")
    desk.go(minutes=1)
    assert desk.pull("orders") == []
    assert check(desk.config, desk.tools)[-1].state == "missing"


def test_a_packer_who_takes_another_thing_is_reported_as_it_was(desk: Desk) -> None:
    number = desk.erp.pay(7, "T1")
    desk.go(minutes=1)
    desk.pull("orders")
    desk.told.decide("T1", "gift")
    desk.pull("decisions")
    desk.erp.audit(number)
    desk.erp.send(number, instead={"MASK": "CARD"})
    desk.go(minutes=1)

    (packed, _) = desk.pull("out")

    assert packed[1] == {"parcel_no": "tmall/T1", "card": "hello"}


def test_a_wrong_secret_is_told_in_words_without_it(desk: Desk) -> None:
    wrong = config_of(desk.config.base_url, app_secret="nobody's")
    told = check(wrong, desk.tools)[0]

    assert (told.state, told.why) == ("wrong", "Jushuitan said no (code 110)")
    with Client(wrong, desk.tools) as client, pytest.raises(Exception, match="code 110") as raised:
        client.call(source.OUT, {})
    assert "nobody's" not in str(raised.value)


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_that_differ_as_far_as_signatures_allow_lose_no_order(
    plugs: tuple[Plug, Plug], minutes: int
) -> None:
    desk = desk_of(plugs[0], ahead=timedelta(minutes=minutes))
    told = desk.pull("orders")
    for number in range(6):
        desk.erp.pay(7, f"T{number}")
        desk.go(minutes=1)
        told += desk.pull("orders")
    desk.go(minutes=5)
    told += desk.pull("orders")

    assert sorted(data["parcel_no"] for _, data in told) == [f"tmall/T{n}" for n in range(6)]
