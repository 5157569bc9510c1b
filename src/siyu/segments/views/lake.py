"""Sets over the lake: the same questions as the database answers, for bases of many customers."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from siyu.kernel.sql import Params, Row
from siyu.segments.compile import Compiled, compile_members, lake_values
from siyu.segments.compile.live import compile_parts
from siyu.segments.compile.scope import Dialect
from siyu.segments.model import All, Tree
from siyu.segments.views.found import Funnel, Left


class Lake(Protocol):
    """An engine over the facts as files, of whichever dialect."""

    @property
    def dialect(self) -> Dialect: ...

    def rows(self, statement: str, values: Params | None = None) -> list[Row]:
        """Run a statement; all its rows."""
        ...


class Over(NamedTuple):
    """A lake as of now, in the brand's days and money."""

    lake: Lake
    now: datetime
    zone: ZoneInfo
    currency: str

    def ask(self, compiled: Compiled) -> list[Row]:
        """The rows of a set's statement."""
        values = lake_values(compiled, self.now, self.zone, self.currency)
        return self.lake.rows(compiled.sql, values)


def funnel(over: Over, tree: Tree) -> Funnel:
    """How many customers each part of a set leaves, a statement each: not every engine takes what
    the parts ask side by side."""
    ((_, everybody),) = compile_parts(All(()), over.lake.dialect)
    asked = compile_parts(tree, over.lake.dialect)
    counts = [int(over.ask(one)[0][0]) for _, one in asked]
    left = [Left(*clause, count) for (clause, _), count in zip(asked, counts, strict=True)]
    return Funnel(int(over.ask(everybody)[0][0]), left)


def members(over: Over, tree: Tree) -> list[int]:
    """Everybody who is in the set, in the order in which they became known."""
    return sorted(row[0] for row in over.ask(compile_members(tree, over.lake.dialect)))
