"""Money is counted in minor units and rounded once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from siyu.kernel.money import EXPONENTS, LARGEST_MINOR, exponent, show, to_minor

CURRENCIES = st.sampled_from(sorted(EXPONENTS))


@given(st.integers(-LARGEST_MINOR, LARGEST_MINOR), CURRENCIES)
def test_what_is_shown_is_what_was_counted(minor: int, currency: str) -> None:
    digits = "".join(letter for letter in show(minor, currency) if letter in "-0123456789.")

    assert to_minor(digits, currency) == minor


@given(st.decimals(0, 10**6, places=6, allow_nan=False), st.integers(1, 1_000), CURRENCIES)
@example(Decimal("0.005"), 1, "CNY")
@example(Decimal("0.5"), 5, "JPY")
def test_many_of_one_price_are_rounded_once_and_half_up(
    price: Decimal, quantity: int, currency: str
) -> None:
    exact = Fraction(price) * quantity * 10 ** exponent(currency)

    assert to_minor(str(price), currency, quantity) == int(exact + Fraction(1, 2))


@given(st.decimals(0, 10**6, places=4, allow_nan=False), CURRENCIES)
def test_a_refund_is_exactly_the_opposite_of_a_payment(price: Decimal, currency: str) -> None:
    assert to_minor(f"-{price}", currency) == -to_minor(str(price), currency)


def test_thousands_may_be_grouped() -> None:
    assert to_minor(" 1,234.50 ", "CNY") == 123450


@pytest.mark.parametrize(
    "text",
    [
        "",
        "free",
        "NaN",
        "Infinity",
        "-inf",
        "1.2.3",
        "¥15",
        "1e3",
        "1,50",
        "12,34",
        "1_000",
        "1,,000",
        ".",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount of money"):
        to_minor(text, "CNY")


def test_an_unknown_currency_is_refused_with_those_that_are_known() -> None:
    for ask in (lambda: to_minor("1", "XAU"), lambda: show(1, "XAU"), lambda: exponent("cny")):
        with pytest.raises(ValueError, match=r"unknown currency .*; known are CNY, EUR"):
            ask()
