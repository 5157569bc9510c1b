"""Dry runs: a text tried on the brand's own past. Asked for here, run one after the other.

Nothing is sent, and nothing of it is kept but the answer, for thirty days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.journeys import Place
from siyu.api.language import TheLanguage
from siyu.api.paging import After, Code, Limit, following, start
from siyu.api.words import Who, Words
from siyu.app import App
from siyu.dryrun import check, model, queue
from siyu.dryrun.model import State
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.sentence import Language, Sentence
from siyu.kernel.sql import Conn

router = APIRouter(prefix="/journeys/dry-runs", tags=["journeys"])
PREFIX = "dry"
LONGEST = 20_000  # characters of rates

Day = Annotated[date, Field(ge=date(1970, 1, 1))]
First = Annotated[date, Field(serialization_alias="from")]
Last = Annotated[date, Field(serialization_alias="to")]
Rates = Annotated[str, Field(max_length=LONGEST, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True)
class DryRunAsked:
    """`from`, `to`: the first and the last day, by the brand's clocks, 92 days at most. `rates`:
    how people answer, a text like the file of `siyu journey dry-run --rates`; empty: as is assumed,
    or known of your own touches. `seed`: other draws of who answers how. Without `ranges`
    only at the likely rates, which is quicker."""

    text: str
    since: Annotated[Day, Field(alias="from")]
    until: Annotated[Day, Field(alias="to")]
    rates: Rates = ""
    seed: Annotated[Words, Field(min_length=1)] = "1"
    ranges: bool = True
    by: Words = ""


@dataclass(frozen=True)
class DryRange:
    """A figure, and what it would be at the low and at the high rates."""

    low: int
    likely: int
    high: int


@dataclass(frozen=True)
class DryRate:
    """`seen`: of how many touches of your own it was reckoned; 0: assumed, or given."""

    low: float
    likely: float
    high: float
    seen: int


@dataclass(frozen=True)
class DryReaction:
    """What people do with a touch of one channel: are `reached`, become a friend (`added`), want no
    more of it (`refused`); `seconds` of a call, `minutes` of staff; how calls are graded."""

    reached: DryRate
    added: DryRate
    refused: DryRate
    seconds: DryRate
    minutes: DryRate
    intents: dict[str, float]


@dataclass(frozen=True)
class DryDay:
    day: date
    entered: int
    staff_minutes: int


@dataclass(frozen=True)
class DryStep:
    """What became of a step's touches; `cost_minor`: what the price list says of those sent."""

    step: str
    channel: str
    wished: int
    sent: int
    withheld: int
    waiting: int
    reached: int
    cost_minor: int


@dataclass(frozen=True)
class DryWithheld:
    """`by`: the journey whose touch went first."""

    step: str
    channel: str
    reason: str
    touches: int
    by: str


@dataclass(frozen=True)
class DryCollision:
    """Another journey with the same people at the same time: touches of this one that made way for
    its (`gave_way`), and of it that made way (`took`)."""

    journey: str
    customers: int
    gave_way: int
    took: int


@dataclass(frozen=True)
class DryAnswer:
    """What `siyu journey dry-run --json` tells. `heard` facts; `could_enter`: how often somebody
    might have come in, `refused`: why they did not; `given`: of each offer, how many; `ranges_of`:
    of which share of the customers the ranges were worked out; times hold to within
    `grid_minutes`."""

    journey: str
    first: First
    last: Last
    currency: str
    heard: int
    could_enter: int
    entered: int
    customers: int
    held_out: int
    parked: int
    refused: dict[str, int]
    days: list[DryDay]
    steps: list[DryStep]
    withheld: list[DryWithheld]
    collisions: list[DryCollision]
    cost_minor: DryRange
    staff_minutes: DryRange
    friends: DryRange
    ranges_of: float
    grid_minutes: int
    rates: dict[str, DryReaction]
    seconds: float
    given: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class DryRunRow:
    """`share` (0 to 1) and `at_day`: how far it is. `entered`, `cost_minor`: once it is done."""

    id: str
    journey: str
    first: First
    last: Last
    state: State
    share: float
    at_day: date | None
    stopping: bool
    error: str
    entered: int | None
    cost_minor: int | None
    currency: str
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class DryRun:
    """One, whole. `given`: the channels of which `rates` says how people answer; your own touches,
    where there are enough, go before it. `problems`: what was wrong with its text when its turn
    came, where that is why it failed."""

    id: str
    journey: str
    text: str
    first: First
    last: Last
    rates: str
    given: list[str]
    seed: str
    state: State
    share: float
    at_day: date | None
    stopping: bool
    error: str
    problems: list[Place]
    answer: DryAnswer | None
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class DryRuns:
    dry_runs: list[DryRunRow]
    next: str


@router.post("", **needs("journeys.publish"))
def ask(
    app: TheApp, caller: TheCaller, new: Annotated[DryRunAsked, Body()], locale: TheLanguage
) -> DryRun:
    """Try a text on what really happened on these days, when its turn comes. What is wrong with the
    text is refused at once, line by line."""
    who = caller.actor(new.by)
    with app.db.transaction() as conn:
        question = queue.Question(new.text, new.since, new.until, new.rates, new.seed, new.ranges)
        number = queue.ask(app, conn, question, who)
        return _shown(app, _found(conn, number), locale)


@router.get("", **needs("journeys.read"))
def listed(
    app: TheApp, locale: TheLanguage, journey: Code = "", after: After = "", limit: Limit = 50
) -> DryRuns:
    """Dry runs, the latest first; ask again with `after=next` until it stays the same."""
    before = start(app, after, PREFIX) or None
    with app.db.transaction() as conn:
        found = queue.asked(conn, journey, before, limit)
    end = found[-1].id if found else before or 0
    return DryRuns([_row(app, one, locale) for one in found], following(app, end, PREFIX))


@router.get("/{run}", **needs("journeys.read"))
def one(app: TheApp, run: Words, locale: TheLanguage) -> DryRun:
    """How far it is; and when it is done, its answer."""
    with app.db.transaction() as conn:
        return _shown(app, _found(conn, app.ids.decode(PREFIX, run)), locale)


@router.post("/{run}/cancel", **needs("journeys.publish"))
def cancel(
    app: TheApp, caller: TheCaller, run: Words, new: Annotated[Who, Body()], locale: TheLanguage
) -> DryRun:
    """Before its turn it ends at once, under way soon; nothing of it is left."""
    caller.actor(new.by)
    with app.db.transaction() as conn:
        found = _found(conn, app.ids.decode(PREFIX, run))
        if not queue.cancel(conn, found.id, app.clock.now()) and found.state != "cancelled":
            raise Refused(Sentence("It has ended already.", "它已经结束了。"))
        return _shown(app, _found(conn, found.id), locale)


def _found(conn: Conn, number: int | None) -> model.DryRun:
    found = None if number is None else queue.one(conn, number)
    if found is None:
        raise NotFound(
            Sentence(
                "There is no such dry run; they are kept for thirty days.",
                "没有这次试跑；结果保留三十天。",
            )
        )
    return found


def _both(app: App, found: model.DryRun, locale: Language) -> dict[str, Any]:
    """What a list and the whole say of it."""
    return {
        "id": app.ids.encode(PREFIX, found.id),
        "journey": found.journey,
        "first": found.since,
        "last": found.until,
        "state": found.state,
        "share": found.share,
        "at_day": found.at_day,
        "stopping": found.cancel_wanted and found.state == "running",
        "error": found.error_zh if locale == "zh" else found.error,
        "asked_by": found.asked_by,
        "asked_at": found.asked_at,
        "ended_at": found.ended_at,
    }


def _row(app: App, found: model.DryRun, locale: Language) -> DryRunRow:
    told = found.told or {}
    cost = told["cost_minor"]["likely"] if told else None
    return DryRunRow(
        **_both(app, found, locale),
        entered=told.get("entered"),
        cost_minor=cost,
        currency=told.get("currency", ""),
    )


def _shown(app: App, found: model.DryRun, locale: Language) -> DryRun:
    why = "zh" if locale == "zh" else "why"
    return DryRun(
        **_both(app, found, locale),
        text=found.text,
        rates=found.rates,
        given=sorted(check.rates(found.rates)) if found.rates.strip() else [],
        seed=found.seed,
        problems=[Place(one["where"], one[why], one["line"]) for one in found.problems],
        answer=None if found.told is None else _answer(found.told),
    )


def _answer(told: dict[str, Any]) -> DryAnswer:
    rest = {name: value for name, value in told.items() if name not in ("from", "to")}
    rest["days"] = [
        DryDay(date.fromisoformat(one["day"]), one["entered"], one["staff_minutes"])
        for one in told["days"]
    ]
    rest["steps"] = [DryStep(**one) for one in told["steps"]]
    rest["withheld"] = [DryWithheld(**one) for one in told["withheld"]]
    rest["collisions"] = [DryCollision(**one) for one in told["collisions"]]
    for name in ("cost_minor", "staff_minutes", "friends"):
        rest[name] = DryRange(**told[name])
    rest["rates"] = {channel: _reaction(one) for channel, one in told["rates"].items()}
    first, last = (date.fromisoformat(told[name]) for name in ("from", "to"))
    return DryAnswer(first=first, last=last, **rest)


def _reaction(told: dict[str, Any]) -> DryReaction:
    rates = {name: DryRate(**one) for name, one in told.items() if name != "intents"}
    return DryReaction(**rates, intents=told["intents"])
