"""What people say of one customer: not to be contacted, a complaint, a tag. All audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.customers import mine
from siyu.api.words import Moment, Words
from siyu.budget.actions import by_hand
from siyu.budget.actions.by_hand import Author
from siyu.customers import actions as customers
from siyu.customers import views
from siyu.customers.actions import Mark
from siyu.customers.model import Grievance
from siyu.identities import views as identities
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn
from siyu.staff import views as staff

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
    """`open`: no promotion until it is `settled`. `complaint` is its number: left out, what is
    opened gets one, and all that are open are settled; perhaps about an order, by `shop` and
    `order_no`."""

    state: Literal["open", "settled"]
    why: Words
    complaint: Words = ""
    shop: Words = ""
    order_no: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Complained:
    """The customer as they are known today, and the numbers that it is about."""

    customer: str
    complaints: list[str]


@dataclass(frozen=True)
class OneComplaint:
    """`closed_at` null: never yet. It may be open again. `why`: what was written down when somebody
    here opened it; empty when it came from elsewhere."""

    complaint: str
    shop: str
    order_no: str
    opened_at: datetime
    closed_at: datetime | None
    open: bool
    why: str


@dataclass(frozen=True)
class Complaints:
    """The latest first."""

    complaints: list[OneComplaint]


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
) -> Complained:
    """A complaint came in, or is settled: a fact, applied in order with all others. Audited."""
    told = Grievance(said.state, said.why, said.complaint, said.shop, said.order_no)
    with app.db.transaction() as conn:
        who = mine(app, conn, caller, customer)
        author = Author(caller.actor(said.by), said.why, app.clock.now())
        numbers = by_hand.complaint(conn, app.keys, app.ids, who, told, author)
    app.wake()
    return Complained(app.ids.encode("cus", who), numbers)


@router.get("/{customer}/complaints", **needs("customers.read", scoped=True))
def complaints(app: TheApp, caller: TheCaller, customer: str) -> Complaints:
    """What the customer complained about, and whether it is settled."""
    with app.db.transaction() as conn:
        return complaints_of(conn, app.ids, mine(app, conn, caller, customer))


def complaints_of(conn: Conn, ids: PublicIds, customer_id: int) -> Complaints:
    """As they are shown."""
    notes = _notes(conn, ids, customer_id)
    found = views.complaints(conn, [customer_id])
    return Complaints([OneComplaint(*row[:6], notes.get(row.complaint, "")) for row in found])


NOTES = 200  # the latest of a customer that are looked through


def _notes(conn: Conn, ids: PublicIds, customer_id: int) -> dict[str, str]:
    """What was written down with each complaint; also of who was merged into this customer."""
    whose, merged = [customer_id], identities.merges_of(conn, customer_id)
    whose += [one.loser for one in merged if one.winner == customer_id and not one.undone_by]
    found: dict[str, str] = {}
    for one in whose:
        wanted = staff.Looked(action="complaint.open", object=ids.encode("cus", one))
        for line in staff.audit_latest(conn, 0, NOTES, wanted)[0]:
            number, _, why = line.reason.partition(": ")
            found.setdefault(number, why)
    return found


@router.post("/{customer}/tags", **needs("customers.care", scoped=True))
def tag(app: TheApp, caller: TheCaller, customer: str, new: Annotated[Tag, Body()]) -> Kept:
    """Set a tag, or take it away; that is a fact, applied in order with all others."""
    with app.db.transaction() as conn:
        who, by, now = mine(app, conn, caller, customer), caller.actor(new.by), app.clock.now()
        mark = Mark(new.name, new.on, new.confidence, new.until)
        customers.mark(conn, app.keys, app.ids, who, mark, by, now)
    app.wake()
    return Kept(app.ids.encode("cus", who))
