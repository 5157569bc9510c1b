"""The kind that systems tell counts of goods by."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from siyu.events.model.base import Code, CodeOrNone, Minor, Payload, Text


class StockLine(Payload, frozen=True, kw_only=True):
    """How many pieces of a sku there are; `style` and `size` where it is a size of a style, `title`
    what customers call that, `discontinued` whether it is not made any more (null: nobody says)."""

    sku: Code
    pieces: Minor
    style: CodeOrNone = ""
    size: CodeOrNone = ""
    title: Text = ""
    discontinued: bool | None = None


class StockCounted(Payload, frozen=True, tag="stock.counted", kw_only=True):
    """What a place, a shop or a warehouse, has of goods at that time. All that is told of a place
    on one day, in one event or in several, is its count of the day: what none of them names, it
    had none of."""

    place: Code
    lines: Annotated[list[StockLine], Meta(min_length=1, max_length=5_000)]
