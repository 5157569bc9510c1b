"""A mapping that can't be used says what is wrong, and where."""

from __future__ import annotations

import pytest

from siyu.connectors.orderfile.config import parse
from siyu.kernel.errors import BadInput


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("currency: CNY", "currency: XYZ", 7, "unknown currency"),
        ("currency: CNY", "money: CNY", 7, "money: is not known here"),
        ("source: own", "", 2, "source: is missing"),
        ("zone: Asia/Shanghai", "zone: Asia/Shang", 8, "not a time zone"),
        ("sku: sku", "sku: colour", 10, "'colour' is not in `header`"),
        ("price: price", "price: price, amount: n", 10, "either `price`"),
        ("sku: sku", "title: sku", 10, "either `sku`"),
        ("[nr, when", "[nr, no, when", 5, "put it in quotes"),
        ("phone: phone", "phone: {column: phone}", 11, "Expected"),
        ("column: when", "column: when, format: '%H:%M'", 8, "needs the year"),
        ("column: when", "column: when, at: noon", 8, "time.at"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    text: str, old: str, new: str, line: int, words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        parse(text.replace(old, new, 1))

    assert words in str(refused.value)
    assert refused.value.problems[0].line == line


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "", "a: b: c"])
def test_what_is_no_mapping_at_all_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadInput, match="can't be"):
        parse(text)
