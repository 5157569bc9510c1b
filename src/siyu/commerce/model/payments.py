"""What customers are asked to pay in chats, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

RequestState = Literal["asked", "paid", "refunded", "withdrawn", "lapsed"]
MOST_MINOR = 5_000_000  # what the carrier's form takes, in minor units


class NewRequest(NamedTuple):
    """What somebody of us asks a customer to pay; with an order, for that one."""

    customer_id: int
    staff: str
    amount_minor: int
    currency: str
    about: str
    shop: str = ""
    order_no: str = ""


class Unmet(NamedTuple):
    """A request that nobody has paid or taken back."""

    request: str
    customer_id: int
    staff: str
    amount_minor: int
    currency: str
    asked_at: datetime
    until: datetime


class Came(NamedTuple):
    """A payment that names no request."""

    id: int
    customer_id: int
    staff: str
    amount_minor: int
    currency: str
    paid_at: datetime


class Request(NamedTuple):
    """A request as it stands, with what was paid and given back."""

    id: int
    request: str
    customer_id: int
    staff: str
    shop: str
    order_no: str
    about: str
    amount_minor: int
    currency: str
    asked_at: datetime
    until: datetime
    withdrawn_at: datetime | None
    paid_minor: int
    refunded_minor: int
    paid_at: datetime | None

    def state(self, now: datetime) -> RequestState:
        """How it stands."""
        if self.paid_minor:
            return "refunded" if self.refunded_minor >= self.paid_minor else "paid"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "asked" if self.until > now else "lapsed"
