"""How many new friends each member has had today, as far as callbacks told."""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.connectors.manifest import Store
from siyu.connectors.wecom.wire import codes

KEPT = timedelta(days=2)


def count(store: Store, userid: str, now: datetime) -> None:
    """One more."""
    key = _key(userid, now)
    with store.lock(key):
        store.put(key, str(int(store.get(key) or 0) + 1), now + KEPT)


def today(store: Store, userid: str, now: datetime) -> int:
    """So many today, in WeCom's zone."""
    return int(store.get(_key(userid, now)) or 0)


def _key(userid: str, now: datetime) -> str:
    return f"adds/{now.astimezone(codes.WECOM_ZONE):%Y-%m-%d}/{userid.lower()}"
