"""Parcels: the warehouse pulls what each one carries, gift or card, once it is frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from siyu.acquisition import views
from siyu.api.auth import TheApp, needs
from siyu.kernel.errors import BadInput

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


@dataclass(frozen=True)
class Decisions:
    """A page; pull again with `after=next` until it is empty."""

    parcels: list[Decision]
    next: str


@router.get("/parcels", **needs("parcels.read"))
def parcels(
    app: TheApp,
    after: Annotated[str, Query(max_length=30, description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> Decisions:
    """Frozen decisions in the order of freezing. One never changes, so a page can be kept."""
    seq = app.ids.decode("seq", after) if after else 0
    if seq is None:
        raise BadInput("`after` is no cursor of ours; use the `next` of the page before")
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
            )
            for one in found
        ],
        app.ids.encode("seq", found[-1].seq) if found else after,
    )
