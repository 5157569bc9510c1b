"""Jushuitan's JSON ↔ our words: signature, windows, orders and parcels, marks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from hashlib import md5, sha256
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Struct

from siyu.acquisition.decide import inserted
from siyu.acquisition.model import Decided, KnownParcel, mark
from siyu.connectors.erp_jushuitan.config import COLOURS, Config
from siyu.events.model import Incoming, ParcelPacked, ParcelPlanned, ParcelShipped, Payload

SOURCE = "erp_jushuitan"
PAGE = 50
LONGEST_WINDOW = timedelta(days=7)
OVERLAP = timedelta(minutes=5)
LONGEST_REMARK = 500
TOKEN_OVER = 100
CHINA = timezone(timedelta(hours=8))
TIME = "%Y-%m-%d %H:%M:%S"
# Orders of which no parcel will come: not paid, taken back, or become others.
NO_PARCEL = frozenset({"WaitPay", "Cancelled", "Split", "Merged", "Delete"})
GONE = "Cancelled"
REPLACED = frozenset({"Split", "Merged"})
SENT = "Sent"  # an order that left
OUT = "Confirmed"  # a document of what left: it did

Id = int | str | None


class Item(Struct, frozen=True):
    sku_id: str | None = ""
    qty: int | float | str | None = 0
    amount: int | float | str | None = 0
    is_gift: bool | str | None = False


class Order(Struct, frozen=True):
    """An order, or a document of what left for it (`io_date`), or a parcel under way (`l_id`)."""

    o_id: Id = None
    so_id: Id = None
    shop_id: Id = None
    status: str | None = ""
    pay_date: str | None = ""
    order_date: str | None = ""
    modified: str | None = ""
    remark: str | None = ""
    labels: str | list[str] | None = ""
    seller_flag: Id = None
    merge_so_id: str | None = ""
    is_split: bool | None = False
    io_date: str | None = ""
    send_date: str | None = ""
    l_id: Id = None
    items: list[Item] | None = None


class Page(Struct, frozen=True):
    """A page of them, under whichever name it has."""

    orders: list[Order] | None = None
    datas: list[Order] | None = None
    page_count: int | None = None
    data_count: int | None = None
    has_next: bool | None = False

    @property
    def rows(self) -> list[Order]:
        return self.orders or self.datas or []


class Answer(Struct, frozen=True):
    """What every call is answered with."""

    code: int | None = None
    msg: str | None = ""
    issuccess: bool | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def fine(self) -> bool:
        return self.code == 0 or (self.code is None and self.issuccess is True)


class Token(Struct, frozen=True):
    """What opens the platform, until then."""

    access_token: str
    refresh_token: str
    expires_in: int | float = 0


def signed(secret: str, params: Mapping[str, str]) -> dict[str, str]:
    """The form with its signature.

    >>> signed("s", {"b": "2", "a": "1"})["sign"] == md5(b"sa1b2").hexdigest()
    True
    """
    text = secret + "".join(f"{name}{params[name]}" for name in sorted(params) if params[name])
    return {**params, "sign": md5(text.encode(), usedforsecurity=False).hexdigest()}


def form(config: Config, token: str, biz: object, real: datetime) -> dict[str, str]:
    """What is posted for a call."""
    params = {
        "app_key": config.app_key,
        "access_token": token,
        "timestamp": str(int(real.timestamp())),
        "charset": "utf-8",
        "version": "2",
        "biz": msgspec.json.encode(biz).decode(),
    }
    return signed(config.app_secret, params)


def written(at: datetime) -> str:
    """A time as Jushuitan writes it."""
    return at.astimezone(CHINA).strftime(TIME)


def moment(text: str | None) -> datetime | None:
    """A time as Jushuitan writes it; None: it is none."""
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=CHINA)).astimezone(UTC)


def windows(begin: datetime, now: datetime) -> Iterable[tuple[datetime, datetime]]:
    """From where the last look ended until now, at most seven days each; the first one overlaps
    what was seen, since what is written meanwhile may bear an earlier time."""
    start = begin - OVERLAP
    while start < now:
        end = min(start + LONGEST_WINDOW, now)
        yield start, end
        start = end


def asking(window: tuple[datetime, datetime], page: int) -> dict[str, object]:
    """A page of what changed in a window."""
    begin, end = window
    return {
        "page_index": page,
        "page_size": PAGE,
        "modified_begin": written(begin),
        "modified_end": written(end),
    }


def text(value: Id) -> str:
    """An id as we write it."""
    return "" if value is None else str(value).strip()


def number(text: str) -> int | str:
    """An id as they write it.

    >>> number("1001"), number("A1")
    (1001, 'A1')
    """
    return int(text) if text.isascii() and text.isdigit() else text


def labels(order: Order) -> list[str]:
    """The labels of an order."""
    found = order.labels or []
    several = found.split(",") if isinstance(found, str) else found
    return [one.strip() for one in several if one.strip()]


def numbers(order: Order) -> list[str]:
    """The shop's order numbers that travel together, the one that it stands for first."""
    merged = (order.merge_so_id or "").replace("，", ",").split(",")
    return [n for n in dict.fromkeys([text(order.so_id), *(one.strip() for one in merged)]) if n]


# ── Parcels ──────────────────────────────────────────────────────────────────────────────────────


def parcel_no(shop: str, so_id: str, o_id: str, main: str) -> str:
    """A parcel is known by the order that it stands for, so that a plan survives a split: the main
    child keeps it. A further child has the ERP's own number beside it."""
    return f"{shop}/{so_id}" if main in ("", o_id) else f"{shop}/{so_id}#{o_id}"


def mains(
    orders: Sequence[Order], known: Mapping[str, str], shops: Mapping[str, str]
) -> dict[str, str]:
    """Shop/order number → the ERP's order that stands for it. Of the children of a split the one
    whose goods are worth most, then the first; who stands for it once keeps standing for it,
    unless it was split or merged away itself."""
    found = dict(known)
    for order in orders:
        name = _name(order, shops)
        if order.status in REPLACED and found.get(name) == text(order.o_id):
            found[name] = ""
    by_name: dict[str, list[Order]] = {}
    for order in orders:
        if (order.status or "") not in NO_PARCEL:
            by_name.setdefault(_name(order, shops), []).append(order)
    for name, children in by_name.items():
        if name and not found.get(name):
            found[name] = text(min(children, key=lambda one: (-_goods(one), _serial(one))).o_id)
    return found


def _name(order: Order, shops: Mapping[str, str]) -> str:
    shop, so_id = shops.get(text(order.shop_id), ""), text(order.so_id)
    return f"{shop}/{so_id}" if shop and so_id else ""


def names(orders: Iterable[Order], shops: Mapping[str, str]) -> list[str]:
    """Shop/order number of each that is of a shop of ours."""
    return sorted({name for order in orders if (name := _name(order, shops))})


def _goods(order: Order) -> float:
    return sum(
        _number(item.amount) for item in order.items or [] if item.is_gift not in (True, "true")
    )


def _number(value: float | str | None) -> float:
    try:
        return float(value or 0)
    except ValueError:
        return 0.0


def _serial(order: Order) -> tuple[int, str]:
    o_id = text(order.o_id)
    return len(o_id), o_id


def planned(order: Order, shop: str, main: str, cutoff: datetime | None) -> Incoming | None:
    """The parcel that an order will be; None where none will be, or nobody knows until when it can
    be changed. One that was merged into another stands for nothing any more."""
    so_id, at = text(order.so_id), moment(order.modified)
    gone = order.status == "Merged"
    if (
        not so_id
        or at is None
        or cutoff is None
        or ((order.status or "") in NO_PARCEL and not gone)
    ):
        return None
    o_id = text(order.o_id)
    plan = ParcelPlanned(
        parcel_no=parcel_no(shop, so_id, o_id, "" if gone else main),
        shop=shop,
        orders=[so_id] if gone else numbers(order)[:100],
        main_order=None if gone or main != o_id else so_id,
        cutoff_at=cutoff,
    )
    return _event(plan, at, shop, so_id)


def packed(
    order: Order,
    shop: str,
    main: str,
    codes: Mapping[str, tuple[str, str]],
    parcel: KnownParcel | None,
) -> list[Incoming]:
    """What a document of what left says: what was packed, and that it left."""
    so_id = text(order.so_id)
    at = moment(order.send_date) or moment(order.io_date) or moment(order.modified)
    if order.status != OUT or not so_id or at is None:
        return []
    parcel_number = parcel_no(shop, so_id, text(order.o_id), main)
    there = [item.sku_id or "" for item in order.items or [] if _number(item.qty) > 0]
    gift, card = inserted(there, codes, parcel)
    told: list[Payload] = [
        ParcelPacked(parcel_no=parcel_number, gift=gift, card=card),
        ParcelShipped(parcel_no=parcel_number),
    ]
    return [_event(one, at, shop, so_id) for one in told]


def shipped(order: Order, shop: str, main: str) -> Incoming | None:
    """That a parcel is under way."""
    so_id, at = text(order.so_id), moment(order.send_date)
    if not so_id or at is None:
        return None
    parcel_number = parcel_no(shop, so_id, text(order.o_id), main)
    return _event(ParcelShipped(parcel_no=parcel_number), at, shop, so_id)


def _event(payload: Payload, at: datetime, shop: str, so_id: str) -> Incoming:
    data = msgspec.json.encode(payload)
    kind = str(payload.__struct_config__.tag)
    digest = sha256(at.isoformat().encode() + data).hexdigest()[:24]
    return Incoming(
        source=SOURCE,
        id=f"{kind}/{digest}",
        kind=kind,
        occurred_at=at.isoformat(),
        keys={"order": f"{shop}/{so_id}"},
        data=msgspec.Raw(data),
    )


def stands_by(decided: Decided) -> str:
    """The shop's order by which the ERP knows a decision's parcel. Where that order was cancelled,
    and another one that travels with it decides, the parcel is still known by the first.

    >>> one = Decided(1, "tmall/A", "tmall", "B", "card", "", "", "")
    >>> stands_by(one), stands_by(one._replace(parcel_no="P7"))
    ('A', 'B')
    """
    ours = f"{decided.shop}/"
    if decided.parcel_no.startswith(ours):
        return decided.parcel_no.removeprefix(ours)
    return decided.order_no or ""


# ── Marks ────────────────────────────────────────────────────────────────────────────────────────


class Mark(NamedTuple):
    """A call that tells a packer what goes in."""

    path: str
    body: dict[str, Any]


State = Literal["done", "late", "full"]


def marking(config: Config, order: Order, decided: Decided) -> Mark | State:
    """How an order is marked with what was decided; or it is already (`done`), the ERP has gone on
    (`late`), or the remark has no room left (`full`). What staff wrote stays to the letter."""
    o_id: Any = order.o_id
    if order.status == GONE:
        return "done"  # nothing will be packed
    if config.mark == "label":
        label = config.gift_label if decided.content == "gift" else config.card_label
        if label in labels(order):
            return "done"
        call = Mark(
            config.label_path, {"o_id": o_id, config.labels_field: [label], "action_type": 1}
        )
    elif config.mark == "flag":
        flag = COLOURS[config.gift_flag if decided.content == "gift" else config.card_flag]
        if text(order.seller_flag) == str(flag):
            return "done"
        same = {config.remark_field: order.remark or ""}
        call = Mark(config.flag_path, {"o_id": o_id, **same, config.flag_field: flag})
    else:
        word, before = mark(decided.content, decided.item), order.remark or ""
        if word in before:
            return "done"
        after = f"{before}｜{word}"
        if len(after) > LONGEST_REMARK:
            return "full"
        call = Mark(config.remark_path, {"o_id": o_id, config.remark_field: after})
    return call if (order.status or "") in config.auditable else "late"


def standing(orders: Collection[Order], shop_id: str, so_id: str, main: str) -> Order | None:
    """Of what the ERP answers, the order that a decision is about."""
    found = [
        one
        for one in orders
        if text(one.so_id) == so_id
        and text(one.shop_id) == shop_id
        and (one.status or "") not in REPLACED
    ]
    return next((one for one in found if text(one.o_id) == main), next(iter(found), None))
