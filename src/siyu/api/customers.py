"""Customers: find one by a key, explain how it was treated, write down what it allows, reveal a
number (audited)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import StringConstraints

from siyu.analytics.actions import Revealed
from siyu.analytics.actions import reveal as show
from siyu.analytics.views.explain import Explained, explain
from siyu.analytics.views.find import FindBy, find
from siyu.analytics.views.people import within
from siyu.api.auth import Caller, TheApp, TheCaller, needs
from siyu.api.words import Moment, Reason, Words
from siyu.app import App
from siyu.budget import views as budget
from siyu.customers import actions
from siyu.customers.model import ConsentState, Word
from siyu.customers.views import profile, there
from siyu.events.model import ConsentBasis, ConsentChannel, ConsentPurpose
from siyu.identities import views as identities
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn

router = APIRouter(prefix="/customers", tags=["customers"])


@dataclass(frozen=True)
class Found:
    """Public ids of the customers that a key leads to."""

    customers: list[str]


@dataclass(frozen=True)
class Known:
    """What is known of a customer, exactly. An order is written SHOP/ORDER."""

    by: FindBy
    value: Annotated[str, StringConstraints(max_length=200)]


@dataclass(frozen=True)
class Consent:
    """`state` is given or withdrawn; `basis` is contract, consent or legitimate_interest."""

    channel: str
    purpose: str
    state: str
    basis: str
    evidence: str
    changed_at: datetime


@dataclass(frozen=True)
class Consents:
    consents: list[Consent]


@dataclass(frozen=True)
class NewConsent:
    """`basis`, the legal ground, and `evidence`, where it can be seen, belong to what is given; a
    withdrawal without purposes is of all. `said_at`: now, if it is left out."""

    state: ConsentState
    channels: list[ConsentChannel]
    purposes: list[ConsentPurpose] = field(default_factory=list[ConsentPurpose])
    basis: ConsentBasis | None = None
    evidence: Words = ""
    said_at: Moment | None = None
    by: Words = ""


@dataclass(frozen=True)
class Noted:
    """The customer as they are known today, and the key of theirs that the consent hangs on."""

    customer: str
    key: str
    said_at: datetime


@dataclass(frozen=True)
class Window:
    """A cap that binds the customer, how much of it is used in its days, and what is left."""

    channel: str
    purpose: str
    days: int
    most: int
    layer: str
    had: int
    left: int


@dataclass(frozen=True)
class Share:
    """A carrier's quota for each customer: what of the period is used, and what is left."""

    channel: str
    period: str
    most: int
    had: int
    left: int


@dataclass(frozen=True)
class Suppression:
    """Where the customer must not be contacted; without `until` for good."""

    channel: str
    purpose: str
    reason: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class HoldOut:
    """Whether the customer is held out of a journey, for good."""

    journey: str
    held: bool
    probability: float


@dataclass(frozen=True)
class Account:
    ruled_at: datetime | None
    windows: list[Window]
    quotas: list[Share]
    suppressed: list[Suppression]
    held_out: list[HoldOut]


def number(app: App, customer: str) -> int:
    """The customer behind a public id."""
    found = app.ids.decode("cus", customer)
    if found is None:
        raise NotFound(
            Sentence(
                "This is no customer of ours; a customer looks like cus_…",
                "这不是我们的客户；客户的编号像 cus_…",
            )
        )
    return found


def mine(app: App, conn: Conn, caller: Caller, customer: str) -> int:
    """The customer who is meant today, if the caller serves them; else there is nobody."""
    asked = number(app, customer)
    found = identities.survivor(conn, [asked])[asked]
    if not there(conn, [found]) or not within(conn, caller.scope, [found]):
        raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
    return found


@router.post("/search", **needs("customers.read", scoped=True))
def search(app: TheApp, caller: TheCaller, known: Annotated[Known, Body()]) -> Found:
    """Find customers by something known exactly. In the body: a URL ends up in logs."""
    with app.db.transaction() as conn:
        found = find(conn, app.keys, app.brand.region, known.by, known.value)
        found = within(conn, caller.scope, found)
    return Found([app.ids.encode("cus", one) for one in found])


@router.get("/{customer}", **needs("customers.read", scoped=True))
def one(app: TheApp, caller: TheCaller, customer: str) -> Explained:
    """Everything that explains how this customer was treated; personal values are masked."""
    with app.db.transaction() as conn:
        asked = mine(app, conn, caller, customer)
        found = explain(conn, app.keys, app.ids, asked, app.brand.currency, app.brand.locale)
    if found is None:
        raise NotFound(Sentence("There is no such customer.", "没有这位客户。"))
    return found


@router.get("/{customer}/consents", **needs("customers.read", scoped=True))
def consents(app: TheApp, caller: TheCaller, customer: str) -> Consents:
    """What the customer allowed and withdrew, the latest word of all their identities."""
    with app.db.transaction() as conn:
        known = profile(conn, mine(app, conn, caller, customer))
        found = known.consents if known else []
    return Consents([Consent(**one._asdict()) for one in found])


@router.post("/{customer}/consents", **needs("customers.consent", scoped=True))
def consent(
    app: TheApp, caller: TheCaller, customer: str, new: Annotated[NewConsent, Body()]
) -> Noted:
    """Write down what the customer allowed or withdrew: a fact, applied in order with all others.

    Audited. The latest word counts, whenever it is written down.
    """
    now = app.clock.now()
    said_at = new.said_at or now
    word = Word(new.state, new.channels, new.purposes, new.basis, new.evidence, said_at)
    with app.db.transaction() as conn:
        asked, by = mine(app, conn, caller, customer), caller.actor(new.by)
        found = actions.consent(conn, app.keys, app.ids, asked, word, by, now)
    app.wake()
    who, key = app.ids.encode("cus", found.customer_id), app.ids.encode("key", found.identity_id)
    return Noted(who, key, said_at)


@router.get("/{customer}/account", **needs("customers.read", scoped=True))
def account(app: TheApp, caller: TheCaller, customer: str) -> Account:
    """What the customer has had by the caps and quotas, what is left, and what forbids more."""
    with app.db.transaction() as conn:
        found = budget.account(conn, mine(app, conn, caller, customer), app.clock.now())
    return Account(
        found.ruled_at,
        [Window(**one._asdict()) for one in found.windows],
        [Share(**one._asdict()) for one in found.quotas],
        [Suppression(**one._asdict()) for one in found.suppressed],
        [HoldOut(one.scope, one.held, one.probability) for one in found.held_out],
    )


@router.get("/{customer}/explain", **needs("customers.read", scoped=True), name="explain")
def explained(app: TheApp, caller: TheCaller, customer: str) -> Explained:
    """The same as the customer itself: identities, visits, touches sent and withheld, costs."""
    return one(app, caller, customer)


@router.post("/{customer}/reveal", **needs("customers.reveal", scoped=True))
def reveal(
    app: TheApp, caller: TheCaller, customer: str, why: Annotated[Reason, Body()]
) -> Revealed:
    """Show phone, name and staff's remarks in clear to somebody who says who they are and why;
    audited first."""
    with app.db.transaction() as conn:
        asked, by = mine(app, conn, caller, customer), caller.actor(why.by)
        return show(conn, app.keys, asked, customer, by, why.reason, app.clock.now())
