"""Sizes of styles: what is left of each, and who is invited to what fits, never more than pieces
allow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from siyu.commerce import decide
from siyu.commerce.model.sizes import Fits, SizeAnswer, SizeAsk, SizeWaiter, Variant
from siyu.events.model import Batch, StockCounted
from siyu.kernel.sql import Conn, load
from siyu.kernel.time import zone
from siyu.staff.views import brand

SQL = load("siyu.commerce")
AGAIN = timedelta(days=1)  # who waits for pieces is decided on again after


def hear(conn: Conn, batch: Batch) -> None:
    """Counts that systems told of."""
    if not any(True for _ in batch.of(StockCounted)):
        return
    counts = decide.counts(batch, zone(brand(conn).time_zone))
    places, days, skus, pieces, ats, sources, ids = map(list, zip(*counts, strict=True))
    params = {"places": places, "days": days, "skus": skus, "pieces": pieces}
    conn.execute(SQL.hear_goods, {**params, "ats": ats, "sources": sources, "source_ids": ids})
    know(conn, decide.variants(batch))
    size_up(conn, {one.place for one in counts})


def know(conn: Conn, variants: Sequence[Variant]) -> None:
    """Which sizes of which styles these skus are; what lies of them anywhere is sized up anew."""
    if not variants:
        return
    rows = sorted({one.sku: one for one in variants}.values())
    columns = map(list, zip(*rows, strict=True))
    names = "skus", "styles", "sizes", "titles", "discontinued", "ats", "sources", "source_ids"
    conn.execute(SQL.know_sizes, dict(zip(names, columns, strict=True)))
    found = conn.fetch(SQL.places_of, {"skus": [one.sku for one in rows]})
    size_up(conn, {place for (place,) in found})


def size_up(conn: Conn, places: Iterable[str]) -> None:
    """Work out anew what these places have of each style and size."""
    params = {"places": sorted(set(places))}
    if params["places"]:
        conn.fetch(SQL.lock_sizes)
        conn.execute(SQL.unsize, params)
        conn.execute(SQL.size_up, params)


def ask(conn: Conn, asks: Sequence[SizeAsk], now: datetime) -> dict[str, SizeAnswer]:
    """How each ask stands; what is due is decided before, all of it together, or the next time
    where somebody is at it."""
    if not asks:
        return {}
    keys, visits, customers, identities, tags, own, few, factors, lasts, draws, ends = map(
        list, zip(*sorted(asks), strict=True)
    )
    params = {"keys": keys, "visits": visits, "customers": customers, "identities": identities}
    params |= {"tags": tags, "own": own, "few": few, "factors": factors}
    params |= {"lasts": [int(span.total_seconds()) for span in lasts]}
    conn.execute(SQL.ask_size, {**params, "draws": draws, "ends": ends, "now": now})
    _decide(conn, now)
    found = conn.fetch(SQL.size_answers, {"keys": keys})
    return {key: SizeAnswer(*stands) for key, *stands in found}


def _decide(conn: Conn, now: datetime) -> None:
    ((free,),) = conn.fetch(SQL.try_sizes)
    if not free:  # waited for with visits locked, who counts pieces would wait for these in turn
        return
    waiting = [SizeWaiter(*row) for row in conn.fetch(SQL.waiting_sizes, {"now": now})]
    if not waiting:
        return
    params = {"keys": [one.key for one in waiting], "now": now}
    fits: dict[str, list[Fits]] = {}
    for key, *size in conn.fetch(SQL.fitting_sizes, params):
        fits.setdefault(key, []).append(Fits(*size))
    styles = sorted({one.style for some in fits.values() for one in some})
    rows = conn.fetch(SQL.bound_sizes, {"styles": styles, "now": now})
    bound = {(place, style, size): int(many) for place, style, size, many in rows}
    done = decide.invite(
        [one._replace(fits=tuple(fits.get(one.key, ()))) for one in waiting], bound
    )
    conn.execute(
        SQL.decide_sizes,
        {
            "keys": [one.key for one in done],
            "states": [one.state for one in done],
            "reasons": [one.reason for one in done],
            "ranks": [one.rank for one in done],
            "places": [one.fits.place for one in done],
            "styles": [one.fits.style for one in done],
            "sizes": [one.fits.size for one in done],
            "titles": [one.fits.title or one.fits.style for one in done],
            "now": now,
            "again": now + AGAIN,
        },
    )


def leave(conn: Conn, visits: Sequence[int]) -> None:
    """These visits are over: they wait for nothing any more."""
    if visits:
        conn.execute(SQL.leave_sizes, {"visits": sorted(visits)})
