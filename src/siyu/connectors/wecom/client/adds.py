"""How many new friends each member has had today, as far as callbacks told, and at how many
somebody steps back from a code or a link."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from siyu.connectors.manifest import Store
from siyu.connectors.wecom.wire import codes

KEPT = timedelta(days=2)
CAPS = "adds/caps"


def count(store: Store, userid: str, now: datetime) -> int:
    """One more: so many by now."""
    key = _key(userid, now)
    with store.lock(key):
        had = int(store.get(key) or 0) + 1
        store.put(key, str(had), now + KEPT)
    return had


def today(store: Store, userid: str, now: datetime) -> int:
    """So many today, in WeCom's zone."""
    return int(store.get(_key(userid, now)) or 0)


def all_today(store: Store, userids: Collection[str], now: datetime) -> Mapping[str, int]:
    """So many today, of each of these."""
    keys = {one: _key(one, now) for one in userids}
    found = store.get_all(list(keys.values()))
    return {one: int(found.get(key, 0)) for one, key in keys.items()}


def keep_caps(store: Store, caps: Collection[int]) -> None:
    """At so many a day somebody steps back: a callback has no time to look at every code."""
    store.put(CAPS, json.dumps(sorted(caps)))


def full(store: Store, had: int, usual: int) -> bool:
    """Does anybody with so many step back just now? `usual`: where a code has no cap of its own."""
    said = store.get(CAPS)
    caps = {one or usual for one in json.loads(said)} if said else set[int]()
    return had in caps


def _key(userid: str, now: datetime) -> str:
    return f"adds/{now.astimezone(codes.WECOM_ZONE):%Y-%m-%d}/{userid.lower()}"
