"""One customer, explained: who it is, how we know, what was sent, what not and why, what it cost.

Personal values are masked here; only an audited reveal shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.acquisition import views as acquisition
from siyu.budget import views as budget
from siyu.commerce import views as commerce
from siyu.customers import views as customers
from siyu.identities import views as identities
from siyu.identities.model import Identity
from siyu.journeys import views as journeys
from siyu.journeys.model.enter import REFUSALS
from siyu.kernel.ids import PublicIds
from siyu.kernel.sentence import language_of, unkept, within
from siyu.kernel.sql import Conn
from siyu.ledger import views as ledger
from siyu.offers import views as offers
from siyu.outbox.model import REASONS as UNSENT
from siyu.tasks import views as tasks
from siyu.tasks.model import WAITS
from siyu.vault import views as vault
from siyu.vault.model import Keys, mask_name, mask_phone


@dataclass(frozen=True)
class KnownBy:
    """A key of the customer and the fact that joined it; `was`: the customer that it came from."""

    key: str
    kind: str
    masked: str
    how: str
    since: datetime
    was: str


@dataclass(frozen=True)
class Friend:
    staff: str
    carrier: str
    state: str
    added_at: datetime | None


@dataclass(frozen=True)
class Consented:
    channel: str
    purpose: str
    state: str
    basis: str
    evidence: str


@dataclass(frozen=True)
class Dated:
    """A date that comes every year: `day` is month-day of its calendar, solar or lunar."""

    name: str
    day: str
    calendar: str


@dataclass(frozen=True)
class Bought:
    """An order, told live or imported, as it stands now."""

    order: str
    at: datetime
    state: str
    total_minor: int
    refunded_minor: int
    currency: str


@dataclass(frozen=True)
class Move:
    """One step of a visit: when it came to which node, and why."""

    at: datetime
    node: str
    why: str


@dataclass(frozen=True)
class Walk:
    """A visit: where it is in a journey, since when, how it came there."""

    journey: str
    about: str
    node: str
    state: str
    since: datetime
    due_at: datetime | None
    outcome: str
    held_out: bool
    moves: list[Move]


@dataclass(frozen=True)
class Ruling:
    at: datetime
    verdict: str
    reason: str
    words: str
    until: datetime | None
    by: str  # the touch that outranked it
    by_step: str = ""  # of which journey and step it was: JOURNEY/STEP


@dataclass(frozen=True)
class Sent:
    """A touch, sent or not. `reason` says why not."""

    id: str
    journey: str
    step: str
    channel: str
    order: str
    state: str
    reason: str
    words: str
    wished_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    outcome: str
    intent: str
    rulings: list[Ruling]


@dataclass(frozen=True)
class Promised:
    offer: str
    order: str
    state: str
    reason: str
    promised_at: datetime


@dataclass(frozen=True)
class Packed:
    parcel_no: str
    content: str
    reason: str
    words: str
    frozen_at: datetime
    packed: str


@dataclass(frozen=True)
class Entry:
    """An order, or another cause, that could have started a journey, and what became of it."""

    journey: str
    order: str
    outcome: str
    reason: str
    words: str
    at: datetime


@dataclass(frozen=True)
class Cost:
    kind: str
    step: str
    quantity: int
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Explained:
    """Everything that explains how a customer was treated."""

    customer: str
    name: str
    stage: str
    synthetic: bool
    known_by: list[KnownBy]
    friendships: list[Friend]
    consents: list[Consented]
    suppressed: list[str]
    tags: list[str]
    dates: list[Dated]
    held_out_of: list[str]
    orders: list[Bought]
    entries: list[Entry]
    visits: list[Walk]
    touches: list[Sent]
    tasks_open: int
    promises: list[Promised]
    parcels: list[Packed]
    costs: list[Cost]
    cost_minor: int
    currency: str


WITHDRAWN = {
    "friend": {"en": "became a friend before it was sent", "zh": "发送前已成为好友"},
    "split": {
        "en": "its address turned out to be somebody else's",
        "zh": "该联系方式已确认属于另一位客户",
    },
    "order_gone": {"en": "the order was cancelled or refunded", "zh": "订单已取消或退款"},
    "stopped": {"en": "its journey was stopped", "zh": "旅程已终止"},
    "merged": {"en": "another visit of theirs goes on", "zh": "客户合并，另一流程继续"},
    "migrated": {"en": "ended when its journey got a new version", "zh": "旅程换版时结束"},
    "paused": {"en": "asked back by a pause", "zh": "因暂停而召回"},
    "step_gone": {"en": "the new version has no such step", "zh": "新版本已无此节点"},
}
# Why a touch was not sent, whoever of us said so.
REASONS = {**WITHDRAWN, **UNSENT, **budget.REASONS}


def explain(
    conn: Conn, keys: Keys, ids: PublicIds, customer_id: int, currency: str, locale: str
) -> Explained | None:
    """All of it; None if there is no such customer. For a merged one its survivor answers."""
    customer_id = identities.survivor(conn, [customer_id]).get(customer_id, customer_id)
    profile = customers.profile(conn, customer_id)
    if profile is None:
        return None
    costs = [
        Cost(one.kind, one.step, one.quantity, one.amount_minor, one.currency)
        for one in ledger.of_customer(conn, customer_id)
    ]
    return Explained(
        customer=ids.encode("cus", customer_id),
        name=_name(conn, keys, profile.name_item),
        stage=f"A{int(profile.stage)}",
        synthetic=profile.synthetic,
        known_by=_known_by(conn, keys, ids, customer_id),
        friendships=[
            Friend(one.staff, one.carrier, one.state, one.added_at) for one in profile.friendships
        ],
        consents=[
            Consented(one.channel, one.purpose, one.state, one.basis, one.evidence)
            for one in profile.consents
        ],
        suppressed=[
            f"{one.channel}: {one.reason}"
            if one.purpose == "*"
            else f"{one.channel} ({one.purpose}): {one.reason}"
            for one in budget.suppressions_of(conn, customer_id)
        ],
        tags=[one.name for one in profile.tags],
        dates=[
            Dated(name, f"{day.month:02}-{day.day:02}", day.calendar) for name, day in profile.dates
        ],
        held_out_of=[one.scope for one in budget.holdouts_of(conn, customer_id) if one.held],
        orders=[
            Bought(
                f"{shop}/{order_no}",
                one.paid_at,
                one.state,
                one.total_minor,
                one.refunded_minor,
                one.currency,
            )
            for (shop, order_no), one in commerce.of_customer(conn, customer_id).items()
        ],
        entries=[
            Entry(
                one.journey,
                f"{one.shop}/{one.order_no}" if one.order_no else one.cause,
                one.outcome,
                one.reason,
                REFUSALS.get(one.reason, {}).get(locale, one.reason),
                one.at,
            )
            for one in journeys.entries(conn, customer_id)
        ],
        visits=_visits(conn, customer_id),
        touches=_touches(conn, ids, customer_id, locale),
        tasks_open=sum(task.state == "open" for task in tasks.of_customer(conn, customer_id)),
        promises=[
            Promised(
                one.offer, f"{one.shop}/{one.order_no}", one.state, one.reason, one.promised_at
            )
            for one in offers.of_customer(conn, customer_id)
        ],
        parcels=[
            Packed(
                one.parcel_no,
                one.content,
                one.reason,
                one.words.get(locale, one.reason),
                one.frozen_at,
                ", ".join(part for part in (one.packed_gift, one.packed_card) if part),
            )
            for one in acquisition.explain_parcels(conn, customer_id)
        ],
        costs=costs,
        cost_minor=sum(one.amount_minor for one in costs),
        currency=currency,
    )


def _name(conn: Conn, keys: Keys, item: int | None) -> str:
    if item is None:
        return ""
    return mask_name(vault.open_items(conn, keys, [item]).get(item, ""))


def _known_by(conn: Conn, keys: Keys, ids: PublicIds, customer_id: int) -> list[KnownBy]:
    found = identities.of_customer(conn, customer_id)
    shown = masked(conn, keys, found)
    return [
        KnownBy(
            ids.encode("key", one.id),
            one.kind,
            shown[one.id],
            f"{one.how}; somebody else answers here" if one.wrong_since else one.how,
            one.created_at,
            ids.encode("cus", one.first_customer_id)
            if one.first_customer_id != customer_id
            else "",
        )
        for one in found
    ]


def masked(conn: Conn, keys: Keys, found: Sequence[Identity]) -> dict[int, str]:
    """Identity → what may be shown of it: a part of a phone, else the beginning of its hash."""
    phones = vault.open_field(
        conn, keys, [one.hash for one in found if one.kind == "phone"], "phone"
    )
    return {
        one.id: mask_phone(phones[one.hash]) if one.hash in phones else f"{one.hash.hex()[:8]}…"
        for one in found
    }


def _visits(conn: Conn, customer_id: int) -> list[Walk]:
    found = journeys.where(conn, [customer_id])
    moves = journeys.moves(conn, [one.visit_id for one in found])
    return [
        Walk(
            one.journey,
            one.key,
            one.node,
            one.state,
            one.since,
            one.due_at,
            one.outcome,
            one.held_out,
            [Move(move.at, move.node, move.why) for move in moves.get(one.visit_id, [])],
        )
        for one in found
    ]


def _touches(conn: Conn, ids: PublicIds, customer_id: int, locale: str) -> list[Sent]:
    found = budget.of_customer(conn, customer_id)
    steps = {one.touch.id: f"{one.touch.journey}/{one.touch.step}" for one in found}
    return [
        Sent(
            id=ids.encode("tch", one.touch.id),
            journey=one.touch.journey,
            step=one.touch.step,
            channel=one.touch.channel,
            order=f"{one.touch.shop}/{one.touch.order_no}",
            state=one.touch.state,
            reason=one.touch.reason,
            words=budget_words(one.touch.reason, locale),
            wished_at=one.touch.wished_at,
            due_at=one.touch.due_at if one.touch.state in ("wished", "owed") else None,
            sent_at=one.touch.sent_at,
            outcome=one.touch.outcome,
            intent=one.touch.intent,
            rulings=[
                Ruling(
                    said.ruled_at,
                    said.verdict,
                    said.reason,
                    said.why(locale),
                    said.at,
                    ids.encode("tch", said.by_touch) if said.by_touch else "",
                    steps.get(said.by_touch or 0, ""),
                )
                for said in one.rulings
            ],
        )
        for one in found
    ]


def budget_words(reason: str, locale: str) -> str:
    """A stored reason in words; the code itself where there are none."""
    words = REASONS.get(reason) or WAITS.get(reason) or {}
    return words.get(locale) or within(language_of(locale), unkept(reason))[:]
