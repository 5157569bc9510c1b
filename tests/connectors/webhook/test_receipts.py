"""Posted receipts, through the real inbox: an answer for each, in order."""

from __future__ import annotations

import json

from siyu.connectors.webhook import wire
from siyu.db.pool import Pool
from siyu.events import views
from siyu.events.actions import accept, ensure_partitions
from siyu.vault.model import Keys

KEYS = Keys(b"m" * 32, b"l" * 32)
AT = "2026-11-20T10:00:05+08:00"


def test_each_receipt_has_its_answer_and_a_repeated_post_changes_nothing(db: Pool, clock) -> None:
    body = json.dumps([
        {"id": "tch_1", "kind": "delivered", "at": AT, "receipt_id": "r-1"},
        {"id": "tch_1", "kind": "order.paid", "at": AT, "receipt_id": "r-2"},
        {"id": "tch_1", "kind": "delivered", "at": AT, "receipt_id": "r-1"},
        "not a receipt",
        {"id": "tch_2", "kind": "failed", "at": AT, "receipt_id": "r-3", "reason": "off"},
    ]).encode()  # fmt: skip
    with db.transaction() as conn:
        ensure_partitions(conn, clock.now())
        first = accept(conn, KEYS, "CN", wire.incoming(body), clock.now())
        again = accept(conn, KEYS, "CN", wire.incoming(body), clock.now())

        assert views.backlog(conn) == 2
    assert [one.status for one in first] == [
        "accepted", "rejected", "duplicate", "rejected", "accepted",
    ]  # fmt: skip
    assert [one.status for one in again] == [
        "duplicate", "rejected", "duplicate", "rejected", "duplicate",
    ]  # fmt: skip
    assert [one.id for one in first] == ["r-1", "r-2", "r-1", "", "r-3"]
    assert first[1].reason == "kind: 'receipt.order.paid' is not a kind of event that can be sent"
    assert first[3].reason
