"""Counts of goods as files: how many pieces of each sku a shop or a warehouse has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from siyu.api.rows import Wrong, day_of, rows
from siyu.api.sheets import Refused
from siyu.commerce.model import Counted
from siyu.kernel.sentence import Language, Sentence

COLUMNS: Mapping[str, Sequence[str]] = {
    "place": ("place", "shop", "store", "warehouse", "地点", "店铺", "门店", "仓库"),
    "sku": ("sku", "货品编码", "商品编码", "编码"),
    "pieces": ("pieces", "quantity", "stock", "件数", "数量", "库存", "库存数量"),
    "day": ("day", "date", "日期", "盘点日期"),
}
_WHOLE = re.compile(r"(\d{1,9}|\d{1,3}(,\d{3}){1,2})(\.0+)?", re.ASCII)
NEEDED = ("sku", "pieces")


def goods_file(
    path: Path, place: str, day: date, today: date, language: Language
) -> tuple[list[Counted], list[Refused]]:
    """A file of counts: sku, pieces, and as one likes place and day; else these. The rows that can
    be used, and those that can't."""

    def made(said: Mapping[str, str]) -> Counted:
        where = said.get("place") or place
        for field, value in (("place", where), ("sku", said["sku"])):
            if not value:
                raise Wrong(field, Sentence("is empty", "是空的"))
        counted = day_of(said.get("day", ""), "day") or day
        if counted > today:
            raise Wrong("day", Sentence(f"lies after today, {today}", f"晚于今天（{today}）"))
        return Counted(where, counted, said["sku"], _pieces(said["pieces"]))

    return rows(path, COLUMNS, NEEDED, made, language)


def _pieces(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        why = f"{text!r} is no number of pieces; write it like 12", f"{text!r} 不是件数；请写成 12"
        raise Wrong("pieces", Sentence(*why))
    return int(text.partition(".")[0].replace(",", ""))
