"""A journey's messages on one's own phone: asked for here, sent by a worker, at most once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.words import Words
from siyu.app import PREDICATES, App
from siyu.journeys import views as journeys
from siyu.journeys.actions import trial
from siyu.journeys.actions.trial import Asked
from siyu.outbox import views
from siyu.outbox.model import TRIAL

router = APIRouter(prefix="/journeys", tags=["journeys"])
LATEST = 100


@dataclass(frozen=True)
class Ask:
    """To whom. Without `text` the published one, without `step` all that send.

    `locale` is zh or en; null: the brand's.
    """

    to: Words
    step: Words = ""
    locale: Literal["zh", "en"] | None = None
    text: str | None = None
    by: Words = ""


@dataclass(frozen=True)
class Tried:
    """`unknown`: handed over, and not answered (yet). `text` is about nobody."""

    id: str
    staff: str
    journey: str
    step: str
    channel: str
    material: str
    text: str
    state: Literal["owed", "unknown", "sent", "failed", "withheld"]
    reason: str
    asked_by: str
    asked_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class Tests:
    tests: list[Tried]


@router.post("/{code}/tests", **needs("journeys.test"))
def ask(app: TheApp, caller: TheCaller, code: Words, wanted: Annotated[Ask, Body()]) -> Tests:
    """Send a journey's messages, marked as a test, to a member of staff. Audited."""
    by, locale = caller.actor(wanted.by), wanted.locale or app.brand.locale
    asked = Asked(code, wanted.to, locale, by, wanted.step)
    with app.db.transaction() as conn:
        text = journeys.get(conn, code).text if wanted.text is None else wanted.text
        now = app.clock.now()
        ids = trial.ask(conn, app.context, asked, text, PREDICATES, app.channels, now)
        found = Tests([_shown(app, row) for row in views.trials(conn, ids)])
    app.wake()
    return found


@router.get("/{code}/tests", **needs("journeys.read"))
def latest(app: TheApp, code: Words) -> Tests:
    """The latest test sends of a journey, and what became of each; the last one first."""
    with app.db.transaction() as conn:
        rows = views.trials_of(conn, code, LATEST)
        if not rows:
            journeys.versions(conn, code)  # not found, where there is no such journey either
    return Tests([_shown(app, row) for row in rows])


def _shown(app: App, row: views.Trial) -> Tried:
    found: dict[str, Any] = row._asdict()
    found["id"] = app.ids.encode(TRIAL, row.id)
    return Tried(**found)
