"""Live figures of journeys. Every count is bounded: `MOST` stands for "more than 10,000"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from siyu.budget import views as budget
from siyu.journeys.views import MOST, SQL, Listed
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.outbox import views as outbox

WEEK = timedelta(days=7)


class Ended(NamedTuple):
    """How many visits ended so; who is held out apart."""

    outcome: str
    held_out: bool
    visits: int


class Became(NamedTuple):
    """What became of how many of those who could have come in."""

    outcome: str
    reason: str
    entries: int


class Figures(NamedTuple):
    """Of one journey. `outcomes` and `entered_week` are of the last seven days."""

    under_way: int
    ended: int
    parked: int
    entered_today: int
    entered_week: int
    withheld_today: int
    outcomes: list[Ended]
    paused: bool


class MadeWay(NamedTuple):
    """So many touches were outranked by those of this journey."""

    journey: str
    touches: int


class Standing(NamedTuple):
    """How many visits stand at a step."""

    version: int
    node: str
    visits: int
    longest_since: datetime


def midnight(now: datetime, zone: tzinfo) -> datetime:
    """When the day began by these clocks."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)


def figures(conn: Conn, journeys: Sequence[Listed], now: datetime, zone: tzinfo) -> list[Figures]:
    """The figures of these journeys, one for one."""
    ids, today = [one.id for one in journeys], midnight(now, zone)
    week = now - WEEK
    params = {"journeys": ids, "today": today, "week": week, "most": MOST}
    counts = {id_: rest for id_, *rest in conn.fetch(SQL.figures, params)}
    parked: dict[int, int] = dict(conn.fetch(SQL.parked_by_journey, {"most": MOST}))
    withheld = outbox.withheld_since(conn, [one.code for one in journeys], today, MOST)
    paused = {stop.scope for stop in outbox.stops(conn)}
    ended: dict[int, list[Ended]] = {}
    for id_, *row in conn.fetch(SQL.ended_by, {"journeys": ids, "since": week, "most": MOST}):
        ended.setdefault(id_, []).append(Ended(*row))
    return [
        Figures(
            under_way=counts[one.id][0],
            ended=counts[one.id][1],
            parked=parked.get(one.id, 0),
            entered_today=counts[one.id][2],
            entered_week=counts[one.id][3],
            withheld_today=withheld[one.code],
            outcomes=[row for row in ended.get(one.id, []) if row.visits],
            paused=f"journey:{one.code}" in paused,
        )
        for one in journeys
    ]


def standing(conn: Conn, code: str) -> list[Standing]:
    """Where the visits under way stand."""
    return [Standing(*row) for row in conn.fetch(SQL.standing, {"code": code, "most": MOST})]


def outcomes(conn: Conn, code: str, since: datetime) -> list[Ended]:
    """How visits of a journey ended since then."""
    params = {"journeys": [number(conn, code)], "since": since, "most": MOST}
    rows = [Ended(*row) for _, *row in conn.fetch(SQL.ended_by, params)]
    return [row for row in rows if row.visits]


def became(conn: Conn, code: str, since: datetime) -> list[Became]:
    """What became, since then, of the events and other causes that could have started a visit."""
    params = {"journey": number(conn, code), "since": since, "most": MOST}
    rows = [Became(*row) for row in conn.fetch(SQL.became, params)]
    return [row for row in rows if row.entries]


def outranked(conn: Conn, code: str, since: datetime, until: datetime) -> list[MadeWay]:
    """For which journeys its touches made way in this time, the most often first."""
    rows = budget.outranked(conn, [code], since, until)
    return [MadeWay(one.by, one.touches) for one in rows]


def number(conn: Conn, code: str) -> int:
    """The journey behind a code."""
    rows = conn.fetch(SQL.id, {"code": code})
    if not rows:
        raise NotFound(Sentence(f"There is no journey {code!r}.", f"没有旅程 {code!r}。"))
    return int(rows[0][0])
