"""What is asked of Jushuitan again and again, and what it is told before audit.

Pages are read from the last to the first: a row that changes meanwhile leaves the window, and those
behind it move to pages that are still to be read. So nothing is lost between two pages, nor between
two pulls, whose windows overlap; what is read twice is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
Read = Callable[[Config, Tools, Client, Sequence[Order]], list[Incoming]]


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


class _Cursor(NamedTuple):
    """`done`: up to when all was read. With a window: that one is being read, `page` is next."""

    done: str
    window: tuple[datetime, datetime] | None = None
    page: int = 0

    @staticmethod
    def read(cursor: str, first: datetime) -> _Cursor:
        done, *rest = cursor.split("|") if cursor else [first.isoformat()]
        if len(rest) < 3:
            return _Cursor(done)
        begin, end, page = rest
        return _Cursor(
            done, (datetime.fromisoformat(begin), datetime.fromisoformat(end)), int(page)
        )

    @property
    def since(self) -> datetime:
        """From where on windows are still to be read, behind the one that is."""
        return self.window[1] if self.window else datetime.fromisoformat(self.done)

    def __str__(self) -> str:
        if self.window is None:
            return self.done
        return "|".join([self.done, *(one.isoformat() for one in self.window), str(self.page)])


def _pulled(config: Config, tools: Tools, cursor: str, path: str, read: Read) -> Iterator[Pulled]:
    """A window that was cut off goes on with the page it was at: asked for with the same times,
    rows only leave it, towards pages that are still to be read."""
    now = tools.clock.now()
    at = _Cursor.read(cursor, now - timedelta(days=config.first_days))
    try:
        with Client(config, tools, timeout=TIMEOUT) as client:
            ahead = wire.windows(at.since, now)
            for window in [*([at.window] if at.window else []), *ahead]:
                for rows, left in _rows(client, path, wire.asking(window), at.page):
                    events = read(config, tools, client, rows)
                    if left:
                        at = at._replace(window=window, page=left)
                    yield Pulled(events, str(at))
                at = _Cursor(window[1].isoformat())
                yield Pulled([], str(at))
    except Limited:
        yield Pulled([], str(at), again=tools.clock.now() + WHILE_LIMITED)


def _rows(
    client: Client, path: str, asked: Mapping[str, object], at: int = 0
) -> Iterator[tuple[Sequence[Order], int]]:
    """Pages from the last to the first, or from `at`, each with the one that is next (0: none, or
    how many there are it does not say: then nothing can go on in the middle)."""
    if at:
        for page in range(at, 0, -1):
            yield client.page(path, asked, page).rows, page - 1
        return
    first = client.page(path, asked, 1)
    pages = first.page_count or -(-(first.data_count or 0) // PAGE)
    if pages:
        for page in range(pages, 1, -1):
            yield client.page(path, asked, page).rows, page - 1
        yield (first.rows if pages == 1 else client.page(path, asked, 1).rows), 0
        return
    page = 1
    yield first.rows, 0
    while first.has_next:
        page += 1
        first = client.page(path, asked, page)
        yield first.rows, 0


def _by_number(client: Client, orders: Iterable[tuple[str, str]]) -> list[Order]:
    """All that the ERP has of these orders, as it is now: of a split one every child."""
    return [
        row
        for asked in wire.asking_for(orders)
        for rows, _ in _rows(client, ORDERS, asked)
        for row in rows
    ]


def _known(config: Config, tools: Tools, rows: Sequence[Order]) -> dict[str, str]:
    """Which of the ERP's orders stands for each order of these rows, as far as was settled."""
    names = wire.names(rows, config.shops)
    told = tools.store.get_all([MAIN + name for name in names])
    return {name: told.get(MAIN + name, "") for name in names}


def _settled(
    config: Config, tools: Tools, rows: Sequence[Order], known: Mapping[str, str]
) -> dict[str, str]:
    """The same, now that these rows say the rest; what is new is remembered."""
    found = wire.mains(rows, known, config.shops)
    new = {MAIN + name: main for name, main in found.items() if name and known.get(name) != main}
    if new:
        tools.store.put_all(new, tools.clock.now() + REMEMBERED)
    return found


def _standing(
    config: Config, tools: Tools, client: Client, rows: Sequence[Order]
) -> dict[str, str]:
    """Which of the ERP's orders stands for each order of these rows. Pages cut a split order's
    children apart: all of them are asked for first."""
    known = _known(config, tools, rows)
    siblings = _by_number(client, wire.scattered(rows, known, config.shops))
    latest = {wire.text(row.o_id): row for row in [*rows, *siblings]}
    return _settled(config, tools, list(latest.values()), known)


class _Ours(NamedTuple):
    """An order of a shop of ours; `main`: the ERP's order that stands for it; `number`: its
    parcel."""

    row: Order
    shop: str
    main: str
    number: str


def _ours(config: Config, tools: Tools, client: Client, rows: Sequence[Order]) -> list[_Ours]:
    mains = _standing(config, tools, client, rows)
    found: list[_Ours] = []
    for row in rows:
        shop, so_id = config.shops.get(wire.text(row.shop_id), ""), wire.text(row.so_id)
        if shop and so_id:
            main = mains.get(f"{shop}/{so_id}", "")
            number = wire.parcel_no(shop, so_id, wire.text(row.o_id), main)
            found.append(_Ours(row, shop, main, number))
    return found


def _planned(config: Config, tools: Tools, client: Client, rows: Sequence[Order]) -> list[Incoming]:
    """Of what has left nothing is planned any more, if it was before."""
    ours = _ours(config, tools, client, rows)
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


def _packed(config: Config, tools: Tools, client: Client, rows: Sequence[Order]) -> list[Incoming]:
    ours = _ours(config, tools, client, [row for row in rows if row.status == wire.OUT])
    parcels = tools.parcels.known({one.number for one in ours})
    codes = {shop: tools.parcels.codes(shop) for shop in {one.shop for one in ours}}
    found: list[Incoming] = []
    for row, shop, main, number in ours:
        found += wire.packed(row, shop, main, codes[shop], parcels.get(number))
    return found


def _shipped(config: Config, tools: Tools, client: Client, rows: Sequence[Order]) -> list[Incoming]:
    told = (wire.shipped(one.row, one.shop, one.main) for one in _ours(config, tools, client, rows))
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
    orders = {(shops[one.shop], number) for one in wanted if (number := wire.stands_by(one))}
    rows = _by_number(client, orders)
    mains = _settled(config, tools, rows, _known(config, tools, rows))
    for one in wanted:
        number = wire.stands_by(one)
        main = mains.get(f"{one.shop}/{number}", "")
        order = wire.standing(rows, shops[one.shop], number, main)
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


def _untold(tools: Tools, one: Decided, why: str) -> None:
    """Kept for `siyu connect`: how many came too late, and why."""
    told = msgspec.json.encode({"seq": one.seq, "why": why}).decode()
    tools.store.put(f"{LATE}{one.seq}", told, tools.clock.now() + SHOWN)
