"""Kinds that are heard of complaints: one comes in, one is settled."""

from __future__ import annotations

from siyu.events.model.base import Code, CodeOrNone, Payload


class _OfComplaint(Payload, frozen=True, kw_only=True):
    complaint: Code
    staff: CodeOrNone = ""


class ComplaintOpened(_OfComplaint, frozen=True, tag="complaint.opened", kw_only=True):
    """The customer complained: no promotion until it is settled. `complaint` is its number, one for
    each complaint of a customer; perhaps about an order. What they said comes in `person.note`."""

    shop: CodeOrNone = ""
    order_no: CodeOrNone = ""


class ComplaintClosed(_OfComplaint, frozen=True, tag="complaint.closed", kw_only=True):
    """The complaint of this number is settled. The same number opened later is open again."""


OfComplaints = ComplaintOpened | ComplaintClosed
