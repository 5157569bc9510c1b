"""Orders, what was taken back, bookings that are no orders, parcels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple

from siyu.kernel.errors import Problem

OrderState = Literal["paid", "cancelled", "refunded"]
Pair = tuple[str, str]  # shop, order number

CANCELLED_LINE = -1  # a cancellation is kept beside refunds, under this line
AMOUNT_LINE = 0  # money given back without goods


class Shop(NamedTuple):
    """Where people buy. `inserts`: its parcels may carry our gift or card."""

    code: str
    name: str
    platform: str
    inserts: bool = True
    synthetic: bool = False


class Warehouse(NamedTuple):
    """How long a warehouse leaves us to say what goes in. Without `shops` it serves every shop that
    no other names; without `audit_delay` it audits at its `ship_cutoff`. `plans`: it tells no plans
    of its own, so each order is taken for a parcel. `items`: our codes → its own."""

    code: str
    shops: tuple[str, ...]
    time_zone: str
    download_lag: timedelta
    audit_delay: timedelta | None
    ship_cutoff: time | None
    margin: timedelta
    plans: bool
    items: Mapping[str, str]


class Counted(NamedTuple):
    """How many pieces of a sku lay at a place, a shop or a warehouse, on a day."""

    place: str
    day: date
    sku: str
    pieces: int


class Held(NamedTuple):
    """The last count of a place: its day, skus and pieces, and how many counts there are."""

    place: str
    day: date
    skus: int
    pieces: int
    counts: int


class ImportFile(NamedTuple):
    """A file of orders that is brought in: what it says and how it is read, as digests."""

    file: str
    digest: str
    reading: str
    mapping: str
    shop: str
    lines: int


class ImportDone(NamedTuple):
    """How far an import is: so many of its events are dealt with, and what became of them."""

    events: int = 0
    lines: int = 0
    orders: int = 0
    refunds: int = 0
    corrections: int = 0
    duplicates: int = 0
    guests: int = 0
    cancellations: int = 0
    itemised: int = 0


class BegunImport(NamedTuple):
    """An import that is begun, or taken up again. `refused`: place of an event → why."""

    id: int
    done: ImportDone
    refused: dict[int, str]


class Import(NamedTuple):
    """One line of the list of imports. `rejected` and `unpaid` are known once it is finished."""

    file: str
    mapping: str
    shop: str
    file_lines: int
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    rejected: int
    unpaid: int
    done: ImportDone

    @property
    def new(self) -> int:
        """What it has brought."""
        done = self.done
        return done.orders + done.refunds + done.corrections + done.cancellations + done.itemised


class Taken(NamedTuple):
    """One row of `refund`: a line given back, an amount without goods, or a whole cancellation."""

    shop: str
    refund_no: str
    line: int
    order_no: str | None
    whole: bool
    identity_id: int | None
    customer_id: int | None
    sku: str
    quantity: int
    amount_minor: int
    currency: str
    refunded_at: datetime
    source: str
    source_id: str


class Bought(NamedTuple):
    """A line that a refund without reference may take from. `taken`: already given back by refunds
    that name this order, over all its lines of this sku."""

    customer_id: int
    shop: str
    currency: str
    sku: str
    paid_at: datetime
    order_no: str
    line: int
    order_id: int
    quantity: int
    taken: int


class Loose(NamedTuple):
    """A refund line that names no order; the last two say what it is matched with now."""

    customer_id: int
    shop: str
    currency: str
    sku: str
    refunded_at: datetime
    refund_no: str
    line: int
    id: int
    quantity: int
    order_id: int | None
    matched_line: int | None


class Payment(NamedTuple):
    """Money taken in a chat; with a `refund_no`: what was given back of it."""

    carrier: str
    trade_no: str
    refund_no: str
    identity_id: int | None
    customer_id: int | None
    staff: str
    amount_minor: int
    currency: str
    paid_at: datetime
    source: str
    source_id: str
    request: str = ""


class TakenByStaff(NamedTuple):
    """What somebody of us was paid in chats on a day, in one currency. `of_orders_minor`: what of
    it, less what was given back, paid an order that stands, whose figures have it already."""

    staff: str
    day: date
    currency: str
    payments: int
    paid_minor: int
    refunded_minor: int
    of_orders_minor: int


class OrderFact(NamedTuple):
    """An order as other rooms see it."""

    id: int
    customer_id: int | None
    identity_id: int | None
    state: OrderState
    paid_at: datetime
    total_minor: int
    refunded_minor: int
    currency: str


class Item(NamedTuple):
    """A line of an order."""

    sku: str
    title: str
    quantity: int
    amount_minor: int


class ParcelFact(NamedTuple):
    """The parcel that an order travels in. `main`: the order that it stands for, if any."""

    parcel_id: int
    parcel_no: str
    main: str | None
    cutoff_at: datetime
    packed_at: datetime | None


class Totals(NamedTuple):
    """The books of one currency.

    `lines` counts every line told of: bought, given back, corrected. `customers` are those who
    bought or gave something back. `refunded` is all that was given back (matched or not) and what
    cancelled orders had left. `net` = `gross` − `refunded` + `corrections`.
    """

    currency: str
    lines: int
    orders: int
    customers: int
    orders_without_customer: int
    cancelled_orders: int
    refunded_orders: int
    refunds: int
    refund_lines: int
    corrected: int
    gross: int
    refunded: int
    corrections: int
    net: int


class Unmatched(NamedTuple):
    """Refunds that take from no order, in one currency: without a match, or before their order."""

    currency: str
    refunds: int
    lines: int
    amount_minor: int
    waiting: int  # of the lines: those that name an order which nobody told of


# What an upload is: being looked at; not readable until somebody says how; ready to be imported;
# waiting for its turn; under way; in; stopped by hand or by an error (it can go on); useless; gone.
UploadState = Literal[
    "looking", "unknown", "ready", "queued", "importing", "done", "cancelled", "failed", "refused",
    "dropped",
]  # fmt: skip
UploadStage = Literal["", "reading", "counting", "importing", "going_on", "waiting"]
Recognised = Literal["", "known", "yours", "given"]


class UploadProgress(NamedTuple):
    """How far a stage is: `done` of `total` lines; `waiting`: events that the engine has left."""

    stage: UploadStage
    done: int
    total: int
    stage_done: int
    stage_at: datetime | None
    told_at: datetime | None


class Upload(NamedTuple):
    """A file that somebody has put here, and what has become of it."""

    id: int
    file: str
    bytes: int
    state: UploadState
    turn: int
    sheet: str
    mapping: dict[str, Any] | None
    look: dict[str, Any] | None
    dry: dict[str, Any] | None
    report: dict[str, Any] | None
    stop_wanted: bool
    error: str
    error_zh: str
    problems: list[dict[str, str]]
    uploaded_by: str
    uploaded_at: datetime
    started_by: str
    changed_at: datetime
    removed_at: datetime | None
    progress: UploadProgress


class Looked(NamedTuple):
    """What a look at an upload has found."""

    state: UploadState
    look: dict[str, Any] | None = None
    mapping: dict[str, Any] | None = None
    dry: dict[str, Any] | None = None
    error: str = ""
    problems: tuple[Problem, ...] = ()


class Brought(NamedTuple):
    """A file that was brought in, however: one line of the history of imports."""

    id: int
    file: str
    mapping: str
    shop: str
    lines: int
    file_lines: int
    new: int
    known: int
    rejected: int
    started_at: datetime
    finished_at: datetime | None
