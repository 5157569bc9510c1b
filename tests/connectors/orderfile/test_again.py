"""Files of one shop, in any order and as often as you like: what is known never goes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from tests.exports import DOUYIN_2024, JD, LINES_NEW, LINES_OLD, TAOBAO_CLASSIC, Export, Row, of

from siyu.connectors.orderfile.source.run import Report
from siyu.db.pool import Pool

Bring = Callable[..., Report]
T1, T2 = "3936370796252445566", "3936370796252445577"
SHIPPED = "卖家已发货，等待买家确认"
LIST = of(
    f"订单编号={T1};买家实际支付金额=48.90;订单状态={SHIPPED};联系手机=13800000001;"
    "订单付款时间=2026-09-15 10:23:11;宝贝标题=面膜, 面霜;宝贝总数量=2"
)
ITEMS = of(f"订单编号={T1};标题=面膜;价格=29.45;购买数量=1;商家编码=M1;订单状态={SHIPPED}")
PAID_ITEMS = of(
    f"子订单编号={T1};主订单编号={T1};标题=面膜;价格=29.45;购买数量=1;商家编码=M1;买家实付金额=24;"
    f"订单状态={SHIPPED};订单付款时间=2026-09-15 10:23:11"
)
FACTS = """
select o.shop, o.order_no, o.state, o.total_minor, o.refunded_minor, o.customer_id is not null,
  (select string_agg(concat_ws(' ', i.sku, i.quantity, i.amount_minor), ', ' order by i.line)
   from order_item i where i.order_id = o.id)
from orders o order by 1, 2"""


@pytest.fixture
def came(db: Pool, bring: Bring, tmp_path: Path) -> Callable[..., list[Any]]:
    """`came((export, row, …), …)`: the orders after these files have come in, one after another."""

    def facts(*files: Sequence[Any]) -> list[Any]:
        for place, (export, *rows) in enumerate(files):
            path = tmp_path / f"{place}.csv"
            path.write_bytes(export.csv(*rows))
            assert bring(path, None).rejected == 0
        return db.fetch(FACTS)

    return facts


@pytest.mark.parametrize("items", [(LINES_OLD, ITEMS, ITEMS), (LINES_NEW, PAID_ITEMS, PAID_ITEMS)])
@pytest.mark.parametrize("first", ["list", "items"])
def test_order_list_and_item_list_join_on_the_order_number(
    came: Callable[..., list[Any]], items: tuple[Export, Row, Row], first: str
) -> None:
    files = [(TAOBAO_CLASSIC, LIST), items]
    price = 2945 if items[0] is LINES_OLD else 2400

    assert came(*(files if first == "list" else reversed(files))) == [
        ("taobao", T1, "paid", 4890, 0, True, f"M1 1 {price}, M1 1 {price}")
    ]


def test_an_order_list_alone_gives_orders_with_one_line(came: Callable[..., list[Any]]) -> None:
    assert came((TAOBAO_CLASSIC, LIST)) == [
        ("taobao", T1, "paid", 4890, 0, True, "面膜, 面霜 2 4890")
    ]


def test_an_item_list_alone_gives_what_it_knows(came: Callable[..., list[Any]]) -> None:
    assert came((LINES_NEW, PAID_ITEMS)) == [("taobao", T1, "paid", 2400, 0, False, "M1 1 2400")]


def test_an_item_list_without_payments_waits_for_its_order_list(
    came: Callable[..., list[Any]],
) -> None:
    assert came((LINES_OLD, ITEMS)) == []


STORY = [
    LIST | of("订单状态=等待买家付款;订单付款时间="),
    LIST | of("订单状态=买家已付款，等待卖家发货"),
    LIST | of("退款金额=8.90"),
    LIST | of("退款金额=18.90"),
    LIST | of("订单状态=交易关闭;退款金额=48.90"),
]


@pytest.mark.parametrize("order", list(permutations(range(len(STORY))))[::17])
def test_in_whatever_order_exports_come_the_latest_state_holds(
    came: Callable[..., list[Any]], order: tuple[int, ...]
) -> None:
    ((*_, state, total, refunded, _, _),) = came(
        *[(TAOBAO_CLASSIC, STORY[place]) for place in order], (TAOBAO_CLASSIC, STORY[order[0]])
    )

    assert (state, total, refunded) == ("cancelled", 4890, 1890)


def test_a_refund_grows_and_never_shrinks(came: Callable[..., list[Any]]) -> None:
    less, more = (TAOBAO_CLASSIC, STORY[2]), (TAOBAO_CLASSIC, STORY[3])

    assert [row[4] for row in came(less, more, less, more)] == [1890]


@pytest.mark.parametrize("first", ["before", "after"])
def test_an_order_that_was_split_into_others_is_counted_no_more(
    came: Callable[..., list[Any]], first: str
) -> None:
    row = of(
        "商品ID=1;商品名称=面膜;订购数量=1;京东价=9;订单金额=9;付款确认时间=2026-09-05 08:03:00"
    )
    before = row | of("订单号=287104563321;订单状态=等待出库")
    after = [
        row | of("订单号=287104563321;订单状态=(删除)等待出库"),
        row | of("订单号=287104563322;订单状态=等待出库"),
    ]
    files = [(JD, before), (JD, *after)]

    assert [row[1:3] for row in came(*(files if first == "before" else reversed(files)))] == [
        ("287104563321", "cancelled"),
        ("287104563322", "paid"),
    ]


def test_the_same_file_and_an_overlapping_period_change_nothing(
    db: Pool, bring: Bring, tmp_path: Path
) -> None:
    def day(*numbers: int) -> Path:
        path = tmp_path / f"{numbers[0]}.csv"
        rows = [
            of(
                f"主订单编号=69179267688236437{number};子订单编号=1;选购商品=面膜;商品数量=1;"
                "商家编码=M1;订单应付金额=9.90;订单状态=已发货;收件人手机号=138****0001;"
                "支付完成时间=2026-09-22 00:54:10"
            )
            for number in numbers
        ]
        path.write_bytes(DOUYIN_2024.csv(*rows))
        return path

    assert bring(day(10, 11, 12), None) == Report(orders=3, lines=3, guests=3)
    before = db.fetch(FACTS)
    assert bring(day(10, 11, 12), None) == Report(lines=3, duplicates=3)
    assert db.fetch(FACTS) == before
    assert bring(day(12, 13), None) == Report(orders=1, lines=2, guests=1, duplicates=1)
    assert db.fetch(FACTS)[:3] == before


def test_of_a_hundred_rows_five_are_broken_and_explained_and_the_others_come_in(
    bring: Bring, tmp_path: Path
) -> None:
    good = of(
        "商品ID=1;商品名称=面膜;订购数量=1;京东价=9.90;订单金额=9.90;订单状态=完成;"
        "付款确认时间=2026-09-05 08:03:00"
    )
    broken = [
        {"订单号": "4.5E+18"},
        {"订购数量": "两"},
        {"京东价": "面议"},
        {"付款确认时间": "昨天"},
        {"订单状态": "飞走了"},
    ]
    rows = [good | {"订单号": f"2871045633{n:02}"} for n in range(100)]
    for place, wrong in enumerate(broken):
        rows[place * 20] |= wrong
    path = tmp_path / "jd.csv"
    path.write_bytes(JD.csv(*rows))
    report = bring(path, None)

    assert (report.orders, report.rejected) == (95, 5)
    assert report.rejects_path is not None
    told = report.rejects_path.read_text("utf-8").splitlines()[1:]
    columns = [next(iter(one)) for one in broken]
    assert [line.split(",")[:2] for line in told] == [
        [str(2 + place * 20), column] for place, column in enumerate(columns)
    ]


def test_two_shops_of_one_platform_are_told_apart(
    came: Callable[..., list[Any]], tmp_path: Path
) -> None:
    from siyu.app import order_file  # noqa: PLC0415 - here only

    path = tmp_path / "orders.csv"
    path.write_bytes(TAOBAO_CLASSIC.csv(LIST))
    (event,) = order_file(path, shop="tmall-flagship").events()

    assert event.keys["order"] == f"tmall-flagship/{T1}"
