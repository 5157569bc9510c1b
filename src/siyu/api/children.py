"""What a parent has told of their children, and lets us keep: the month of birth, no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.customers import mine
from siyu.api.words import Who, Words
from siyu.app import App
from siyu.customers import actions, views
from siyu.customers.actions import MOST_CHILDREN, ChildTold
from siyu.customers.check import no_health
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone

router = APIRouter(prefix="/customers", tags=["customers"])


@dataclass(frozen=True)
class Child:
    """The first child, the second …, and the month of birth, like `2025-03`."""

    child: int
    month: str


@dataclass(frozen=True)
class TheChildren:
    """`evidence`: where the parent's own consent can be seen; null: there is none, and nothing is
    kept."""

    children: list[Child]
    consent_at: datetime | None
    evidence: str | None


@dataclass(frozen=True)
class NewChild:
    """`month` of birth, like `2025-03`; a day is refused. `evidence`: where the parent's separate
    consent can be seen; needed the first time. `health`: any note on a child's health is refused,
    in words: no consent that can be told here covers it."""

    month: Words
    child: Annotated[int, Field(ge=1, le=MOST_CHILDREN)] = 1
    evidence: Words = ""
    health: Words = ""
    by: Words = ""


@router.get("/{customer}/children", **needs("customers.care", scoped=True))
def children(app: TheApp, caller: TheCaller, customer: str) -> TheChildren:
    """What is kept of their children."""
    with app.db.transaction() as conn:
        return shown(conn, mine(app, conn, caller, customer))


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
        found = shown(conn, who)
    app.wake()
    return found


@router.post("/{customer}/children/forget", **needs("customers.care", scoped=True))
def forget(
    app: TheApp, caller: TheCaller, customer: str, who: Annotated[Who, Body()]
) -> TheChildren:
    """The parent takes the consent back: all that was kept of children is deleted. Audited."""
    with app.db.transaction() as conn:
        parent = mine(app, conn, caller, customer)
        actions.forget_children(conn, app.ids, parent, caller.actor(who.by), app.clock.now())
        found = shown(conn, parent)
    app.wake()
    return found


def child_told(app: App, child: int, month: str, evidence: str) -> ChildTold:
    """The same for the command."""
    today = app.clock.now().astimezone(zone(app.brand.time_zone)).date()
    return ChildTold(child, month.strip(), evidence, today)


def shown(conn: Conn, customer_id: int) -> TheChildren:
    """As it is shown."""
    found = views.children(conn, customer_id)
    told = [Child(one.child, one.month) for one in found.children]
    return TheChildren(told, found.consent_at, found.evidence)
