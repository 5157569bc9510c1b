"""What work costs: minutes at the rate of a role, by the price list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from siyu.ledger.model import Price

MINUTE = "staff_minute"


class Paid(NamedTuple):
    """In minor units by currency; `without`: roles that have no rate on a day of theirs."""

    amounts: Mapping[str, int]
    without: frozenset[str]


def paid(worked: Sequence[tuple[str, date, int]], minutes: float, listed: Sequence[Price]) -> Paid:
    """Of (role, day, how often) so many minutes each; rounded once.

    >>> rate = [Price("staff_minute", 60, "CNY")]
    >>> paid([("guide", date(2026, 11, 1), 3)], 2.5, rate)
    Paid(amounts={'CNY': 450}, without=frozenset())
    """
    exact: dict[str, Decimal] = {}
    without: set[str] = set()
    for role, day, times in worked:
        price = rate(listed, role, day)
        if price is None:
            without.add(role)
            continue
        cost = Decimal(str(minutes)) * times * price.unit_minor
        exact[price.currency] = exact.get(price.currency, Decimal(0)) + cost
    amounts = {one: int(cost.quantize(Decimal(1), ROUND_HALF_UP)) for one, cost in exact.items()}
    return Paid(amounts, frozenset(without))


def rate(listed: Sequence[Price], role: str, day: date) -> Price | None:
    """A minute of a role on a day: its own price goes before that of any."""
    held = [one for one in listed if one.kind == MINUTE and one.valid_from <= day]
    own = [one for one in held if one.variant == role] or [one for one in held if not one.variant]
    return max(own, key=lambda one: one.valid_from, default=None)
