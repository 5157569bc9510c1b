"""Promises learn of merges, splits and gifts handed over; first, they take the room's lock."""

from __future__ import annotations

from datetime import datetime

from siyu.events.model import (
    Batch,
    FriendAdded,
    OfferRedeemed,
    OrderCancelled,
    OrderPaid,
    OrderRefunded,
    ParcelPacked,
    ParcelPlanned,
    Projection,
    kinds_of,
)
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, load
from siyu.ledger import actions as ledger
from siyu.ledger.actions import Entry
from siyu.offers import actions
from siyu.offers.decide import from_states

SQL = load("siyu.offers")

# Redeemed promises are ours to apply. The others may move promises further up (acquisition): the
# lock is taken here, before any later projection holds a row that a freeze waits for.
KINDS = kinds_of(
    [
        OfferRedeemed,
        FriendAdded,
        OrderPaid,
        OrderRefunded,
        OrderCancelled,
        ParcelPlanned,
        ParcelPacked,
    ]
)


def projection(ids: PublicIds) -> Projection:
    """This room's projection; `ids` reads the public id that a redeemed promise is known by."""

    def project(conn: Conn, batch: Batch, now: datetime) -> None:
        actions.lock(conn)
        if batch.splits:
            conn.execute(SQL.part, batch.moved)
            conn.execute(SQL.part_by_order, {"customers": batch.parted})
        if batch.merges:
            conn.execute(
                SQL.merge,
                {
                    "losers": [merge.loser for merge in batch.merges],
                    "winners": [merge.winner for merge in batch.merges],
                },
            )
        _redeem(conn, batch, ids, now)

    return Projection("offers", KINDS, project)


def _redeem(conn: Conn, batch: Batch, ids: PublicIds, now: datetime) -> None:
    at = {
        promise_id: event.occurred_at
        for event, data in batch.of(OfferRedeemed)
        if (promise_id := ids.decode("prm", data.promise)) is not None
    }
    if not at:
        return
    rows = conn.fetch(SQL.redeem, {"ids": sorted(at), "states": from_states("redeem"), "now": now})
    ledger.post(
        conn,
        [
            Entry(
                cause="promise",
                cause_id=promise_id,
                kind="gift",
                customer_id=customer_id,
                identity_id=identity_id,
                journey="",
                step="gift",
                shop=shop,
                quantity=1,
                occurred_at=at[promise_id],
                variant=sku,
            )
            for promise_id, customer_id, identity_id, shop, sku in rows
        ],
    )
