"""Each back office's file, in each variant of its header: which events it gives, whole."""

from __future__ import annotations

import pytest
from tests.exports import (
    DOUYIN_2024,
    DOUYIN_2026,
    JD,
    PDD,
    PDD_OLD,
    POS,
    Export,
    Told,
    back,
    line,
    of,
    paid,
)

D1, D2, D3 = "6917926768823643751", "6917926768823643762", "6917926768823643773"
PAGE = "https://fxg.jinritemai.com/ffa/morder/order/list"


@pytest.mark.parametrize("export", [DOUYIN_2024, DOUYIN_2026], ids=["2024", "2026"])
def test_douyin(told: Told, export: Export) -> None:
    at = of("支付完成时间=2026-09-22 00:54:10")
    found = told(
        export,
        at
        | of(
            f"主订单编号={D1};子订单编号={D1};选购商品=面膜;商品数量=1;商家编码=M1;"
            "订单应付金额=28.90;收件人=##kfj3+/a9==##;收件人手机号=138****0001;"
            "订单状态=待发货"
        ),
        at
        | of(
            f"主订单编号={D1};子订单编号={D2};选购商品=面霜;商品数量=2;商品ID=300400008;"
            "订单应付金额=20.00;收件人=##kfj3+/a9==##;收件人手机号=138****0001;"
            "订单状态=已关闭;售后状态=退款成功"
        ),
        of(
            f"主订单编号={D2};子订单编号={D2};选购商品=面霜;商品数量=1;订单应付金额=20.00;"
            "订单状态=已关闭;取消原因=超时未支付"
        ),
        at
        | of(
            f"主订单编号={D3};子订单编号={D3};选购商品=面膜;商品数量=1;商家编码=M1;"
            "订单应付金额=28.90;收件人=王芳;收件人手机号=$$aB3/9x==$$;订单状态=已完成;"
            "售后状态=已全额退款;详细地址=文一路1号"
        ),
    )

    assert found == [
        "douyin",
        [4],
        [],
        (
            f"!no-phone/{D1}",
            "order.paid",
            "2026-09-21T16:54:10+00:00",
            {"order": f"douyin/{D1}"},
            {"masked_phone": "138****0001"},
            paid(
                "douyin",
                D1,
                4890,
                line("M1", "面膜", 1, 2890, 2890),
                line("300400008", "面霜", 2, 1000, 2000),
                reveal=PAGE,
            ),
        ),
        (
            f"refund/{D1}/000000002000",
            "order.refunded",
            "2026-09-21T16:54:10+00:00",
            {},
            {},
            back("douyin", D1, 2000),
        ),
        (
            f"!no-phone/{D3}",
            "order.paid",
            "2026-09-21T16:54:10+00:00",
            {"order": f"douyin/{D3}"},
            {"name": "王芳", "address": "文一路1号"},
            paid("douyin", D3, 2890, line("M1", "面膜", 1, 2890, 2890), reveal=PAGE),
        ),
        (
            f"refund/{D3}/000000002890",
            "order.refunded",
            "2026-09-21T16:54:10+00:00",
            {},
            {},
            back("douyin", D3, 2890),
        ),
    ]


def test_jd_counts_the_amounts_of_an_order_once(told: Told) -> None:
    order = of(
        "订单号=287104563321;京东价=30.00;订单金额=90.00;结算金额=81.00;应付金额=71.00;"
        "下单帐号=jd_fang;客户姓名=王芳;联系电话=13800000001;付款确认时间=2026/9/5 8:03"
    )
    found = told(
        JD,
        order | of("商品ID=1001;商品名称=面膜;订购数量=2;货号=M1;订单状态=等待出库"),
        order | of("商品ID=1002;商品名称=面霜;订购数量=1;订单状态=(锁定)等待出库"),
        order | of("订单号=287104563322;商品ID=1;商品名称=面膜;订购数量=1;订单状态=(删除)等待出库"),
        order
        | of("订单号=287104563323;商品ID=1;商品名称=面膜;订购数量=1;订单状态=完成;付款确认时间="),
        order | of("订单号=287104563324;商品ID=1;商品名称=面膜;订购数量=1;订单状态=已取消"),
        order | of("订单号=287104563325;商品ID=1;商品名称=面膜;订购数量=1;订单状态=飞走了"),
    )
    keys = {"phone": "+8613800000001", "buyer": "jd/jd_fang"}

    assert found == [
        "jd",
        [5],
        [(7, "订单状态", "'飞走了' is no status known here")],
        (
            "287104563321",
            "order.paid",
            "2026-09-05T00:03:00+00:00",
            keys | {"order": "jd/287104563321"},
            {"name": "王芳"},
            paid(
                "jd",
                "287104563321",
                8100,
                line("M1", "面膜", 2, 3000, 6000),
                line("1002", "面霜", 1, 3000, 3000),
            ),
        ),
        (
            "closed/287104563322",
            "order.cancelled",
            "2026-09-05T00:03:00+00:00",
            {},
            {},
            {"type": "order.cancelled", "shop": "jd", "order_no": "287104563322"},
        ),
        (
            "287104563324",
            "order.paid",
            "2026-09-05T00:03:00+00:00",
            keys | {"order": "jd/287104563324"},
            {"name": "王芳"},
            paid("jd", "287104563324", 8100, line("1", "面膜", 1, 3000, 3000)),
        ),
        (
            "closed/287104563324",
            "order.cancelled",
            "2026-09-05T00:03:00+00:00",
            {},
            {},
            {"type": "order.cancelled", "shop": "jd", "order_no": "287104563324"},
        ),
    ]


def test_jd_rows_that_say_different_totals_are_refused(told: Told) -> None:
    order = of(
        "订单号=287104563321;商品ID=1;商品名称=面膜;订购数量=1;京东价=30.00;"
        "订单金额=90.00;订单状态=完成;付款确认时间=2026-09-05 08:03:00"
    )
    found = told(JD, order | of("结算金额=81.00"), order | of("结算金额=80.00"))

    why = "the rows of this order say different totals"
    assert found == ["jd", [], [(2, "total", why), (3, "total", why)]]


PDD_1, PDD_2 = "261120-123456789012345", "261121-123456789012345"


def test_pinduoduo_with_units_in_its_header(told: Told) -> None:
    found = told(
        PDD,
        of(
            f"商品=面膜;订单号={PDD_1};订单状态=已发货，待收货;商品总价(元)=1,299.00;"
            "用户实付金额(元)=1,288.00;商家实收金额(元)=1,290.00;商品数量(件)=1;"
            "支付时间=2026-11-20 09:00:00;商家编码-规格维度=M1;省=****"
        ),
        of(
            f"商品=面霜;订单号={PDD_2};订单状态=未发货，退款成功;用户实付金额(元)=9.90;"
            "商品数量(件)=1;样式ID=88"
        ),
        of(
            "商品=面霜;订单号=261122-123456789012345;订单状态=已取消;用户实付金额(元)=9.90;"
            "商品数量(件)=1"
        ),
    )

    assert found == [
        "pinduoduo",
        [4],
        [],
        (
            f"!no-phone/{PDD_1}",
            "order.paid",
            "2026-11-20T01:00:00+00:00",
            {"order": f"pinduoduo/{PDD_1}"},
            {},
            paid("pinduoduo", PDD_1, 128800, line("M1", "面膜", 1, 128800, 128800)),
        ),
        (
            f"!no-phone/{PDD_2}",
            "order.paid",
            "2026-11-21T04:00:00+00:00",
            {"order": f"pinduoduo/{PDD_2}"},
            {},
            paid("pinduoduo", PDD_2, 990, line("88", "面霜", 1, 990, 990)),
        ),
        (
            f"refund/{PDD_2}/000000000990",
            "order.refunded",
            "2026-11-21T04:00:00+00:00",
            {},
            {},
            back("pinduoduo", PDD_2, 990),
        ),
    ]


def test_pinduoduo_old_with_few_columns(told: Told) -> None:
    found = told(
        PDD_OLD,
        of(
            f"商品=面膜;订单号={PDD_1};订单状态=待发货;用户实付金额=12.80元;商品数量=1;"
            "拼单成功时间=2026-11-20 09:00:00;商家编码-SKU维度=M1;收货人=王芳;"
            "手机=13800000001"
        ),
    )

    assert found == [
        "pinduoduo",
        [],
        [],
        (
            PDD_1,
            "order.paid",
            "2026-11-20T01:00:00+00:00",
            {"phone": "+8613800000001", "order": f"pinduoduo/{PDD_1}"},
            {"name": "王芳"},
            paid("pinduoduo", PDD_1, 1280, line("M1", "面膜", 1, 1280, 1280)),
        ),
    ]


def test_pos_rows_of_several_stores_and_refunds_that_name_their_order(
    told: Told,
) -> None:
    sale = {"sku": "M1", "title": "面膜", "paid_at": "2026-11-20 09:00:00", "member_id": "V9"}
    found = told(
        POS,
        sale | {"store_code": "West", "pos_order_no": "1", "qty": "2", "paid_amount": "20.00"},
        sale | {"store_code": "east", "pos_order_no": "1", "qty": "1", "paid_amount": "10.00"},
        sale
        | {
            "store_code": "West",
            "pos_order_no": "2",
            "qty": "-1",
            "paid_amount": "-10.00",
            "refund_of": "1",
            "paid_at": "2026-11-21 09:00:00",
        },
    )

    assert found == [
        "pos",
        [],
        [],
        (
            "west/1",
            "order.paid",
            "2026-11-20T01:00:00+00:00",
            {"member": "V9", "order": "west/1"},
            {},
            paid("west", "1", 2000, line("M1", "面膜", 2, 1000, 2000)),
        ),
        (
            "east/1",
            "order.paid",
            "2026-11-20T01:00:00+00:00",
            {"member": "V9", "order": "east/1"},
            {},
            paid("east", "1", 1000, line("M1", "面膜", 1, 1000, 1000)),
        ),
        (
            "west/2",
            "order.refunded",
            "2026-11-21T01:00:00+00:00",
            {"member": "V9"},
            {},
            back("west", "2", 1000, {"sku": "M1", "quantity": 1, "amount_minor": 1000})
            | {"order_no": "1"},
        ),
    ]
