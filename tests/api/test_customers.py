"""One customer over HTTP: what is known of them, and their own word on being contacted."""

from __future__ import annotations

from typing import Any

import pytest

PREFIX = "/api/v1/customers"
PHONE = "13800000001"


@pytest.fixture
def customer(story: Any) -> str:
    """A buyer who has a phone, an account of a shop and a birthday, and said nothing yet."""
    keys = {"phone": PHONE, "buyer": "tmall/b7"}
    born = {"name": "birthday", "month": 2, "day": 29, "calendar": "lunar"}
    wed = {"name": "wedding", "month": 5, "day": 1}
    story.send([story.event("profile.dated", data, keys) for data in (born, wed)])
    story.tick()
    (found,) = story.customers(PHONE)
    return found


def test_dates_are_shown_as_month_and_day_with_their_calendar(story: Any, customer: str) -> None:
    keys = {"buyer": "tmall/b7"}
    story.tell("profile.dated", {"name": "wedding", "month": 10, "day": 1}, keys)
    story.tick()

    assert story.read(f"{PREFIX}/{customer}")["dates"] == [
        {"name": "birthday", "day": "02-29", "calendar": "lunar"},
        {"name": "wedding", "day": "10-01", "calendar": "solar"},
    ]
