"""Entries that no event makes are looked for from the moment that a version is published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.journeys.check import check
from siyu.journeys.model import Journey
from siyu.journeys.model.enter import Enter
from siyu.kernel.sql import Conn, load
from siyu.segments import actions as segments
from siyu.segments.model import Family

SQL = load("siyu.journeys")


def user(code: str) -> str:
    """What a journey is called among those who need a segment."""
    return f"journey:{code}"


def watch(
    conn: Conn,
    journey_id: int,
    journey: Journey,
    families: Sequence[Family],
    now: datetime,
    *,
    afresh: bool,
) -> None:
    """What no event makes has to be looked for: from now on, where the entry is a new one. The
    members of the segments that it names are kept from now on, and of those that older versions
    name while somebody is under way on them."""
    texts = conn.fetch(SQL.walked_on, {"journey": journey_id})
    older = [found for (text,) in texts if isinstance(found := check(text, families), Journey)]
    named = {code for one in (journey, *older) for code in one.segments}
    segments.use(conn, user(journey.journey), named, families, now)
    if journey.enter is None or isinstance(journey.enter, Enter):
        conn.execute(SQL.unwatch, {"journey": journey_id})
        return
    said = {"journey": journey_id, "said": repr(journey.enter), "now": now, "afresh": afresh}
    conn.execute(SQL.watch, said)
