"""Shops are made known, imports kept account of; everything else about commerce comes as events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from siyu.commerce.model import BegunImport, ImportDone, ImportFile, Shop
from siyu.kernel.sql import Conn, load

SQL = load("siyu.commerce")


def seed_shop(conn: Conn, shops: Iterable[Shop]) -> None:
    """Make these shops known, or change what is known of them."""
    rows = sorted({shop.code: shop for shop in shops}.values())
    if rows:
        conn.execute(
            SQL.seed_shops,
            {
                "codes": [shop.code for shop in rows],
                "names": [shop.name for shop in rows],
                "platforms": [shop.platform for shop in rows],
                "inserts": [shop.inserts for shop in rows],
                "synthetic": [shop.synthetic for shop in rows],
            },
        )


def begin_import(conn: Conn, file: ImportFile, now: datetime) -> BegunImport:
    """A new import; or the one of this file that was interrupted, at the place where it stopped."""
    ((found, *done),) = conn.fetch(SQL.begin_import, {**file._asdict(), "now": now})
    refused = conn.fetch(SQL.import_refusals, {"id": found})
    return BegunImport(found, ImportDone(*done), {int(place): why for place, why in refused})


def advance_import(
    conn: Conn,
    import_id: int,
    before: ImportDone,
    done: ImportDone,
    refused: Mapping[int, str],
    now: datetime,
) -> bool:
    """Note how far it is, in the transaction of the batch; False: another process was quicker."""
    moved = conn.fetch(
        SQL.advance_import,
        {
            **done._asdict(),
            "id": import_id,
            "before": before.events,
            "places": list(refused),
            "reasons": list(refused.values()),
            "now": now,
        },
    )
    return bool(moved)


def finish_import(conn: Conn, import_id: int, rejected: int, now: datetime) -> None:
    """The whole file is in: the next run of it is a new import."""
    conn.execute(SQL.finish_import, {"id": import_id, "rejected": rejected, "now": now})
