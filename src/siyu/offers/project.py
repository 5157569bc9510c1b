"""Promises learn of merges, splits and gifts handed over; first, they take the room's lock."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

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
from siyu.offers.model import Kind

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
    params = {"ids": sorted(at), "states": from_states("redeem"), "now": now}
    taken_up = [_Redeemed(*row) for row in conn.fetch(SQL.redeem, params)]
    costs = [_cost(one, at[one.id]) for one in taken_up if one.kind != "presale" or one.sku]
    ledger.post(conn, costs)


class _Redeemed(NamedTuple):
    id: int
    kind: Kind
    offer: str
    customer_id: int
    identity_id: int | None
    shop: str
    sku: str
    amount_minor: int | None


def _cost(one: _Redeemed, at: datetime) -> Entry:
    """What it costs: goods by their sku, a coupon by its offer, a red packet what was in it."""
    kind = one.kind if one.kind in ("coupon", "red_packet") else "gift"
    return Entry(
        cause="promise",
        cause_id=one.id,
        kind=kind,
        customer_id=one.customer_id,
        identity_id=one.identity_id,
        journey="",
        step=kind,
        shop=one.shop,
        quantity=1,
        occurred_at=at,
        variant=one.sku if kind == "gift" else one.offer,
        paid_minor=one.amount_minor,
    )
