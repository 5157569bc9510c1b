"""Which work of people waits for quiet hours, and that its wish says so."""

from __future__ import annotations

import pytest

from siyu.journeys.model import MaterialCode
from siyu.journeys.nodes.send import Send
from siyu.journeys.nodes.task import Task


def _task(**words: object) -> Task:
    said: dict[str, object] = {
        "kind": "call", "channel": "voice_human", "material": "m", "purpose": "promotion",
    }  # fmt: skip
    return Task(**(said | words))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("words", "waits"),
    [
        ({}, True),
        ({"when": "now"}, False),
        ({"purpose": "service"}, False),
        ({"purpose": "service", "when": "off_peak"}, True),
        ({"priority": 8}, False),
        ({"true_until": "parcel_cutoff"}, False),
    ],
)
def test_what_promotes_waits_unless_it_is_urgent_or_said_otherwise(words, waits: bool) -> None:
    assert _task(**words).may_wait is waits


def test_what_is_urgent_can_not_be_told_to_wait() -> None:
    with pytest.raises(ValueError, match="never waits"):
        _task(when="off_peak", true_until="parcel_cutoff")


def test_a_message_never_waits_for_a_guides_hours() -> None:
    message = Send(channel="sms", material=MaterialCode("m"), purpose="promotion")
    assert message.may_wait is False
