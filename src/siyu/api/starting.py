"""The start of a playbook with what a brand chooses, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.api.auth import TheApp, TheCaller, allow, needs
from siyu.api.journeys import Published
from siyu.api.language import TheLanguage
from siyu.api.playbooks import Pilot, PlaybookBudget, Values, budget_of
from siyu.api.words import Words
from siyu.app import PREDICATES, App
from siyu.journeys.actions import Asked
from siyu.kernel.sentence import Sentence, within
from siyu.ledger.model import MOST_MINOR
from siyu.playbooks import views
from siyu.playbooks.actions import choosing, running
from siyu.playbooks.model import Playbook
from siyu.playbooks.model import start as model
from siyu.playbooks.source import read
from siyu.playbooks.views import starting

router = APIRouter(prefix="/playbooks", tags=["playbooks"])

Codes = Annotated[list[Words], Field(max_length=1_000)]
Amount = Annotated[int, Field(ge=0, le=MOST_MINOR)]


@dataclass(frozen=True)
class BudgetChoice:
    """In minor units of the brand's currency: in all, and on one day; null: no bound."""

    total_minor: Amount | None = None
    daily_minor: Amount | None = None


@dataclass(frozen=True)
class PolicyChoice:
    """What a shop is to permit on a channel."""

    shop: Words
    channel: Words
    allowed: bool
    note: Words = ""


@dataclass(frozen=True)
class PlaybookChoices:
    """`settings`: values by name, others keep their default. `shops`: whose orders it takes, of all
    where none is named; `staff`: who works for it, everybody where nobody is named. `budget` null:
    as it is. `pilot`: only the first so many customers enter each of its journeys."""

    settings: Values = field(default_factory=dict[str, str])
    pilot: Pilot | None = None
    shops: Codes = field(default_factory=list[str])
    staff: Codes = field(default_factory=list[str])
    policy: Annotated[list[PolicyChoice], Field(max_length=1_000)] = field(
        default_factory=list[PolicyChoice]
    )
    budget: BudgetChoice | None = None
    by: Words = ""

    @property
    def chosen(self) -> model.Choices:
        """Beside the settings."""
        return model.Choices(
            tuple(self.shops),
            tuple(self.staff),
            tuple((one.shop, one.channel, one.allowed, one.note) for one in self.policy),
            self.budget and model.Budget(self.budget.total_minor, self.budget.daily_minor),
        )


@dataclass(frozen=True)
class PlaybookStarted:
    """Its journeys: of a version that waits, a second person has to approve first. `warnings`: what
    is not as it should be, and does not keep it from running."""

    playbook: str
    journeys: list[Published]
    warnings: list[str]


@dataclass(frozen=True)
class PlaybookBudgetNew(BudgetChoice):
    """Neither: it has no budget any more."""

    by: Words = ""


@dataclass(frozen=True)
class PlaybookBudgetSet:
    """`going_on`: messages that waited for it and are ruled again now."""

    budget: PlaybookBudget | None
    going_on: int


def asking(
    app: App,
    found: Playbook,
    wrong: Mapping[str, Sentence],
    choices: model.Choices,
    told: Mapping[str, Any] | None,
) -> starting.Asking:
    """Of what a preview is; `told`: what its forecast says, where there is one."""
    connected = {one.name for one in app.connections.overview() if one.connected}
    return starting.Asking(found, wrong, choices, told, PREDICATES, connected, set(app.channels))


@router.post("/{playbook}/start", **needs("journeys.publish"))
def start(
    app: TheApp,
    caller: TheCaller,
    playbook: Words,
    new: Annotated[PlaybookChoices, Body()],
    locale: TheLanguage,
) -> PlaybookStarted:
    """Install it with these values and let customers in. Audited. With a `policy` it changes what
    shops permit, which asks for `budget.write`, too."""
    if new.policy:
        allow(caller, "budget.write", scoped=False)
    views.folder(playbook)
    found = read(playbook, new.settings, app.brand.currency)
    asked = Asked(caller.actor(new.by or "api"), new.pilot)
    now = app.clock.now()
    with app.db.transaction() as conn:
        where = running.Where(app.brand.currency, PREDICATES, app.keys)
        done = running.start(conn, found, where, now, asked, new.chosen)
    app.wake()
    with app.db.transaction() as conn:  # takes its time, and what a start locks is free by then
        of = asking(app, found, {}, new.chosen, None)
        seen = starting.preview(conn, of, now, app.clock.real())
    warnings = [within(locale, one.says) for one in seen.troubles if not one.stops]
    return PlaybookStarted(playbook, [Published(**one._asdict()) for one in done], warnings)


@router.put("/{playbook}/budget", **needs("journeys.publish"))
def budget(
    app: TheApp, caller: TheCaller, playbook: Words, new: Annotated[PlaybookBudgetNew, Body()]
) -> PlaybookBudgetSet:
    """What it may cost from now on; what waited for it goes on. Audited."""
    who, now = caller.actor(new.by or "api"), app.clock.now()
    bounds = model.Budget(new.total_minor, new.daily_minor)
    going_on = choosing.set_budget(app.db, playbook, bounds, who, now)
    with app.db.transaction() as conn:
        found = budget_of(starting.spending(conn, playbook, now))
    app.wake()
    return PlaybookBudgetSet(found, going_on)
