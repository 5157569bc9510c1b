"""Open what is sealed; find whom a value belongs to. Whoever shows it to a person audits that."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.kernel.sql import Conn, load
from siyu.vault import model
from siyu.vault.model import Keys

SQL = load("siyu.vault")


def open_both(
    conn: Conn, keys: Keys, ids: Sequence[int], subjects: Sequence[bytes], field: str
) -> tuple[dict[int, str], dict[bytes, str]]:
    """What `open_items` and `open_field` answer, asked at once."""
    if not ids and not subjects:
        return {}, {}
    wanted = {"ids": sorted(set(ids)), "subjects": sorted(set(subjects)), "field": field}
    rows = conn.fetch(SQL.sealed, wanted)
    ciphers = {
        subject: model.unwrap(keys, subject, wrapped)
        for subject, wrapped in {row[2]: row[3] for row in rows}.items()
    }
    items: dict[int, str] = {}
    latest: dict[bytes, str] = {}
    for newest, item, subject, _, name, sealed in rows:
        value = model.open_value(ciphers[subject], subject, name, sealed)
        if newest:
            latest[subject] = value
        else:
            items[item] = value
    return items, latest


def open_items(conn: Conn, keys: Keys, ids: Sequence[int]) -> dict[int, str]:
    """The values of these vault items; erased ones are missing."""
    return open_both(conn, keys, ids, [], "")[0]


def there(conn: Conn, ids: Sequence[int]) -> set[int]:
    """Those of these items that still open: neither forgotten nor erased with their person."""
    return {row[0] for row in conn.fetch(SQL.there, {"ids": sorted(set(ids))})} if ids else set()


def open_field(conn: Conn, keys: Keys, subjects: Sequence[bytes], field: str) -> dict[bytes, str]:
    """The latest value of one field of each subject: `phone`, `name`, `address` …"""
    return open_both(conn, keys, [], subjects, field)[1]


def find(conn: Conn, keys: Keys, kind: str, value: str) -> list[bytes]:
    """Subjects by `last4` of a phone, full `name`, or a normalised key (`phone`, `buyer` …)."""
    plain = model.plain_name(value) if kind == model.NAME else value.strip()
    known = SQL.found if kind in (model.NAME, model.LAST4) else SQL.known
    rows = conn.fetch(known, {"kind": kind, "hash": model.key_hash(keys, kind, plain)})
    return [row[0] for row in rows]


LOOKED = 20_000  # at so many bearers of one pair at most


def bearing(conn: Conn, keys: Keys, part: str, most: int) -> list[bytes]:
    """Subjects whose name has all pairs of this part, the newest first: at least two characters,
    or the whole of a name of one. Pairs only lead there; `holding` opens the names and decides."""
    hashes = [
        model.key_hash(keys, model.NAME2, pair) for pair in model.pairs(model.plain_name(part))
    ]
    if not hashes:
        return []
    wanted = {
        "kind": model.NAME2,
        "first": hashes[-1],  # of a given name: rarer than a family's
        "others": hashes[:-1],
        "looked": LOOKED,
        "most": most,
    }
    return [row[0] for row in conn.fetch(SQL.bearing, wanted)]


def holding(conn: Conn, keys: Keys, part: str, subjects: Sequence[bytes]) -> list[bytes]:
    """Those of them whose latest name holds this part."""
    plain = model.plain_name(part)
    names = open_field(conn, keys, subjects, model.NAME)
    return [one for one in subjects if plain in model.plain_name(names.get(one, ""))]
