"""What other rooms and people write about customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.customers.model import TagChange
from siyu.kernel.sql import Conn, load

SQL = load("siyu.customers")


class Tagging(NamedTuple):
    """Set a tag; without an identity, on the customer's first one. `source` says who set it."""

    customer_id: int
    identity_id: int | None
    name: str
    source: str


def tag(
    conn: Conn, taggings: Sequence[Tagging | tuple[int, int | None, str, str]], now: datetime
) -> None:
    """Set these tags; one that was set before is dated anew."""
    rows = [Tagging(*tagging) for tagging in taggings]
    if rows:
        conn.execute(
            SQL.tag,
            {
                "identities": [row.identity_id for row in rows],
                "customers": [row.customer_id for row in rows],
                "names": [row.name for row in rows],
                "ats": [now] * len(rows),
                "sources": [row.source for row in rows],
                "source_ids": [""] * len(rows),
            },
        )


def advance(conn: Conn, stages: Mapping[int, int]) -> None:
    """Raise customers to these stages (A1–A5 as 1–5); nobody is lowered."""
    if stages:
        ids = sorted(stages)
        conn.execute(SQL.advance, {"ids": ids, "stages": [int(stages[id_]) for id_ in ids]})


def tag_columns(rows: Sequence[TagChange]) -> dict[str, object]:
    """Tag changes as the arrays that the statements take."""
    return {
        "identities": [row.identity_id for row in rows],
        "customers": [row.customer_id for row in rows],
        "names": [row.name for row in rows],
        "ats": [row.when.at for row in rows],
        "sources": [row.when.source for row in rows],
        "source_ids": [row.when.source_id for row in rows],
    }
