"""The words of promises and gifts: an offer, a promise and its states, an ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, get_args

State = Literal["promised", "reserved", "fulfilled", "claimable", "revoked", "lapsed"]
STATES: tuple[State, ...] = get_args(State)

# What can happen to a promise. `unpacked`: its parcel was packed without the gift.
Happening = Literal["reserve", "pack", "unpacked", "owe", "revoke", "redeem", "lapse"]
HAPPENINGS: tuple[Happening, ...] = get_args(Happening)

# Why a promise stands as it does, where no reason of a parcel says it; with words for people.
REASONS: Mapping[str, Mapping[str, str]] = {
    "packed": {"en": "went with its parcel", "zh": "已随包裹发出"},
    "not_packed": {"en": "its parcel was packed without it", "zh": "打包时未放入"},
    "late_add": {"en": "became a friend after the cut-off", "zh": "截单后才成为好友"},
    "redeemed": {"en": "was taken up", "zh": "已核销"},
    "expired": {"en": "its time is over", "zh": "已过有效期"},
}

# What we couldn't keep in time stays open for at least so long, whatever its first end was.
GRACE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Offer:
    """What a customer can be promised: a gift of one sku, or its substitute when that is out."""

    code: str
    title: Mapping[str, str]  # {zh, en}
    value_minor: int  # what it is worth to the customer
    sku: str
    substitute: str | None = None  # another offer
    kind: Literal["gift"] = "gift"


class Stock(NamedTuple):
    """A gift in the warehouse; `reserved` of `on_hand` are for parcels not packed yet. None: nobody
    has ever counted it. `offers`: which offers give it. Nothing is set aside yet for what is
    `promised` (its own parcel is not decided) or `owed` (it waits for the next one)."""

    sku: str
    on_hand: int | None
    reserved: int | None
    offers: list[str]
    promised: int = 0
    owed: int = 0

    @property
    def low(self) -> bool:
        """Less is free than is promised."""
        free = (self.on_hand or 0) - (self.reserved or 0)
        return self.on_hand is not None and free < self.promised


class NewPromise(NamedTuple):
    """A promise to make: once per `key`, however often it is asked for."""

    key: str
    offer: str
    customer_id: int
    identity_id: int | None
    shop: str
    order_no: str
    visit_id: int | None
    expires_at: datetime


class Ask(NamedTuple):
    """A parcel wants a gift: the one that was promised, or (no promise) one of this offer."""

    parcel_id: int
    customer_id: int
    identity_id: int | None
    shop: str
    order_no: str
    promise_id: int | None
    offer: str


class Promise(NamedTuple):
    """A promise as it stands."""

    id: int
    offer: str
    customer_id: int
    identity_id: int | None
    shop: str
    order_no: str
    state: State
    given_sku: str | None
    parcel_id: int | None
    reason: str
    promised_at: datetime
    expires_at: datetime
