"""A rule: on what kind of happening which tag is set, how surely and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

What = Literal["source", "product", "click", "answer", "keyword"]
# What a happening can be asked for; of several values any one will do, of several fields all.
FIELDS: Mapping[What, tuple[str, ...]] = {
    "source": ("code", "way"),
    "product": ("sku", "category", "title"),
    "click": ("material", "journey"),
    "answer": ("intent", "label", "outcome", "task", "choice", "question", "survey"),
    "keyword": ("word",),
}
BY_RULE = "rule:"  # the source of a tag that this rule set
LONGEST_WORD = 60
MOST_VALUES = 200


class Happening(NamedTuple):
    """One thing in an event, as rules see it: an order has one for each line."""

    what: What
    said: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Form:
    """A kind of happening, narrowed by what it says."""

    what: What
    asks: tuple[tuple[str, frozenset[str]], ...]

    def holds(self, one: Happening) -> bool:
        """Whether this happening is such a one."""
        return one.what == self.what and all(
            values & one.said.get(name, frozenset()) for name, values in self.asks
        )


@dataclass(frozen=True)
class Rule:
    """What a text says. `span`: how long the tag lasts from the happening on; None: for good."""

    code: str
    when: tuple[Form, ...]
    unless: tuple[Form, ...]
    tag: str
    confidence: int  # in hundredths
    span: timedelta | None

    def values(self, what: What, name: str) -> set[str]:
        """All that it asks of this field."""
        forms = (form for form in (*self.when, *self.unless) if form.what == what)
        return {one for form in forms for field, some in form.asks if field == name for one in some}


class Stored(NamedTuple):
    """A rule as it is kept, with how often it has hit."""

    code: str
    text: str
    version: int
    set_by: str
    set_at: datetime
    dropped_at: datetime | None
    hits: int
    people: int
    last_at: datetime | None


class Hit(NamedTuple):
    """Which rule tagged whom, when, and by which fact."""

    code: str
    customer_id: int
    tag: str
    at: datetime
    kind: str
    source: str
    source_id: str


class Past(NamedTuple):
    """A page of what happened before: since when, by which rules (none: all), behind which fact.
    `dry`: nothing is written."""

    since: datetime
    codes: tuple[str, ...] = ()
    after: int = 0
    limit: int = 2_000
    dry: bool = True


class Retagged(NamedTuple):
    """What rules said of the past: facts looked at, hits, and customers hit."""

    facts: int = 0
    hits: int = 0
    people: int = 0


class Waiting(NamedTuple):
    """A tag that waits for somebody to appear: of the key its kind alone is shown."""

    kind: str
    name: str
    source: str
    kept_at: datetime
    expires_at: datetime
