"""The waves of a journey: who was chosen, what they have done by now, why no further one opens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.journeys.decide.waves import per_add
from siyu.journeys.model.enter import EnterWaves
from siyu.journeys.model.waves import Judged, WaveState
from siyu.journeys.views import Current, current, read
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence, unkept
from siyu.kernel.sql import Conn, Row, load
from siyu.segments.model import Family
from siyu.staff.views import brand as the_brand

SQL = load("siyu.journeys")
MOST = 100


class Figures(NamedTuple):
    """What became of a wave's people: `entered` began a visit, `asked` still wait for their phones
    to be looked up, `left_out` were not let in."""

    judged: Judged
    entered: int
    asked: int
    left_out: int


class Why(NamedTuple):
    """So many people of a wave were left out of it, or messages to them withheld, for a reason."""

    what: str
    reason: str
    many: int


class Shown(NamedTuple):
    """A wave. Figures are those of now; `judged` is what it was judged by, `stopped` why."""

    number: int
    test: bool
    state: WaveState
    opened_at: datetime
    reveal_until: datetime
    judge_at: datetime
    judged_at: datetime | None
    reason: str
    stopped: str
    judged: Judged | None
    decided_by: str
    decided_at: datetime | None
    figures: Figures
    per_add_minor: int | None
    whys: list[Why]


def figures(conn: Conn, code: str, waves: Sequence[int], currency: str) -> dict[int, Figures]:
    """Wave → what its people have done since it opened."""
    params = {"waves": list(waves), "code": code, "currency": currency}
    found: dict[int, Figures] = {}
    for row in conn.fetch(SQL.wave_figures, params):
        wave, people, held, invited, friends, cost, deleted, complained, *rest = row
        judged = Judged(people, held, invited, friends, cost, currency, deleted, complained)
        found[wave] = Figures(judged, *rest)
    return found


def waves(
    conn: Conn, code: str, families: Sequence[Family], before: int = 2**31 - 1, limit: int = MOST
) -> list[Shown]:
    """The waves of a journey, the latest first; NotFound where it takes nobody in waves."""
    rows = conn.fetch(SQL.waves_of, {"code": code, "before": before, "limit": limit})
    if not rows:
        _must_have_waves(current(conn, code), families)
        return []
    ids = [row[0] for row in rows]
    known = figures(conn, code, ids, the_brand(conn).currency)
    whys: dict[int, list[Why]] = {}
    for wave, *said in conn.fetch(SQL.wave_left_out, {"waves": ids}):
        whys.setdefault(wave, []).append(Why(*said))
    return [_shown(row, known[row[0]], whys.get(row[0], [])) for row in rows]


def next_at(conn: Conn, code: str, last: Shown | None) -> datetime | None:
    """When a wave opens next, if the last one is not stopped by then and somebody is in the set;
    None: not before the journey is published, or somebody decides."""
    if last is not None and last.state in ("entering", "open"):
        return last.judge_at
    return next((due for (due,) in conn.fetch(SQL.next_look, {"code": code})), None)


def _shown(row: Row, now: Figures, whys: list[Why]) -> Shown:
    _, *first, said, judged, by, decided_at = row
    return Shown(
        *first,
        stopped=unkept(said),
        judged=None if judged is None else Judged(**judged),
        decided_by=by,
        decided_at=decided_at,
        figures=now,
        per_add_minor=per_add(now.judged),
        whys=whys,
    )


def _must_have_waves(found: Current, families: Sequence[Family]) -> None:
    journey = read(found.text, families)
    if journey is None or not isinstance(journey.enter, EnterWaves):
        raise NotFound(
            Sentence(
                f"{found.code} takes nobody in waves: its `enter:` says no `waves`.",
                f"{found.code} 不分波进入：它的 `enter:` 里没有 `waves`。",
            )
        )
