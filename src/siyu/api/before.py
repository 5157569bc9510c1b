"""All that is to be seen before a playbook starts, in one answer; nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, needs
from siyu.api.dryruns import PREFIX, DryRange
from siyu.api.journeys import Title
from siyu.api.language import TheLanguage
from siyu.api.playbooks import PlaybookSetting, setting_rows
from siyu.api.starting import PlaybookChoices, asking
from siyu.api.words import Words
from siyu.app import App
from siyu.dryrun import queue
from siyu.dryrun.model import State
from siyu.kernel.sentence import Language, Sentence, within
from siyu.kernel.sql import Conn
from siyu.playbooks import views
from siyu.playbooks.model import start as model
from siyu.playbooks.source import misfits
from siyu.playbooks.views import starting

router = APIRouter(prefix="/playbooks", tags=["playbooks"])


@dataclass(frozen=True)
class PlaybookPreviewAsked(PlaybookChoices):
    """`forecast`: the id of a dry run of this playbook; empty: there is none yet."""

    forecast: Words = ""


@dataclass(frozen=True)
class PreviewChoice:
    code: str
    title: Title


@dataclass(frozen=True)
class PreviewSetting:
    """`problem`: what is wrong with the value that was given, or that it has to be said; empty:
    nothing. `choices`: what the brand has for it; none: it is written freely."""

    setting: PlaybookSetting
    problem: str
    choices: list[PreviewChoice]


@dataclass(frozen=True)
class PreviewNeed:
    """`todo`: what to do where it isn't there."""

    what: str
    name: str
    why: str
    there: bool
    todo: str


@dataclass(frozen=True)
class PreviewWay:
    """How people come into a journey. `kind`: of an event, or waves, schedule, date, segment."""

    journey: str
    kind: str
    says: str


@dataclass(frozen=True)
class PreviewShop:
    code: str
    name: str
    chosen: bool
    last_order_at: datetime | None


@dataclass(frozen=True)
class PreviewSource:
    """`takes_shops`: it takes people from the orders of shops, and can be narrowed to some."""

    ways: list[PreviewWay]
    takes_shops: bool
    shops: list[PreviewShop]


@dataclass(frozen=True)
class PreviewPermit:
    """`said`: somebody has set it; else all is allowed. `taken_from`: its orders are taken."""

    shop: str
    name: str
    channel: str
    allowed: bool
    said: bool
    note: str
    taken_from: bool


@dataclass(frozen=True)
class PreviewOffer:
    """`there` null: nobody has counted it; `needed` null: there is no forecast. For a limited offer
    the forecast gives no more than there are."""

    offer: str
    title: Title
    kind: str
    sku: str
    there: int | None
    needed: int | None
    enough: bool | None
    says: str


@dataclass(frozen=True)
class PreviewGuide:
    """`presses` a day at most, `put_off`: what waits for a day to come, `tasks`: open ones, `room`:
    how many more a day; null: no limit. Of `friends` ten thousand at most are counted."""

    code: str
    name: str
    store: str
    chosen: bool
    friends: int
    presses: int | None
    put_off: int
    tasks: int
    room: int | None


@dataclass(frozen=True)
class PreviewStaff:
    """The work of an average day of the forecast, and what those who are chosen manage."""

    guides: list[PreviewGuide]
    tasks_per_day: float | None
    presses_per_day: float | None
    capacity: int | None
    presses: int | None
    enough: bool | None
    says: str


@dataclass(frozen=True)
class PreviewBudget:
    """`estimate`: what the days of the forecast cost, without the time of people; `parts`: what it
    is made of, in words; empty: there is none. The forecast lets everybody in, also of a pilot."""

    currency: str
    total_minor: int | None
    daily_minor: int | None
    spent_minor: int
    estimate: DryRange | None
    parts: str
    enough: bool | None
    says: str


@dataclass(frozen=True)
class PreviewForecast:
    """`share`: how far it is, 0 to 1."""

    id: str
    state: State
    share: float
    days: int


@dataclass(frozen=True)
class PreviewProblem:
    """`stops`: it can't be started so."""

    step: Literal["settings", "needs", "source", "policy", "offer", "staff", "budget"]
    says: str
    stops: bool


@dataclass(frozen=True)
class PlaybookPreview:
    """What is to be seen before a start, step by step."""

    playbook: str
    title: Title
    state: str
    settings: list[PreviewSetting]
    needs: list[PreviewNeed]
    source: PreviewSource
    policy: list[PreviewPermit]
    offers: list[PreviewOffer]
    staff: PreviewStaff
    budget: PreviewBudget
    forecast: PreviewForecast | None
    problems: list[PreviewProblem]


@router.post("/{playbook}/preview", **needs("journeys.publish"))
def preview(
    app: TheApp, playbook: Words, new: Annotated[PlaybookPreviewAsked, Body()], locale: TheLanguage
) -> PlaybookPreview:
    """All that is to be seen before a start with these choices; nothing is changed."""
    views.folder(playbook)
    found, wrong = misfits(playbook, new.settings, app.brand.currency)
    with app.db.transaction() as conn:
        there = next((one for one in views.installed(conn) if one.code == playbook), None)
        run, told = _forecast(app, conn, playbook, new.forecast)
        of = asking(app, found, wrong, new.chosen, told)
        seen = starting.preview(conn, of, app.clock.now(), app.clock.real())
    rows = {one.name: one for one in setting_rows(found.manifest, there, app.brand.currency)}
    said = found.manifest
    return PlaybookPreview(
        playbook=playbook,
        title=Title(said.title.zh, said.title.en),
        state="available" if there is None else there.state,
        settings=[_setting(one, seen, locale) for one in rows.values()],
        needs=[
            PreviewNeed(one.what, one.name, within(locale, one.why), one.there,
                        within(locale, one.todo) if one.todo else "")
            for one in seen.needs
        ],
        source=PreviewSource(
            [PreviewWay(one.journey, one.kind, within(locale, one.says)) for one in seen.ways],
            seen.takes_shops,
            [PreviewShop(**one._asdict()) for one in seen.shops],
        ),
        policy=[PreviewPermit(**one._asdict()) for one in seen.policy],
        offers=[_offer(one, locale) for one in seen.offers],
        staff=_staff(seen, locale),
        budget=_budget(seen.purse, locale),
        forecast=run,
        problems=[PreviewProblem(one.part, within(locale, one.says), one.stops)
                  for one in seen.troubles],
    )  # fmt: skip


def _forecast(
    app: App, conn: Conn, playbook: str, asked: str
) -> tuple[PreviewForecast | None, Mapping[str, Any] | None]:
    number = app.ids.decode(PREFIX, asked) if asked else None
    run = None if number is None else queue.one(conn, number)
    if run is None or run.journey != f"{queue.PLAYBOOK}{playbook}":
        return None, None
    days = (run.until - run.since).days + 1
    return PreviewForecast(asked, run.state, run.share, days), run.told


def _title(one: Sentence) -> Title:
    return Title(one.zh, str(one))


def _setting(row: PlaybookSetting, seen: model.Preview, locale: Language) -> PreviewSetting:
    why = seen.wrong.get(row.name)
    return PreviewSetting(
        row,
        within(locale, why) if why else "",
        [PreviewChoice(one.code, _title(one.title)) for one in seen.choices.get(row.name, ())],
    )


def _offer(one: model.Given, locale: Language) -> PreviewOffer:
    return PreviewOffer(
        one.offer, _title(one.title), one.kind, one.sku, one.there, one.needed, one.enough,
        within(locale, one.says),
    )  # fmt: skip


def _staff(seen: model.Preview, locale: Language) -> PreviewStaff:
    guides = [PreviewGuide(**one._asdict()) for one in seen.guides]
    work = seen.work
    return PreviewStaff(guides, *work, enough=work.enough, says=within(locale, work.says))


def _budget(one: model.Purse, locale: Language) -> PreviewBudget:
    return PreviewBudget(
        one.currency, *one.budget, one.spent_minor,
        None if one.estimate is None else DryRange(*one.estimate[:3]),
        within(locale, one.parts or ""), one.enough, within(locale, one.says),
    )  # fmt: skip
