"""The two files of Taobao's back office, old and new: which events they give, whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.exports import (
    LINES_NEW,
    LINES_OLD,
    TAOBAO_CLASSIC,
    TAOBAO_NEW,
    Told,
    back,
    events,
    line,
    of,
    paid,
)

T1, T2, T3 = "3936370796252445566", "3936370796252445577", "3936370796252445588"
SHIPPED = "卖家已发货，等待买家确认"

CLASSIC = (
    of(
        f"订单编号={T1};买家会员名=小鱼儿;买家实际支付金额=48.90;总金额=58.90;"
        f"订单状态={SHIPPED};收货人姓名=王芳;收货地址=浙江省 杭州市;"
        "联系手机=13800000001;订单付款时间=2026-09-15 10:23:11;宝贝标题=面膜, 补水;"
        "宝贝总数量=2;订单关闭原因=订单未关闭;打款商家金额=48.90元"
    ),
    of(f"订单编号={T2};买家实际支付金额=0.00;订单状态=等待买家付款;宝贝标题=面霜;宝贝总数量=1"),
    of(
        f"订单编号={T3};买家会员名=t**1;买家实际支付金额=￥1,248.00;订单状态=交易关闭;"
        "收货人姓名=李**;联系手机=138****0003;订单付款时间=2026-09-16 08:00:00;"
        "宝贝标题=礼盒;宝贝总数量=1;退款金额=1248.00"
    ),
)


def test_taobao_order_list_classic(told: Told) -> None:
    assert told(TAOBAO_CLASSIC, *CLASSIC) == [
        "taobao",
        [3],
        [],
        (
            T1,
            "order.paid",
            "2026-09-15T02:23:11+00:00",
            {"phone": "+8613800000001", "buyer": "taobao/小鱼儿", "order": f"taobao/{T1}"},
            {"name": "王芳", "address": "浙江省 杭州市"},
            paid("taobao", T1, 4890, line("面膜, 补水", "面膜, 补水", 2, 2445, 4890)),
        ),
        (
            f"!no-phone/{T3}",
            "order.paid",
            "2026-09-16T00:00:00+00:00",
            {"order": f"taobao/{T3}"},
            {"masked_phone": "138****0003"},
            paid("taobao", T3, 124800, line("礼盒", "礼盒", 1, 124800, 124800)),
        ),
        (
            f"closed/{T3}",
            "order.cancelled",
            "2026-09-16T00:00:00+00:00",
            {},
            {},
            {"type": "order.cancelled", "shop": "taobao", "order_no": T3},
        ),
    ]


def test_taobao_order_list_new_as_excel(tmp_path: Path, workbook: Callable[..., Path]) -> None:
    row = of(
        f"订单编号={T1};买家实付金额=48.9;订单状态=交易成功;收货人姓名=王芳;"
        "联系手机=13800000001-1234;订单付款时间=2026-09-15 10:23:11;商品标题=面膜;"
        "退款金额=8.9"
    )
    titles: list[list[str]] = [["千牛商家工作台 订单报表"], ["导出时间：2026-09-20"]]
    path = workbook({"订单": [*titles, TAOBAO_NEW.columns, *TAOBAO_NEW.cells([row])]})

    assert events(path) == [
        "taobao",
        [],
        [],
        (
            f"!no-phone/{T1}",
            "order.paid",
            "2026-09-15T02:23:11+00:00",
            {"order": f"taobao/{T1}"},
            {"name": "王芳"},
            paid("taobao", T1, 4890, line("面膜", "面膜", 1, 4890, 4890)),
        ),
        (
            f"refund/{T1}/000000000890",
            "order.refunded",
            "2026-09-15T02:23:11+00:00",
            {},
            {},
            back("taobao", T1, 890),
        ),
    ]


def test_taobao_item_list_old_tells_lines_and_nothing_of_money(told: Told) -> None:
    found = told(
        LINES_OLD,
        of(f"订单编号={T1};标题=面膜;价格=29.45;购买数量=1;商家编码=M1;订单状态={SHIPPED}"),
        of(
            f"订单编号={T1};标题=面霜;价格=29.45;购买数量=1;外部系统编号=C1;商家编码=;"
            f"订单状态={SHIPPED}"
        ),
        of(f"订单编号={T2};标题=面霜;价格=1;购买数量=1;商家编码=C1;订单状态=等待买家付款"),
        name="ExportOrderDetailList20260920.csv",
    )

    assert found == [
        "taobao-lines",
        [4],
        [],
        (
            f"lines/{T1}",
            "order.itemised",
            "2026-09-20T00:00:00+00:00",
            {},
            {},
            {
                "type": "order.itemised",
                "shop": "taobao",
                "order_no": T1,
                "currency": "CNY",
                "lines": [line("M1", "面膜", 1, 2945, 2945), line("C1", "面霜", 1, 2945, 2945)],
            },
        ),
    ]


def test_taobao_item_list_new_alone_gives_orders_of_guests(told: Told) -> None:
    common = of(f"主订单编号={T1};订单付款时间=2026-09-15 10:23:11;订单状态={SHIPPED}")
    found = told(
        LINES_NEW,
        common
        | of(
            f"子订单编号={T1};标题=面膜;价格=29.45;购买数量=2;商家编码=M1;"
            "买家实付金额=38.90;退款状态=没有申请退款"
        ),
        common
        | of(
            f"子订单编号={T2};标题=面霜;价格=29.45;购买数量=1;商品ID=77;买家实付金额=10.00;"
            "退款状态=退款成功;退款金额=10.00"
        ),
    )
    lines = [line("M1", "面膜", 2, 1945, 3890), line("77", "面霜", 1, 1000, 1000)]

    assert found == [
        "taobao-lines",
        [],
        [],
        (
            f"lines/{T1}",
            "order.itemised",
            "2026-09-15T02:23:11+00:00",
            {},
            {},
            {
                "type": "order.itemised",
                "shop": "taobao",
                "order_no": T1,
                "currency": "CNY",
                "lines": lines,
            },
        ),
        (
            f"!lines/{T1}",
            "order.paid",
            "2026-09-15T02:23:11+00:00",
            {"order": f"taobao/{T1}"},
            {},
            paid("taobao", T1, 4890, *lines),
        ),
        (
            f"refund/{T1}/000000001000",
            "order.refunded",
            "2026-09-15T02:23:11+00:00",
            {},
            {},
            back("taobao", T1, 1000),
        ),
    ]
