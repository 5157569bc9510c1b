"""What becomes of a touch at its lease and after a provider's answer: pure, one touch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.events.model import CallFinished, Event, TaskDone
from siyu.kernel.ids import share
from siyu.kernel.sentence import kept
from siyu.ledger.model import Entry
from siyu.outbox.model import ADDRESS, REFUSED, STAFF_CHANNELS, Found, Result

LEASE = timedelta(seconds=120)  # real time
FRESH = timedelta(seconds=20)  # so old may it be at the call: a channel's time-out must be shorter
DOUBT = timedelta(seconds=30)  # after a broken call: it may still be on its way to the provider
ASK_AGAIN = timedelta(minutes=1)
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=30)
MOST_FAILURES = 12
MOST_SHARED = 8  # of them at a door that was shut for all: that alone gives nothing up
# A channel in trouble is asked often enough for what is urgent, and adds nothing to the trouble:
# almost at once after a single slip, then twice as late each time, up to PROBE_EVERY.
PROBE_EVERY = timedelta(seconds=15)
PROBE = 10  # touches: without an answer they are in doubt
SHORTEST_PAUSE = timedelta(seconds=1)
# A material that its provider refuses is tried so often: one request, which costs nothing.
TRY_REFUSED = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=1)  # whatever a provider wants: it may err, and a probe is small


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
    attempts: int = 0
    variant: str | None = None  # of its material, where it was written out before


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


def probe(fresh: Sequence[Due]) -> list[Due]:
    """With what a channel in trouble is asked, of what could go: few of the most urgent.

    Of these the least tried, and never all: what is refused for its own sake must not keep the
    channel shut for the others.
    """
    few = min(PROBE, (len(fresh) + 1) // 2)
    chosen = {due.id for due in sorted(fresh[: 2 * PROBE], key=lambda due: due.attempts)[:few]}
    return [due for due in fresh if due.id in chosen]


def shut_until(
    results: Sequence[Result],
    now: datetime,
    again: datetime | None = None,
    *,
    failed: int = 0,
) -> datetime | None:
    """When to probe a channel after these answers; None: it takes what it is given.

    It is in trouble if it says so, does not answer, or takes none of several, and no longer as
    soon as it takes one. `again` is when it wants to be asked, where it did not answer; `failed`,
    how often in a row it was in trouble before.
    """
    if failed and any(one.status in ("accepted", "awaiting_staff") for one in results):
        return None
    shut = [one for one in results if one.shut]
    refuses = len(results) > 1 and all(
        one.status == "retry" and not one.again and one.halt != "material" for one in results
    )
    if results and not shut and not refuses:
        return None
    said = [at for at in (again, *(one.again for one in shut)) if at is not None]
    at = max(said, default=now + min(SHORTEST_PAUSE * 2 ** min(failed, 10), PROBE_EVERY))
    return min(max(at, now + SHORTEST_PAUSE), now + LONGEST_PAUSE)


class Recorded(NamedTuple):
    """What a touch becomes after an answer.

    `due_at` is when to look at it again; None: it keeps its place among what is owed.
    """

    touch_id: int
    state: str
    vendor_id: str
    reason: str
    due_at: datetime | None
    failures: int


class _Batch(NamedTuple):
    """What all answers of a batch have in common."""

    now: datetime
    shut: bool
    probing: bool


def answered(
    touch_ids: Mapping[str, int],
    failures: Mapping[int, int],
    results: Sequence[Result],
    now: datetime,
    *,
    failed: int = 0,
) -> list[Recorded]:
    """One state per message that was handed over; without an answer it is in doubt.

    What fails while the channel is in trouble anyway (it has `failed`) is no failure of the touch.
    """
    by_token = {result.token: result for result in results if result.token in touch_ids}
    shut = shut_until([*by_token.values()], now, failed=failed) is not None
    batch = _Batch(now, shut, failed > 0)
    return [
        _answered(touch_id, failures[touch_id], by_token.get(token), batch)
        for token, touch_id in sorted(touch_ids.items(), key=lambda pair: pair[1])
    ]


def _answered(touch_id: int, failures: int, result: Result | None, batch: _Batch) -> Recorded:
    now = batch.now
    if result is None:
        failed = failures if batch.probing else failures + 1
        return Recorded(touch_id, "unknown", "", "no answer", now + DOUBT, failed)
    vendor, reason = result.vendor_id, kept(result.reason)
    if result.status == "accepted":
        return Recorded(touch_id, "sent", vendor, "", now, failures)
    if result.status == "awaiting_staff":
        return Recorded(touch_id, "awaiting_staff", vendor, "", now, failures)
    if result.status == "rejected":
        return Recorded(touch_id, "failed", vendor, reason or "rejected", now, failures)
    halted = result.halt == "material"
    if batch.shut and not halted:
        return _shut_out(touch_id, failures, result, batch)
    at = now + TRY_REFUSED if halted else result.again
    if at is not None:
        return Recorded(touch_id, "owed", vendor, REFUSED if halted else reason, at, failures)
    if failures + 1 >= MOST_FAILURES:
        return Recorded(touch_id, "failed", vendor, "gave_up", now, failures + 1)
    again = now + back_off(failures + 1)
    return Recorded(touch_id, "owed", vendor, reason, again, failures + 1)


def _shut_out(touch_id: int, failures: int, result: Result, batch: _Batch) -> Recorded:
    """Nobody's fault, the first time. Perhaps it is its own, though, if it happens again: so its
    batch comes back in parts."""
    due_at = None
    if not batch.probing:
        failures = max(failures, min(failures + 1, MOST_SHARED))
        if failures > 1:
            spread = 0.5 + share("apart", str(touch_id), str(failures))
            due_at = batch.now + back_off(failures - 1) * spread
    return Recorded(touch_id, "owed", result.vendor_id, kept(result.reason), due_at, failures)


class Trouble(NamedTuple):
    """What a provider said that is shut, and whether what was bought there is used up."""

    reason: str = ""
    quota: bool = False


def trouble(results: Sequence[Result]) -> Trouble:
    """The first reason of those that count most."""
    shut = sorted((one for one in results if one.shut), key=lambda one: one.halt != "quota")
    return Trouble(kept(shut[0].reason), shut[0].halt == "quota") if shut else Trouble()


class Taken(NamedTuple):
    """Materials by how their provider took them: `refused` with its words, `taken` none refused."""

    refused: Mapping[str, str]
    taken: frozenset[str]


def taken(results: Sequence[Result], materials: Mapping[str, str]) -> Taken:
    """By token → material. Of one that was both taken and refused, the refusal counts."""
    refused = {
        materials[one.token]: kept(one.reason)
        for one in reversed(results)
        if one.halt == "material"
    }
    went = {materials[one.token] for one in results if one.status in ("accepted", "awaiting_staff")}
    return Taken(refused, frozenset(went - refused.keys()))


def back_off(failures: int) -> timedelta:
    """How long to wait after this many failures: doubling, at most half an hour."""
    return min(FIRST_WAIT * 2 ** min(max(failures - 1, 0), 10), LONGEST_WAIT)


class Doubt(NamedTuple):
    """A touch whose fate is unknown, as it was claimed."""

    id: int
    channel: str
    failures: int
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
    by_people = found.status == "awaiting_staff" or (
        doubt.channel in STAFF_CHANNELS and found.status == "accepted"
    )
    reached = "delivered" if found.status == "delivered" else "sent"
    return Reconciled(doubt.id, "awaiting_staff" if by_people else reached, found.vendor_id, now)


def _absent(doubt: Doubt, now: datetime) -> Reconciled:
    if doubt.cancel_wanted:
        return Reconciled(doubt.id, "withdrawn", "", now)
    if doubt.valid_until is not None and doubt.valid_until <= now:
        return Reconciled(doubt.id, "withheld", "", now, "promise_expired")
    if doubt.failures >= MOST_FAILURES and doubt.channel not in STAFF_CHANNELS:
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
    source: str  # who told


def highest(receipts: Iterable[Receipt]) -> list[Receipt]:
    """One receipt per touch: the one that says most, the earliest of those."""
    best: dict[int, Receipt] = {}
    for receipt in receipts:
        other = best.get(receipt.touch_id)
        if other is None or _rank(receipt) > _rank(other):
            best[receipt.touch_id] = receipt
    return [best[touch] for touch in sorted(best)]


def _rank(receipt: Receipt) -> tuple[int, float, str]:
    return LADDER.index(receipt.state), -receipt.at.timestamp(), receipt.source


class Ended(NamedTuple):
    """A call or a task is over."""

    touch_id: int
    at: datetime
    seconds: int
    outcome: str
    intent: str
    state: str
    source: str


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
        return Ended(
            touch_id, event.occurred_at, data.seconds, outcome, data.intent, state, event.source
        )
    if isinstance(data, TaskDone):
        state = _by_people(data.outcome)
        return Ended(touch_id, event.occurred_at, 0, data.outcome, "", state, event.source)
    raise TypeError(f"{event.kind} ends nothing")


def _by_people(outcome: str) -> str:
    """Nobody reached, somebody else reached, the customer reached."""
    if outcome == "no_answer":
        return "sent"
    return "failed" if outcome == "wrong_person" else "delivered"


def trial_cost(trial_id: int, kind: str, quantity: int, at: datetime, vendor: str) -> Entry:
    """What a test send costs: of nobody, and of no journey, so that no figure of one holds it."""
    return Entry("trial", trial_id, kind, None, None, "", "test", "", quantity, at, vendor)
