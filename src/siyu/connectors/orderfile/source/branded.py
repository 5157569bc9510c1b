"""An order file as this installation reads it, and the brand that it speaks of."""

from __future__ import annotations

from pathlib import Path

from siyu.connectors.orderfile.source.opened import read_mapping
from siyu.connectors.orderfile.source.orders import OrderFile, open_file
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Sentence
from siyu.staff.model import Brand


def order_file(
    path: Path, mapping: Path | None = None, sheet: str | None = None, shop: str | None = None
) -> OrderFile:
    """An order file and how it is read: by a mapping of yours, or recognised by its header.

    Regions and zones that neither names are those of its brand, where it has one.
    """
    given = read_mapping(mapping) if mapping is not None else None
    seen = open_file(path, given, sheet=sheet, shop=shop, time_zone="Asia/Shanghai")
    if seen.mapping.brand is None:
        return seen  # the installation's own brand, which an import reads it for again
    brand = brand_of(seen)
    return seen.read_for(brand.region, brand.time_zone)


def brand_of(file: OrderFile) -> Brand:
    """The brand that a file's mapping speaks of, for an installation that has none yet."""
    mapping = file.mapping
    if mapping.brand is None:
        why = Sentence(
            "add `brand:` with name and region, or set the brand up first",
            "请加上含名称和地区的 `brand:`，或先设置品牌",
        )
        raise BadInput(
            Sentence("There is no brand here yet.", "这里还没有品牌。"),
            (Problem("the mapping", why),),
        )
    where = mapping.time.zone or "Asia/Shanghai"
    return Brand(
        mapping.brand.name, where, mapping.currency, mapping.brand.region, mapping.brand.locale
    )
