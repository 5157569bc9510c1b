"""What becomes of a touch at its lease and after a provider's answer: pure, one touch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.events.model import CallFinished, Event, TaskDone
from siyu.ledger.model import Entry
from siyu.outbox.model import ADDRESS, STAFF_CHANNELS, Found, Result

LEASE = timedelta(seconds=120)  # real time; a channel's own time-out must be shorter
DOUBT = timedelta(seconds=30)  # after a broken call: it may still be on its way to the provider
ASK_AGAIN = timedelta(minutes=1)
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=30)
MOST_ATTEMPTS = 12


class Due(NamedTuple):
    """A touch that is owed now, as it was claimed."""

    id: int
    customer_id: int
    journey: str
    step: str
    channel: str
    shop: str
    order_no: str
    material: str
    locale: str
    promise_id: int | None
    state_code: str
    not_after: datetime | None
    valid_until: datetime | None
    shop_name: str
    name_item: int | None  # the vault item of the customer's name
    merged: bool  # into another customer
    priced: bool  # what sending it costs is known
    staff: str = ""  # the guide whose press the budget counted
    opted_out: bool = False  # since it was allowed


class Lease(NamedTuple):
    """It may go out, to this identity."""

    due: Due
    identity_id: int | None


class Withhold(NamedTuple):
    touch_id: int
    reason: str


class Rewish(NamedTuple):
    """The ruling it had is not true any more: the budget rules again, for this customer."""

    touch_id: int
    customer_id: int


def stale(due: Due, survivor: int, now: datetime) -> Withhold | Rewish | None:
    """What else than going out becomes of it; `survivor` is who the customer is by now."""
    if due.valid_until is not None and due.valid_until <= now:
        return Withhold(due.id, "promise_expired")
    if due.opted_out:
        return Withhold(due.id, "opted_out")
    if survivor != due.customer_id or (due.not_after is not None and due.not_after <= now):
        return Rewish(due.id, survivor)
    return None


def addressed(due: Due, identity_id: int | None) -> Lease | Withhold:
    """The last decision before the network, about one that is true and in its hours."""
    if due.channel in ADDRESS and identity_id is None:
        return Withhold(due.id, no_address(due.channel))
    return Lease(due, identity_id)


def no_address(channel: str) -> str:
    """The reason when the key that a channel needs is not known (any more)."""
    return "no_phone" if ADDRESS[channel] == "phone" else "no_account"


class Recorded(NamedTuple):
    """What a touch becomes after an answer; `due_at` is when to look at it again."""

    touch_id: int
    state: str
    vendor_id: str
    reason: str
    due_at: datetime


def answered(
    touch_ids: Mapping[str, int], attempts: Mapping[int, int], results: list[Result], now: datetime
) -> list[Recorded]:
    """One state per message that was handed over; without an answer it is in doubt."""
    by_token = {result.token: result for result in results if result.token in touch_ids}
    return [
        _answered(touch_id, attempts[touch_id], by_token.get(token), now)
        for token, touch_id in sorted(touch_ids.items(), key=lambda pair: pair[1])
    ]


def _answered(touch_id: int, attempt: int, result: Result | None, now: datetime) -> Recorded:
    if result is None:
        return Recorded(touch_id, "unknown", "", "no answer", now + DOUBT)
    if result.status == "accepted":
        return Recorded(touch_id, "sent", result.vendor_id, "", now)
    if result.status == "awaiting_staff":
        return Recorded(touch_id, "awaiting_staff", result.vendor_id, "", now)
    if result.status == "rejected":
        return Recorded(touch_id, "failed", result.vendor_id, result.reason or "rejected", now)
    if result.again is not None:
        return Recorded(touch_id, "owed", result.vendor_id, result.reason, result.again)
    if attempt >= MOST_ATTEMPTS:
        return Recorded(touch_id, "failed", result.vendor_id, "gave_up", now)
    return Recorded(touch_id, "owed", result.vendor_id, result.reason, now + back_off(attempt))


def back_off(attempt: int) -> timedelta:
    """How long to wait after this many attempts: doubling, at most half an hour."""
    return min(FIRST_WAIT * 2 ** min(max(attempt - 1, 0), 10), LONGEST_WAIT)


class Doubt(NamedTuple):
    """A touch whose fate is unknown, as it was claimed."""

    id: int
    channel: str
    attempts: int
    valid_until: datetime | None
    cancel_wanted: bool


class Reconciled(NamedTuple):
    """What a touch in doubt turned out to be. `reason` only where it is withheld."""

    touch_id: int
    state: str
    vendor_id: str
    due_at: datetime
    reason: str = ""


def reconciled(doubt: Doubt, found: Found | None, now: datetime) -> Reconciled | None:
    """None: still unknown. Absent is sent again only while it is wanted and true."""
    if found is None or found.status == "unknown":
        return None
    if found.status == "absent":
        return _absent(doubt, now)
    by_people = doubt.channel in STAFF_CHANNELS and found.status == "accepted"
    reached = "delivered" if found.status == "delivered" else "sent"
    return Reconciled(doubt.id, "awaiting_staff" if by_people else reached, found.vendor_id, now)


def _absent(doubt: Doubt, now: datetime) -> Reconciled:
    if doubt.cancel_wanted:
        return Reconciled(doubt.id, "withdrawn", "", now)
    if doubt.valid_until is not None and doubt.valid_until <= now:
        return Reconciled(doubt.id, "withheld", "", now, "promise_expired")
    if doubt.attempts >= MOST_ATTEMPTS and doubt.channel not in STAFF_CHANNELS:
        return Reconciled(doubt.id, "failed", "", now, "gave_up")
    return Reconciled(doubt.id, "owed", "", now)


# How far a touch got: receipts only climb, so they may come in any order.
LADDER = ("sent", "failed", "delivered", "read", "replied")


class Receipt(NamedTuple):
    """A provider's word about a touch."""

    touch_id: int
    state: str
    reason: str
    at: datetime


def highest(receipts: Iterable[Receipt]) -> list[Receipt]:
    """One receipt per touch: the one that says most, the earliest of those."""
    best: dict[int, Receipt] = {}
    for receipt in receipts:
        other = best.get(receipt.touch_id)
        if other is None or _rank(receipt) > _rank(other):
            best[receipt.touch_id] = receipt
    return [best[touch] for touch in sorted(best)]


def _rank(receipt: Receipt) -> tuple[int, float]:
    return LADDER.index(receipt.state), -receipt.at.timestamp()


class Ended(NamedTuple):
    """A call or a task is over."""

    touch_id: int
    at: datetime
    seconds: int
    outcome: str
    intent: str
    state: str


def ended(ends: Iterable[tuple[Event, int]]) -> list[Ended]:
    """One end per touch: the latest. The tie-break is the one that the statement uses."""
    best: dict[int, Ended] = {}
    for event, touch_id in ends:
        end = _ended(event, touch_id)
        if touch_id not in best or end[1:5] > best[touch_id][1:5]:
            best[touch_id] = end
    return [best[touch] for touch in sorted(best)]


def _ended(event: Event, touch_id: int) -> Ended:
    data = event.data
    if isinstance(data, CallFinished):
        outcome = data.outcome or ("answered" if data.answered else "no_answer")
        state = "delivered" if data.answered else "sent"
        return Ended(touch_id, event.occurred_at, data.seconds, outcome, data.intent, state)
    if isinstance(data, TaskDone):
        return Ended(touch_id, event.occurred_at, 0, data.outcome, "", _by_people(data.outcome))
    raise TypeError(f"{event.kind} ends nothing")


def _by_people(outcome: str) -> str:
    """Nobody reached, somebody else reached, the customer reached."""
    if outcome == "no_answer":
        return "sent"
    return "failed" if outcome == "wrong_person" else "delivered"


def trial_cost(trial_id: int, kind: str, quantity: int, at: datetime) -> Entry:
    """What a test send costs: of nobody, and of no journey, so that no figure of one holds it."""
    return Entry("trial", trial_id, kind, None, None, "", "test", "", quantity, at)
