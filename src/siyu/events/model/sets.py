"""Kinds that tell who came into a set of customers and who left it."""

from __future__ import annotations

from siyu.events.model.base import Code, Payload


class SegmentEntered(Payload, frozen=True, tag="segment.entered", kw_only=True):
    """Our own: the customer came into a live segment, by what happened or as time went by. Who was
    in it when it became live is not told."""

    segment: Code


class SegmentLeft(Payload, frozen=True, tag="segment.left", kw_only=True):
    """Our own: the customer is not in a live segment any more."""

    segment: Code
