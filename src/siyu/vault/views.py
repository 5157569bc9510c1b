"""Open what is sealed; find whom a value belongs to. Whoever shows it to a person audits that."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.kernel.sql import Conn, Row, load
from siyu.vault import model
from siyu.vault.model import Keys

SQL = load("siyu.vault")


def open_items(conn: Conn, keys: Keys, ids: Sequence[int]) -> dict[int, str]:
    """The values of these vault items; erased ones are missing."""
    if not ids:
        return {}
    rows = conn.fetch(SQL.items, {"ids": sorted(set(ids))})
    return {row[0]: value for row, value in zip(rows, _opened(keys, rows), strict=True)}


def open_field(conn: Conn, keys: Keys, subjects: Sequence[bytes], field: str) -> dict[bytes, str]:
    """The latest value of one field of each subject: `phone`, `name`, `address` …"""
    if not subjects:
        return {}
    rows = conn.fetch(SQL.newest, {"subjects": sorted(set(subjects)), "field": field})
    return {row[1]: value for row, value in zip(rows, _opened(keys, rows), strict=True)}


def find(conn: Conn, keys: Keys, kind: str, value: str) -> list[bytes]:
    """Subjects by `last4` of a phone, full `name`, or a normalised key (`phone`, `buyer` …)."""
    plain = model.plain_name(value) if kind == model.NAME else value.strip()
    known = SQL.found if kind in (model.NAME, model.LAST4) else SQL.known
    rows = conn.fetch(known, {"kind": kind, "hash": model.key_hash(keys, kind, plain)})
    return [row[0] for row in rows]


def _opened(keys: Keys, rows: list[Row]) -> list[str]:
    ciphers = {
        subject: model.unwrap(keys, subject, wrapped)
        for subject, wrapped in {row[1]: row[2] for row in rows}.items()
    }
    return [
        model.open_value(ciphers[subject], subject, field, sealed)
        for _, subject, _, field, sealed in rows
    ]
