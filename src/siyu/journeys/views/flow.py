"""A journey as it is walked: the drawing, with who is where, and what a cohort went through.

The cohort are the latest who came in within some days: at most `COHORT`, so a look costs the same
however many there are. What a figure counts is exactly what its list shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias, cast

from siyu.journeys.model.story import Told, told
from siyu.journeys.render import Drawing, draw
from siyu.journeys.views import MOST, SQL, Current, Moved, Whereabouts, current, get, read, visits
from siyu.journeys.views import moves as history
from siyu.journeys.views.figures import Standing, number, standing
from siyu.kernel.document import read as parsed
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn
from siyu.outbox import views as outbox
from siyu.segments.model import Family

COHORT = 1000
SCAN = 5000  # entries that are looked at for them
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
Show: TypeAlias = Literal["now", "parked", "passed", "sent", "withheld", "ended"]


class Cohort(NamedTuple):
    """Who came in since then and walks on this version; `more`: there are earlier ones as well."""

    since: datetime
    visits: list[int]
    more: bool
    ended: dict[int, str]  # visit → the step at which it did


class Place(NamedTuple):
    """What is to be seen at one step. `now`, `elsewhere` and `parked` are everybody's, the rest
    the cohort's: visits that passed, that were told something, that were not, that ended here."""

    now: int
    longest_since: datetime | None
    elsewhere: int  # on other versions, at a step of this name
    parked: int
    passed: int
    sent: int
    withheld: int
    ended: int


class Graph(NamedTuple):
    """A version, drawn and walked. `weights`: (from, to) → visits of the cohort that went so."""

    version: int
    text: str
    drawing: Drawing
    lines: dict[str, int]
    places: dict[str, Place]
    weights: dict[tuple[str, str], int]
    cohort: Cohort


class Person(NamedTuple):
    """Somebody at a step, with the last line of their history."""

    visit: Whereabouts
    last: Moved | None
    told: Told
    reason: str  # why the touch of this step was withheld


class _Walked(NamedTuple):
    passed: dict[str, set[int]]
    ended: dict[str, set[int]]
    ways: dict[tuple[str, str], set[int]]


def graph(
    conn: Conn,
    families: Sequence[Family],
    code: str,
    version: int | None,
    days: int,
    now: datetime,
) -> Graph:
    """A version of a journey (null: what it says now), drawn, with what happened on it."""
    found = current(conn, code)
    text = _text(conn, found, version)
    journey = read(text, families)
    if journey is None:
        raise BadInput(
            Sentence(
                f"This version of {code!r} can't be read by this release.",
                f"这个发布版无法读取 {code!r} 的这一版。",
            )
        )
    number_ = found.version if version is None else version
    drawing = draw(journey)
    cohort = _cohort(conn, found.id, number_, now - timedelta(days=days))
    walked = _walked(conn, cohort)
    return Graph(
        number_,
        text,
        drawing,
        lines(text),
        _places(conn, found, number_, drawing, cohort, walked),
        {way: len(some) for way, some in walked.ways.items()},
        cohort,
    )


def lines(text: str) -> dict[str, int]:
    """Step → the line at which it begins."""
    document = parsed(text)
    said = cast("dict[str, list[dict[str, object]]]", document.value)  # it was read before
    return {
        str(step["id"]): document.lines[f"steps[{place}]"]
        for place, step in enumerate(said["steps"])
    }


def _text(conn: Conn, found: Current, version: int | None) -> str:
    if version is None or version == found.version:
        return found.text
    return get(conn, found.code, version).text


def _cohort(conn: Conn, journey: int, version: int, since: datetime) -> Cohort:
    params = {"journey": journey, "version": version, "since": since}
    rows = conn.fetch(SQL.cohort, {**params, "scan": SCAN, "limit": COHORT + 1})
    more = len(rows) > COHORT
    rows = rows[:COHORT]
    ended = {id_: node for id_, _, node, over in rows if over}
    return Cohort(rows[-1][1] if more else since, [row[0] for row in rows], more, ended)


def _walked(conn: Conn, cohort: Cohort) -> _Walked:
    """Which steps these visits passed, by which ways, and where they ended."""
    found = _Walked({}, _ended(cohort), {})
    for visit, node, why in conn.fetch(SQL.walked, {"ids": cohort.visits}):
        said = told(why)
        steps = [one.step for one in said.passed]
        for step in steps:
            found.passed.setdefault(step, set()).add(visit)
        for way in pairwise([*steps, node]):
            found.ways.setdefault(way, set()).add(visit)
    return found


def _ended(cohort: Cohort) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for visit, node in cohort.ended.items():
        found.setdefault(node, set()).add(visit)
    return found


def _places(
    conn: Conn, found: Current, version: int, drawing: Drawing, cohort: Cohort, walked: _Walked
) -> dict[str, Place]:
    here, elsewhere = dict[str, Standing](), Counter[str]()
    for one in standing(conn, found.code):
        if one.version == version:
            here[one.node] = one
        else:
            elsewhere[one.node] += one.visits
    parked = Counter(one.node for one in _parked(conn, found.id, "", version, 0, MOST))
    sent, withheld = _touched(conn, cohort.visits)
    return {
        step.id: Place(
            now=here[step.id].visits if step.id in here else 0,
            longest_since=here[step.id].longest_since if step.id in here else None,
            elsewhere=min(elsewhere[step.id], MOST),
            parked=parked[step.id],
            passed=len(walked.passed.get(step.id, ())),
            sent=len(sent.get(step.id, ())),
            withheld=len(withheld.get(step.id, ())),
            ended=len(walked.ended.get(step.id, ())),
        )
        for step in drawing.steps
    }


def _touched(
    conn: Conn, visit_ids: Sequence[int]
) -> tuple[dict[str, set[int]], dict[str, dict[int, str]]]:
    """Step → whose touch left; step → whose was withheld, with the reason."""
    sent: dict[str, set[int]] = {}
    withheld: dict[str, dict[int, str]] = {}
    for one in outbox.ruled_on(conn, visit_ids):
        if one.left:
            sent.setdefault(one.node, set()).add(one.visit_id)
        if one.state == "withheld":
            withheld.setdefault(one.node, {})[one.visit_id] = one.reason
    return sent, withheld


class Asked(NamedTuple):
    """Whom to list: at this step of this version (None: what it says now), since `days`."""

    code: str
    node: str
    version: int | None
    show: Show
    days: int


Key: TypeAlias = tuple[datetime, int]  # where a page begins


def people(
    conn: Conn, asked: Asked, after: Key | None, limit: int, now: datetime
) -> tuple[list[Person], Key | None]:
    """A page of those at a step, and where the next one begins; None: nobody is left."""
    found = current(conn, asked.code)
    version = found.version if asked.version is None else asked.version
    if asked.node not in lines(_text(conn, found, version)):
        raise NotFound(
            Sentence(
                f"Version {version} of {asked.code!r} has no step {asked.node!r}.",
                f"{asked.code!r} 的第 {version} 版没有步骤 {asked.node!r}。",
            )
        )
    start = after or (LONG_AGO, 0)
    reasons: dict[int, str] = {}
    match asked.show:
        case "now":
            params = {"journey": found.id, "version": version, "node": asked.node}
            rows = conn.fetch(
                SQL.people_at, {**params, "since": start[0], "after": start[1], "limit": limit}
            )
            ids = [row[0] for row in rows]
        case "parked":
            some = _parked(conn, found.id, asked.node, version, start[1], limit)
            ids = [one.visit_id for one in some]
        case _:
            since = now - timedelta(days=asked.days)
            cohort = _cohort(conn, found.id, version, since)
            reasons = _those(conn, cohort, asked.show, asked.node)
            listed = [one for one in cohort.visits if one in reasons]
            place = listed.index(start[1]) + 1 if start[1] in listed else 0
            ids = listed[place : place + limit]
    shown = _shown(conn, ids, reasons)
    end = (shown[-1].visit.since, ids[-1]) if len(ids) == limit else None
    return shown, end


def parked(conn: Conn, code: str, after: int, limit: int) -> list[Person]:
    """Visits of a journey, on any version, that wait for a person; in the order of entering."""
    some = _parked(conn, number(conn, code), "", None, after, limit)
    return _shown(conn, [one.visit_id for one in some], {})


def _parked(
    conn: Conn, journey: int, node: str, version: int | None, after: int, limit: int
) -> list[Whereabouts]:
    params = {"journey": journey, "node": node, "version": version, "after": after}
    rows = conn.fetch(SQL.parked_at, {**params, "limit": limit})
    return visits(conn, [row[0] for row in rows]) if rows else []


def _those(conn: Conn, cohort: Cohort, show: Show, node: str) -> dict[int, str]:
    """Whom of the cohort a figure of a step counts; of what was withheld, why."""
    match show:
        case "sent":
            return dict.fromkeys(_touched(conn, cohort.visits)[0].get(node, ()), "")
        case "withheld":
            return _touched(conn, cohort.visits)[1].get(node, {})
        case "ended":
            return dict.fromkeys(_ended(cohort).get(node, ()), "")
        case _:
            return dict.fromkeys(_walked(conn, cohort).passed.get(node, ()), "")


def _shown(conn: Conn, ids: Sequence[int], reasons: dict[int, str]) -> list[Person]:
    if not ids:
        return []
    found = {one.visit_id: one for one in visits(conn, ids)}
    lines_ = history(conn, ids)
    shown: list[Person] = []
    for id_ in ids:
        last = lines_[id_][-1] if id_ in lines_ else None
        said = told(last.why) if last else Told("entered")
        shown.append(Person(found[id_], last, said, reasons.get(id_, "")))
    return shown
