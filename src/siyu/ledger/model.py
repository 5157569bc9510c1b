"""Prices and entries."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple, get_args

# What has a price; docs/reference names what each is a unit of.
PriceKind = Literal[
    "sms_segment", "call_minute", "staff_minute", "gift", "card", "shipping_extra"
]  # fmt: skip
PRICE_KINDS: tuple[PriceKind, ...] = get_args(PriceKind)
MOST_MINOR = 10**12


class Price(NamedTuple):
    """What one unit of a kind costs the brand."""

    kind: str
    unit_minor: int
    currency: str
    note: str = ""


class Entry(NamedTuple):
    """A cost to post. One entry per (cause, cause_id, kind), however often it is posted."""

    cause: str  # touch, task, parcel, promise, trial
    cause_id: int
    kind: str
    customer_id: int | None
    identity_id: int | None
    journey: str
    step: str
    shop: str
    quantity: int
    occurred_at: datetime


class StepCost(NamedTuple):
    """What one step of a journey has cost, by kind."""

    journey: str
    step: str
    kind: str
    currency: str
    quantity: int
    amount_minor: int


class Posted(NamedTuple):
    """An entry as it is shown."""

    id: int
    cause: str
    cause_id: int
    kind: str
    journey: str
    step: str
    shop: str
    quantity: int
    unit_minor: int
    amount_minor: int
    currency: str
    occurred_at: datetime
    reversed_at: datetime | None
