"""Kinds that a warehouse is heard by, and our own of what it packed otherwise."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from siyu.events.model.base import Code, CodeOrNone, Moment, Payload, Text


class ParcelPlanned(Payload, frozen=True, tag="parcel.planned", kw_only=True):
    """The warehouse will pack these orders into one parcel; until `cutoff_at` it can be changed.

    `main_order` is the order that this parcel stands for; null for the further children of a split.
    `warehouse`: which one packs it, where somebody knows.
    """

    parcel_no: Code
    shop: Code
    orders: Annotated[list[Code], Meta(min_length=1, max_length=100)]
    main_order: Code | None
    cutoff_at: Moment
    warehouse: CodeOrNone = ""
    synthetic: bool = False


class ParcelPacked(Payload, frozen=True, tag="parcel.packed", kw_only=True):
    """What the packer really put in: a gift's sku and a card's code, empty when none."""

    parcel_no: Code
    gift: Text = ""
    card: Text = ""


class ParcelDiffers(Payload, frozen=True, tag="parcel.differs", kw_only=True):
    """Our own: a parcel was packed otherwise than decided. `decided` and `item` (a gift's sku or a
    card) are the packer's instruction, `gift` and `card` what was really put in. `how`: another
    kind of thing or none, another gift or card, or something though nothing was decided (stray);
    once more as_decided where a later report takes a difference back. Order, shop and warehouse are
    empty where nobody told of the parcel's plan."""

    parcel_no: Code
    how: Literal["other_kind", "other_item", "stray", "as_decided"]
    decided: Literal["gift", "card", "none"]
    item: CodeOrNone = ""
    gift: Text = ""
    card: Text = ""
    shop: CodeOrNone = ""
    order_no: CodeOrNone = ""
    warehouse: CodeOrNone = ""


class ParcelShipped(Payload, frozen=True, tag="parcel.shipped", kw_only=True):
    """The parcel left the warehouse."""

    parcel_no: Code
