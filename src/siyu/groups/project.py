"""What the carrier tells of posts: in which group one was said, or why it was not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from siyu.events.model import Batch, Projection, TouchDelivered, TouchFailed, kinds_of
from siyu.groups.decide import BY_HAND
from siyu.groups.model import PREFIX
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn, load

SQL = load("siyu.groups")
NOT_PRESSED = "not_pressed"  # else the carrier could not, and somebody does it by hand
_Receipt = tuple[int, str, str, datetime | None, datetime]


def projection(ids: PublicIds) -> Projection:
    """The groups' part of each apply; `ids` reads the tokens that the carrier gives back."""

    def project(conn: Conn, batch: Batch, now: datetime) -> None:
        found = {one[0]: one for one in _receipts(ids, batch, now)}
        if found:
            columns = zip(*sorted(found.values()), strict=True)
            named = zip(("ids", "states", "reasons", "due_ats", "ats"), columns, strict=True)
            conn.execute(SQL.receipts, {name: list(column) for name, column in named})

    return Projection("groups", kinds_of((TouchDelivered, TouchFailed)), project)


def _receipts(ids: PublicIds, batch: Batch, now: datetime) -> Iterator[_Receipt]:
    for event, told in batch.of(TouchFailed):
        post = ids.decode(PREFIX, told.touch)
        if post is not None:
            over = told.reason == NOT_PRESSED
            state, due_at = ("failed", None) if over else ("by_hand", now + BY_HAND)
            yield post, state, told.reason, due_at, event.occurred_at
    for event, told in batch.of(TouchDelivered):
        post = ids.decode(PREFIX, told.touch)
        if post is not None:
            yield post, "sent", "", None, event.occurred_at
