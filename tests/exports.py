"""Files as back offices export them: real headers, rows made up. A row names what it says; the
other columns are empty as that platform writes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from siyu.connectors.orderfile.source.orders import open_file

Told = Callable[..., list[Any]]

Row = Mapping[str, str]


def of(text: str) -> dict[str, str]:
    """A row as `column=cell;column=cell`."""
    parts = (part.partition("=") for part in text.split(";"))
    return {name: cell for name, _, cell in parts}


class Export(NamedTuple):
    """One variant of one platform's file."""

    header: str
    encoding: str
    dress: Callable[[str, str], str] = lambda _, cell: cell  # column, cell → as it is written
    nothing: str = ""

    @property
    def columns(self) -> list[str]:
        return self.header.split(",")

    def cells(self, rows: Sequence[Row]) -> list[list[str]]:
        """The rows as they are written; a column that this variant has not is a mistake."""
        plain = {column.strip(): column for column in self.columns}
        for row in rows:
            assert row.keys() <= plain.keys(), row.keys() - plain.keys()
        return [
            [self.dress(name.strip(), row.get(name.strip(), self.nothing)) for name in self.columns]
            for row in rows
        ]

    def csv(self, *rows: Row, titles: Sequence[str] = ()) -> bytes:
        """The file."""
        held = io.StringIO()
        held.writelines(f"{title}\n" for title in titles)
        csv.writer(held).writerows([self.columns, *self.cells(rows)])
        return held.getvalue().encode(self.encoding)


def _qianniu(column: str, cell: str) -> str:
    if column in ("订单编号", "主订单编号", "子订单编号"):
        return f'="{cell}"'
    return f"'{cell}" if column == "联系手机" and cell else cell


def _tabs(column: str, cell: str) -> str:
    number = column in ("商品数量", "订单应付金额", "商品单价", "商品金额") or cell == "-"
    return cell if number else f"\t{cell}"


def _tab_after(column: str, cell: str) -> str:
    return f"{cell}\t" if column in ("订单号", "商品id", "样式ID") else cell


TAOBAO_CLASSIC = Export(
    "订单编号,买家会员名,买家支付宝账号,支付单号,支付详情,买家应付货款,买家应付邮费,"
    "买家支付积分,总金额,返点积分,买家实际支付金额,买家实际支付积分,订单状态,买家留言,"
    "收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,"
    "宝贝种类 ,物流单号 ,物流公司,订单备注,宝贝总数量,店铺Id,店铺名称,订单关闭原因,卖家服务费,"
    "买家服务费,发票抬头,是否手机订单,分阶段订单信息,特权订金订单id,是否上传合同照片,"
    "是否上传小票,是否代付,定金排名,修改后的sku,修改后的收货地址,异常信息,天猫卡券抵扣,"
    "集分宝抵扣,是否是O2O交易,满返红包金额,新零售交易类型,新零售导购门店名称,新零售导购门店id,"
    "新零售发货门店名称,新零售发货门店id,退款金额,预约门店,确认收货时间,打款商家金额,"
    "含应开票给个人的个人红包,是否信用购,体验期结束时间,前N有礼,配送类型,预售订单,发货时间,"
    "商家备忘,主订单编号",
    "gb18030",
    _qianniu,
)
TAOBAO_NEW = Export(
    "订单编号,支付单号,支付详情,买家应付货款,买家应付邮费,总金额,买家实付金额,订单状态,"
    "收货人姓名,收货地址,联系手机,订单创建时间,订单付款时间,商品标题,商品属性SKU,物流单号,"
    "物流公司,商家备注,退款金额,是否主动赔付,主动赔付金额,主动赔付出账时间,C2B小额收款,"
    "确认收货打款金额,含应开票给个人红包,总金额(旧版)",
    "utf-8",
)
LINES_OLD = Export(
    "订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码",
    "gb18030",
    _qianniu,
)
LINES_NEW = Export(
    "子订单编号,主订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,联系方式备注,"
    "订单状态,商家编码,支付单号,买家应付货款,买家实付金额,退款状态,退款金额,订单创建时间,"
    "订单付款时间,淘鲜达渠道,商品ID,分阶段信息,备注标签,商家备注,主订单买家留言,发货时间,"
    "物流单号,物流公司,是否主动赔付,主动赔付金额,主动赔付出账时间,应发货时间,飞猪购订单信息,"
    "免单资格,免单金额,百亿补贴超链订单信息,超链半托管订单信息",
    "gb18030",
    _qianniu,
)
DOUYIN_2024 = Export(
    "主订单编号,子订单编号,选购商品,商品规格,商品数量,商品ID,商家编码,商品单价,订单应付金额,"
    "运费,优惠总金额,平台优惠,商家优惠,达人优惠,商家改价,支付优惠,红包抵扣,支付方式,手续费,"
    "收件人,收件人手机号,省,市,区,街道,详细地址,是否修改过地址,地址修改时段,买家留言,"
    "订单提交时间,旗帜颜色,商家备注,订单完成时间,支付完成时间,APP渠道,流量来源,订单状态,"
    "承诺发货时间,订单类型,鲁班落地页ID,达人ID,达人昵称,所属门店ID,售后状态,取消原因,"
    "预约发货时间,仓库ID,仓库名称,发货时间,建议发货时间（起）,建议发货时间（止）",
    "utf-8-sig",
    _tabs,
    "-",
)
DOUYIN_2026 = Export(
    "主订单编号,子订单编号,支付方式,选购商品,货号,商品ID,商家编码,商品数量,商品金额,"
    "订单提交时间,支付完成时间,订单完成时间,承诺发货时间,预约发货时间,买家留言,旗帜颜色,"
    "商家备注,APP渠道,订单状态,取消原因,售后状态,订单类型,发货时间,车型,是否是以旧换新,"
    "订单应付金额,运费,收件人,收件人手机号,省,市,区,街道,详细地址,是否修改过地址,快递信息",
    "utf-8",
    _tabs,
    "-",
)
JD = Export(
    "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,余额支付,"
    "应付金额,订单状态,订单类型,下单帐号,客户姓名,客户地址,联系电话,订单备注,发票类型,发票抬头,"
    "发票内容,商家备注,商家备注等级（等级1-5为由高到低）,运费金额,付款确认时间,增值税发票,货号,"
    "订单完成时间,订单来源,订单渠道",
    "gbk",
)
PDD = Export(
    "商品,订单号,订单状态,商品总价(元),邮费(元),店铺优惠折扣(元),平台优惠折扣(元),"
    "用户实付金额(元),商家实收金额(元),商品数量(件),是否审核中,支付时间,承诺发货时间,发货时间,"
    "商品id,商品规格,样式ID,商家编码-规格维度,商家编码-商品维度,售后状态,省,市,区,街道/镇,"
    "订单成交时间",
    "utf-8-sig",
    _tab_after,
)
PDD_OLD = Export(
    "商品,订单号,订单状态,用户实付金额,商品数量,拼单成功时间,商家编码-SKU维度,收货人,手机",
    "gbk",
    _tab_after,
)
POS = Export(
    "store_code,pos_order_no,line_no,sku,title,qty,unit_price,paid_amount,paid_at,pay_method,"
    "member_id,phone,salesperson,refund_of",
    "utf-8",
)


def events(path: Path) -> list[Any]:
    """What a file tells: its mapping, the lines not paid and those refused, then each event."""
    file = open_file(path, time_zone="Asia/Shanghai")
    refused: list[tuple[int, str, str]] = []
    unpaid: list[int] = []
    found = [
        (
            one.event.id,
            one.event.kind,
            one.event.occurred_at,
            one.event.keys,
            one.event.person,
            msgspec.json.decode(one.event.data),
        )
        for one in file.tell(
            lambda row, why: refused.append((row.line, why.where, why.why)),
            unpaid=lambda row: unpaid.append(row.line),
        )
    ]
    return [file.mapping.mapping, unpaid, refused, *found]


def paid(shop: str, number: str, total: int, *lines: Mapping[str, Any], **more: str) -> Any:
    return {
        "type": "order.paid",
        "shop": shop,
        "order_no": number,
        "currency": "CNY",
        "total_minor": total,
        "lines": list(lines),
        **more,
    }


def line(sku: str, title: str, quantity: int, unit: int, amount: int) -> dict[str, Any]:
    found = {"sku": sku, "title": title, "quantity": quantity, "unit_minor": unit}
    return found | {"amount_minor": amount}


def back(shop: str, number: str, amount: int, *lines: Mapping[str, Any]) -> Any:
    found: dict[str, Any] = {
        "type": "order.refunded",
        "shop": shop,
        "refund_no": number,
        "currency": "CNY",
        "amount_minor": amount,
        "order_no": number,
    }
    return found | ({"lines": list(lines)} if lines else {})
