"""Costs follow a customer who was merged, and after a split the key that they came by; everything
else is posted with its cause."""

from __future__ import annotations

from datetime import datetime

from siyu.events.model import Batch, Projection
from siyu.kernel.sql import Conn, load

SQL = load("siyu.ledger")


def project(conn: Conn, batch: Batch, now: datetime) -> None:  # noqa: ARG001 - a Projection's form
    """One statement each, and only after a split or a merge."""
    if batch.splits:
        conn.execute(SQL.part, batch.moved)
    if batch.merges:
        conn.execute(
            SQL.merge,
            {
                "losers": [merge.loser for merge in batch.merges],
                "winners": [merge.winner for merge in batch.merges],
            },
        )


PROJECTION = Projection("ledger", frozenset(), project)
