"""The gift plan of a warehouse as the rows of its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from siyu.acquisition.model import Pick, mark
from siyu.commerce.model import Warehouse
from siyu.kernel.time import zone

HEAD = [
    "原始单号", "赠品编码", "数量", "备注", "截止时间",
    "店铺", "包裹号", "仓库", "决策", "我方编码", "卡片链接",
]  # fmt: skip
CONTENT = {"gift": "赠品", "card": "卡片", "none": ""}


def plan_rows(
    picks: Iterable[Pick], house: Warehouse | None, time_zone: str, link: str
) -> Iterator[list[str]]:
    """The header and a row for each decision. The first five columns are what warehouses import;
    a card is an item like a gift. `link`: where a card leads, with `{state}`."""
    theirs: Mapping[str, str] = {} if house is None else house.items
    local = zone(house.time_zone if house is not None else time_zone)
    yield HEAD
    for one in picks:
        until = one.cutoff_at if house is None else one.cutoff_at + house.margin
        item = theirs.get(one.code, one.code)
        yield [
            one.order_no,
            item,
            "1",
            mark(one.content, item),
            _local(until.astimezone(local)),
            one.shop,
            one.parcel_no,
            one.warehouse,
            CONTENT[one.content],
            one.code,
            link.format(state=one.state_code) if one.state_code else "",
        ]


def _local(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
