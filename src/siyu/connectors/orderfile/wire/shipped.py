"""Lines of a shipped file → facts of parcels: pure. What can't be used is a problem in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from typing import NamedTuple

import msgspec

from siyu.acquisition.decide import inserted
from siyu.acquisition.model import KnownParcel
from siyu.connectors.orderfile.config import plain_column
from siyu.connectors.orderfile.wire.cells import EMPTY, EXACT_DIGITS, clean, damaged
from siyu.events.model import Incoming, ParcelPacked, ParcelShipped, Payload
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence

SOURCE = "shipped-file"
COLUMNS: Mapping[str, Sequence[str]] = {
    "platform": ("平台", "平台类型", "platform"),
    "shop": ("店铺", "店铺名称", "店铺代码", "shop"),
    "parcel_no": ("包裹号", "订单编号", "系统单号", "内部订单号", "出库单号", "parcel_no"),
    "order_no": (
        "原始单号", "子单原始单号", "线上订单号", "线上单号", "平台单号", "平台订单号", "order_no",
    ),
    "company": ("快递公司", "物流公司", "carrier"),
    "tracking": ("快递单号", "物流单号", "运单号", "tracking_no"),
    "shipped_at": ("发货时间", "出库时间", "发货日期", "shipped_at"),
    "warehouse": ("仓库", "仓库名称", "发货仓库", "warehouse"),
    "item": ("货品编码", "货品编号", "商家编码", "商品编码", "赠品编码", "sku"),
    "title": ("货品名称", "商品名称", "title"),
    "quantity": ("数量", "货品数量", "商品数量", "实发数量", "quantity"),
    "is_gift": ("是否赠品", "赠品", "is_gift"),
    "note": ("客服备注", "备注", "卖家备注", "note"),
    "flag": ("标旗", "旗帜", "旗帜颜色", "flag"),
}  # fmt: skip
NEEDED = ("order_no", "shipped_at")
LONGEST = 500
_ROUNDED = re.compile(r"[+-]?\d(\.\d+)?[eE]\+\d+")
_ZEROS = re.compile(rf"\d{{{EXACT_DIGITS}}}0{{3,}}")
_SLASHED = re.compile(
    r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?"
)
_BETWEEN = re.compile(r"[,，;；、|\s]+")

NO_NUMBER = Sentence("is not a whole number", "不是整数")
NO_TIME = Sentence("is not a time like 2026-11-28 16:00:00", "不是 2026-11-28 16:00:00 这样的时间")
TOO_LONG = Sentence(f"is longer than {LONGEST} characters", f"超过 {LONGEST} 个字符")


class Line(NamedTuple):
    """A line of use: an item of a parcel. `orders`: several where they were packed together."""

    line: int
    shop: str
    parcel_no: str
    orders: tuple[str, ...]
    at: datetime
    item: str


def places(header: Sequence[str]) -> dict[str, int]:
    """Field → its column, by the first of its names that is there."""
    where = {plain_column(name): at for at, name in reversed([*enumerate(header)])}
    found = {
        field: next((where[plain_column(one)] for one in names if plain_column(one) in where), -1)
        for field, names in COLUMNS.items()
    }
    return {field: at for field, at in found.items() if at >= 0}


def line_of(
    number: int,
    cells: Sequence[str],
    header: Sequence[str],
    where: Mapping[str, int],
    local: tzinfo,
) -> Line | Problem:
    """A row as a line, or what is wrong with it."""
    if len(cells) != len(header):
        many, of = len(cells), len(header)
        return Problem(
            "",
            Sentence(f"has {many} columns, the header has {of}", f"有 {many} 列，表头有 {of} 列"),
        )
    said = {field: clean(cells[at]) for field, at in where.items()}
    if (wrong := _wrong(said)) is not None:
        return Problem(header[where[wrong[0]]], wrong[1])
    at = _moment(said["shipped_at"], local)
    if at is None:
        return Problem(header[where["shipped_at"]], NO_TIME)
    there = float(said.get("quantity") or "1") > 0
    return Line(
        number,
        said.get("shop", ""),
        said.get("parcel_no", ""),
        numbers_of(said["order_no"]),
        at,
        said.get("item", "") if there else "",
    )


def numbers_of(text: str) -> tuple[str, ...]:
    """The orders of a cell: several where they were packed together."""
    return tuple(number for number in _BETWEEN.split(text) if number)


def _wrong(said: Mapping[str, str]) -> tuple[str, Sentence] | None:
    for field, text in said.items():
        if len(text) > LONGEST:
            return field, TOO_LONG
    for field in NEEDED:
        if not said[field]:
            return field, EMPTY
    for number in numbers_of(said["order_no"]):
        if _ROUNDED.fullmatch(number) or _ZEROS.fullmatch(number):
            return "order_no", damaged(number[:40])
    many = said.get("quantity") or "1"
    if not re.fullmatch(r"\d{1,9}(\.0+)?", many):
        return "quantity", NO_NUMBER
    return None


def _moment(text: str, local: tzinfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        parts = _SLASHED.fullmatch(text)
        if parts is None:
            return None
        year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups())
        try:
            found = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - below
        except ValueError:
            return None
    return (found if found.tzinfo else found.replace(tzinfo=local)).astimezone(UTC)


def events_of(
    parcel: KnownParcel,
    lines: Sequence[Line],
    codes: Mapping[str, tuple[str, str]],
    *,
    items: bool,
) -> list[Incoming]:
    """What the lines of a parcel say. `codes`: what of ours its warehouse's codes mean; without
    `items` the file says only that it left."""
    shipped = ParcelShipped(parcel_no=parcel.parcel_no)
    facts: list[tuple[datetime, Payload]] = [(min(line.at for line in lines), shipped)]
    if items:
        gift, card = inserted((line.item for line in lines), codes, parcel)
        packed = ParcelPacked(parcel_no=parcel.parcel_no, gift=gift, card=card)
        facts.insert(0, (max(line.at for line in lines), packed))
    keys: dict[str, str] = {}
    if parcel.main_order_no:
        keys["order"] = f"{parcel.shop}/{parcel.main_order_no}"
    return [_event(at, payload, keys) for at, payload in facts]


def _event(at: datetime, payload: Payload, keys: dict[str, str]) -> Incoming:
    data = msgspec.json.encode(payload)
    digest = sha256(at.isoformat().encode() + data).hexdigest()[:24]
    return Incoming(
        source=SOURCE,
        id=f"{payload.__struct_config__.tag}/{digest}",
        kind=str(payload.__struct_config__.tag),
        occurred_at=at.isoformat(),
        keys=keys,
        data=msgspec.Raw(data),
    )
