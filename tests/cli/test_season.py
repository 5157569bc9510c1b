"""The screen of a season says in words where a number alone would say too much."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.cli.season import in_part


def cost(**more: Any) -> dict[str, Any]:
    whole = {"minor": 300, "low_minor": 100, "high_minor": 500, "of_friends": 9, "counted": 9}
    return whole | more


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (cost(), False),
        (cost(minor=None), True),
        (cost(counted=8), True),
        (cost(low_minor=-100), True),
        (cost(minor=0, low_minor=0, high_minor=0, of_friends=0, counted=0), False),
    ],
)
def test_a_cost_that_is_none_or_not_of_all_or_perhaps_chance_has_its_words(
    found: dict[str, Any], said: bool
) -> None:
    assert in_part(found) is said
