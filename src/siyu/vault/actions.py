"""Seal values; erase people."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
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

    def __repr__(self) -> str:
        return f"Sealing(subject={self.subject.hex()}, field={self.field!r}, value=…)"


Wanted: TypeAlias = tuple[bytes, str, bytes]  # subject, field, digest of the value
Ring: TypeAlias = dict[bytes, tuple[int, bytes]]  # subject → its key: id and wrapped


def seal(conn: Conn, keys: Keys, sealings: Sequence[Sealing], now: datetime) -> list[int]:
    """Seal these; their vault items, in order. At most three statements; one if all is known."""
    if not sealings:
        return []
    digest = model.value_digest
    wanted = [(s.subject, s.field, digest(keys, s.subject, s.field, s.value)) for s in sealings]
    values = {one: sealing.value for one, sealing in zip(wanted, sealings, strict=True)}
    items, ring = _look(conn, list(values))
    missing = {one: value for one, value in values.items() if one not in items}
    if missing:
        ciphers = _make_keys(conn, keys, sorted({w[0] for w in missing} - ring.keys()), ring, now)
        for subject in {w[0] for w in missing} - ciphers.keys():
            ciphers[subject] = model.unwrap(keys, subject, ring[subject][1])
        items |= _make_items(conn, keys, missing, ring, ciphers)
    return [items[one] for one in wanted]


def erase(conn: Conn, subjects: Sequence[bytes], now: datetime) -> int:
    """Make everything sealed under these subjects unreadable for good; how many there were."""
    rows = conn.fetch(SQL.erase, {"subjects": sorted(set(subjects)), "now": now})
    return int(rows[0][0])


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


def _make_keys(
    conn: Conn, keys: Keys, subjects: list[bytes], ring: Ring, now: datetime
) -> dict[bytes, AESGCM]:
    """Keys for new subjects, into the ring; the ciphers of those that are really ours."""
    if not subjects:
        return {}
    data = _chances(len(subjects), model.KEY_BYTES)
    nonces = _chances(len(subjects), model.NONCE_BYTES)
    made = {
        subject: (data_key, model.wrap(keys, subject, data_key, nonce))
        for subject, data_key, nonce in zip(subjects, data, nonces, strict=True)
    }
    wrapped = [made[subject][1] for subject in subjects]
    rows = conn.fetch(SQL.make_keys, {"subjects": subjects, "wrapped": wrapped, "now": now})
    ring.update({subject: (key_id, counts) for subject, key_id, counts in rows})
    return {
        subject: AESGCM(made[subject][0])
        for subject, _, counts in rows
        if counts == made[subject][1]
    }


def _make_items(
    conn: Conn,
    keys: Keys,
    values: dict[Wanted, str],
    ring: Ring,
    ciphers: dict[bytes, AESGCM],
) -> dict[Wanted, int]:
    order = sorted(
        (ring[subject][0], field, digest, subject, value)
        for (subject, field, digest), value in values.items()
    )
    nonces = _chances(len(order), model.NONCE_BYTES)
    sealed = [
        model.seal_value(ciphers[subject], subject, field, value, nonce)
        for (_, field, _, subject, value), nonce in zip(order, nonces, strict=True)
    ]
    ways = sorted(
        {
            (key_id, kind, found)
            for key_id, field, _, _, value in order
            for kind, found in model.lookups(keys, field, value)
        }
    )
    rows = conn.fetch(
        SQL.make_items,
        {
            "keys": [row[0] for row in order],
            "fields": [row[1] for row in order],
            "digests": [row[2] for row in order],
            "sealed": sealed,
            "lookup_keys": [key_id for key_id, _, _ in ways],
            "kinds": [kind for _, kind, _ in ways],
            "hashes": [found for _, _, found in ways],
        },
    )
    subject_of = {row[0]: row[3] for row in order}
    return {(subject_of[key], field, digest): item for key, field, digest, item in rows}


def _chances(count: int, size: int) -> list[bytes]:
    """So many random values, in one call of the system."""
    chance = secrets.token_bytes(count * size)
    return [chance[start : start + size] for start in range(0, count * size, size)]
