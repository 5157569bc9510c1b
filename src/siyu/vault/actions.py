"""Seal values; erase people."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

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


class _Wanted(NamedTuple):
    subject: bytes
    field: str
    digest: bytes


def seal(conn: Conn, keys: Keys, sealings: Sequence[Sealing], now: datetime) -> list[int]:
    """Seal these; their vault items, in order. At most three statements; one if all is known."""
    if not sealings:
        return []
    values = {
        _Wanted(s.subject, s.field, model.value_digest(keys, s.subject, s.field, s.value)): s.value
        for s in sealings
    }
    items, ring = _look(conn, list(values))
    missing = [wanted for wanted in values if wanted not in items]
    if missing:
        _make_keys(conn, keys, sorted({w.subject for w in missing} - ring.keys()), ring, now)
        items |= _make_items(conn, keys, {wanted: values[wanted] for wanted in missing}, ring)
    return [
        items[_Wanted(s.subject, s.field, model.value_digest(keys, s.subject, s.field, s.value))]
        for s in sealings
    ]


def erase(conn: Conn, subjects: Sequence[bytes], now: datetime) -> int:
    """Make everything sealed under these subjects unreadable for good; how many there were."""
    rows = conn.fetch(SQL.erase, {"subjects": sorted(set(subjects)), "now": now})
    return int(rows[0][0])


def _look(
    conn: Conn, wanted: list[_Wanted]
) -> tuple[dict[_Wanted, int], dict[bytes, tuple[int, bytes]]]:
    rows = conn.fetch(
        SQL.look,
        {
            "subjects": [w.subject for w in wanted],
            "fields": [w.field for w in wanted],
            "digests": [w.digest for w in wanted],
        },
    )
    items: dict[_Wanted, int] = {}
    ring: dict[bytes, tuple[int, bytes]] = {}
    for one, (key_id, wrapped, item_id) in zip(wanted, rows, strict=True):
        if wrapped is not None:
            ring[one.subject] = (key_id, wrapped)
            if item_id is not None:
                items[one] = item_id
    return items, ring


def _make_keys(
    conn: Conn,
    keys: Keys,
    subjects: list[bytes],
    ring: dict[bytes, tuple[int, bytes]],
    now: datetime,
) -> None:
    if not subjects:
        return
    wrapped = [
        model.wrap(
            keys,
            subject,
            secrets.token_bytes(model.KEY_BYTES),
            secrets.token_bytes(model.NONCE_BYTES),
        )
        for subject in subjects
    ]
    rows = conn.fetch(SQL.make_keys, {"subjects": subjects, "wrapped": wrapped, "now": now})
    ring.update({subject: (key_id, made) for subject, key_id, made in rows})


def _make_items(
    conn: Conn,
    keys: Keys,
    values: dict[_Wanted, str],
    ring: dict[bytes, tuple[int, bytes]],
) -> dict[_Wanted, int]:
    ciphers = {
        subject: model.unwrap(keys, subject, ring[subject][1])
        for subject in {w.subject for w in values}
    }
    order = sorted(values, key=lambda w: (ring[w.subject][0], w.field, w.digest))
    ways = sorted(
        {
            (ring[w.subject][0], kind, found)
            for w in order
            for kind, found in model.lookups(keys, w.field, values[w])
        }
    )
    rows = conn.fetch(
        SQL.make_items,
        {
            "keys": [ring[w.subject][0] for w in order],
            "fields": [w.field for w in order],
            "digests": [w.digest for w in order],
            "sealed": [
                model.seal_value(
                    ciphers[w.subject],
                    w.subject,
                    w.field,
                    values[w],
                    secrets.token_bytes(model.NONCE_BYTES),
                )
                for w in order
            ],
            "lookup_keys": [key_id for key_id, _, _ in ways],
            "kinds": [kind for _, kind, _ in ways],
            "hashes": [found for _, _, found in ways],
        },
    )
    subject_of = {ring[w.subject][0]: w.subject for w in order}
    return {_Wanted(subject_of[key], field, digest): item for key, field, digest, item in rows}
