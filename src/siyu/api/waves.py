"""The waves of a journey: whom each took, what came of it, and what a person decides on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Query

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.language import TheLanguage
from siyu.api.words import Words
from siyu.app import PREDICATES
from siyu.budget.model import REASONS
from siyu.journeys.actions.waves import Decision, decide
from siyu.journeys.model.enter import LEFT_OUT, REFUSALS
from siyu.journeys.model.waves import Judged, WaveState
from siyu.journeys.views import waves as views
from siyu.kernel.sentence import Language, within

router = APIRouter(prefix="/journeys", tags=["journeys"])
LAST = 2**31 - 1


@dataclass(frozen=True)
class WaveFigures:
    """Of a wave's people: `invited` are those to whom something was really sent; friends, what
    deleted us, complaints and opt-outs are counted among them. `cost_minor`: what the journey has
    spent on them since the wave opened; `per_add_minor`: per friend, null where there is none."""

    people: int
    held_out: int
    invited: int
    friends: int
    cost_minor: int
    per_add_minor: int | None
    currency: str
    deletions: int
    complaints: int


@dataclass(frozen=True)
class WaveReason:
    """So many people were left out of the wave (`left_out`), or so many messages to them were not
    sent (`withheld`), and why."""

    what: str
    reason: str
    words: str
    many: int


@dataclass(frozen=True)
class Wave:
    """`entering` lets its people in, `open` stands until `judge_at`, `done` let the next one open,
    `stopped` did not: `reason` and `why`, judged by the figures in `judged`; `ended`: somebody has
    ended the waves. `asked`: whose phones are being looked up until `reveal_until`."""

    number: int
    test: bool
    state: WaveState
    opened_at: datetime
    reveal_until: datetime
    judge_at: datetime
    judged_at: datetime | None
    figures: WaveFigures
    entered: int
    asked: int
    left_out: int
    judged: WaveFigures | None
    reason: str
    why: str
    reasons: list[WaveReason]
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True)
class Waves:
    """`next_at`: when the next wave opens, if the last is not stopped and somebody is in the set
    then; null: not before the journey is published, or somebody decides."""

    waves: list[Wave]
    next_at: datetime | None


@dataclass(frozen=True)
class WavesDecision:
    """`continue`: the next wave opens although the last one was stopped. `end`: no more opens; who
    is under way walks on."""

    decision: Decision
    by: Words = ""


@dataclass(frozen=True)
class WavesDecided:
    journey: str
    decision: Decision
    after_wave: int


@router.get("/{code}/waves", **needs("journeys.read"))
def listed(
    app: TheApp,
    code: Words,
    locale: TheLanguage,
    before: Annotated[
        int, Query(ge=1, le=LAST, description="Only waves with a smaller number.")
    ] = LAST,
) -> Waves:
    """The waves of a journey, the latest first, a hundred at most: who was chosen, what became of
    them by now, what a friend gained has cost, and why no further wave opens."""
    with app.db.transaction() as conn:
        found = views.waves(conn, code, PREDICATES, before)
        last = found[:1] if before == LAST else views.waves(conn, code, PREDICATES, limit=1)
        next_at = views.next_at(conn, code, last[0] if last else None)
    return Waves([shown(one, locale) for one in found], next_at)


def shown(one: views.Shown, locale: Language) -> Wave:
    """As it is told."""
    now = one.figures
    return Wave(
        number=one.number,
        test=one.test,
        state=one.state,
        opened_at=one.opened_at,
        reveal_until=one.reveal_until,
        judge_at=one.judge_at,
        judged_at=one.judged_at,
        figures=_figures(now.judged),
        entered=now.entered,
        asked=now.asked,
        left_out=now.left_out,
        judged=None if one.judged is None else _figures(one.judged),
        reason=one.reason,
        why=within(locale, one.stopped),
        reasons=[
            WaveReason(said.what, said.reason, _words(said.reason, locale), said.many)
            for said in one.whys
        ],
        decided_by=one.decided_by,
        decided_at=one.decided_at,
    )


def _figures(judged: Judged) -> WaveFigures:
    return WaveFigures(**judged._asdict(), per_add_minor=views.per_add(judged))


def _words(reason: str, locale: Language) -> str:
    known = LEFT_OUT.get(reason) or REFUSALS.get(reason) or REASONS.get(reason)
    return known[locale] if known else reason


@router.post("/{code}/waves", **needs("journeys.publish"))
def deciding(
    app: TheApp, caller: TheCaller, code: Words, new: Annotated[WavesDecision, Body()]
) -> WavesDecided:
    """Have stopped waves go on, or end them. Audited."""
    with app.db.transaction() as conn:
        number = decide(conn, code, new.decision, caller.actor(new.by), app.clock.now())
    app.wake()
    return WavesDecided(code, new.decision, number)
