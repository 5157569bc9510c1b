"""One customer on one page: who it is, what is under way, promised, spent.

Values are masked, reasons and states are codes: the console has their words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.analytics.views import people
from siyu.analytics.views.explain import masked
from siyu.analytics.views.margins import earned, margins
from siyu.analytics.views.people import Desk
from siyu.budget import views as budget
from siyu.customers import views as customers
from siyu.customers.model import FriendRow
from siyu.identities import views as identities
from siyu.identities.model import Identity
from siyu.journeys.views import STATES
from siyu.kernel.sql import load
from siyu.offers import views as offers
from siyu.tasks import views as tasks
from siyu.vault import views as vault
from siyu.vault.model import mask_name

SQL = load("siyu.analytics")
MOST_SHOWN = 50  # of what is under way, and of promises: nobody has as many


@dataclass(frozen=True)
class Known:
    """A key, masked, and how it was joined; `wrong`: somebody else answers there."""

    key: str
    kind: str
    masked: str
    how: str
    since: datetime
    was: str
    wrong: bool


@dataclass(frozen=True)
class Befriended:
    """A friendship with an account of staff, named as people know it."""

    staff: str
    name: str
    carrier: str
    state: str
    added_at: datetime | None
    deleted_at: datetime | None
    way: str


@dataclass(frozen=True)
class Tagged:
    name: str
    source: str
    tagged_at: datetime
    confidence: float
    until: datetime | None


@dataclass(frozen=True)
class Said:
    """The latest word on a channel and purpose."""

    channel: str
    purpose: str
    state: str
    basis: str
    evidence: str
    changed_at: datetime


@dataclass(frozen=True)
class Barred:
    """Where the customer must not be contacted; without `until` for good."""

    channel: str
    purpose: str
    reason: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Yearly:
    name: str
    day: str
    calendar: str


@dataclass(frozen=True)
class Owner:
    """The guide of the latest live friendship: nobody sets it by hand."""

    staff: str
    name: str
    since: datetime | None


@dataclass(frozen=True)
class Walk:
    """A visit under way: where, since when, when it goes on, which facts it waits for."""

    journey: str
    version: int
    node: str
    state: str
    since: datetime
    entered_at: datetime
    due_at: datetime | None
    waiting_for: list[str]
    order: str
    held_out: bool
    error: str


@dataclass(frozen=True)
class Vow:
    """What was promised, and what became of it."""

    offer: str
    order: str
    state: str
    reason: str
    promised_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class ToDo:
    task: str
    kind: str
    staff: str
    order: str
    due_at: datetime


@dataclass(frozen=True)
class Spent:
    kind: str
    quantity: int
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Worth:
    """Money in the brand's currency. `margin_minor`: what is left of the orders after the cost of
    their goods, without `unknown_minor` of sales of which nobody knows the cost; of `assumed_minor`
    it is taken to be a share of the price. Null: nothing is known of any of it."""

    orders: int
    total_minor: int
    refunded_minor: int
    first_at: datetime | None
    last_at: datetime | None
    cost_minor: int
    costs: list[Spent]
    margin_minor: int | None
    assumed_minor: int
    unknown_minor: int
    currency: str


@dataclass(frozen=True)
class Overview:
    """A customer on one page; `customer` is who stays, if the one asked for was merged."""

    customer: str
    name_masked: str
    stage: str
    synthetic: bool
    since: datetime
    owner: Owner | None
    friendships: list[Befriended]
    tags: list[Tagged]
    dates: list[Yearly]
    consents: list[Said]
    suppressed: list[Barred]
    held_out_of: list[str]
    keys: list[Known]
    visits: list[Walk]
    promises: list[Vow]
    tasks: list[ToDo]
    worth: Worth


def overview(desk: Desk, customer_id: int) -> Overview | None:
    """All of it; None if there is no such customer."""
    conn, ids = desk.conn, desk.ids
    found = customers.profile(conn, customer_id)
    if found is None:
        return None
    keys = identities.of_customer(conn, customer_id)
    shown = masked(conn, desk.keys, keys)
    called = people.staff_names(conn, [one.staff for one in found.friendships])
    name = vault.open_items(conn, desk.keys, [found.name_item] if found.name_item else [])
    return Overview(
        customer=ids.encode("cus", customer_id),
        name_masked=mask_name(name.get(found.name_item or 0, "")),
        stage=f"A{int(found.stage)}",
        synthetic=found.synthetic,
        since=found.created_at,
        owner=_owner(found.friendships, called),
        friendships=[
            Befriended(
                f.staff,
                called.get(f.staff, f.staff),
                f.carrier,
                f.state,
                f.added_at,
                f.deleted_at,
                f.way,
            )
            for f in found.friendships
        ],
        tags=[Tagged(**one._asdict()) for one in found.tags],
        dates=[Yearly(n, f"{day.month:02}-{day.day:02}", day.calendar) for n, day in found.dates],
        consents=[Said(**one._asdict()) for one in found.consents],
        suppressed=_barred(desk, customer_id),
        held_out_of=[one.scope for one in budget.holdouts_of(conn, customer_id) if one.held],
        keys=[_known(desk, one, shown, customer_id) for one in keys],
        visits=_walks(desk, customer_id),
        promises=[
            Vow(p.offer, order(p.shop, p.order_no), p.state, p.reason, p.promised_at, p.expires_at)
            for p in reversed(offers.of_customer(conn, customer_id)[-MOST_SHOWN:])
        ],
        tasks=[
            ToDo(ids.encode("tsk", t.id), t.kind, t.staff, order(t.shop, t.order_no), t.due_at)
            for t in tasks.of_customer(conn, customer_id)
            if t.state == "open"
        ],
        worth=_worth(desk, customer_id),
    )


def _owner(friendships: Sequence[FriendRow], called: Mapping[str, str]) -> Owner | None:
    live = [one for one in friendships if one.state == "live"]
    if not live:
        return None
    latest = max(live, key=lambda one: (one.added_at is not None, one.added_at, one.staff))
    name = called.get(latest.staff, latest.staff)
    return Owner(latest.staff, name, latest.added_at)


def _known(desk: Desk, one: Identity, shown: dict[int, str], customer_id: int) -> Known:
    was = one.first_customer_id
    return Known(
        desk.ids.encode("key", one.id),
        one.kind,
        shown[one.id],
        one.how,
        one.created_at,
        desk.ids.encode("cus", was) if was != customer_id else "",
        one.wrong_since is not None,
    )


def _barred(desk: Desk, customer_id: int) -> list[Barred]:
    return [
        Barred(**one._asdict())
        for one in budget.suppressions_of(desk.conn, customer_id)
        if one.until is None or one.until > desk.now
    ]


def _walks(desk: Desk, customer_id: int) -> list[Walk]:
    rows = desk.conn.fetch(SQL.standing, {"customer": customer_id, "most": MOST_SHOWN})
    return [
        Walk(
            journey, version, node, STATES[int(state)], since, entered, due, list(waits),
            order(shop, order_no), held_out, error,
        )
        for (
            _, journey, version, node, state, since, entered, due, waits, shop, order_no, held_out,
            error,
        ) in rows
    ]  # fmt: skip


def _worth(desk: Desk, customer_id: int) -> Worth:
    params = {"customer": customer_id, "currency": desk.currency}
    ((orders, total, refunded, first, last),) = desk.conn.fetch(SQL.money, params)
    costs = [Spent(*row) for row in desk.conn.fetch(SQL.spent, params)]
    every = earned(margins(desk.conn, [customer_id]))
    brought = next((one for one in every if one.currency == desk.currency), None)
    known = brought is not None and brought.unknown_minor < brought.net_minor
    return Worth(
        orders=orders,
        total_minor=total,
        refunded_minor=refunded,
        first_at=first,
        last_at=last,
        cost_minor=sum(one.amount_minor for one in costs if one.currency == desk.currency),
        costs=costs,
        margin_minor=brought.margin_minor if brought is not None and known else None,
        assumed_minor=brought.assumed_minor if brought is not None else 0,
        unknown_minor=brought.unknown_minor if brought is not None else 0,
        currency=desk.currency,
    )


def order(shop: str, order_no: str) -> str:
    return f"{shop}/{order_no}" if order_no else ""
