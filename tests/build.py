"""What tests of several rooms are built from: facts as senders write them, accepted and applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from siyu.commerce import project as commerce
from siyu.customers import project as customers
from siyu.events.actions import accept
from siyu.events.model import Incoming
from siyu.events.sweep import apply
from siyu.identities import project as identities
from siyu.kernel.sql import Db
from siyu.ledger import project as ledger
from siyu.vault.model import Keys

KEYS = Keys(b"m" * 32, b"l" * 32)
PROJECTIONS = (
    identities.PROJECTION,
    customers.PROJECTION,
    ledger.PROJECTION,
    commerce.PROJECTION,
)
DAY = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
NOW = DAY + timedelta(days=60)


def facts() -> Callable[..., Incoming]:
    """`event("order.paid", at=3, keys={…}, order_no="1", …)`: `at` counts days, data by name."""
    told = iter(range(1_000_000))

    def make(
        kind: str,
        *,
        at: float = 0,
        keys: dict[str, str] | None = None,
        person: dict[str, str] | None = None,
        source_id: str = "",
        **data: Any,
    ) -> Incoming:
        standard: dict[str, Any] = {
            "order.paid": {"shop": "s", "currency": "CNY"},
            "order.refunded": {"shop": "s", "currency": "CNY"},
            "order.corrected": {"shop": "s", "currency": "CNY"},
            "order.itemised": {"shop": "s", "currency": "CNY"},
            "order.cancelled": {"shop": "s"},
            "parcel.planned": {"shop": "s"},
            "friend.added": {"staff": "guide"},
            "friend.deleted_by_customer": {"staff": "guide"},
            "friend.deleted_by_staff": {"staff": "guide"},
            "consent.given": {
                "channels": ["sms"],
                "purposes": ["promotion"],
                "basis": "consent",
                "evidence": "form 1",
            },
            "consent.withdrawn": {"channels": ["sms"], "purposes": ["promotion"]},
        }
        return Incoming(
            source="test",
            id=source_id or f"e{next(told):06}",
            kind=kind,
            occurred_at=(DAY + timedelta(days=at)).isoformat(),
            keys=keys or {},
            person=person or {},
            data=msgspec.Raw(msgspec.json.encode(standard.get(kind, {}) | data)),
        )

    return make


def tell(db: Db, events: Sequence[Incoming], *, limit: int = 2000) -> None:
    """Accepted and applied; anything refused or parked fails the test."""
    with db.transaction() as conn:
        answers = accept(conn, KEYS, "CN", events, NOW)
    assert [answer for answer in answers if answer.status == "rejected"] == []
    while (done := apply(db, PROJECTIONS, NOW, limit=limit)).claimed:
        with db.transaction() as conn:
            parked = conn.fetch("select error from event_pending where error is not null")
        assert (done.parked, parked) == (0, [])
