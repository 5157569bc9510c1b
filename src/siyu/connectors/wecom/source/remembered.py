"""What was told of every relation, in the connector's store: sealed, in sixteen parts a member.

A part is read once and written once in a run, and only after what it says has been stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from siyu.connectors.manifest import Store
from siyu.connectors.wecom.wire import facts
from siyu.connectors.wecom.wire.callback import Pair
from siyu.connectors.wecom.wire.contacts import Told

PARTS = "0123456789abcdef"
Part = dict[str, Told]


class Remembered:
    """Relations by member and customer; changes wait for `flush`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parts: dict[str, Part] = {}
        self._changed: set[str] = set()

    def get(self, pair: Pair) -> Told | None:
        """What was told of it."""
        return self._part(_key(pair)).get(pair.external_userid)

    def put(self, pair: Pair, told: Told) -> None:
        """It has been told, once `flush` is called."""
        key = _key(pair)
        if self._part(key).get(pair.external_userid) != told:
            self._part(key)[pair.external_userid] = told
            self._changed.add(key)

    def forget(self, pair: Pair) -> None:
        """There is no such relation any more."""
        key = _key(pair)
        if self._part(key).pop(pair.external_userid, None) is not None:
            self._changed.add(key)

    def of(self, userid: str) -> Iterator[tuple[Pair, Told]]:
        """Everything that was told of a member."""
        for part in PARTS:
            for external_userid, told in list(self._part(_name(userid, part)).items()):
                yield Pair(userid, external_userid), told

    def flush(self) -> None:
        """Write down what changed, and let go of what was read."""
        parts = {key: self._parts[key] for key in sorted(self._changed)}
        filled = {
            key: json.dumps(part, separators=(",", ":")) for key, part in parts.items() if part
        }
        if filled:
            self._store.put_all(filled)
        for key in parts.keys() - filled.keys():
            self._store.take(key)
        self._changed.clear()
        self._parts.clear()

    def _part(self, key: str) -> Part:
        if key not in self._parts:
            said = self._store.get(key)
            read: dict[str, list[Any]] = json.loads(said) if said else {}
            self._parts[key] = {who: _told(row) for who, row in read.items()}
        return self._parts[key]


def _told(row: list[Any]) -> Told:
    since, way, who, mobiles, tags, version = row
    return Told(since, way, who, tuple(mobiles), tuple(tags), version)


def _key(pair: Pair) -> str:
    return _name(pair.userid, facts.digest(pair.external_userid)[0])


def _name(userid: str, part: str) -> str:
    return f"friends/{facts.digest(userid.lower())}/{part}"
