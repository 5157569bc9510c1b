"""Parcels planned and packed, friends who came, orders taken back: what events change here."""

from __future__ import annotations

from datetime import datetime

from siyu.acquisition import decide
from siyu.acquisition.model import CARD_STEP, GIFT_STEP, Difference, PackedParcel
from siyu.events import actions as events
from siyu.events.model import (
    Batch,
    CustomerIdentified,
    FriendAdded,
    Key,
    OrderCancelled,
    OrderClaimed,
    OrderPaid,
    OrderRefunded,
    ParcelDiffers,
    ParcelPacked,
    ParcelPlanned,
    Projection,
    TaskDone,
    kinds_of,
)
from siyu.kernel.sql import Conn, load
from siyu.ledger import actions as ledger
from siyu.ledger.actions import Entry, caps
from siyu.offers import actions as offers

SQL = load("siyu.acquisition")

KINDS = kinds_of(
    [
        CustomerIdentified,
        FriendAdded,
        OrderCancelled,
        OrderClaimed,
        OrderPaid,
        OrderRefunded,
        ParcelPacked,
        ParcelPlanned,
        TaskDone,
    ]
)


def project(conn: Conn, batch: Batch, now: datetime) -> None:
    """However many events, as many statements. The lock is taken by the offers room."""
    if batch.splits:
        _part(conn, batch)
    _merge(conn, batch)
    _plan(conn, batch)
    _settle(conn, batch, now)
    _differ(conn, batch, now)
    _revoke(conn, batch, now)
    _match(conn, batch)
    _owe_late(conn, batch, now)
    _claim(conn, batch)
    _claim_orders(conn, batch)


def _part(conn: Conn, batch: Batch) -> None:
    """Codes and decisions go with their orders, friends with their account, claims with their
    phone."""
    people = {"customers": batch.parted}
    conn.execute(SQL.part_issues, people)
    conn.execute(SQL.part_decisions, people)
    conn.execute(SQL.part_matches, batch.moved)
    conn.execute(SQL.unmatch_friends, people)


def _merge(conn: Conn, batch: Batch) -> None:
    if not batch.merges:
        return
    pairs = {
        "losers": [merge.loser for merge in batch.merges],
        "winners": [merge.winner for merge in batch.merges],
    }
    conn.execute(SQL.merge_issues, pairs)
    conn.execute(SQL.merge_decisions, pairs)
    conn.execute(SQL.merge_matches, pairs)


def _plan(conn: Conn, batch: Batch) -> None:
    """History that was brought in needs no decision any more."""
    numbers = [data.parcel_no for event, data in batch.of(ParcelPlanned) if not event.backfill]
    if numbers:
        conn.execute(SQL.plan, {"numbers": sorted(set(numbers))})


def _settle(conn: Conn, batch: Batch, now: datetime) -> None:
    """What the packer really put in keeps promises, empties shelves and costs money."""
    numbers = {data.parcel_no for _, data in batch.of(ParcelPacked)}
    numbers |= {data.parcel_no for _, data in batch.of(ParcelPlanned)}
    if not numbers:
        return
    rows = conn.fetch(SQL.settle, {"numbers": sorted(numbers), "now": now})
    offers.fulfil(conn, [(parcel_id, gift) for parcel_id, gift, *_ in rows], now)
    entries: list[Entry] = []
    for parcel_id, gift, card, packed_at, shop, customer_id, identity_id, journey in rows:
        costs = [("gift", GIFT_STEP, gift), ("shipping_extra", GIFT_STEP, "")] if gift else []
        costs += [("card", CARD_STEP, card)] if card else []
        entries += [
            Entry(
                cause="parcel",
                cause_id=parcel_id,
                kind=kind,
                customer_id=customer_id,
                identity_id=identity_id,
                journey=journey,
                step=step,
                shop=shop,
                quantity=1,
                occurred_at=packed_at,
                variant=variant,
            )
            for kind, step, variant in costs
        ]
    caps.forget(conn, "parcel", [row[0] for row in rows])  # what was expected to be in them
    ledger.post(conn, entries)


def _differ(conn: Conn, batch: Batch, now: datetime) -> None:
    """Packed otherwise than decided: a fact of our own, told when it begins to be true, and once
    more should a later report take it back. A decision never comes after what it would differ
    from: what is packed before its cut-off is decided to carry nothing."""
    numbers = sorted({data.parcel_no for _, data in batch.of(ParcelPacked)})
    if not numbers:
        return
    rows = conn.fetch(SQL.packed_beside_decided, {"numbers": numbers})
    news: list[tuple[PackedParcel, Difference]] = [
        (parcel, how)
        for parcel in map(PackedParcel._make, rows)
        if (how := decide.difference(parcel)) is not None
    ]
    if not news:
        return
    conn.execute(
        SQL.keep_differences,
        {
            "parcels": [parcel.id for parcel, _ in news],
            "turns": [parcel.turn + 1 for parcel, _ in news],
            "hows": [how for _, how in news],
            "gifts": [parcel.gift for parcel, _ in news],
            "cards": [parcel.card for parcel, _ in news],
            "ats": [parcel.packed_at for parcel, _ in news],
        },
    )
    events.own(conn, [_told(parcel, how) for parcel, how in news], now)


def _told(parcel: PackedParcel, how: Difference) -> events.Own:
    told = ParcelDiffers(
        parcel_no=parcel.parcel_no,
        how=how,
        decided=parcel.content,
        item=parcel.item,
        gift=parcel.gift,
        card=parcel.card,
        shop=parcel.shop,
        order_no=parcel.order_no,
        warehouse=parcel.warehouse,
    )
    keys = () if parcel.key is None else (Key(parcel.key, bytes(parcel.hashed or b"")),)
    name = f"differs/{parcel.id}/{parcel.turn + 1}"
    return events.Own(told, name, parcel.packed_at, keys)


def _revoke(conn: Conn, batch: Batch, now: datetime) -> None:
    """A refund or a cancellation takes back what has not left the house."""
    named = {(data.shop, data.order_no) for _, data in batch.of(OrderCancelled)}
    named |= {
        (data.shop, data.order_no)
        for _, data in batch.of(OrderRefunded)
        if data.order_no is not None
    }
    customers = _customers_of(batch, (OrderPaid, OrderRefunded, OrderCancelled)) - batch.newcomers
    if not named and not customers:
        return
    pairs = sorted(named)
    about = {
        "customers": sorted(customers),
        "shops": [shop for shop, _ in pairs],
        "orders": [order_no for _, order_no in pairs],
    }
    gone = conn.fetch(SQL.gone_promises, about)
    caps.forget(conn, "parcel", [row[0] for row in conn.fetch(SQL.gone_parcels, about)])
    offers.revoke(conn, [(shop, order_no) for shop, order_no in gone], "order_gone", now)


def _match(conn: Conn, batch: Batch) -> None:
    added = [
        (batch.identity[event.id], batch.customer[event.id], _state(event.keys), event.occurred_at)
        for event, _ in batch.of(FriendAdded)
        if event.id in batch.identity
    ]
    if added:
        conn.execute(
            SQL.match_friends,
            {
                "identities": [one[0] for one in added],
                "customers": [one[1] for one in added],
                "hashes": [one[2] for one in added],
                "at": [one[3] for one in added],
            },
        )
    customers = _customers_of(batch, (OrderPaid,)) - batch.newcomers
    customers |= _customers_of(batch, (FriendAdded, CustomerIdentified))
    customers |= {merge.winner for merge in batch.merges}
    if customers:
        conn.execute(SQL.identify_friends, {"customers": sorted(customers)})


def _owe_late(conn: Conn, batch: Batch, now: datetime) -> None:
    """Added, or found to be a friend, after the parcel was frozen: the gift comes with the next
    one, or is claimed."""
    added = _customers_of(batch, (FriendAdded,))
    customers = added | _customers_of(batch, (CustomerIdentified,))
    customers |= {merge.winner for merge in batch.merges}
    if not customers:
        return
    rows = conn.fetch(SQL.late_promises, {"customers": sorted(customers), "added": sorted(added)})
    offers.make_claimable(conn, [row[0] for row in rows], now, "late_add")


def _claim(conn: Conn, batch: Batch) -> None:
    """Somebody said on the phone that they are a friend: which one, staff confirm."""
    said = [
        (event, done)
        for event, done in batch.of(TaskDone)
        if done.outcome == "already_added" and event.id in batch.customer
    ]
    if said:
        conn.execute(
            SQL.claim,
            {
                "events": [event.id for event, _ in said],
                "customers": [batch.customer[event.id] for event, _ in said],
                "identities": [batch.identity.get(event.id) for event, _ in said],
                "staff": [done.staff for _, done in said],
                "ats": [event.occurred_at for event, _ in said],
            },
        )


def _claim_orders(conn: Conn, batch: Batch) -> None:
    """A friend gave an order's number: the page knows them by it, else staff confirm."""
    said = [(event, told) for event, told in batch.of(OrderClaimed) if event.id in batch.customer]
    if said:
        conn.execute(
            SQL.claim_orders,
            {
                "events": [event.id for event, _ in said],
                "friends": [batch.identity.get(event.id) for event, _ in said],
                "shops": [told.shop for _, told in said],
                "orders": [told.order_no for _, told in said],
                "proved": [told.proved for _, told in said],
                "ats": [event.occurred_at for event, _ in said],
            },
        )


def _customers_of(batch: Batch, structs: tuple[type, ...]) -> set[int]:
    return {
        batch.customer[event.id]
        for event in batch.events
        if isinstance(event.data, structs) and event.id in batch.customer
    }


def _state(keys: tuple[tuple[str, bytes], ...]) -> bytes | None:
    return next((hashed for kind, hashed in keys if kind == "state"), None)


PROJECTION = Projection("acquisition", KINDS, project)
