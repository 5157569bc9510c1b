"""How much may be given of an offer, and the codes of its coupons."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.kernel.sql import Conn, load
from siyu.offers.model import Allotment, Offer

SQL = load("siyu.offers")


def allot(conn: Conn, offers: Sequence[Offer]) -> None:
    """What the terms of these offers allot at first. A pool of codes begins empty: its pieces are
    the codes that are brought in."""
    rows = [one for offer in offers for one in _first(offer)]
    if rows:
        conn.execute(
            SQL.allot,
            {
                "offers": [one.offer for one in rows],
                "parts": [one.part for one in rows],
                "pieces": [one.pieces for one in rows],
                "budgets": [one.budget_minor for one in rows],
            },
        )


def _first(offer: Offer) -> list[Allotment]:
    terms = offer.terms
    pieces = 0 if terms.codes == "pool" else terms.pieces
    parts = [Allotment(offer.code, part, many) for part, many in terms.parts.items()]
    bounded = parts or pieces is not None or terms.budget_minor is not None
    whole = Allotment(offer.code, "", pieces, budget_minor=terms.budget_minor)
    return [whole, *parts] if bounded else []
