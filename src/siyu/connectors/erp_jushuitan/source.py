"""What is asked of Jushuitan again and again, and what it is told before audit.

Pages are read from the last to the first: a row that changes meanwhile leaves the window, and those
behind it move to pages that are still to be read. So nothing is lost between two pages, nor between
two pulls, whose windows overlap; what is read twice is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from siyu.acquisition.model import Decided
from siyu.connectors.erp_jushuitan import wire
from siyu.connectors.erp_jushuitan.client import TIMEOUT, Client, Limited, SaidNo
from siyu.connectors.erp_jushuitan.config import Config
from siyu.connectors.erp_jushuitan.wire import PAGE, Order
from siyu.connectors.manifest import Pulled, Tools
from siyu.events.model import Incoming

ORDERS = "/open/orders/single/query"
OUT = "/open/orders/out/simple/query"
LOGISTIC = "/open/logistic/query"
WHILE_LIMITED = timedelta(minutes=1)
REMEMBERED = timedelta(days=60)  # which of the ERP's orders stands for an order of a shop
SHOWN = timedelta(days=30)  # decisions that could not be told
MAIN, LATE = "main/", "late/"
Read = Callable[[Config, Tools, Sequence[Order]], list[Incoming]]


def orders(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """Parcels that there will be, from orders as the ERP has them."""
    if config.plan:
        yield from _pulled(config, tools, cursor, ORDERS, _planned)


def out(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """What was packed, from the documents of what left."""
    yield from _pulled(config, tools, cursor, OUT, _packed)


def logistic(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """Parcels under way."""
    yield from _pulled(config, tools, cursor, LOGISTIC, _shipped)


def _pulled(config: Config, tools: Tools, cursor: str, path: str, read: Read) -> Iterator[Pulled]:
    now = tools.clock.now()
    begin = datetime.fromisoformat(cursor) if cursor else now - timedelta(days=config.first_days)
    done = begin.isoformat()
    try:
        with Client(config, tools, timeout=TIMEOUT) as client:
            for window in wire.windows(begin, now):
                for rows in _rows(client, path, window):
                    yield Pulled(read(config, tools, rows), done)
                done = window[1].isoformat()
                yield Pulled([], done)
    except Limited:
        yield Pulled([], done, again=tools.clock.now() + WHILE_LIMITED)


def _rows(
    client: Client, path: str, window: tuple[datetime, datetime]
) -> Iterator[Sequence[Order]]:
    first = client.page(path, wire.asking(window, 1))
    pages = first.page_count or -(-(first.data_count or 0) // PAGE)
    if pages:
        for page in range(pages, 1, -1):
            yield client.page(path, wire.asking(window, page)).rows
        yield first.rows if pages == 1 else client.page(path, wire.asking(window, 1)).rows
        return
    page = 1  # how many there are it doesn't say
    yield first.rows
    while first.has_next:
        page += 1
        first = client.page(path, wire.asking(window, page))
        yield first.rows


def _standing(config: Config, tools: Tools, rows: Sequence[Order]) -> dict[str, str]:
    """Which of the ERP's orders stands for each order of these rows; what is new is remembered."""
    names = wire.names(rows, config.shops)
    told = tools.store.get_all([MAIN + name for name in names])
    known = {name: told.get(MAIN + name, "") for name in names}
    found = wire.mains(rows, known, config.shops)
    new = {MAIN + name: main for name, main in found.items() if name and known.get(name) != main}
    if new:
        tools.store.put_all(new, tools.clock.now() + REMEMBERED)
    return found


class _Ours(NamedTuple):
    """An order of a shop of ours; `main`: the ERP's order that stands for it; `number`: its
    parcel."""

    row: Order
    shop: str
    main: str
    number: str


def _ours(config: Config, tools: Tools, rows: Sequence[Order]) -> list[_Ours]:
    mains = _standing(config, tools, rows)
    found: list[_Ours] = []
    for row in rows:
        shop, so_id = config.shops.get(wire.text(row.shop_id), ""), wire.text(row.so_id)
        if shop and so_id:
            main = mains.get(f"{shop}/{so_id}", "")
            number = wire.parcel_no(shop, so_id, wire.text(row.o_id), main)
            found.append(_Ours(row, shop, main, number))
    return found


def _planned(config: Config, tools: Tools, rows: Sequence[Order]) -> list[Incoming]:
    """Of what has left nothing is planned any more, if it was before."""
    ours = _ours(config, tools, rows)
    left = [one.number for one in ours if one.row.status == wire.SENT]
    known = tools.parcels.known(left) if left else ()
    found: list[Incoming] = []
    for row, shop, main, number in ours:
        if number in known:
            continue
        paid = wire.moment(row.pay_date) or wire.moment(row.order_date)
        cutoff = None if paid is None else tools.parcels.deadline(shop, paid)
        event = wire.planned(row, shop, main, cutoff)
        if event is not None:
            found.append(event)
    return found


def _packed(config: Config, tools: Tools, rows: Sequence[Order]) -> list[Incoming]:
    ours = _ours(config, tools, [row for row in rows if row.status == wire.OUT])
    parcels = tools.parcels.known({one.number for one in ours})
    codes = {shop: tools.parcels.codes(shop) for shop in {one.shop for one in ours}}
    found: list[Incoming] = []
    for row, shop, main, number in ours:
        found += wire.packed(row, shop, main, codes[shop], parcels.get(number))
    return found


def _shipped(config: Config, tools: Tools, rows: Sequence[Order]) -> list[Incoming]:
    told = (wire.shipped(one.row, one.shop, one.main) for one in _ours(config, tools, rows))
    return [event for event in told if event is not None]


# ── Decisions ────────────────────────────────────────────────────────────────────────────────────


def decisions(config: Config, tools: Tools, cursor: str) -> Iterator[Pulled]:
    """Tell what was decided, each before its order is audited. Killed in between it tells again
    what it told last, which changes nothing: an order is read before it is marked."""
    after = int(cursor or 0)
    shops = {ours: theirs for theirs, ours in config.shops.items()}
    try:
        while page := tools.parcels.decisions(after, PAGE):
            wanted = [
                one
                for one in page
                if config.mark != "none" and one.content != "none" and one.shop in shops
            ]
            if wanted:
                with Client(config, tools, timeout=TIMEOUT) as client:
                    _tell(config, tools, client, wanted, shops)
            after = page[-1].seq
            yield Pulled([], str(after))
    except Limited:
        yield Pulled([], str(after), again=tools.clock.now() + WHILE_LIMITED)


def _tell(
    config: Config,
    tools: Tools,
    client: Client,
    wanted: Sequence[Decided],
    shops: dict[str, str],
) -> None:
    names = {one.parcel_no: f"{MAIN}{one.shop}/{wire.stands_by(one)}" for one in wanted}
    told = tools.store.get_all(names.values())
    mains = {number: told.get(name, "") for number, name in names.items()}
    found = _asked(client, wanted, mains, shops, tools.clock.now())
    for one in wanted:
        order = wire.standing(found, shops[one.shop], wire.stands_by(one), mains[one.parcel_no])
        if order is None:
            _untold(tools, one, "unknown")
            continue
        call = wire.marking(config, order, one)
        if isinstance(call, str):
            if call != "done":
                _untold(tools, one, call)
            continue
        try:
            client.call(call.path, call.body)
        except SaidNo:  # this order alone: it was read a moment ago, so the door is open
            _untold(tools, one, "refused")


def _asked(
    client: Client,
    wanted: Sequence[Decided],
    mains: dict[str, str],
    shops: dict[str, str],
    now: datetime,
) -> list[Order]:
    """The orders of these decisions as they are now: by the ERP's number, else by the shop's."""
    found: list[Order] = []
    known = sorted({main for main in mains.values() if main})
    if known:
        found += client.page(
            ORDERS,
            {"o_ids": [wire.number(one) for one in known], "page_index": 1, "page_size": PAGE},
        ).rows
    for shop in sorted({one.shop for one in wanted}):
        others = sorted(
            {
                order
                for one in wanted
                if one.shop == shop and not mains[one.parcel_no] and (order := wire.stands_by(one))
            }
        )
        if others:
            window = wire.asking((now - wire.LONGEST_WINDOW, now), 1)
            asked = {**window, "shop_id": wire.number(shops[shop]), "so_ids": others}
            found += client.page(ORDERS, asked).rows
    return found


def _untold(tools: Tools, one: Decided, why: str) -> None:
    """Kept for `siyu connect`: how many came too late, and why."""
    told = msgspec.json.encode({"seq": one.seq, "why": why}).decode()
    tools.store.put(f"{LATE}{one.seq}", told, tools.clock.now() + SHOWN)
