"""Which order a refund takes from, what an event of the shop says, until when a parcel can still be
changed: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from siyu.commerce.model import (
    AMOUNT_LINE,
    CANCELLED_LINE,
    Bought,
    Loose,
    Payment,
    Taken,
    Warehouse,
)
from siyu.commerce.model.payments import Came, Unmet
from siyu.commerce.model.sizes import Fits, Heard, SizeDecision, SizeWaiter, Variant
from siyu.events.model import (
    Batch,
    Event,
    OrderCancelled,
    OrderPaid,
    OrderRefunded,
    ParcelPacked,
    ParcelPlanned,
    ParcelShipped,
    Payload,
    PaymentReceived,
    PaymentRefunded,
    StockCounted,
)
from siyu.kernel.time import next_time, zone

P = TypeVar("P", bound=Payload)
Match = tuple[int, int] | tuple[None, None]  # order and line, or none


def latest(
    told: Iterable[tuple[Event, P]], name: Callable[[P], tuple[str, ...]]
) -> list[tuple[Event, P]]:
    """Of several events about the thing of one name the last one, in the order of names."""
    found: dict[tuple[str, ...], tuple[Event, P]] = {}
    for event, data in told:
        before = found.get(name(data))
        if before is None or before[0].order < event.order:
            found[name(data)] = (event, data)
    return [found[key] for key in sorted(found)]


def refunds(batch: Batch) -> list[Taken]:
    """The rows of the refunds of a batch. Each refund's rows add up to its amount."""
    rows: list[Taken] = []
    for event, data in latest(batch.of(OrderRefunded), lambda data: (data.shop, data.refund_no)):
        identity_id, customer_id = batch.identity.get(event.id), batch.customer.get(event.id)
        first = Taken(
            shop=data.shop,
            refund_no=data.refund_no,
            line=AMOUNT_LINE,
            order_no=data.order_no,
            whole=False,
            identity_id=identity_id if data.order_no is None else None,
            customer_id=customer_id if data.order_no is None else None,
            sku="",
            quantity=0,
            amount_minor=data.amount_minor - sum(line.amount_minor for line in data.lines),
            currency=data.currency,
            refunded_at=event.occurred_at,
            source=event.source,
            source_id=event.source_id,
        )
        if first.amount_minor or not data.lines:
            rows.append(first)
        rows += [
            first._replace(
                line=place, sku=line.sku, quantity=line.quantity, amount_minor=line.amount_minor
            )
            for place, line in enumerate(data.lines, start=1)
        ]
    return rows


def cancellations(batch: Batch) -> list[Taken]:
    """The rows of the cancellations of a batch: each takes a whole order."""
    return [
        Taken(
            shop=data.shop,
            refund_no=data.order_no,
            line=CANCELLED_LINE,
            order_no=data.order_no,
            whole=True,
            identity_id=None,
            customer_id=None,
            sku="",
            quantity=0,
            amount_minor=0,
            currency="",
            refunded_at=event.occurred_at,
            source=event.source,
            source_id=event.source_id,
        )
        for event, data in latest(batch.of(OrderCancelled), lambda data: (data.shop, data.order_no))
    ]


STILL_THERE = timedelta(days=1)  # a parcel whose cut-off is longer past is taken to have left
LONGEST_NUMBER = 120


def gift_deadline(paid_at: datetime, house: Warehouse) -> datetime:
    """Until when a warehouse can still be told what to put in, of an order paid then.

    It audits so long after its system has the order, or at the hour at which the day's parcels are
    closed, whichever comes first; our answer is there a margin before.
    """
    seen = paid_at + house.download_lag
    ends: list[datetime] = []
    if house.audit_delay is not None:
        ends.append(seen + house.audit_delay)
    if house.ship_cutoff is not None:
        ends.append(next_time(house.ship_cutoff, seen, zone(house.time_zone)))
    return max(min(ends, default=seen) - house.margin, paid_at)


def warehouse_of(shop: str, houses: Iterable[Warehouse]) -> Warehouse | None:
    """Which one serves a shop: one that names it goes before one for all."""
    serving = [house for house in houses if not house.shops or shop in house.shops]
    return min(serving, key=lambda house: (not house.shops, house.code), default=None)


def own_plans(
    paid: Iterable[tuple[Event, OrderPaid]], houses: Sequence[Warehouse], now: datetime
) -> list[tuple[Event, ParcelPlanned]]:
    """The parcels that no warehouse will tell us of: one for each order, with its cut-off. An order
    that has long left needs none."""
    found: list[tuple[Event, ParcelPlanned]] = []
    for event, data in paid:
        house = warehouse_of(data.shop, houses)
        if house is None or not house.plans or event.backfill:
            continue
        cutoff = gift_deadline(event.occurred_at, house)
        if cutoff < now - STILL_THERE:
            continue
        number = f"{data.shop}/{data.order_no}"
        plan = ParcelPlanned(
            parcel_no=number if len(number) <= LONGEST_NUMBER else data.order_no,
            shop=data.shop,
            orders=[data.order_no],
            main_order=data.order_no,
            cutoff_at=cutoff,
            warehouse=house.code,
            synthetic=data.synthetic,
        )
        found.append((event, plan))
    return found


def payments(batch: Batch) -> list[Payment]:
    """The rows of what was paid in chats and given back of it."""
    paid = latest(batch.of(PaymentReceived), lambda data: (data.carrier, data.trade_no))
    back = latest(
        batch.of(PaymentRefunded), lambda data: (data.carrier, data.trade_no, data.refund_no)
    )
    return [
        Payment(
            carrier=data.carrier,
            trade_no=data.trade_no,
            refund_no=data.refund_no if isinstance(data, PaymentRefunded) else "",
            identity_id=batch.identity.get(event.id),
            customer_id=batch.customer.get(event.id),
            staff=data.staff,
            amount_minor=data.amount_minor,
            currency=data.currency,
            paid_at=event.occurred_at,
            source=event.source,
            source_id=event.source_id,
            request=data.request if isinstance(data, PaymentReceived) else "",
        )
        for event, data in (*paid, *back)
    ]


def counts(batch: Batch, zone: ZoneInfo) -> list[Heard]:
    """What systems counted, by place, day and sku: the last word on each; rows of one sku in one
    telling add up."""
    found: dict[tuple[str, date, str], tuple[Event, int]] = {}
    for event, data in batch.of(StockCounted):
        day = event.occurred_at.astimezone(zone).date()
        pieces = Counter[str]()
        for line in data.lines:
            pieces[line.sku] += line.pieces
        for sku, many in pieces.items():
            before = found.get((data.place, day, sku))
            if before is None or before[0].order < event.order:
                found[data.place, day, sku] = (event, many)
    return [
        Heard(place, day, sku, many, event.occurred_at, event.source, event.source_id)
        for (place, day, sku), (event, many) in sorted(found.items(), key=lambda one: one[0])
    ]


def variants(batch: Batch) -> list[Variant]:
    """What was said of sizes and styles: the last word on each sku."""
    found: dict[str, Variant] = {}
    for event, data in batch.of(StockCounted):
        told = event.occurred_at, event.source, event.source_id
        for line in data.lines:
            if line.style and line.size:
                one = Variant(line.sku, line.style, line.size, line.title, line.discontinued, *told)
                before = found.get(line.sku)
                if before is None or before[-3:] <= told:
                    found[line.sku] = one
    return [found[sku] for sku in sorted(found)]


def invite(
    waiting: Sequence[SizeWaiter], bound: Mapping[tuple[str, str, str], int]
) -> list[SizeDecision]:
    """Who is invited to what: the most valuable first, each to the size of theirs with the most
    room, at most `factor` invitations for each piece, those that are `bound` among them. The rest
    wait; whom nothing fits is let go."""
    taken = Counter(bound)
    found: list[SizeDecision] = []
    ranked = sorted(waiting, key=lambda one: (-one.worth_minor, one.customer_id, one.key))
    for rank, one in enumerate(ranked, start=1):

        def room(fits: Fits, factor: int = one.factor) -> int:
            return fits.pieces * factor - taken[fits.shelf]

        best = max(one.fits, key=room, default=None)
        if best is None:
            found.append(SizeDecision(one.key, "none", "nothing_fits", rank))
        elif room(best) < 1:
            found.append(SizeDecision(one.key, "waiting", "no_pieces", rank))
        else:
            taken[best.shelf] += 1
            found.append(SizeDecision(one.key, "invited", "", rank, best))
    return found


class Packed(NamedTuple):
    """What a packer put in."""

    parcel_no: str
    at: datetime
    gift: str
    card: str


def packed(batch: Batch) -> list[Packed]:
    """The last report on each parcel, in the order of their numbers."""
    found: dict[str, Packed] = {}
    for event, data in batch.of(ParcelPacked):
        one = Packed(data.parcel_no, event.occurred_at, data.gift, data.card)
        found[one.parcel_no] = max(found.get(one.parcel_no, one), one)
    return [found[parcel_no] for parcel_no in sorted(found)]


def shipped(batch: Batch) -> dict[str, datetime]:
    """When each parcel first left."""
    found: dict[str, datetime] = {}
    for event, data in batch.of(ParcelShipped):
        before = found.get(data.parcel_no, event.occurred_at)
        found[data.parcel_no] = min(before, event.occurred_at)
    return found


def meet(asked: Iterable[Unmet], came: Iterable[Came]) -> dict[int, str]:
    """Payment → the request that it meets, of the same customer, member of staff and amount: in the
    order of time each the earliest that was open then and that none has met."""
    left: dict[tuple[object, ...], list[Unmet]] = {}
    for one in sorted(asked, key=lambda one: one.asked_at):
        left.setdefault(one[1:5], []).append(one)
    found: dict[int, str] = {}
    for payment in sorted(came, key=lambda one: (one.paid_at, one.id)):
        some = left.get(payment[1:5], [])
        meets = next((one for one in some if one.asked_at <= payment.paid_at < one.until), None)
        if meets is not None:
            some.remove(meets)
            found[payment.id] = meets.request
    return found


def match(lines: Iterable[Bought], refunds: Sequence[Loose]) -> dict[int, Match]:
    """Refund row → the latest earlier line of the same customer, shop and sku with enough left.

    Refunds choose in the order of their time; what none has enough left for is unmatched. The
    answer depends only on the facts given, so it is computed anew from all of them each time.
    """
    shelves: dict[tuple[object, ...], list[Bought]] = {}
    for line in sorted(lines, key=_recent, reverse=True):
        shelves.setdefault(_shelf(line), []).append(line)
    left = {
        (line.order_id, line.line): quantity
        for shelf in shelves.values()
        for line, quantity in _left(shelf)
    }
    return {
        refund.id: _take(shelves.get(_shelf(refund), []), refund, left)
        for refund in sorted(refunds, key=lambda one: (one.refunded_at, one.refund_no, one.line))
    }


def _shelf(one: Bought | Loose) -> tuple[object, ...]:
    return one.customer_id, one.shop, one.currency, one.sku


def _recent(line: Bought) -> tuple[datetime, str, int]:
    return line.paid_at, line.order_no, line.line


def _left(shelf: Iterable[Bought]) -> Iterable[tuple[Bought, int]]:
    """What refunds that name their order have left of each line: they take from the last lines."""
    taken: dict[int, int] = {}
    for line in shelf:
        gone = min(taken.setdefault(line.order_id, line.taken), max(line.quantity, 0))
        taken[line.order_id] -= gone
        yield line, line.quantity - gone


def _take(shelf: Iterable[Bought], refund: Loose, left: dict[tuple[int, int], int]) -> Match:
    if refund.quantity < 1:
        return None, None  # an amount without goods: no line can be named
    for line in shelf:
        place = line.order_id, line.line
        if line.paid_at <= refund.refunded_at and left[place] >= refund.quantity:
            left[place] -= refund.quantity
            return place
    return None, None
