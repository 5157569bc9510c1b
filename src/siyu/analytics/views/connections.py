"""What we are connected with: shops that tell of orders, channels that carry touches."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.kernel.sql import Conn, load

SQL = load("siyu.analytics")
LATELY = timedelta(days=1)


class ShopHeard(NamedTuple):
    """A shop, and when its last order was paid. No name: it sells, and nobody has listed it."""

    code: str
    name: str | None
    platform: str | None
    inserts: bool | None
    synthetic: bool | None
    last_order_at: datetime | None


class ChannelState(NamedTuple):
    """A channel: paused, in trouble, when something last went out within a day (to the minute)."""

    channel: str
    stopped_since: datetime | None
    stopped_by: str | None
    trouble_since: datetime | None
    failures: int
    probe_at: datetime | None
    sent_at: datetime | None
    error: str


def shops(conn: Conn) -> list[ShopHeard]:
    """Every shop that is listed or has sold, by code."""
    return [ShopHeard(*row) for row in conn.fetch(SQL.shops_heard)]


def channels(conn: Conn, names: Collection[str], real: datetime) -> list[ChannelState]:
    """How each of these channels stands."""
    params = {"channels": sorted(names), "since": real - LATELY}
    return [ChannelState(*row) for row in conn.fetch(SQL.channel_states, params)]
