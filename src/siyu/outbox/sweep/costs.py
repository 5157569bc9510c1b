"""What sending costs: a text's segments, as soon as it left or may have left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from siyu.kernel.sql import Conn, load
from siyu.ledger.model import Entry

SQL = load("siyu.outbox")


def sms(conn: Conn, touch_ids: Sequence[int], now: datetime) -> list[Entry]:
    """One entry per text message among these touches."""
    rows = conn.fetch(SQL.texts, {"ids": sorted(touch_ids)}) if touch_ids else []
    return [
        Entry(
            cause="touch",
            cause_id=touch,
            kind="sms_segment",
            customer_id=customer_id,
            identity_id=identity_id,
            journey=journey,
            step=step,
            shop=shop,
            quantity=segments,
            occurred_at=now,
        )
        for touch, customer_id, identity_id, journey, step, shop, segments in rows
    ]
