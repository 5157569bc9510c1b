"""A text that somebody is writing, held against what the journey says now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from siyu.journeys.check.diff import Change, compare
from siyu.journeys.render import Drawing, before, draw
from siyu.journeys.views import MOST, Current, current, read
from siyu.journeys.views.figures import standing
from siyu.kernel.errors import NotFound
from siyu.kernel.sql import Conn
from siyu.segments.model import Family


class Ahead(NamedTuple):
    """A change, and how many of those under way have not come past it: `MOST` at most.

    They finish on the version that they began with unless they are migrated.
    """

    change: Change
    before: int


class Draft(NamedTuple):
    """What publishing a text would change. `now` None: there is no such journey yet."""

    now: Current | None
    changes: list[Ahead]


def draft(conn: Conn, families: Sequence[Family], code: str, text: str) -> Draft:
    """What a readable text says otherwise than its journey does now."""
    try:
        now = current(conn, code)
    except NotFound:
        return Draft(None, [])
    found = read(now.text, families)
    drawing = None if found is None else draw(found)
    stand = Counter[str]()
    for one in standing(conn, code):
        stand[one.node] += one.visits
    return Draft(now, [Ahead(one, _before(one, drawing, stand)) for one in compare(now.text, text)])


def _before(change: Change, drawing: Drawing | None, stand: Counter[str]) -> int:
    """Of a step those who can still come to it; of what holds for all steps, everybody."""
    step = change.old if change.what == "step_new" else change.step
    if drawing is None or not step:
        return min(stand.total(), MOST)
    return min(sum(stand[one] for one in before(drawing, step)), MOST)
