"""The words of offers: an offer and its terms, an allotment, a promise and its states, an ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args

from msgspec import Struct, convert

Kind = Literal["gift", "sample", "coupon", "red_packet", "blind_box", "presale", "exchange"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# A gift for a parcel is promised, then reserved from the shelf. Whatever is drawn from an offer's
# allotment is held, then committed. Both end the same ways.
State = Literal[
    "promised", "reserved", "held", "committed", "fulfilled", "claimable", "revoked", "lapsed"
]
STATES: tuple[State, ...] = get_args(State)

# What can happen to a promise. `unpacked`: its parcel was packed without the gift.
Happening = Literal[
    "reserve", "commit", "pack", "unpacked", "owe", "revoke", "redeem", "release", "lapse"
]
HAPPENINGS: tuple[Happening, ...] = get_args(Happening)

# Why a promise stands as it does, where no reason of a parcel says it; with words for people.
REASONS: Mapping[str, Mapping[str, str]] = {
    "packed": {"en": "went with its parcel", "zh": "已随包裹发出"},
    "not_packed": {"en": "its parcel was packed without it", "zh": "打包时未放入"},
    "late_add": {"en": "became a friend after the cut-off", "zh": "截单后才成为好友"},
    "redeemed": {"en": "was taken up", "zh": "已核销"},
    "expired": {"en": "its time is over", "zh": "已过有效期"},
    "released": {"en": "was given back", "zh": "已退还"},
    "taken_back": {"en": "was taken back by the plan", "zh": "已由旅程收回"},
}

# Why nothing was reserved, with words for people.
Refusal = Literal["out", "budget", "limit", "no_part", "order_gone", "unknown", "other", "no_offer"]
REFUSALS: Mapping[Refusal, Mapping[str, str]] = {
    "out": {"en": "all pieces are taken", "zh": "已被领完"},
    "budget": {"en": "the budget is spent", "zh": "预算已用完"},
    "limit": {"en": "this customer has as many as one may have", "zh": "该客户已达到领取上限"},
    "no_part": {"en": "this store has none to give", "zh": "该门店没有名额"},
    "order_gone": {"en": "the order was cancelled or refunded", "zh": "订单已取消或退款"},
    "unknown": {"en": "there is no such customer", "zh": "没有这位客户"},
    "other": {"en": "the key names another reservation", "zh": "这个键已用于另一个预约"},
    "no_offer": {"en": "there is no such offer", "zh": "没有这个权益"},
}

# What we couldn't keep in time stays open for at least so long, whatever its first end was.
GRACE_DAYS = 30


class Prize(Struct, frozen=True):
    """One of the things in a blind box: how many there are, and its weight against the others."""

    sku: str
    pieces: int
    odds: int


class Amount(Struct, frozen=True):
    """One of the amounts that a red packet may hold, and its weight against the others."""

    minor: int
    odds: int


class Draw(Struct, frozen=True):
    """What a red packet may hold: one of these amounts by their odds; or, without such a list,
    anything between two amounts, most of them small, so that the mean is this one."""

    amounts: tuple[Amount, ...] = ()
    least_minor: int = 0
    most_minor: int = 0
    mean_minor: int = 0

    @property
    def least(self) -> int:
        """The smallest amount that can be drawn."""
        return min((one.minor for one in self.amounts), default=self.least_minor)


class Terms(Struct, frozen=True):
    """On which terms an offer is reserved. `pieces`, `stores` and `budget_minor` are what it is
    first allotted; from then on the allotment counts."""

    per_customer: int = 1
    hold_seconds: int = 900  # so long a reservation waits for its commit
    valid_seconds: int = 30 * 86_400  # so long a committed one can be taken up
    pieces: int | None = None
    stores: Mapping[str, int] = {}
    price_minor: int = 0  # what the customer pays for it
    codes: Literal["", "pool", "generated"] = ""  # of a coupon: brought in, or made here
    budget_minor: int | None = None
    draw: Draw | None = None
    prizes: tuple[Prize, ...] = ()
    seed: str = ""  # another one, other draws
    slots: bool = False  # its parts are times in stores, each made as it is first asked for

    @property
    def parts(self) -> dict[str, int]:
        """The pieces of each part, where the offer has parts."""
        return {one.sku: one.pieces for one in self.prizes} or dict(self.stores)


PLAIN = Terms()


@dataclass(frozen=True, slots=True)
class Offer:
    """What a customer can be promised: a gift of one sku, or its substitute when that is out; or
    what can be reserved on its terms."""

    code: str
    title: Mapping[str, str]  # {zh, en}
    value_minor: int  # what it is worth to the customer
    sku: str
    substitute: str | None = None  # another offer
    kind: Kind = "gift"
    terms: Terms = PLAIN

    @classmethod
    def of(cls, row: Sequence[Any]) -> Offer:
        """From its columns, in the order of the fields."""
        code, title, value_minor, sku, substitute, kind, terms = row[:7]
        return cls(code, title, value_minor, sku, substitute, kind, convert(terms, Terms))


class Allotment(NamedTuple):
    """What may be given of an offer, or of a part of it, and what of that is taken."""

    offer: str
    part: str
    pieces: int | None
    taken: int = 0
    budget_minor: int | None = None
    spent_minor: int = 0

    @property
    def left(self) -> int | None:
        """Pieces that are free; None: the pieces don't bound it."""
        return None if self.pieces is None else self.pieces - self.taken

    @property
    def money_left(self) -> int | None:
        """Money that is free; None: no budget bounds it."""
        return None if self.budget_minor is None else self.budget_minor - self.spent_minor


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


class Liability(NamedTuple):
    """What is open of an offer: held pieces, which nobody owes yet, and committed, promised and
    claimable ones with what they cost. `unpriced` of these have no price and are not in it."""

    offer: str
    held: int
    committed: int
    promised: int
    claimable: int
    amount_minor: int
    currency: str
    unpriced: int


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


class Wanted(NamedTuple):
    """Somebody wants a piece of an offer: once per `key`, however often it is asked for. `commit`:
    at once, not only held. `expires_at`: till when it can then be taken up; None: as the terms say.
    `opens`: of a slot, how many there are of it, should it be asked for the first time.
    """

    key: str
    offer: str
    customer_id: int
    identity_id: int | None = None
    store: str = ""
    shop: str = ""
    order_no: str = ""
    visit_id: int | None = None
    commit: bool = False
    expires_at: datetime | None = None
    opens: int | None = None


class Drawn(NamedTuple):
    """What a reservation takes from the allotment."""

    part: str = ""
    sku: str | None = None
    amount_minor: int | None = None


class Reservation(NamedTuple):
    """A piece of an offer that was set aside for a customer. `code`: of a coupon."""

    id: int
    key: str
    offer: str
    customer_id: int
    state: State
    part: str
    amount_minor: int | None
    code: str | None
    reason: str
    expires_at: datetime


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
    kind: Kind = "gift"
    part: str = ""  # of an allotment: the store or the prize
    amount_minor: int | None = None  # in a red packet


class RevokedCode(NamedTuple):
    """A code that a customer was told and that is no longer theirs: the shop must not take it."""

    id: int
    code: str
    revoked_at: datetime
