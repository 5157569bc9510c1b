"""A file that nobody knows: a mapping is proposed, and it says how sure each field is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siyu.connectors.orderfile.config import parse
from siyu.connectors.orderfile.source import look
from siyu.connectors.orderfile.source.draft import LEAST_SURE, aliases
from siyu.connectors.orderfile.source.look import completed, config_of
from siyu.connectors.orderfile.source.orders import open_file

YOUZAN = (
    "订单号,订单状态,买家付款时间,收货人/提货人,收货人手机号/提货人手机号,商品名称,规格编码,商品数量,订单实付金额(元),备注",
    "E20261120100000012345678,交易成功,2026/11/20 10:00,王芳,138****0001,面膜,M1,2,39.80,急",
    "E20261120100000012345679,待发货,2026/11/20 11:00,李雷,13800000002,面霜,C1,1,59.00,",
    "E20261120100000012345670,等待买家付款,,李雷,13800000002,面霜,C1,1,59.00,",
)


@pytest.fixture
def youzan(file: Callable[..., Path]) -> Path:
    return file(*YOUZAN[1:], header=YOUZAN[0])


def proposal(path: Path) -> tuple[dict[str, Any], dict[str, float]]:
    found, _ = look.look(path, None, (), sheet=None, currency="CNY")
    assert (found.recognised, found.mapping) == ("", None)
    return found.draft, found.sure


def test_each_field_is_proposed_from_the_name_and_the_cells_of_a_column(youzan: Path) -> None:
    draft, sure = proposal(youzan)

    assert draft == {
        "currency": "CNY",
        "order": {"column": "订单号"},
        "time": {"column": "买家付款时间", "format": "%Y/%m/%d %H:%M"},
        "status": {
            "column": "订单状态",
            "paid": ["交易成功", "待发货"],
            "unpaid": ["等待买家付款"],
        },
        "line": {
            "sku": "规格编码",
            "title": "商品名称",
            "quantity": "商品数量",
            "amount": "订单实付金额(元)",
        },
        "customer": {
            "name": "收货人/提货人",
            "phone": "收货人手机号/提货人手机号",
            "masked_phone": "keep",
        },
    }
    assert sure["order.column"] == sure["line.quantity"] == 1.0
    assert LEAST_SURE <= sure["time.column"] < 1  # its name is only like one that is known
    assert LEAST_SURE <= sure["customer.phone"] < 1


def test_a_column_whose_cells_are_something_else_is_less_sure(file: Callable[..., Path]) -> None:
    path = file("A1,2026-11-01,两件", "A2,2026-11-02,三件", header="订单号,付款时间,数量")
    draft, sure = proposal(path)

    assert draft["line"] == {"quantity": "数量"}
    assert (sure["order.column"], sure["line.quantity"]) == (1.0, 0.6)


def test_the_proposal_is_a_mapping_that_reads_the_file(youzan: Path) -> None:
    _, text = look.proposed(youzan, None, "CNY")
    mapping = parse(text)
    unpaid: list[int] = []
    told = open_file(youzan, mapping).tell(
        lambda row, why: pytest.fail(f"{row.line}: {why}"),
        unpaid=lambda row: unpaid.append(row.line),
    )

    assert "#   order.column: 100%" in text
    assert [one.event.keys for one in told] == [
        {"order": "my-shop/E20261120100000012345678"},
        {"phone": "+8613800000002", "order": "my-shop/E20261120100000012345679"},
    ]
    assert unpaid == [4]


def test_what_was_saved_reads_the_next_file_of_its_shop(youzan: Path) -> None:
    draft, _ = proposal(youzan)
    shop = {"code": "youzan-1", "name": "有赞", "platform": "youzan"}
    saved = completed(draft | {"shop": shop}, YOUZAN[0].split(","))
    found, _ = look.look(youzan, None, [saved], sheet=None, currency="CNY")

    assert found.recognised == "yours"
    assert config_of(found.mapping or {}).shop.code == "youzan-1"


def test_the_names_that_our_mappings_know_are_aliases_as_well() -> None:
    assert {"主订单编号", "posorderno", "小票号"} <= {*aliases()["order.column"]}
    assert {"下单帐号"} <= {*aliases()["customer.buyer"]}
