"""What people say of one customer: not to be contacted, a complaint, a tag. All audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.customers import mine
from siyu.api.words import Moment, Words
from siyu.budget.actions import by_hand
from siyu.budget.actions.by_hand import Author
from siyu.customers import actions as customers
from siyu.customers.actions import Mark

router = APIRouter(prefix="/customers", tags=["customers"])


@dataclass(frozen=True)
class Bar:
    """Where: a channel, a group of them or `*`; what for: a purpose or `*`. Without `until` for
    good; `why` goes into the audit."""

    why: Words
    channel: Words = "*"
    purpose: Words = "*"
    until: Moment | None = None
    by: Words = ""


@dataclass(frozen=True)
class Free:
    """The hold as it is shown, and why it ends."""

    channel: Words
    purpose: Words
    reason: Literal["by_hand", "do_not_call"]
    why: Words
    by: Words = ""


@dataclass(frozen=True)
class Complaint:
    """`open`: no promotion until it is `settled`."""

    state: Literal["open", "settled"]
    why: Words
    by: Words = ""


@dataclass(frozen=True)
class Tag:
    """`confidence`: how sure that is, 0 to 1; from `until` on nobody carries it any more."""

    name: Words
    on: bool = True
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    until: Moment | None = None
    by: Words = ""


@dataclass(frozen=True)
class Kept:
    """The customer as they are known today."""

    customer: str


@router.post("/{customer}/suppressions", **needs("customers.care", scoped=True))
def bar(app: TheApp, caller: TheCaller, customer: str, new: Annotated[Bar, Body()]) -> Kept:
    """Don't contact them there any more; what is under way is stopped as far as it can be."""
    with app.db.transaction() as conn:
        who, where = mine(app, conn, caller, customer), (new.channel, new.purpose)
        author = Author(caller.actor(new.by), new.why, app.clock.now())
        by_hand.bar(conn, app.keys, app.ids, who, where, new.until, author)
    app.wake()
    return Kept(app.ids.encode("cus", who))


@router.post("/{customer}/suppressions/lift", **needs("customers.care", scoped=True))
def free(app: TheApp, caller: TheCaller, customer: str, old: Annotated[Free, Body()]) -> Kept:
    """They may be contacted there again, as far as nothing else forbids it."""
    with app.db.transaction() as conn:
        who, where = mine(app, conn, caller, customer), (old.channel, old.purpose)
        author = Author(caller.actor(old.by), old.why, app.clock.now())
        by_hand.free(conn, app.keys, app.ids, who, where, old.reason, author)
    return Kept(app.ids.encode("cus", who))


@router.post("/{customer}/complaint", **needs("customers.care", scoped=True))
def complaint(
    app: TheApp, caller: TheCaller, customer: str, said: Annotated[Complaint, Body()]
) -> Kept:
    """A complaint came in, or is settled."""
    with app.db.transaction() as conn:
        who = mine(app, conn, caller, customer)
        author = Author(caller.actor(said.by), said.why, app.clock.now())
        by_hand.complaint(conn, app.keys, app.ids, who, said.state, author)
    app.wake()
    return Kept(app.ids.encode("cus", who))


@router.post("/{customer}/tags", **needs("customers.care", scoped=True))
def tag(app: TheApp, caller: TheCaller, customer: str, new: Annotated[Tag, Body()]) -> Kept:
    """Set a tag, or take it away; that is a fact, applied in order with all others."""
    with app.db.transaction() as conn:
        who, by, now = mine(app, conn, caller, customer), caller.actor(new.by), app.clock.now()
        mark = Mark(new.name, new.on, new.confidence, new.until)
        customers.mark(conn, app.keys, app.ids, who, mark, by, now)
    app.wake()
    return Kept(app.ids.encode("cus", who))
