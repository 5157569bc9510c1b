"""What people on the phone learn (do not call), complaints; merges: the stricter holds.

Who says no or deletes us, and who is one with somebody who did, is stopped being contacted at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from siyu.budget import actions
from siyu.budget.actions.rulings import stop_barred
from siyu.events.model import (
    Batch,
    ComplaintClosed,
    ComplaintOpened,
    ConsentWithdrawn,
    FriendDeletedByCustomer,
    Projection,
    TaskDone,
    kinds_of,
)
from siyu.kernel.sql import Conn, load

SQL = load("siyu.budget")

# What a call desk's button means: where this customer is never contacted again.
# A wrong person says nothing of the customer: the phone is marked instead (tasks).
SUPPRESSES: Mapping[str, tuple[str, ...]] = {"do_not_call": ("voice",)}


def project(conn: Conn, batch: Batch, now: datetime) -> None:
    """Splits and merges first: what follows speaks of the customers who are there."""
    if batch.splits:
        conn.execute(SQL.part_suppressions, batch.moved)
        conn.execute(SQL.part_holdouts, batch.moved)
    _merge(conn, batch)
    told = [
        (event.id, channel, done.outcome)
        for event, done in batch.of(TaskDone)
        if event.id in batch.customer
        for channel in SUPPRESSES.get(done.outcome, ())
    ]
    rows = [(batch.customer[event], channel, outcome, None) for event, channel, outcome in told]
    whose = [batch.identity.get(event) for event, _, _ in told]
    stopped = actions.note(conn, rows, now, identities=whose)
    stopped |= actions.settle_complaints(conn, _complained(batch))
    stopped |= {merge.winner for merge in batch.merges}
    stopped |= {
        batch.customer[event.id]
        for event, _ in (*batch.of(ConsentWithdrawn), *batch.of(FriendDeletedByCustomer))
        if event.id in batch.customer
    }
    stop_barred(conn, stopped - batch.newcomers, now)


def _complained(batch: Batch) -> list[int]:
    """Whose complaints may stand otherwise than before."""
    told = (*batch.of(ComplaintOpened), *batch.of(ComplaintClosed))
    heard = {batch.customer[event.id] for event, _ in told if event.id in batch.customer}
    return sorted({*heard, *batch.parted, *(merge.winner for merge in batch.merges)})


def _merge(conn: Conn, batch: Batch) -> None:
    if not batch.merges:
        return
    params = {
        "losers": [merge.loser for merge in batch.merges],
        "winners": [merge.winner for merge in batch.merges],
    }
    for unite in (SQL.merge_accounts, SQL.merge_suppressions, SQL.merge_holdouts):
        conn.execute(unite, params)
    for forget in (SQL.forget_accounts, SQL.forget_suppressions, SQL.forget_holdouts):
        conn.execute(forget, {"losers": params["losers"]})


PROJECTION = Projection(
    "budget",
    kinds_of(
        [TaskDone, ConsentWithdrawn, FriendDeletedByCustomer, ComplaintOpened, ComplaintClosed]
    ),
    project,
)
