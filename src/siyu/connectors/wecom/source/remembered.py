"""What is known of every relation, in the connector's store: sealed, in sixteen parts a member.

A part is read once and written once in a run, and only after what it says has been stored. What was
told of a relation (`Remembered`) only the pull of friends writes, what we wrote on its card
(`Written`) only the pull that writes: so neither undoes the other, whenever they run.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from siyu.connectors.manifest import Store
from siyu.connectors.wecom.wire import facts
from siyu.connectors.wecom.wire.callback import Pair
from siyu.connectors.wecom.wire.cards import Mark, Wrote
from siyu.connectors.wecom.wire.contacts import Told

PARTS = "0123456789abcdef"
TURN = "cards"  # the last turn of writing on cards
T = TypeVar("T", Told, Wrote)


class _Relations(Generic[T]):
    """Relations by member and customer; changes wait for `flush`."""

    prefix = ""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parts: dict[str, dict[str, T]] = {}
        self._changed: set[str] = set()

    def get(self, pair: Pair) -> T | None:
        """What is known of it."""
        return self._part(self._key(pair)).get(pair.external_userid)

    def put(self, pair: Pair, known: T) -> None:
        """It is known, once `flush` is called."""
        key = self._key(pair)
        if self._part(key).get(pair.external_userid) != known:
            self._part(key)[pair.external_userid] = known
            self._changed.add(key)

    def forget(self, pair: Pair) -> None:
        """There is no such relation any more."""
        key = self._key(pair)
        if self._part(key).pop(pair.external_userid, None) is not None:
            self._changed.add(key)

    def of(self, userid: str) -> Iterator[tuple[Pair, T]]:
        """Everything that is known of a member."""
        for part in PARTS:
            for external_userid, known in list(self._part(self._name(userid, part)).items()):
                yield Pair(userid, external_userid), known

    def flush(self, more: Mapping[str, str] | None = None) -> None:
        """Write down what changed, `more` with it, and let go of what was read."""
        parts = {key: self._parts[key] for key in sorted(self._changed)}
        filled = {
            key: json.dumps(part, separators=(",", ":")) for key, part in parts.items() if part
        }
        filled |= more or {}
        if filled:
            self._store.put_all(filled)
        for key in parts.keys() - filled.keys():
            self._store.take(key)
        self._changed.clear()
        self._parts.clear()

    def _part(self, key: str) -> dict[str, T]:
        if key not in self._parts:
            said = self._store.get(key)
            read: dict[str, list[Any]] = json.loads(said) if said else {}
            self._parts[key] = {who: self._read(row) for who, row in read.items()}
        return self._parts[key]

    @abstractmethod
    def _read(self, row: list[Any]) -> T: ...

    def _key(self, pair: Pair) -> str:
        return self._name(pair.userid, facts.digest(pair.external_userid)[0])

    def _name(self, userid: str, part: str) -> str:
        return f"{self.prefix}/{facts.digest(userid.lower())}/{part}"


class Remembered(_Relations[Told]):
    """What was told of a relation."""

    prefix = "friends"

    def _read(self, row: list[Any]) -> Told:
        since, way, who, mobiles, tags, version, turn, words, mine, remark = row
        return Told(
            since, way, who, tuple(mobiles), tuple(tags), version, turn, words, tuple(mine), remark
        )


class Written(_Relations[Wrote]):
    """What we wrote on a card."""

    prefix = "cards"

    def _read(self, row: list[Any]) -> Wrote:
        since, tags, unsure, remark, wanted, mobiles, remarks = row
        marks = {tag: Mark(*mark) for tag, mark in tags.items()}
        return Wrote(since, marks, unsure, remark, wanted, tuple(mobiles), tuple(remarks))


def last_turn(store: Store) -> int:
    """The last turn of writing on cards: whoever asks before WeCom answers knows what it shows."""
    return int(store.get(TURN) or 0)
