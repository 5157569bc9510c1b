"""Lists by key: `after` and `limit` in, `next` out; a cursor says nothing of how many there are.

One rule for every list: ask again with `after=next` until `next` stays the same. A page may be
short, even empty, before the end, since a rare filter looks at a bounded number of rows at once. A
cursor can be kept: asked later, it gives what has come since.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from siyu.app import App
from siyu.identities import views as identities
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Conn

EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
CURSOR = "pag"  # of a list whose rows have no public id of their own
_NO_NUL = r"^[^\x00]*$"
After = Annotated[
    str,
    Query(
        max_length=30,
        pattern=_NO_NUL,
        description="`next` of the page before; empty: from the start.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=1000, description="So many at most.")]
Code = Annotated[str, Query(max_length=120, pattern=_NO_NUL, description="Only these; empty: all.")]
Since = Annotated[
    AwareDatetime | None, Query(description="Not before this time, with its offset; empty: all.")
]
Until = Annotated[
    AwareDatetime | None, Query(description="Before this time, with its offset; empty: all.")
]
Customer = Annotated[
    str,
    Query(max_length=30, pattern=_NO_NUL, description="Only of this customer (cus_…); empty: all."),
]


def start(app: App, after: str, prefix: str = CURSOR) -> int:
    """The number after which a page begins."""
    number = app.ids.decode(prefix, after) if after else 0
    if number is None:
        raise BadInput(
            Sentence(
                "`after` is no cursor of this list; use the `next` of the page before.",
                "`after` 不是这个列表的位置；请用上一页的 `next`。",
            )
        )
    return number


def following(app: App, end: int, prefix: str = CURSOR) -> str:
    """The cursor of the place up to which a page has looked; empty at the very start."""
    return app.ids.encode(prefix, end) if end else ""


def whose(app: App, conn: Conn, customer: str) -> int | None:
    """The customer that a list is filtered by, as they are known today; None: no filter."""
    if not customer:
        return None
    number = app.ids.decode("cus", customer)
    if number is None:
        raise BadInput(
            Sentence(
                "`customer` is no customer of ours; a customer looks like cus_…",
                "`customer` 不是我们的客户；客户的编号像 cus_…",
            )
        )
    return identities.survivor(conn, [number])[number]


# ── Newest first ─────────────────────────────────────────────────────────────────────────────────
# Lists for people go backwards and end: `next` is then empty.

Before = Annotated[
    str,
    Query(
        max_length=60,
        pattern=_NO_NUL,
        description="`next` of the page before; empty: from the newest.",
    ),
]


def since(app: App, before: str) -> tuple[datetime, int] | None:
    """The time and number before which a page begins; None: with the newest."""
    if not before:
        return None
    parts = [app.ids.decode(CURSOR, part) for part in before.split(".")]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        raise BadInput(
            Sentence(
                "`before` is no cursor of this list; use the `next` of the page before.",
                "`before` 不是这个列表的位置；请用上一页的 `next`。",
            )
        )
    return EPOCH + timedelta(microseconds=parts[0]), parts[1]


def until(app: App, at: datetime, number: int) -> str:
    """The cursor of this place."""
    micros = (at - EPOCH) // timedelta(microseconds=1)
    return f"{app.ids.encode(CURSOR, micros)}.{app.ids.encode(CURSOR, number)}"
