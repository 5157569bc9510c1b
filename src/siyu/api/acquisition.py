"""Parcels, which the warehouse pulls once they are frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter

from siyu.acquisition import views
from siyu.api.auth import TheApp, needs
from siyu.api.paging import After, Limit, following, start

router = APIRouter(tags=["parcels"])


@dataclass(frozen=True)
class Decision:
    """What goes into a parcel: `gift` is a sku, `card` a material with its own `card_link`."""

    parcel_no: str
    shop: str
    order_no: str | None
    content: str
    gift: str
    card: str
    card_link: str
    reason: str
    frozen_at: datetime
    warehouse: str


@dataclass(frozen=True)
class Decisions:
    """A page; pull again with `after=next` until it stays the same."""

    parcels: list[Decision]
    next: str


@router.get("/parcels", **needs("parcels.read"))
def parcels(
    app: TheApp,
    after: After = "",
    limit: Limit = 500,
) -> Decisions:
    """Frozen decisions in the order of freezing. One never changes, so a page can be kept."""
    seq = start(app, after, "seq")
    with app.db.transaction() as conn:
        found = views.decisions(conn, seq, limit)
    return Decisions(
        [
            Decision(
                one.parcel_no,
                one.shop,
                one.order_no,
                one.content,
                one.gift,
                one.card,
                app.context.link.format(state=one.state_code) if one.state_code else "",
                one.reason,
                one.frozen_at,
                one.warehouse,
            )
            for one in found
        ],
        following(app, found[-1].seq if found else seq, "seq"),
    )
