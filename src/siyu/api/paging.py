"""Lists by key: `after` and `limit` in, `next` out; a cursor says nothing of how many there are."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from siyu.app import App
from siyu.kernel.errors import BadInput

CURSOR = "pag"  # of a list whose rows have no public id of their own
After = Annotated[
    str, Query(max_length=30, description="`next` of the page before; empty: from the start.")
]
Limit = Annotated[int, Query(ge=1, le=1000, description="So many at most.")]


def start(app: App, after: str, prefix: str = CURSOR) -> int:
    """The number after which a page begins."""
    number = app.ids.decode(prefix, after) if after else 0
    if number is None:
        raise BadInput("`after` is no cursor of this list; use the `next` of the page before.")
    return number


def following(app: App, last: int | None, after: str, prefix: str = CURSOR) -> str:
    """The cursor behind the last row; where there is none, the one that was given: ask it later."""
    return after if last is None else app.ids.encode(prefix, last)
