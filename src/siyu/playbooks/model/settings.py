"""What a brand may say about a playbook at its start: typed values, with defaults."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from siyu.content.model import Words

Type = Literal[
    "money",
    "duration",
    "count",
    "share",
    "choice",
    "shop",
    "staff",
    "store",
    "category",
    "sku",
    "offer",
    "address",
]
CODES = ("shop", "staff", "store", "offer")  # types that are the code of something the brand has
WORDS = (*CODES, "choice", "category", "sku", "address")  # types without bounds
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Choice = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]
Plain = str | int | float | bool | dict[str, str]


class SettingText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value that texts refer to as `${name}`. Without a `default` it must be said at the start;
    `of`: what a choice is between; `least` and `most` bound money, durations, counts and shares."""

    type: Type
    title: Words
    help: Words
    unit: Words | None = None
    default: Plain | None = None
    of: dict[Choice, Words] = {}
    least: Plain | None = None
    most: Plain | None = None


class Settled(NamedTuple):
    """A value as it stands in texts: `whole` where it is all of a YAML value, `inside` within
    words; `said` as a person writes it."""

    said: str
    whole: str
    inside: str
