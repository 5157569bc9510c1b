"""What is remembered of friends who were handed over: whom, since when, how often lately."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.connectors.manifest import Store
from siyu.connectors.wecom.wire import facts

PREFIX = "transfer/"
REMEMBERED = timedelta(days=90)
OFTEN = 2  # times in 90 days that somebody who works here may hand a customer over


class Batch(NamedTuple):
    """Friends who were given in one call: customer → when."""

    giver: str  # userids
    taker: str
    left: bool
    waiting: dict[str, str]


def name(giver: str, taker: str) -> str:
    """How the two are called in keys."""
    return f"{facts.digest(giver.lower())}/{facts.digest(taker.lower())}"


def batches(store: Store, of: str = "") -> dict[str, Batch]:
    """What waits, of all or of two (their `name`)."""
    found = store.items(f"{PREFIX}{of}")
    return {key: Batch(*json.loads(said)) for key, said in found.items()}


def keep(store: Store, batch: Batch, key: str = "") -> str:
    """Remember them, or what is left of them; its key."""
    key = key or f"{PREFIX}{name(batch.giver, batch.taker)}/{facts.digest(*sorted(batch.waiting))}"
    if batch.waiting:
        store.put(key, json.dumps(list(batch)))
    else:
        store.take(key)
    return key


def ends(store: Store, of: str) -> dict[str, int]:
    """Outcome → how many, of two of us, in the last three months."""
    said = store.get(f"transferred/ends/{of}")
    return json.loads(said) if said else {}


def count(store: Store, of: str, outcomes: Sequence[str], now: datetime) -> None:
    """So many more have come to their end."""
    if outcomes:
        with store.lock("transfers"):
            known = ends(store, of)
            for one in outcomes:
                known[one] = known.get(one, 0) + 1
            store.put(f"transferred/ends/{of}", json.dumps(known), now + REMEMBERED)


class Lately:
    """How often each customer was handed over in the last 90 days, in sixteen parts."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = now
        self._parts: dict[str, dict[str, list[int]]] = {}

    def often(self, external_userid: str) -> bool:
        """As often as it may be."""
        mark = facts.digest(external_userid)
        since = (self._now - REMEMBERED).timestamp()
        return sum(at > since for at in self._part(mark).get(mark, ())) >= OFTEN

    def add(self, customers: Collection[str]) -> None:
        """These were, once more."""
        with self._store.lock("transfers"):
            self._parts.clear()
            since = (self._now - REMEMBERED).timestamp()
            changed: dict[str, Mapping[str, list[int]]] = {}
            for mark in map(facts.digest, customers):
                part = self._part(mark)
                kept = [at for at in part.get(mark, ()) if at > since]
                part[mark] = [*kept, int(self._now.timestamp())]
                changed[_key(mark)] = part
            if changed:
                said = {key: json.dumps(part) for key, part in changed.items()}
                self._store.put_all(said, self._now + REMEMBERED)

    def _part(self, mark: str) -> dict[str, list[int]]:
        key = _key(mark)
        if key not in self._parts:
            said = self._store.get(key)
            self._parts[key] = json.loads(said) if said else {}
        return self._parts[key]


def _key(mark: str) -> str:
    return f"transferred/often/{mark[0]}"
