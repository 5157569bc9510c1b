"""A segment of who is past the repurchase cycle, with the cycles of a day as numbers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast

from siyu.analytics.decide.cycles import Span, segment, told
from siyu.analytics.decide.median import Median
from siyu.kernel.document import read
from siyu.segments.check import parse
from siyu.segments.model import Leaf
from siyu.segments.predicates import FAMILIES
from siyu.segments.predicates.cycles import Lapsed

DAY = date(2026, 11, 20)


def test_the_text_says_the_cycles_that_are_known_and_how_many_are_not() -> None:
    usual = {"护肤": Median(62, 50, 70, 400), "hair care": Median(40, 30, 50, 30),
             "杯": Median(9, 9, 9, 29)}  # fmt: skip
    text = segment("lapsed-cycle", DAY, told(usual), Span())

    assert "2 categories by their own" in text
    assert "1 with fewer than 30 repurchases by 91d to 183d" in text
    tree = parse(cast("dict[str, object]", read(text).value)["when"], FAMILIES)
    assert isinstance(tree, Leaf)
    assert isinstance(tree.form, Lapsed)
    assert tree.form.spans == (("hair care", timedelta(days=40)), ("护肤", timedelta(days=62)))


def test_where_no_cycle_is_known_everybody_is_measured_by_months() -> None:
    text = segment("lapsed-cycle", DAY, told({"杯": Median(9, 9, 9, 2)}), Span())

    assert "0 categories by their own" in text
    assert "cycles:" not in text
