"""Parcels for people: the account of a period, and the lists behind each of its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, cast

from siyu.acquisition.model import (
    UNDECIDED,
    Content,
    Fate,
    Mismatch,
    ParcelState,
    carried,
    mismatch,
)
from siyu.analytics.views import masked
from siyu.kernel.sql import SCAN, Conn, Row, load
from siyu.vault.model import Keys

SQL = load("siyu.analytics")
MOST_COUNTED = 10_000  # of what waits: more are shown as 10,000+

Stage = Literal["waiting", "frozen", "packed"]


@dataclass(frozen=True)
class Packing:
    """How a warehouse packed: `packed` parcels, and how many of them otherwise than decided."""

    warehouse: str
    packed: int = 0
    other_kind: int = 0
    other_item: int = 0
    stray: int = 0


@dataclass(frozen=True)
class Difference:
    """What packers were told (`content`, and `item`: its sku or card) on a day in a warehouse: how
    many parcels that was, and how many were packed otherwise."""

    day: date
    warehouse: str
    content: Content
    item: str
    packed: int = 0
    other_kind: int = 0
    other_item: int = 0
    stray: int = 0


@dataclass(frozen=True)
class ParcelAccount:
    """What was packed: gift + card + both + neither + Σ out_of_scope = packed. Beside it `decided`
    says what had been frozen for the same parcels, `mismatches` how many were packed otherwise,
    `promised` how many kept a promise, `warehouses` who packed them. `waiting` and `frozen` are
    what is not packed yet, now; they stop at 10,000."""

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


def account(conn: Conn, since: datetime, until: datetime, shop: str = "") -> ParcelAccount:
    """The parcels of a period, each counted exactly once."""
    waiting, frozen = _unpacked(conn, shop)
    conn.execute(SQL.by_hash)
    rows = conn.fetch(SQL.fates, {"since": since, "until": until, "shop": shop})
    fates: Counter[str] = Counter()
    out: Counter[str] = Counter()
    decided: Counter[str] = Counter(gift=0, card=0, none=0)
    wrong: Counter[str] = Counter(other_kind=0, other_item=0, stray=0)
    by: dict[str, Counter[str]] = {}
    promised = 0
    for content, reason, gift, card, other, kept, warehouse, many in rows:
        packed = carried("x" * gift, "x" * card)
        if content == "none":
            out[reason] += many
        else:
            fates[packed] += many
        decided[content] += many
        promised += many * kept
        here = by.setdefault(warehouse, Counter())
        here["packed"] += many
        if differs := mismatch(content, packed, other_item=other):
            wrong[differs] += many
            here[differs] += many
    return ParcelAccount(
        packed=fates.total() + out.total(),
        gift=fates["gift"],
        card=fates["card"],
        both=fates["both"],
        neither=fates["neither"],
        out_of_scope=dict(out.most_common()),
        decided=dict(decided),
        mismatches=dict(wrong),
        promised=promised,
        warehouses=[Packing(code, **counts) for code, counts in sorted(by.items())],
        waiting=waiting,
        frozen=frozen,
    )


def differences(
    conn: Conn, since: datetime, until: datetime, shop: str, time_zone: str
) -> list[Difference]:
    """What packers were told and what they packed, by local day, warehouse and instruction."""
    conn.execute(SQL.by_hash)
    params = {"since": since, "until": until, "shop": shop, "zone": time_zone}
    found: dict[tuple[date, str, Content, str], Counter[str]] = {}
    for day, warehouse, content, item, gift, card, other, many in conn.fetch(
        SQL.instructions, params
    ):
        here = found.setdefault((day, warehouse, content, item), Counter())
        here["packed"] += many
        packed = carried("x" * gift, "x" * card)
        if differs := mismatch(content, packed, other_item=other):
            here[differs] += many
    return [Difference(*told, **counts) for told, counts in found.items()]


def _unpacked(conn: Conn, shop: str) -> tuple[int, dict[str, int]]:
    rows = conn.fetch(SQL.unpacked, {"shop": shop, "most": MOST_COUNTED})
    frozen = {"gift": 0, "card": 0, "none": 0}
    frozen |= {content: many for what, content, many in rows if what == "frozen"}
    return next(many for what, _, many in rows if what == "waiting"), frozen


class Wanted(NamedTuple):
    """Which parcels a list shows; what is empty does not filter. The period is that of packing, and
    `item` what the packer of it was told: a sku or a card."""

    stage: Stage = "packed"
    shop: str = ""
    since: datetime | None = None
    until: datetime | None = None
    fate: Fate | None = None
    decided: Content | None = None
    reason: str = ""
    mismatch: Sequence[Mismatch] = ()
    promised: bool = False
    warehouse: str = ""
    item: str = ""


class Promised(NamedTuple):
    """The promise that a parcel is to keep, or kept."""

    id: int
    offer: str
    title: Mapping[str, str]
    state: str


@dataclass(frozen=True)
class Parcel:
    """A parcel as a list shows it: what was decided beside what was packed. Before its cut-off
    `content` is null; `mismatch` is null where nothing was packed otherwise."""

    id: int
    parcel_no: str
    shop: str
    main_order_no: str | None
    orders: list[str]
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
    customer_id: int | None
    buyer: str = ""
    promise: Promised | None = field(default=None)
    warehouse: str = ""


def page(
    conn: Conn, keys: Keys, wanted: Wanted, before: int, limit: int
) -> tuple[list[Parcel], int]:
    """Parcels of a stage behind a row (0: from the first), in its order; and the last row looked
    at."""
    find, end = {
        "waiting": (SQL.parcels_waiting, SQL.parcels_waiting_end),
        "frozen": (SQL.parcels_frozen, SQL.parcels_frozen_end),
        "packed": (SQL.parcels_packed, SQL.parcels_packed_end),
    }[wanted.stage]
    params = {
        "before": before or None,
        "scan": SCAN,
        "limit": limit,
        "shop": wanted.shop,
        "warehouse": wanted.warehouse,
        "since": wanted.since,
        "until": wanted.until,
        "fate": wanted.fate or "",
        "decided": wanted.decided or "",
        "reason": wanted.reason,
        "mismatch": ",".join(wanted.mismatch),
        "promised": wanted.promised,
        "item": wanted.item,
    }
    ids = [int(row[0]) for row in conn.fetch(find, params)]
    if len(ids) == limit:
        last = ids[-1]
    else:
        rows = conn.fetch(end, params)
        last = int(rows[0][0]) if rows else before
    return rows_of(conn, keys, ids), last


def named(conn: Conn, keys: Keys, number: str, limit: int = 100) -> list[Parcel]:
    """Parcels with this number, or in which an order with this number travels."""
    rows = conn.fetch(SQL.parcels_named, {"number": number, "limit": limit})
    return rows_of(conn, keys, [int(row[0]) for row in rows])


def rows_of(conn: Conn, keys: Keys, ids: Sequence[int]) -> list[Parcel]:
    """These parcels, in this order, their buyers masked."""
    rows = conn.fetch(SQL.parcel_rows, {"ids": list(ids)}) if ids else []
    names = masked.names(conn, keys, (row[16] for row in rows if row[16] is not None))
    return [_parcel(row, names) for row in rows]


def _parcel(row: Row, names: Mapping[int, str]) -> Parcel:
    number, parcel_no, shop, main, orders, planned_at, cutoff_at, content, reason = row[:9]
    gift, card, frozen_at, packed_at, packed_gift, packed_card, shipped_at, buyer = row[9:17]
    decided = cast("Content", content or "none")
    packed = carried(packed_gift, packed_card)
    other = (packed_gift, packed_card) != (gift, card)
    never = content is None and packed_at is not None
    state: ParcelState = "shipped" if shipped_at else "packed" if packed_at else "planned"
    return Parcel(
        id=number,
        parcel_no=parcel_no,
        shop=shop,
        main_order_no=main,
        orders=orders or [],
        state="frozen" if state == "planned" and content is not None else state,
        cutoff_at=cutoff_at if planned_at else None,
        content="none" if never else content,
        reason=UNDECIDED if never else reason or "",
        gift=gift,
        card=card,
        frozen_at=frozen_at,
        packed_at=packed_at,
        packed_gift=packed_gift,
        packed_card=packed_card,
        shipped_at=shipped_at,
        mismatch=mismatch(decided, packed, other_item=other) if packed_at else None,
        customer_id=buyer,
        buyer=names.get(buyer, ""),
        promise=None if row[17] is None else Promised(row[17], row[18], row[19] or {}, row[20]),
        warehouse=row[21],
    )
