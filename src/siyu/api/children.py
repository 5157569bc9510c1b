"""What a parent has told of their children, and lets us keep: the month of birth, and by a consent
of its own a note on health, for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Path
from pydantic import Field

from siyu.api.auth import Caller, TheApp, TheCaller, needs
from siyu.api.customers import mine
from siyu.api.words import Reason, Who, Words
from siyu.app import App
from siyu.customers import views
from siyu.customers.actions import children as actions
from siyu.customers.actions.children import MOST_CHILDREN, ChildTold, Note, Reading
from siyu.customers.check import no_health
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone

router = APIRouter(prefix="/customers", tags=["customers"])


Place = Annotated[
    int, Path(ge=1, le=MOST_CHILDREN, description="The first child, the second …", examples=[1])
]


@dataclass(frozen=True)
class Child:
    """The first child, the second …, and the month of birth, like `2025-03`. `health_until`: there
    is a note on health, told at `health_at`, and then it is deleted; null: there is none."""

    child: int
    month: str
    health_at: datetime | None
    health_until: datetime | None


@dataclass(frozen=True)
class TheChildren:
    """`evidence`: where the parent's own consent can be seen; null: there is none, and nothing is
    kept. `health_evidence`: of the consent to notes on health, a word of its own. `health_days`: so
    long a note is kept."""

    children: list[Child]
    consent_at: datetime | None
    evidence: str | None
    health_consent_at: datetime | None
    health_evidence: str | None
    health_days: int


@dataclass(frozen=True, repr=False)
class NewNote:
    """`note`: what care needs to know, in one line, like an allergy. `evidence`: where the parent's
    separate consent to it can be seen; needed the first time."""

    note: Words
    evidence: Words = ""
    by: Words = ""


@dataclass(frozen=True, repr=False)
class NoteShown:
    """The note in clear. That it was shown is in the audit log."""

    note: str


@dataclass(frozen=True)
class NewChild:
    """`month` of birth, like `2025-03`; a day is refused. `evidence`: where the parent's separate
    consent can be seen; needed the first time. `health`: refused here, in words: a note on health
    has a route of its own and needs a consent of its own."""

    month: Words
    child: Annotated[int, Field(ge=1, le=MOST_CHILDREN)] = 1
    evidence: Words = ""
    health: Words = ""
    by: Words = ""


@router.get("/{customer}/children", **needs("customers.care", scoped=True))
def children(app: TheApp, caller: TheCaller, customer: str) -> TheChildren:
    """What is kept of their children; of notes on health that they are there, and until when."""
    with app.db.transaction() as conn:
        return shown(app, conn, mine(app, conn, caller, customer))


@router.put("/{customer}/children", **needs("customers.care", scoped=True))
def tell(
    app: TheApp, caller: TheCaller, customer: str, new: Annotated[NewChild, Body()]
) -> TheChildren:
    """Keep a child's month of birth. Without the parent's own consent nothing is kept, and the
    answer says so. Audited."""
    no_health(new.health)
    with app.db.transaction() as conn:
        who = mine(app, conn, caller, customer)
        told = child_told(app, new.child, new.month, new.evidence)
        actions.tell_child(conn, app.ids, who, told, caller.actor(new.by), app.clock.now())
        found = shown(app, conn, who)
    app.wake()
    return found


@router.post("/{customer}/children/forget", **needs("customers.care", scoped=True))
def forget(
    app: TheApp, caller: TheCaller, customer: str, who: Annotated[Who, Body()]
) -> TheChildren:
    """The parent takes the consent back: all that was kept of children is deleted, notes on health
    with it. Audited."""
    with app.db.transaction() as conn:
        parent = mine(app, conn, caller, customer)
        actions.forget_children(conn, app.ids, parent, caller.actor(who.by), app.clock.now())
        found = shown(app, conn, parent)
    app.wake()
    return found


@router.put("/{customer}/children/{child}/health", **needs("customers.health", scoped=True))
def note(
    app: TheApp, caller: TheCaller, customer: str, child: Place, new: Annotated[NewNote, Body()]
) -> TheChildren:
    """Keep a note on a child's health, instead of the one before, for `health_note_days`. Without
    the parent's separate consent nothing is kept, and the answer says so. Sealed; audited without
    the note."""
    with app.db.transaction() as conn:
        who, by = mine(app, conn, caller, customer), caller.actor(new.by)
        said = health_note(app, child, new.note, new.evidence)
        actions.note_health(conn, app.keys, app.ids, who, said, by, app.clock.now())
        return shown(app, conn, who)


@router.post("/{customer}/children/{child}/health/reveal", **needs("customers.health", scoped=True))
def show(
    app: TheApp, caller: TheCaller, customer: str, child: Place, why: Annotated[Reason, Body()]
) -> NoteShown:
    """Show the note on a child's health to somebody who says who they are and why; audited."""
    with app.db.transaction() as conn:
        who = mine(app, conn, caller, customer)
        asked = Reading(child, caller.actor(why.by), why.reason)
        text = actions.show_health(conn, app.keys, app.ids, who, asked, app.clock.now())
    return NoteShown(text)


@router.post("/{customer}/children/{child}/health/forget", **needs("customers.health", scoped=True))
def forget_one(
    app: TheApp, caller: TheCaller, customer: str, child: Place, who: Annotated[Who, Body()]
) -> TheChildren:
    """Delete the note on one child's health; the consent stands. Audited."""
    return _forgotten(app, caller, customer, child, who.by)


@router.post("/{customer}/children/health/forget", **needs("customers.health", scoped=True))
def forget_health(
    app: TheApp, caller: TheCaller, customer: str, who: Annotated[Who, Body()]
) -> TheChildren:
    """The parent takes back the consent to notes on health: all of them are deleted, the months of
    birth stay. Audited."""
    return _forgotten(app, caller, customer, None, who.by)


def _forgotten(app: App, caller: Caller, customer: str, child: int | None, by: str) -> TheChildren:
    with app.db.transaction() as conn:
        parent, now = mine(app, conn, caller, customer), app.clock.now()
        actions.forget_health(conn, app.ids, parent, child, caller.actor(by), now)
        return shown(app, conn, parent)


def child_told(app: App, child: int, month: str, evidence: str) -> ChildTold:
    """The same for the command."""
    local = zone(app.brand.time_zone)
    today = app.clock.now().astimezone(local).date()
    return ChildTold(child, month.strip(), evidence, today)


def health_note(app: App, child: int, text: str, evidence: str) -> Note:
    """The same for the command."""
    days, local = app.settings.health_note_days, zone(app.brand.time_zone)
    return Note(child, text, evidence, days, local)


def shown(app: App, conn: Conn, customer_id: int) -> TheChildren:
    """As it is shown."""
    found = views.children(conn, customer_id, app.clock.now())
    told = [Child(one.child, one.month, one.health_at, one.health_until) for one in found.children]
    return TheChildren(
        told,
        found.consent_at,
        found.evidence,
        found.health_consent_at,
        found.health_evidence,
        app.settings.health_note_days,
    )
