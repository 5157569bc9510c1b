"""Prices and entries."""

from __future__ import annotations

from collections.abc import Iterable
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
# What no cap of a playbook counts: the time of people who are paid anyway, what is paid by month.
UNBOUNDED = ("staff_minute", "tool_fee")
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


class Expected(NamedTuple):
    """Something that was allowed and may cost so much, which a playbook pays."""

    cause: Cause
    cause_id: int
    kind: str
    playbook: str
    amount_minor: int


class Spending(NamedTuple):
    """What a playbook may cost, in all and on one day (None: no bound), and what of that is spent:
    booked, or expected of what was allowed. `short_since`: too little was left for something."""

    playbook: str
    total_minor: int | None
    daily_minor: int | None
    currency: str
    spent_minor: int
    today_minor: int
    short_since: datetime | None
    set_by: str
    set_at: datetime

    @property
    def left(self) -> int | None:
        """In all; None: no bound. Below nothing where something cost more than was expected."""
        return None if self.total_minor is None else self.total_minor - self.spent_minor

    @property
    def left_today(self) -> int | None:
        """The same of today."""
        return None if self.daily_minor is None else self.daily_minor - self.today_minor


def price_of(prices: Iterable[Price], kind: str, variant: str, day: date) -> int:
    """What a unit costs by a list on that day, as the ledger looks it up; 0 where nothing says.

    >>> price_of([Price("gift", 500, "CNY"), Price("gift", 700, "CNY", variant="MASK")], "gift",
    ...          "MASK", date(2026, 1, 1))
    700
    """
    known = [one for one in prices if one.kind == kind and one.valid_from <= day]
    for asked in (variant, ""):
        own = [one for one in known if one.variant == asked]
        if own:
            return max(own, key=lambda one: one.valid_from).unit_minor
    return 0


def dearest(prices: Iterable[Price], kind: str, day: date) -> int:
    """What a unit costs at most, whichever vendor has it.

    >>> dearest([Price("sms_segment", 5, "CNY"), Price("sms_segment", 7, "CNY", variant="x")],
    ...         "sms_segment", date(2026, 1, 1))
    7
    """
    listed = [one for one in prices if one.kind == kind]
    return max((price_of(listed, kind, name, day) for name in {one.variant for one in listed}),
               default=0)  # fmt: skip


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
