"""All segments of a brand at one moment, and the sets that they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sentence import Sentence
from siyu.segments.check import parse
from siyu.segments.decide import expand, reached, title_of, when_of
from siyu.segments.model import Family, Form, Tree, Words

_CACHED = 1024
_when = lru_cache(_CACHED)(when_of)
_title = lru_cache(_CACHED)(title_of)


class Filled(NamedTuple):
    """How far the first look at everybody has come: customers up to `after`, of those `upto`."""

    after: int
    upto: int
    under_way: bool


class Stored(NamedTuple):
    """A segment as it stands. `filled` None: nobody keeps its members. `made`: out of figures, and
    nobody has edited it since."""

    id: int
    code: str
    version: int
    layer: str
    live: bool
    text: str
    set_by: str
    set_at: datetime
    made: bool
    retired_at: datetime | None
    filled: Filled | None

    @property
    def title(self) -> Words:
        """What it is called."""
        return _title(self.text)

    @property
    def when(self) -> object:
        """Its conditions, as they were written."""
        return _when(self.text)


class Stock:
    """All segments at one moment."""

    def __init__(self, every: Sequence[Stored]) -> None:
        self.every = every

    @cached_property
    def by_code(self) -> Mapping[str, Stored]:
        """Each under its code, retired ones too."""
        return {one.code: one for one in self.every}

    @property
    def standing(self) -> list[Stored]:
        """Those that are not retired, by code."""
        return [one for one in self.every if one.retired_at is None]

    def when(self, code: str) -> object:
        """The conditions of a segment; None where there is none of that name."""
        found = self.by_code.get(code)
        return None if found is None or found.retired_at is not None else found.when

    def users(self, code: str, uses: Iterable[Sequence[str]]) -> list[str]:
        """What needs a segment: others that refer to it, and of `uses` (code, user) its users."""
        others = [one.code for one in self.standing if code in reached(one.when, self.when)]
        return others + [user for named, user in uses if named == code]

    def named(self, code: str) -> Stored:
        """One segment, retired or not; NotFound where there is none."""
        found = self.by_code.get(code)
        if found is None:
            raise NotFound(Sentence(f"There is no segment {code!r}.", f"没有人群 {code!r}。"))
        return found

    def must(self, code: str, families: Iterable[Family]) -> Tree:
        """The set that a segment says, which is there, not retired, and readable."""
        if self.named(code).retired_at is not None:
            raise NotFound(Sentence(f"The segment {code!r} is retired.", f"人群 {code!r} 已停用。"))
        tree = self.tree(code, families)
        if tree is None:
            raise BadInput(
                Sentence(
                    f"This release can't read the segment {code!r}; set it anew.",
                    f"这个版本读不懂人群 {code!r}；请重新保存。",
                )
            )
        return tree

    def tree(self, code: str, families: Iterable[Family]) -> Tree | None:
        """The set that a segment says; None where this release can't read it."""
        forms = tuple(form for family in families for form in family.forms)
        return _tree(_Said(expand(self.when(code), self.when)), forms)


class _Said:
    """Conditions as a key: two that say the same are one."""

    def __init__(self, doc: object) -> None:
        self.doc, self.said = doc, repr(doc)

    def __hash__(self) -> int:
        return hash(self.said)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Said) and other.said == self.said


@lru_cache(_CACHED)
def _tree(said: _Said, forms: tuple[type[Form], ...]) -> Tree | None:
    found = parse(said.doc, (Family("all", Words("", ""), forms),))
    return None if isinstance(found, tuple) else found


def stored(row: Sequence[Any]) -> Stored:
    """A segment out of a row of the statement `all`."""
    *said, live, after, upto, under_way = row
    return Stored._make((*said, Filled(after, upto, under_way) if live else None))
