"""What steps do besides wishing for touches, as data."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple


class Promised(NamedTuple):
    """An offer to promise, once per key."""

    key: str
    offer: str
    shop: str
    order_no: str
    expires_at: datetime


class Issued(NamedTuple):
    """A piece of an offer to reserve, once per key; what came of it the visit keeps as `asked`."""

    key: str
    offer: str
    shop: str
    order_no: str
    asked: str


class Fitted(NamedTuple):
    """A left-over size that fits to be invited to, decided at `draw_at`, once per key; how it
    stands the visit keeps as `asked`."""

    key: str
    size_tag: str
    own_store: bool
    few: int
    factor: int
    lasts: timedelta
    draw_at: datetime
    gives_up_at: datetime
    asked: str


class Revoked(NamedTuple):
    """What this visit has given of an offer is to be taken back."""

    offer: str


class Tagged(NamedTuple):
    """A tag to put on the customer."""

    name: str
