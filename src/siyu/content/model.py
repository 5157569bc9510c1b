"""A material: a text with typed places to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

# text: any words on one line. money: an amount as people write it. link: an address without a
# space. code: one word, such as an order number.
VariableType = Literal["text", "money", "link", "code"]
TYPES: tuple[str, ...] = get_args(VariableType)
LOCALES = ("zh", "en")
# The order in which another language stands in for a missing one.
FALLBACK: Mapping[str, str] = {"zh": "en", "en": "zh"}
# Channel → the most characters of a body. An SMS is what carriers take as one template, a card
# what is still read, a script a screen or a few minutes of speech.
CHANNELS: Mapping[str, int] = {
    "sms": 500,
    "voice_ai": 1_000,
    "voice_human": 2_000,
    "wecom_request": 2_000,
    "wecom_message": 2_000,
    "wecom_welcome": 1_300,  # WeCom takes 4,000 bytes
    "parcel_insert": 500,
}
# Channel → the most bytes of a text, as WeCom counts them.
BYTES: Mapping[str, int] = {"wecom_message": 4_000, "wecom_welcome": 4_000}
LONGEST_VALUE = 300  # characters of one filled-in value
LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class Material:
    """A text for one channel in one language. `variables`: name → type."""

    code: str
    locale: str
    channel: str
    body: str
    variables: Mapping[str, str]
    title: str = ""
