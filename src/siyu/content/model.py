"""A material: a text with typed places to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

VariableType = Literal["text", "money", "link", "code"]
TYPES: tuple[str, ...] = get_args(VariableType)
LOCALES = ("zh", "en")
# The order in which another language stands in for a missing one.
FALLBACK: Mapping[str, str] = {"zh": "en", "en": "zh"}
LONGEST = 2_000  # characters of a body
LONGEST_VALUE = 300  # characters of one filled-in value


class Amount(NamedTuple):
    """A value for a money variable, shown in its currency: `Amount(1500, "CNY")` is ¥15."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Material:
    """A text for one channel in one language. `variables`: name → type."""

    code: str
    locale: str
    channel: str
    body: str
    variables: Mapping[str, str]
    title: str = ""
