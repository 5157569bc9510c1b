"""Seal values; erase people."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from siyu.kernel.sql import Conn, load
from siyu.vault import model
from siyu.vault.model import Keys

SQL = load("siyu.vault")


class Sealing(NamedTuple):
    """A value to be sealed under its subject's key; its repr hides the value."""

    subject: bytes
    field: str
    value: str
    own: bool = False  # the very value whose hash the subject is: that says which one it is

    def __repr__(self) -> str:
        return f"Sealing(subject={self.subject.hex()}, field={self.field!r}, value=…)"


Wanted: TypeAlias = tuple[bytes, str, bytes]  # subject, field, digest of the value
Ring: TypeAlias = dict[bytes, tuple[int, bytes]]  # subject → its key: id and wrapped


def seal(conn: Conn, keys: Keys, sealings: Sequence[Sealing], now: datetime) -> list[int]:
    """Seal these; their vault items, in order. At most three statements; one if all is known."""
    if not sealings:
        return []
    digest = model.value_digest
    wanted = [
        (subject, field, subject if own else digest(keys, subject, field, value))
        for subject, field, value, own in sealings
    ]
    values = {one: sealing.value for one, sealing in zip(wanted, sealings, strict=True)}
    items, ring = _look(conn, list(values))
    missing = {one: value for one, value in values.items() if one not in items}
    if missing:
        items |= _add(conn, keys, missing, ring, now)
    return [items[one] for one in wanted]


def erase(conn: Conn, subjects: Sequence[bytes], now: datetime) -> int:
    """Make everything sealed under these subjects unreadable for good; how many there were."""
    rows = conn.fetch(SQL.erase, {"subjects": sorted(set(subjects)), "now": now})
    return int(rows[0][0])


def forget(conn: Conn, items: Sequence[int]) -> None:
    """Delete single sealed values, by their items, of persons who stay."""
    if items:
        conn.execute(SQL.forget, {"ids": sorted(set(items))})


def _look(conn: Conn, wanted: list[Wanted]) -> tuple[dict[Wanted, int], Ring]:
    subjects, fields, digests = map(list, zip(*wanted, strict=True))
    asked = {"subjects": subjects, "fields": fields, "digests": digests}
    items: dict[Wanted, int] = {}
    ring: Ring = {}
    for one, (key_id, wrapped, item_id) in zip(wanted, conn.fetch(SQL.look, asked), strict=True):
        if wrapped is not None:
            ring[one[0]] = (key_id, wrapped)
            if item_id is not None:
                items[one] = item_id
    return items, ring


def _add(
    conn: Conn, keys: Keys, values: Mapping[Wanted, str], ring: Ring, now: datetime
) -> dict[Wanted, int]:
    """Sealed under keys of their own before the first row is written: who seals for the same new
    person at the same time waits until we commit, so nothing is worked out in between."""
    subjects = {subject for subject, _, _ in values}
    made = _keys_for(keys, sorted(subjects - ring.keys()))
    ciphers = {subject: AESGCM(data_key) for subject, (data_key, _) in made.items()}
    ciphers |= {s: model.unwrap(keys, s, ring[s][1]) for s in subjects & ring.keys()}
    sealed = _sealed(values, ciphers)
    if made:
        wrapped = [wrapped for _, wrapped in made.values()]
        params = {"subjects": list(made), "wrapped": wrapped, "now": now}
        rows = conn.fetch_new(SQL.make_keys, SQL.make_keys_contested, params, len(made))
        for subject, key_id, counts in rows:
            ring[subject] = key_id, counts
        theirs = {
            s: counts for s, (_, counts) in ring.items() if s in made and made[s][1] != counts
        }
        if theirs:  # somebody was quicker
            others = {one: value for one, value in values.items() if one[0] in theirs}
            opened = {s: model.unwrap(keys, s, counts) for s, counts in theirs.items()}
            sealed |= _sealed(others, opened)
    return _make_items(conn, keys, values, sealed, ring)


def _keys_for(keys: Keys, subjects: Sequence[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
    """A new key for each subject: itself, and as it is stored."""
    data = _chances(len(subjects), model.KEY_BYTES)
    nonces = _chances(len(subjects), model.NONCE_BYTES)
    return {
        subject: (data_key, model.wrap(keys, subject, data_key, nonce))
        for subject, data_key, nonce in zip(subjects, data, nonces, strict=True)
    }


def _sealed(values: Mapping[Wanted, str], ciphers: Mapping[bytes, AESGCM]) -> dict[Wanted, bytes]:
    nonces = _chances(len(values), model.NONCE_BYTES)
    return {
        one: model.seal_value(ciphers[one[0]], one[0], one[1], value, nonce)
        for (one, value), nonce in zip(values.items(), nonces, strict=True)
    }


def _make_items(
    conn: Conn,
    keys: Keys,
    values: Mapping[Wanted, str],
    sealed: Mapping[Wanted, bytes],
    ring: Ring,
) -> dict[Wanted, int]:
    order = sorted((ring[subject][0], field, digest) for subject, field, digest in values)
    subject_of = {ring[subject][0]: subject for subject, _, _ in values}
    ways = sorted(
        {
            (ring[subject][0], kind, found)
            for (subject, field, _), value in values.items()
            for kind, found in model.lookups(keys, field, value)
        }
    )
    rows = conn.fetch_new(
        SQL.make_items,
        SQL.make_items_contested,
        {
            "keys": [key_id for key_id, _, _ in order],
            "fields": [field for _, field, _ in order],
            "digests": [digest for _, _, digest in order],
            "sealed": [
                sealed[subject_of[key_id], field, digest] for key_id, field, digest in order
            ],
            "lookup_keys": [key_id for key_id, _, _ in ways],
            "kinds": [kind for _, kind, _ in ways],
            "hashes": [found for _, _, found in ways],
        },
        len(order),
    )
    return {(subject_of[key], field, digest): item for key, field, digest, item in rows}


def _chances(count: int, size: int) -> list[bytes]:
    """So many random values, in one call of the system."""
    chance = secrets.token_bytes(count * size)
    return [chance[start : start + size] for start in range(0, count * size, size)]
