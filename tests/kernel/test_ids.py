"""Public ids can be turned back by us, and tell nobody else anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.ids import PublicIds, share

IDS = PublicIds(b"k" * 32)
NUMBERS = st.integers(0, 2**63 - 1)
PREFIXES = st.sampled_from(["cus", "ord", "tch", "vis", "tsk", "pcl", "prm", "evt"])


@given(PREFIXES, NUMBERS)
def test_every_number_comes_back(prefix: str, number: int) -> None:
    text = IDS.encode(prefix, number)

    assert IDS.decode(prefix, text) == number
    assert len(text) == len(prefix) + 14


@given(NUMBERS, NUMBERS)
def test_two_numbers_have_two_ids(one: int, other: int) -> None:
    assert (IDS.encode("cus", one) == IDS.encode("cus", other)) is (one == other)


@given(NUMBERS)
def test_an_id_is_of_one_kind_and_one_key_only(number: int) -> None:
    text = IDS.encode("cus", number)

    assert IDS.decode("ord", text) is None
    assert IDS.decode("ord", text.replace("cus", "ord")) != number
    assert PublicIds(b"o" * 32).decode("cus", text) != number


def test_neighbours_do_not_look_like_neighbours() -> None:
    ids = [IDS.encode("cus", number) for number in range(1, 200)]

    assert ids != sorted(ids)
    assert len({text[4:8] for text in ids}) > 190


@given(st.text(max_size=30) | st.from_regex(r"cus_[0-9a-z]{13}", fullmatch=True))
def test_whatever_a_stranger_asks_for_is_a_number_or_none(text: str) -> None:
    found = IDS.decode("cus", text)

    assert found is None or IDS.encode("cus", found) == text


@pytest.mark.parametrize(
    "text", ["", "cus", "cus_", "cus_1", "cus_zzzzzzzzzzzzz", "CUS_0000000000000"]
)
def test_what_is_none_of_ours_is_none(text: str) -> None:
    assert IDS.decode("cus", text) is None


@given(st.lists(st.text(max_size=10), min_size=1, max_size=4))
def test_a_share_is_between_nothing_and_everything_and_stays(words: list[str]) -> None:
    assert 0 <= share(*words) < 1
    assert share(*words) == share(*words)


def test_shares_are_spread_evenly() -> None:
    parts = [0] * 10
    for number in range(10_000):
        parts[int(share("holdout", str(number)) * 10)] += 1

    assert max(parts) - min(parts) < 200


def test_words_are_kept_apart() -> None:
    assert share("ab", "c") != share("a", "bc")


def test_a_split_stays_the_same_through_the_years() -> None:
    # whoever changes this number moves every customer to another arm
    assert share("cascade", "A1") == 0.9936235949838021
