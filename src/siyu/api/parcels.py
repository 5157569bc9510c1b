"""Parcels for people: the account of a period and the lists behind it. (The warehouse's own door is
in `acquisition`.)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from siyu.acquisition.model import Content, Fate, Mismatch, ParcelState
from siyu.analytics.views import parcels
from siyu.analytics.views.parcels import Packing, Stage
from siyu.api.auth import TheApp, needs
from siyu.api.paging import After, Code, Limit, Since, Until, following, start
from siyu.app import App
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

router = APIRouter(prefix="/parcels", tags=["parcels"])
WEEK = timedelta(days=7)
LONGEST = timedelta(days=92)
Exact = Annotated[
    str,
    Query(
        max_length=120,
        pattern=r"^[^\x00]*$",
        description="A parcel's or an order's number, exactly; other filters are left aside then.",
    ),
]


@dataclass(frozen=True)
class Kept:
    """The promise that a parcel is to keep, or kept; `title` in both languages."""

    id: str
    offer: str
    title: Mapping[str, str]
    state: str


@dataclass(frozen=True)
class ParcelRow:
    """What was decided (`content`, `gift`, `card`, `reason`) beside what was packed. `content` is
    null before the cut-off; `mismatch` is null where nothing was packed otherwise."""

    parcel_no: str
    shop: str
    orders: list[str]
    main_order_no: str | None
    state: ParcelState
    cutoff_at: datetime | None
    content: Content | None
    reason: str
    gift: str
    card: str
    frozen_at: datetime | None
    packed_at: datetime | None
    packed_gift: str
    packed_card: str
    shipped_at: datetime | None
    mismatch: Mismatch | None
    customer: str
    buyer: str
    promise: Kept | None
    warehouse: str


@dataclass(frozen=True)
class Parcels:
    parcels: list[ParcelRow]
    next: str


@dataclass(frozen=True)
class ParcelAccount:
    """gift + card + both + neither + Σ out_of_scope = packed, of what was packed in the period.
    `decided` is what was frozen for the same parcels, `mismatches` those packed otherwise,
    `promised` those with a promise, `warehouses` how each packed. `waiting` for their cut-off and
    `frozen` (decided, for the packer) are now, whatever the period; each stops counting at
    10,000."""

    since: datetime
    until: datetime
    packed: int
    gift: int
    card: int
    both: int
    neither: int
    out_of_scope: dict[str, int]
    decided: dict[str, int]
    mismatches: dict[str, int]
    promised: int
    warehouses: list[Packing]
    waiting: int
    frozen: dict[str, int]


def period(app: App, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """What is asked for; no period: the last seven days."""
    end = until or app.clock.now()
    begin = since or end - WEEK
    if not timedelta(0) < end - begin <= LONGEST:
        raise BadInput(
            Sentence(
                "`until` must come after `since`, by 92 days at most.",
                "`until` 必须晚于 `since`，最多 92 天。",
            )
        )
    return begin, end


@router.get("/account", **needs("parcels.read"))
def account(
    app: TheApp, since: Since = None, until: Until = None, shop: Code = ""
) -> ParcelAccount:
    """Every parcel packed in a period, counted exactly once. No period: the last seven days."""
    begin, end = period(app, since, until)
    with app.db.transaction() as conn:
        found = parcels.account(conn, begin, end, shop)
    return ParcelAccount(begin, end, **vars(found))


@dataclass(frozen=True)
class Filters:
    """What a list of parcels is narrowed to."""

    stage: Annotated[
        Stage, Query(description="Waiting for the cut-off, frozen and not packed, or packed.")
    ] = "packed"
    number: Exact = ""
    shop: Code = ""
    since: Since = None
    until: Until = None
    fate: Annotated[Fate | None, Query(description="What was packed, in scope or not.")] = None
    decided: Annotated[Content | None, Query(description="What was frozen.")] = None
    reason: Code = ""
    mismatch: Annotated[
        tuple[Mismatch, ...], Query(description="Packed otherwise than decided, in these ways.")
    ] = ()
    promised: Annotated[bool, Query(description="Only those with a promise.")] = False
    warehouse: Code = ""
    item: Annotated[
        Code, Query(description="What the packer was told: a sku or a card; of packed ones.")
    ] = ""


@router.get("/list", **needs("parcels.read"))
def listed(
    app: TheApp, only: Annotated[Filters, Depends()], after: After = "", limit: Limit = 50
) -> Parcels:
    """Parcels of a stage: the next cut-off first (waiting), the latest first (frozen, packed).

    The period is that of packing. The filters are those of the account: a list shows what its
    number counts.
    """
    begun = start(app, after)
    with app.db.transaction() as conn:
        if only.number:
            named = parcels.named(conn, app.keys, only.number.strip())
            return Parcels([shown(app, one) for one in named], after)
        narrowed = {name: value for name, value in vars(only).items() if name != "number"}
        wanted = parcels.Wanted(**narrowed)
        found, end = parcels.page(conn, app.keys, wanted, begun, limit)
    return Parcels([shown(app, one) for one in found], following(app, end))


def shown(app: App, one: parcels.Parcel) -> ParcelRow:
    """A parcel as it is shown: public ids, the buyer masked."""
    promise = one.promise
    return ParcelRow(
        parcel_no=one.parcel_no,
        shop=one.shop,
        orders=one.orders,
        main_order_no=one.main_order_no,
        state=one.state,
        cutoff_at=one.cutoff_at,
        content=one.content,
        reason=one.reason,
        gift=one.gift,
        card=one.card,
        frozen_at=one.frozen_at,
        packed_at=one.packed_at,
        packed_gift=one.packed_gift,
        packed_card=one.packed_card,
        shipped_at=one.shipped_at,
        mismatch=one.mismatch,
        customer="" if one.customer_id is None else app.ids.encode("cus", one.customer_id),
        buyer=one.buyer,
        promise=promise
        and Kept(app.ids.encode("prm", promise.id), promise.offer, promise.title, promise.state),
        warehouse=one.warehouse,
    )
