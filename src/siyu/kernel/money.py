"""Money is an integer of minor units with its currency; nothing is rounded twice."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from siyu.kernel.sentence import Sentence

EXPONENTS = {"CNY": 2, "HKD": 2, "TWD": 2, "USD": 2, "EUR": 2, "GBP": 2, "SGD": 2, "JPY": 0}
_SIGNS = {"CNY": "¥", "HKD": "HK$", "TWD": "NT$", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥"}
# Commas group thousands and nothing else: `1,50` is one and a half in half of Europe, never 150.
_AMOUNT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?|[+-]?\.\d+")
LARGEST_MINOR = 10**15  # ten trillion yuan: anything above is a broken field, not a price


def exponent(currency: str) -> int:
    """How many decimal places the currency's minor unit has; ValueError if unknown."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        known = ", ".join(sorted(EXPONENTS))
        raise ValueError(
            Sentence(
                f"unknown currency {currency!r}; known are {known}",
                f"不认识的币种 {currency!r}；可用的有 {known}",
            )
        ) from None


def to_minor(text: str, currency: str, quantity: int = 1) -> int:
    """`quantity` times a decimal amount in major units, rounded once, half up, to minor units.

    >>> to_minor("2.55", "GBP", 6), to_minor("15", "CNY"), to_minor("0.001", "GBP")
    (1530, 1500, 0)
    """
    if not _AMOUNT.fullmatch(text.strip()):
        raise ValueError(Sentence(f"{text!r} is not an amount of money", f"{text!r} 不是金额"))
    amount = Decimal(text.strip().replace(",", ""))
    minor = (amount * quantity).scaleb(exponent(currency))
    if abs(minor) > LARGEST_MINOR:
        raise ValueError(
            Sentence(f"{text!r} is too large for an amount of money", f"{text!r} 作为金额太大")
        )
    return int(minor.to_integral_value(rounding=ROUND_HALF_UP))


def sign(currency: str) -> str:
    """What stands before an amount, for a field in which people write one.

    >>> sign("CNY"), sign("SGD")
    ('¥', 'SGD')
    """
    return _SIGNS.get(currency, currency)


def show(minor: int, currency: str) -> str:
    """An amount as people write it.

    >>> show(123450, "CNY"), show(-5, "GBP"), show(300, "JPY")
    ('¥1,234.50', '-£0.05', 'JP¥300')
    """
    places = exponent(currency)
    amount = Decimal(abs(minor)).scaleb(-places)
    return f"{'-' if minor < 0 else ''}{_SIGNS.get(currency, currency + ' ')}{amount:,.{places}f}"
