"""Counts of goods as files: how many pieces of each sku a shop or a warehouse has, and which size
of which style a sku is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from siyu.api.rows import Wrong, day_of, rows
from siyu.api.sheets import Refused
from siyu.commerce.model import Counted
from siyu.commerce.model.sizes import Variant
from siyu.kernel.sentence import Language, Sentence

COLUMNS: Mapping[str, Sequence[str]] = {
    "place": ("place", "shop", "store", "warehouse", "地点", "店铺", "门店", "仓库"),
    "sku": ("sku", "货品编码", "商品编码", "编码"),
    "pieces": ("pieces", "quantity", "stock", "件数", "数量", "库存", "库存数量"),
    "day": ("day", "date", "日期", "盘点日期"),
    "style": ("style", "款号", "款式编码", "款色"),
    "size": ("size", "尺码", "规格"),
    "title": ("title", "style_name", "款名", "款式", "商品名称"),
    "discontinued": ("discontinued", "停产", "是否停产", "下架"),
}
_YES = {"1", "y", "yes", "true", "是", "停产", "下架"}
_NO = {"0", "n", "no", "false", "否", "在售"}
_WHOLE = re.compile(r"(\d{1,9}|\d{1,3}(,\d{3}){1,2})(\.0+)?", re.ASCII)
NEEDED = ("sku", "pieces")


class Said(NamedTuple):
    """What a row says: a count, and which size it is, where it says that."""

    counted: Counted
    variant: Variant | None


class GoodsFile(NamedTuple):
    """The rows of a file of counts that can be used, and those that can't."""

    counts: list[Counted]
    variants: list[Variant]
    refused: list[Refused]


def goods_file(
    path: Path, place: str, day: date, now: datetime, today: date, language: Language
) -> GoodsFile:
    """A file of counts: sku, pieces, and as one likes place and day; else these. With style and
    size, and as one likes title and discontinued, it says as well which size a sku is."""

    def made(said: Mapping[str, str]) -> Said:
        where = said.get("place") or place
        for field, value in (("place", where), ("sku", said["sku"])):
            if not value:
                raise Wrong(field, Sentence("is empty", "是空的"))
        counted = day_of(said.get("day", ""), "day") or day
        if counted > today:
            raise Wrong("day", Sentence(f"lies after today, {today}", f"晚于今天（{today}）"))
        one = Counted(where, counted, said["sku"], _pieces(said["pieces"]))
        return Said(one, _variant(said, now))

    found, refused = rows(path, COLUMNS, NEEDED, made, language)
    sized = [one.variant for one in found if one.variant is not None]
    return GoodsFile([one.counted for one in found], sized, refused)


def _variant(said: Mapping[str, str], now: datetime) -> Variant | None:
    style, size = said.get("style", ""), said.get("size", "")
    if not style and not size:
        return None
    if not style or not size:
        missing = "size" if style else "style"
        raise Wrong(missing, Sentence("style and size are said together", "款号和尺码要一起填写"))
    told = now, "file", ""
    return Variant(said["sku"], style, size, said.get("title", ""), _flag(said), *told)


def _flag(said: Mapping[str, str]) -> bool | None:
    text = said.get("discontinued", "").strip().lower()
    if text and text not in _YES | _NO:
        raise Wrong(
            "discontinued",
            Sentence(f"{text!r} is neither yes nor no", f"{text!r} 既不是“是”也不是“否”"),
        )
    return text in _YES if text else None


def _pieces(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        why = f"{text!r} is no number of pieces; write it like 12", f"{text!r} 不是件数；请写成 12"
        raise Wrong("pieces", Sentence(*why))
    return int(text.partition(".")[0].replace(",", ""))
