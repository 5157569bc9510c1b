"""A playbook's story: facts on a timeline, and what must and must not come of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, NamedTuple

CHILD = "child"  # what a parent tells, by their own consent: no event of the outside holds it


class At(NamedTuple):
    """A time of a story: so many days after it begins, by the brand's clocks. `clock` None: at
    any time of that day."""

    day: int
    clock: time | None = None

    def __str__(self) -> str:
        return f"day {self.day}" + (f" {self.clock:%H:%M}" if self.clock else "")


class Told(NamedTuple):
    """A fact: who, when, what kind and what it says, as it is written. `touch`: the step or the
    material of the person's latest touch that it is about; `keys`: by which it comes; all if ()."""

    at: At
    who: str
    kind: str
    data: Mapping[str, Any]
    touch: str
    keys: tuple[str, ...]
    person: Mapping[str, str]
    state: str
    line: int


class Claim(NamedTuple):
    """What must come, or must not. `what`: sends (a material), withheld (a material, with
    `reason`), tagged (a tag), ends (an outcome), packs (gift, card or none: what a parcel of theirs
    carries); of `never` also channel, or anything at all."""

    who: str
    what: str
    name: str
    at: At | None
    channel: str
    reason: str
    line: int


class Place(NamedTuple):
    """The brand that a story plays at."""

    zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    region: str = "CN"
    locale: str = "zh"


class Story(NamedTuple):
    """One story. `begins` is its day 0, `ends` the day after which it is over."""

    story: str
    title: str
    begins: datetime
    ends: int
    place: Place
    settings: Mapping[str, object]
    staff: tuple[str, ...]
    held_out: frozenset[str]
    facts: tuple[Told, ...]
    expect: tuple[Claim, ...]
    never: tuple[Claim, ...]
    line: int

    @property
    def people(self) -> list[str]:
        """Everybody who is named."""
        named = {one.who for one in (*self.facts, *self.expect, *self.never)}
        return sorted(named - {""} | self.held_out)
