"""What sending costs: a text's segments, as soon as it left or may have left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.kernel.sql import Conn, load
from siyu.ledger.model import Entry

SQL = load("siyu.outbox")


class Text(NamedTuple):
    """A text message, and to whom it counts."""

    touch_id: int
    customer_id: int
    identity_id: int | None
    journey: str
    step: str
    shop: str
    segments: int


def stored(conn: Conn, touch_ids: Sequence[int]) -> list[Text]:
    """The text messages among these touches."""
    rows = conn.fetch(SQL.texts, {"ids": sorted(touch_ids)}) if touch_ids else []
    return [Text(*row) for row in rows]


def entries(texts: Sequence[Text], now: datetime) -> list[Entry]:
    """What they cost, one entry each."""
    return [
        Entry(
            cause="touch",
            cause_id=text.touch_id,
            kind="sms_segment",
            customer_id=text.customer_id,
            identity_id=text.identity_id,
            journey=text.journey,
            step=text.step,
            shop=text.shop,
            quantity=text.segments,
            occurred_at=now,
        )
        for text in texts
    ]
