"""Accept facts, durably and once; tell our own; take parked ones up again."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple
from zlib import crc32

from siyu.events import check
from siyu.events.check import Parsed
from siyu.events.model import OURS, POINTERS, Key, MessageReceived, Payload
from siyu.kernel.sql import Conn, load
from siyu.kernel.words import Words
from siyu.vault.actions import Sealing, seal
from siyu.vault.model import Keys, key_hash

SQL = load("siyu.events")
BUCKETS = 64
Status = Literal["accepted", "duplicate", "rejected"]


class Answer(NamedTuple):
    """What became of one item; `id` as its sender wrote it."""

    id: str
    status: Status
    reason: str = ""


class Own(NamedTuple):
    """A fact of our own making, told in the transaction of its cause."""

    payload: Payload
    source_id: str
    occurred_at: datetime
    keys: tuple[Key, ...] = ()  # known ones, as they are stored
    person: tuple[tuple[str, str], ...] = ()  # sealed under the first of them

    def __repr__(self) -> str:
        return f"Own({self.source_id!r}, …)"


class _Fact(NamedTuple):
    source: str
    source_id: str
    kind: str
    occurred_at: datetime
    keys: tuple[Key, ...]
    payload: Payload


def accept(
    conn: Conn,
    keys: Keys,
    region: str,
    batch: Sequence[object],
    now: datetime,
    *,
    backfill: bool = False,
) -> list[Answer]:
    """Store the valid and new ones among these; one answer per item, in order.

    An item is an `Incoming`, its JSON as bytes (`msgspec.Raw`), or whatever that JSON decodes to.
    """
    parsed = [check.parse(item, region, now) for item in batch]
    first: dict[tuple[str, str], int] = {}
    for place, found in enumerate(parsed):
        if not isinstance(found, str):
            first.setdefault((found.source, found.id), place)
    ids = _claim(conn, first)
    new = [
        found
        for place, found in enumerate(parsed)
        if not isinstance(found, str)
        and first[found.source, found.id] == place
        and (found.source, found.id) in ids
    ]
    new = _listened(conn, new)
    facts = [_fact(keys, event) for event in new]
    sealed = _seal(conn, keys, new, facts, now)
    _store(conn, ids, facts, sealed, now, backfill=backfill)
    return [
        _answer(item, found, place, first, ids)
        for place, (item, found) in enumerate(zip(batch, parsed, strict=True))
    ]


def listen(conn: Conn, words: Iterable[str]) -> None:
    """From now on these words are looked for in customers' messages, and no others."""
    conn.execute(SQL.listen, {"words": sorted(set(words))})


def _listened(conn: Conn, events: list[Parsed]) -> list[Parsed]:
    """Messages with the words that somebody listens for: nobody can look into them later."""
    if not any(isinstance(event.payload, MessageReceived) for event in events):
        return events
    words = _words(tuple(word for (word,) in conn.fetch(SQL.words)))
    return [
        event._replace(payload=check.heard(event, words))
        if isinstance(event.payload, MessageReceived)
        else event
        for event in events
    ]


@lru_cache(8)
def _words(words: tuple[str, ...]) -> Words:
    return Words(words)


def own(
    conn: Conn,
    facts: Sequence[Own],
    now: datetime,
    *,
    backfill: bool = False,
    keys: Keys | None = None,
) -> list[int]:
    """Tell facts of our own (source `siyu`); a `source_id` told before is told once. `backfill`:
    they follow from what was brought in later than it happened. `keys`: what seals their personal
    fields; without it these are not kept. The ids of those that are new."""
    told = {
        fact.source_id: _Fact(
            OURS, fact.source_id, _kind(fact.payload), fact.occurred_at, fact.keys, fact.payload
        )
        for fact in facts
    }
    ids = _claim(conn, [(OURS, source_id) for source_id in told])
    new = [fact for fact in told.values() if (OURS, fact.source_id) in ids]
    sealed: list[dict[str, int]] = [{}] * len(new)
    if keys is not None:
        person = {fact.source_id: fact.person for fact in facts}
        sealed = _seal_own(conn, keys, [(one, person[one.source_id]) for one in new], now)
    _store(conn, ids, new, sealed, now, backfill=backfill)
    return sorted(ids.values())


def _seal_own(
    conn: Conn, keys: Keys, facts: Sequence[tuple[_Fact, Sequence[tuple[str, str]]]], now: datetime
) -> list[dict[str, int]]:
    sealings = [
        Sealing(fact.keys[0].hash, name, value)
        for fact, person in facts
        for name, value in person
        if fact.keys
    ]
    items = iter(seal(conn, keys, sealings, now))
    return [
        {name: next(items) for name, _ in person} if fact.keys else {} for fact, person in facts
    ]


def replay(conn: Conn, event_ids: Sequence[int] | None = None) -> int:
    """Put parked events back into the queue (all, or these); how many."""
    ids = None if event_ids is None else sorted(set(event_ids))
    return conn.execute(SQL.unpark, {"ids": ids})


def ensure_partitions(conn: Conn, now: datetime) -> None:
    """Make the partitions of this month and the next, if they are not there."""
    conn.fetch(SQL.partitions, {"now": now})


def _answer(
    item: object,
    found: Parsed | str,
    place: int,
    first: Mapping[tuple[str, str], int],
    new: Container[tuple[str, str]],
) -> Answer:
    if isinstance(found, str):
        return Answer(check.id_of(item), "rejected", found)
    name = found.source, found.id
    if first[name] != place:
        return Answer(found.id, "duplicate", "was told a moment before")
    if name not in new:
        return Answer(found.id, "duplicate", "was accepted before")
    return Answer(found.id, "accepted")


def _kind(payload: Payload) -> str:
    return str(payload.__struct_config__.tag)


def _fact(keys: Keys, event: Parsed) -> _Fact:
    hashed = tuple([Key(kind, key_hash(keys, kind, value)) for kind, value in event.keys])
    return _Fact(event.source, event.id, event.kind, event.occurred_at, hashed, event.payload)


def _claim(conn: Conn, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The ids of those that nobody told before."""
    wanted = list(names)
    if not wanted:
        return {}
    params = {"sources": [name[0] for name in wanted], "source_ids": [name[1] for name in wanted]}
    rows = conn.fetch_new(SQL.claim_keys, SQL.claim_contested, params, len(wanted))
    return {(source, source_id): event_id for source, source_id, event_id in rows}


def _seal(
    conn: Conn, keys: Keys, events: list[Parsed], facts: list[_Fact], now: datetime
) -> list[dict[str, int]]:
    """The vault items of each event's personal fields.

    A key's value is sealed under itself, personal fields under the strongest key. What a pointer
    says (an order number, a link's state) is nothing personal: it has its hash and no seal.
    """
    sealings: list[Sealing] = []
    fields: list[list[tuple[str, int]]] = []
    for event, fact in zip(events, facts, strict=True):
        own_values = zip(event.keys, fact.keys, strict=True)
        sealings += [
            Sealing(key.hash, kind, value, own=True)
            for (kind, value), key in own_values
            if kind not in POINTERS
        ]
        fields.append([])
        for name, value in event.person:
            fields[-1].append((name, len(sealings)))
            sealings.append(Sealing(fact.keys[0].hash, name, value))
    items = seal(conn, keys, sealings, now)
    return [{name: items[place] for name, place in one} for one in fields]


def _store(
    conn: Conn,
    ids: dict[tuple[str, str], int],
    facts: list[_Fact],
    sealed: list[dict[str, int]],
    now: datetime,
    *,
    backfill: bool,
) -> None:
    if not facts:
        return
    conn.send(
        SQL.store,
        {
            "ids": [ids[fact.source, fact.source_id] for fact in facts],
            "sources": [fact.source for fact in facts],
            "source_ids": [fact.source_id for fact in facts],
            "kinds": [fact.kind for fact in facts],
            "occurred": [fact.occurred_at for fact in facts],
            "buckets": [_bucket(fact) for fact in facts],
            "data": [
                check.write(fact.keys, items, fact.payload)
                for fact, items in zip(facts, sealed, strict=True)
            ],
            "now": now,
            "backfill": backfill,
        },
    )


def _bucket(fact: _Fact) -> int:
    """Its lane, should there ever be several: by the strongest key, else by its name."""
    if fact.keys:
        return fact.keys[0].hash[0] % BUCKETS
    return crc32(f"{fact.source}/{fact.source_id}".encode()) % BUCKETS
