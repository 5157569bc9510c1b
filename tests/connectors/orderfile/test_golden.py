"""Every header variant in every encoding, and where each quirk of a back office is tested."""

from __future__ import annotations

import ast
import io
import zipfile
from pathlib import Path

import pytest
from tests.exports import (
    DOUYIN_2024,
    DOUYIN_2026,
    JD,
    LINES_NEW,
    LINES_OLD,
    PDD,
    PDD_OLD,
    POS,
    TAOBAO_CLASSIC,
    TAOBAO_NEW,
    Export,
    events,
)

from siyu.connectors.orderfile.source.orders import open_file
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import within

HERE = Path(__file__).parent


def _wider(export: Export, after: str, more: str) -> Export:
    """The same with the columns that some accounts have besides."""
    return export._replace(header=export.header.replace(f"{after},", f"{after},{more},", 1))


JD_TAXED = _wider(
    JD._replace(header=JD.header + ",送装服务,服务费,仓库id,仓库名称,商家SKUID,是否为品牌商订单"),
    "发票内容", "纳税人识别号,名称（个人）,单位地址,单位电话,开户银行,银行账号",
)  # fmt: skip
TAOBAO_LIVE = _wider(
    TAOBAO_CLASSIC, "配送类型",
    "直播返现状态,返现金额,延迟发货自动赔付金额,新零售成交门店昵称,新零售成交门店id",
)  # fmt: skip
DOUYIN_WIDE = DOUYIN_2024._replace(
    header=DOUYIN_2024.header
    + ",序列号,是否安心购,广告渠道,流量类型,流量体裁,流量渠道,发货主体,发货主体明细,降价类优惠,"
    "平台实际承担优惠金额,商家实际承担优惠金额,达人实际承担优惠金额,车型,商品69码,发货SN码"
)
PDD_WIDE = PDD._replace(
    header=PDD.header
    + ",赠品名称,赠品id,团ID,团身份,是否门店自提,支付ID,支付方式,是否分期,订单来源"
)
VARIANTS = {
    "taobao classic": (TAOBAO_CLASSIC, "taobao", "订单编号"),
    "taobao with live rooms": (TAOBAO_LIVE, "taobao", "订单编号"),
    "taobao new": (TAOBAO_NEW, "taobao", "订单编号"),
    "taobao items old": (LINES_OLD, "taobao-lines", "订单编号"),
    "taobao items new": (LINES_NEW, "taobao-lines", "子订单编号"),
    "douyin 2024": (DOUYIN_2024, "douyin", "主订单编号"),
    "douyin with all columns": (DOUYIN_WIDE, "douyin", "主订单编号"),
    "douyin 2026": (DOUYIN_2026, "douyin", "主订单编号"),
    "jd": (JD, "jd", "订单号"),
    "jd with invoices and services": (JD_TAXED, "jd", "订单号"),
    "pinduoduo": (PDD, "pinduoduo", "订单号"),
    "pinduoduo with all columns": (PDD_WIDE, "pinduoduo", "订单号"),
    "pinduoduo old": (PDD_OLD, "pinduoduo", "订单号"),
    "pos": (POS, "pos", "pos_order_no"),
}
# What back offices do to their files → its test in this folder, as file::name.
QUIRKS = {
    "xlsx": "excel::a_sheet_says_the_same_as_its_csv",
    "xls": "excel::a_file_of_the_old_excel_is_read",
    "zip, with or without a password": "golden::an_archive_is_said_to_be_one",
    "damaged or locked workbook": "excel::a_damaged_workbook_is_refused_in_words",
    "BOM, UTF-8, GB18030": "golden::a_variant_is_recognised_in_every_encoding",
    "never errors=ignore": "import::one_damaged_line_does_not_turn_the_file_into_gibberish",
    "tabs between cells": "quirks::a_file_with_tabs_between_its_cells_is_read",
    "line breaks in cells": "import::a_cell_may_hold_a_line_break_and_line_numbers_stay_true",
    "title lines": "quirks::titles_above_the_header_are_passed_over_and_lines_stay_true",
    "headers as they are typed": "quirks::a_header_is_known_however_it_is_spaced_and_typed",
    "columns in any order": "golden::columns_in_another_order_tell_the_same",
    "aliases": "quirks::a_column_that_has_another_name_is_known_by_any_of_them",
    'tabs, ="…", apostrophes': "quirks::a_number_comes_out_of_what_marks_it_as_text",
    "- -- null 无": "quirks::words_for_nothing_are_nothing",
    "￥, 元, thousands": "quirks::an_amount_is_read_without_its_currency",
    "forms of order numbers": "quirks::a_number_has_the_form_of_its_platform",
    "4.5E+18": "quirks::a_number_that_excel_has_damaged_is_refused_in_both_languages",
    "dates of a spreadsheet": "quirks::a_time_is_read_as_a_spreadsheet_writes_it",
    "the same content": "excel::saved_again_it_is_the_same_file",
    "an older export": "again::in_whatever_order_exports_come_the_latest_state_holds",
    "twice, overlapping periods": "again::the_same_file_and_an_overlapping_period_change_nothing",
    "5 % broken": ("again::of_a_hundred_rows_five_are_broken_and_explained_and_the_others_come_in"),
    "whole, virtual, masked, sealed phones": "quirks::only_a_whole_number_says_who_it_is",
    "sealed names": "quirks::a_name_that_nobody_can_read_is_none",
    "masked accounts": "quirks::a_masked_account_is_nobody",
    "preview, mapping, errors by row": "proposal::the_proposal_is_a_mapping_that_reads_the_file",
    "taobao: 订单未关闭, 12.30元, ，": "taobao::taobao_order_list_classic",
    "taobao: new as xlsx": "taobao::taobao_order_list_new_as_excel",
    "taobao: two files, one order": "again::order_list_and_item_list_join_on_the_order_number",
    "douyin: both headers, statuses, income": "platforms::douyin",
    "jd: amounts repeated, (删除), (锁定)": "platforms::jd_counts_the_amounts_of_an_order_once",
    "pinduoduo: no time, ****, thousands": "platforms::pinduoduo_with_units_in_its_header",
    "pinduoduo: 拼单成功时间": "platforms::pinduoduo_old_with_few_columns",
    "youzan and others: no header is sure": (
        "proposal::each_field_is_proposed_from_the_name_and_the_cells_of_a_column"
    ),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_a_variant_is_recognised_in_every_encoding(
    tmp_path: Path, variant: str, encoding: str
) -> None:
    export, mapping, column = VARIANTS[variant]
    path = tmp_path / "orders.csv"
    path.write_bytes(export._replace(encoding=encoding).csv({column: "3936370796252445566"}))

    assert open_file(path).mapping.mapping == mapping


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_columns_in_another_order_tell_the_same(tmp_path: Path, variant: str) -> None:
    """No column is ever known by its place."""
    export, mapping, column = VARIANTS[variant]
    turned = export._replace(header=",".join(reversed(export.columns)))
    told: list[object] = []
    for number, one in enumerate((export, turned)):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(one.csv({column: "3936370796252445566"}))
        told.append(events(path))

    assert told[0] == told[1]
    assert events(path)[0] == mapping


@pytest.mark.parametrize("flags", [0, 1], ids=["open", "with a password"])
def test_an_archive_is_said_to_be_one(tmp_path: Path, flags: int) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("ExportOrderList20260915.csv", JD.csv({"订单号": "287104563321"}))
    said = bytearray(held.getvalue())
    said[6] |= flags  # of the file in it, and of its entry in the list at the end
    said[said.index(b"PK\x01\x02") + 8] |= flags
    path = tmp_path / "orders.zip"
    path.write_bytes(said)

    with pytest.raises(BadInput) as raised:
        open_file(path)

    assert "unpack it first" in str(raised.value)
    assert "请先解压" in within("zh", raised.value.detail)


@pytest.mark.parametrize("quirk", sorted(QUIRKS))
def test_a_quirk_is_tested_where_the_table_says(quirk: str) -> None:
    file, name = QUIRKS[quirk].split("::")

    tree = ast.parse((HERE / f"test_{file}.py").read_text("utf-8"))

    assert f"test_{name}" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
