"""Which texts there are."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.content.model import FALLBACK, Material
from siyu.kernel.sql import Conn, load

SQL = load("siyu.content")


def materials(conn: Conn, codes: Sequence[str]) -> dict[tuple[str, str], Material]:
    """(code, locale) → material, for both languages: one stands in where the other is missing."""
    rows = conn.fetch(SQL.materials, {"codes": sorted(set(codes))})
    found = {(row[0], row[1]): Material(*row) for row in rows}
    for code in {row[0] for row in rows}:
        for locale, other in FALLBACK.items():
            if (code, locale) not in found:
                found[code, locale] = found[code, other]
    return found


def listing(conn: Conn) -> list[Material]:
    """Every material in every language."""
    return [Material(*row) for row in conn.fetch(SQL.listing)]
