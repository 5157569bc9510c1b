"""Playbooks: the gallery, one in full, a forecast before it starts, start and stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.brought import PlaybookParts, parts
from siyu.api.dryruns import PREFIX, Day
from siyu.api.journeys import Title
from siyu.api.language import TheLanguage
from siyu.api.words import Words
from siyu.app import App
from siyu.dryrun import queue
from siyu.kernel.sentence import Language
from siyu.kernel.sql import Conn
from siyu.ledger import views as ledger
from siyu.ledger.model import Spending
from siyu.playbooks import views
from siyu.playbooks.actions import running
from siyu.playbooks.model import Manifest, NeedText
from siyu.playbooks.model.settings import SettingText
from siyu.playbooks.views import starting
from siyu.staff.views import members

router = APIRouter(prefix="/playbooks", tags=["playbooks"])
DAYS = 30  # of a forecast where nobody says

Values = Annotated[dict[str, str], Field(max_length=50)]
Pilot = Annotated[int, Field(ge=1, le=1_000_000)]


@dataclass(frozen=True)
class PlaybookNeed:
    """`there`: it is connected, carried, heard in the last thirty days, or running."""

    what: str
    name: str
    why: str
    there: bool


@dataclass(frozen=True)
class PlaybookBudget:
    """In minor units: what it may cost in all and on one day (null: no bound), and what of that is
    spent: booked, or expected of what was allowed. `short_since`: too little is left for what it
    would send next, so nobody new comes in."""

    currency: str
    total_minor: int | None
    daily_minor: int | None
    spent_minor: int
    today_minor: int
    short_since: datetime | None


@dataclass(frozen=True)
class PlaybookRow:
    """`state`: available, installed, running or stopped. `goal`: the stage that it serves; empty:
    it does not say. `whom`: for which brands it is. A brand's own has no title here: its files are
    elsewhere."""

    playbook: str
    title: Title | None
    about: Title | None
    whom: Title | None
    goal: str
    state: str
    shipped: bool
    started_at: datetime | None
    stopped_at: datetime | None
    pilot: int | None
    needs: list[PlaybookNeed]
    budget: PlaybookBudget | None


@dataclass(frozen=True)
class PlaybookRows:
    playbooks: list[PlaybookRow]


@dataclass(frozen=True)
class PlaybookChoice:
    code: str
    title: Title


@dataclass(frozen=True)
class PlaybookSetting:
    """A value that texts refer to. `value`: what it was started with; `default` null: it has to be
    said. Money stands in the brand's currency."""

    name: str
    type: str
    title: Title
    help: Title
    unit: Title | None
    default: str | None
    value: str | None
    least: str | None
    most: str | None
    of: list[PlaybookChoice]


@dataclass(frozen=True)
class PlaybookBrings:
    journeys: list[str]
    segments: int
    materials: list[str]
    offers: list[str]
    sources: list[str]
    channels: list[str]
    tag_rules: bool
    stories: int


@dataclass(frozen=True)
class PlaybookOutcome:
    event: str
    within: str


@dataclass(frozen=True)
class PlaybookFull:
    """`page`: the page about it in the reader's language, as Markdown. `staff`: who works for it,
    `shops`: whose orders it takes; none: all. `budget` null: it has none. `started_by_name`: what
    they are called; empty where it is nobody of staff."""

    playbook: str
    title: Title
    about: Title
    whom: Title | None
    goal: str
    holdout: float
    outcome: PlaybookOutcome | None
    state: str
    pilot: int | None
    started_at: datetime | None
    started_by: str
    started_by_name: str
    stopped_at: datetime | None
    staff: list[str]
    shops: list[str]
    budget: PlaybookBudget | None
    page: str
    settings: list[PlaybookSetting]
    needs: list[PlaybookNeed]
    brings: PlaybookBrings
    parts: PlaybookParts


@dataclass(frozen=True)
class PlaybookForecast:
    """`from`, `to`: the days that are tried, the last thirty where nothing is said."""

    settings: Values = field(default_factory=dict[str, str])
    since: Annotated[Day | None, Field(alias="from")] = None
    until: Annotated[Day | None, Field(alias="to")] = None
    ranges: bool = True
    by: Words = ""


@dataclass(frozen=True)
class ForecastAsked:
    """The dry run's id: ask for it among the dry runs until it is done."""

    id: str


@dataclass(frozen=True)
class PlaybookStop:
    """`at_once`: those under way are stopped as well."""

    at_once: bool = False
    by: Words = ""


@dataclass(frozen=True)
class PlaybookStopped:
    playbook: str
    journeys: list[str]
    going_on: int
    ended: int


@router.get("", **needs("journeys.read"))
def listed(app: TheApp, locale: TheLanguage) -> PlaybookRows:
    """All playbooks that come with Siyu or are installed, with their state and what they need."""
    with app.db.transaction() as conn:
        there = {one.code: one for one in views.installed(conn)}
        spent = {one.playbook: one for one in ledger.spendings(conn, app.clock.now())}
        said = {name: views.manifest(name) for name in views.names(conn)}
        asked = {name: one.needs if one else [] for name, one in said.items()}
        needed = _needs(app, conn, asked, locale)
    return PlaybookRows(
        [
            _row(name, one, there.get(name), needed[name], budget_of(spent.get(name)))
            for name, one in said.items()
        ]
    )


def budget_of(one: Spending | None) -> PlaybookBudget | None:
    """As it is shown."""
    if one is None:
        return None
    bounds = one.currency, one.total_minor, one.daily_minor
    return PlaybookBudget(*bounds, one.spent_minor, one.today_minor, one.short_since)


def _row(
    name: str,
    said: Manifest | None,
    one: views.Installed | None,
    needed: list[PlaybookNeed],
    budget: PlaybookBudget | None,
) -> PlaybookRow:
    return PlaybookRow(
        playbook=name,
        title=None if said is None else Title(said.title.zh, said.title.en),
        about=None if said is None else Title(said.about.zh, said.about.en),
        whom=None if said is None else _whom(said),
        goal="" if said is None else said.goal or "",
        state="available" if one is None else one.state,
        shipped=said is not None,
        started_at=one.started_at if one else None,
        stopped_at=one.stopped_at if one else None,
        pilot=one.pilot if one else None,
        needs=needed,
        budget=budget,
    )


def _whom(said: Manifest) -> Title | None:
    return said.whom and Title(said.whom.zh, said.whom.en)


@router.get("/{playbook}", **needs("journeys.read"))
def one(app: TheApp, playbook: Words, locale: TheLanguage) -> PlaybookFull:
    """What it does, brings and needs, and what may be said at its start."""
    found = views.folder(playbook, app.brand.currency)
    said = found.manifest
    with app.db.transaction() as conn:
        there = next((one for one in views.installed(conn) if one.code == playbook), None)
        return PlaybookFull(
            playbook=playbook,
            title=Title(said.title.zh, said.title.en),
            about=Title(said.about.zh, said.about.en),
            whom=_whom(said),
            goal=said.goal or "",
            holdout=said.holdout,
            outcome=said.outcome and PlaybookOutcome(said.outcome.event, said.outcome.within),
            state="available" if there is None else there.state,
            pilot=there.pilot if there else None,
            started_at=there.started_at if there else None,
            started_by=there.started_by if there else "",
            started_by_name=_called(conn, there.started_by) if there else "",
            stopped_at=there.stopped_at if there else None,
            staff=there.staff if there else [],
            shops=there.shops if there else [],
            budget=budget_of(starting.spending(conn, playbook, app.clock.now())),
            page=found.about.get(locale, ""),
            settings=setting_rows(said, there, app.brand.currency),
            needs=_needs(app, conn, {playbook: said.needs}, locale)[playbook],
            brings=PlaybookBrings(**views.brings(found)),
            parts=parts(found),
        )


def _called(conn: Conn, staff: str) -> str:
    people = members(conn, active_only=False)
    return next((one.name for one in people if one.code == staff), "")


def _needs(
    app: App, conn: Conn, asked: Mapping[str, list[NeedText]], locale: Language
) -> dict[str, list[PlaybookNeed]]:
    """Of each playbook what it needs, and whether that is there: looked up once for all."""
    connected = {one.name for one in app.connections.overview() if one.connected}
    every = [one for some in asked.values() for one in some]
    found = views.needs(conn, every, connected, set(app.channels), app.clock.now())
    there = {(one.what, one.name): one.there for one in found}
    return {
        name: [
            PlaybookNeed(
                what, which, one.why.zh if locale == "zh" else one.why.en, there[what, which]
            )
            for one in some
            for what, which in one.what
        ]
        for name, some in asked.items()
    }


def setting_rows(
    said: Manifest, there: views.Installed | None, currency: str
) -> list[PlaybookSetting]:
    """What may be said at its start."""
    values: Mapping[str, str] = there.settings if there else {}
    return [_setting(name, one, values.get(name), currency) for name, one in said.settings.items()]


def _setting(name: str, one: SettingText, value: str | None, currency: str) -> PlaybookSetting:
    plain = {
        word: views.plain(getattr(one, word), currency) for word in ("default", "least", "most")
    }
    return PlaybookSetting(
        name=name,
        type=one.type,
        title=Title(one.title.zh, one.title.en),
        help=Title(one.help.zh, one.help.en),
        unit=None if one.unit is None else Title(one.unit.zh, one.unit.en),
        value=value,
        of=[PlaybookChoice(code, Title(words.zh, words.en)) for code, words in one.of.items()],
        **plain,
    )


@router.post("/{playbook}/forecast", **needs("journeys.publish"))
def forecast(
    app: TheApp, caller: TheCaller, playbook: Words, new: Annotated[PlaybookForecast, Body()]
) -> ForecastAsked:
    """Try all of it on the last thirty days with these values, when its turn comes; nothing is sent
    and nothing is installed. What is wrong with the values is refused at once."""
    views.folder(playbook)
    today = app.clock.now().astimezone(app.journeys.zone).date()
    until = new.until or today - timedelta(days=1)
    since: date = new.since or until - timedelta(days=DAYS - 1)
    question = queue.Question(queue.values(new.settings), since, until, "", "1", new.ranges)
    with app.db.transaction() as conn:
        number = queue.ask_playbook(app, conn, question, playbook, caller.actor(new.by or "api"))
    return ForecastAsked(app.ids.encode(PREFIX, number))


@router.post("/{playbook}/stop", **needs("journeys.publish"))
def stop(
    app: TheApp, caller: TheCaller, playbook: Words, new: Annotated[PlaybookStop, Body()]
) -> PlaybookStopped:
    """Nobody comes in any more; those under way finish, or are stopped. Audited."""
    who = caller.actor(new.by or "api")
    with app.db.transaction() as conn:
        done = running.stop(conn, playbook, who, app.clock.now(), at_once=new.at_once)
    return PlaybookStopped(playbook, **done._asdict())
