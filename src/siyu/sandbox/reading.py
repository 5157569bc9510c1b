"""How a person reads what arrives: its worth in yuan, and how sure that is. Only text counts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal, NamedTuple

from siyu.sandbox.parameters import World

Certainty = Literal["sure", "unsaid", "chance"]
_SIGNS = {"¥": "CNY", "￥": "CNY", "£": "GBP", "$": "USD", "€": "EUR"}


class Invitation(NamedTuple):
    """What a person is offered, through which channel, how long after paying."""

    channel: str
    value: float
    certainty: Certainty
    delay: timedelta


class Reader:
    """A world's way to read texts; each distinct text is read once."""

    def __init__(self, world: World) -> None:
        reading = world.reading
        self._value = [re.compile(pattern, re.IGNORECASE) for pattern in reading.value]
        self._certain = [re.compile(pattern, re.IGNORECASE) for pattern in reading.certain]
        self._chance = [re.compile(pattern, re.IGNORECASE) for pattern in reading.chance]
        self._yuan_per = world.yuan_per

    def read(self, channel: str, text: str, delay: timedelta) -> Invitation:
        """The invitation that this text makes."""
        return Invitation(channel, self._worth(text), self._sure(text), max(delay, timedelta(0)))

    def _worth(self, text: str) -> float:
        for pattern in self._value:
            found = pattern.search(text)
            if found:
                sign = found.groupdict().get("sign") or "¥"
                rate = self._yuan_per.get(_SIGNS[sign], 1.0)
                return float(found["amount"].replace(",", "")) * rate
        return 0.0

    def _sure(self, text: str) -> Certainty:
        """A promise that is certain anywhere in the text beats a chance named beside it."""
        if any(pattern.search(text) for pattern in self._certain):
            return "sure"
        if any(pattern.search(text) for pattern in self._chance):
            return "chance"
        return "unsaid"
