"""Prices and entries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple, get_args

# What has a price; docs/guides/costs.md says what each is a unit of. Its variants: the vendor of a
# text or a call, the role of who works, the code of a gift or a card, the tool.
PriceKind = Literal[
    "sms_segment", "call_minute", "staff_minute", "gift", "card", "shipping_extra", "coupon",
    "tool_fee",
]  # fmt: skip
PRICE_KINDS: tuple[PriceKind, ...] = get_args(PriceKind)
COST_KINDS = (*PRICE_KINDS, "red_packet")  # this one is money itself: it costs what was in it
MOST_MINOR = 10**12
EVER = date.min  # a price that holds for whatever happened
LONGEST_VARIANT = 100

# What an entry is about. trial: a test send, of no journey; task_try: a call that nobody answered;
# tool_month: a month of a tool.
Cause = Literal["touch", "task", "task_try", "parcel", "promise", "trial", "tool_month"]
CAUSES: tuple[Cause, ...] = get_args(Cause)

# Over what of its month a tool's fee is spread: who is a friend at its end; who bought or was sent
# something; what was sent (by the day on which it was wished for); the orders that stand.
Spread = Literal["friend", "customer", "touch", "order"]
SPREADS: tuple[Spread, ...] = get_args(Spread)


class Price(NamedTuple):
    """What one unit of a kind costs the brand, for what happens on a day from `valid_from` on and
    before the next. That of a variant goes before that of any."""

    kind: str
    unit_minor: int
    currency: str
    note: str = ""
    variant: str = ""
    valid_from: date = EVER

    @property
    def named(self) -> str:
        """As the audit calls it."""
        return f"{self.kind} {self.variant}".strip()


class Entry(NamedTuple):
    """A cost to post. One entry per (cause, cause_id, kind), however often it is posted.

    `paid_minor`: money that was paid out, in the brand's currency; it needs no price."""

    cause: Cause
    cause_id: int
    kind: str
    customer_id: int | None
    identity_id: int | None
    journey: str
    step: str
    shop: str
    quantity: int
    occurred_at: datetime
    variant: str = ""
    paid_minor: int | None = None


class Repriced(NamedTuple):
    """What entries of a kind would cost at the list as it is now."""

    kind: str
    variant: str
    currency: str
    entries: int
    before_minor: int
    after_minor: int


class Tool(NamedTuple):
    """What is paid for by the month, and over what its fee is spread."""

    code: str
    spread: Spread


class GoodsCost(NamedTuple):
    """What one piece costs the brand, in orders paid from a day on."""

    sku: str
    unit_minor: int
    currency: str
    valid_from: date = EVER


class GoodsShare(NamedTuple):
    """Where the cost of goods isn't known: how much of what they sold for it is taken to be, in
    hundredths of a percent. Category '' : all others."""

    category: str
    basis_points: int
    valid_from: date = EVER


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
