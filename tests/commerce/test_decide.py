"""Which line a refund without reference takes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from siyu.commerce.decide import match
from siyu.commerce.model import Bought, Loose

START = datetime(2026, 11, 1, tzinfo=UTC)


def bought(order: int, day: int, quantity: int, *, line: int = 1, taken: int = 0) -> Bought:
    at = START + timedelta(days=day)
    return Bought(1, "s", "CNY", "a", at, f"{order}", line, order, quantity, taken)


def loose(id_: int, day: int, quantity: int, sku: str = "a", customer: int = 1) -> Loose:
    at = START + timedelta(days=day)
    return Loose(customer, "s", "CNY", sku, at, f"C{id_}", 1, id_, quantity, None, None)


def test_of_several_earlier_lines_the_latest_with_enough_left_is_taken() -> None:
    lines = [bought(1, 1, 9), bought(2, 2, 3), bought(3, 3, 1), bought(4, 9, 9)]

    assert match(lines, [loose(1, 5, 2)]) == {1: (2, 1)}


def test_refunds_choose_in_the_order_of_their_time_and_share_what_is_left() -> None:
    assert match([bought(1, 1, 3), bought(2, 2, 2)], [loose(2, 6, 2), loose(1, 5, 2)]) == {
        1: (2, 1),
        2: (1, 1),
    }


def test_another_sku_another_customer_and_a_later_line_match_nothing() -> None:
    refunds = [loose(1, 5, 1, sku="b"), loose(2, 5, 1, customer=2), loose(3, 0, 1), loose(4, 5, 9)]

    assert match([bought(1, 1, 3)], refunds) == dict.fromkeys((1, 2, 3, 4), (None, None))


def test_what_was_given_back_with_reference_is_not_there_twice() -> None:
    lines = [bought(1, 1, 2, line=1, taken=3), bought(1, 1, 2, line=2, taken=3)]

    assert match(lines, [loose(1, 5, 2), loose(2, 6, 1)]) == {1: (None, None), 2: (1, 1)}


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 4)), max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=6),
    st.randoms(use_true_random=False),
)
def test_no_line_gives_more_than_it_has_and_order_of_arrival_does_not_matter(
    sold: list[tuple[int, int]], given_back: list[tuple[int, int]], random: object
) -> None:
    lines = [bought(number, day, quantity) for number, (day, quantity) in enumerate(sold)]
    refunds = [loose(number, day, quantity) for number, (day, quantity) in enumerate(given_back)]

    found = match(lines, refunds)
    for line in lines:
        taken = [one for one in refunds if found[one.id] == (line.order_id, line.line)]
        assert sum(one.quantity for one in taken) <= max(line.quantity, 0)
        assert all(one.refunded_at >= line.paid_at for one in taken)
    random.shuffle(lines)  # type: ignore[attr-defined]
    random.shuffle(refunds)  # type: ignore[attr-defined]
    assert match(lines, refunds) == found
