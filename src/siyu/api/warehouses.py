"""Warehouses for people: their figures, the file of what parcels are to carry, and how what was
packed differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response
from pydantic import Field

from siyu.acquisition import actions as acquisition
from siyu.acquisition import views
from siyu.acquisition.model import Content, PickList, mark
from siyu.acquisition.render import plan_rows
from siyu.analytics.views import parcels
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.paging import Code, Since, Until
from siyu.api.parcels import period
from siyu.api.words import Moment, Who, Words
from siyu.app import App
from siyu.commerce import actions as commerce
from siyu.commerce import views as shops
from siyu.commerce.decide import gift_deadline
from siyu.commerce.model import Warehouse
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Sentence
from siyu.kernel.sheet import MEDIA, Form, written
from siyu.kernel.sql import Conn
from siyu.staff.actions import audit

router = APIRouter(tags=["parcels"])
PREFIX = "pck"
WEEK = timedelta(days=7)
Minutes = Annotated[int, Field(ge=0, le=14 * 24 * 60)]
Named = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True)
class NewHouse:
    """A warehouse. Its cut-off is payment + `lag_minutes` + `audit_minutes` (null: it audits at
    `ship_cutoff`) − `margin_minutes`, or `ship_cutoff` − margin where that comes first. `plans`: it
    tells no plans, so each order is taken for a parcel. `items`: our code → its own."""

    shops: list[Named] = field(default_factory=list[str])
    lag_minutes: Minutes = 15
    audit_minutes: Minutes | None = None
    ship_cutoff: time | None = None
    margin_minutes: Minutes = 10
    plans: bool = True
    items: dict[Named, Named] = field(default_factory=dict[str, str])
    time_zone: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Told:
    """A thing of ours that may go into a parcel: its own code there, and what a packer reads."""

    kind: Literal["gift", "card"]
    code: str
    item: str
    reads: str


@dataclass(frozen=True)
class HouseRow:
    """A warehouse with how it stands. `paid_now_until`: how long the parcel of an order paid now
    could change. `waiting`: planned parcels before their cut-off, of the 10,000 that come first;
    they keep it, whatever is set."""

    code: str
    shops: list[str]
    lag_minutes: int
    audit_minutes: int | None
    ship_cutoff: time | None
    margin_minutes: int
    plans: bool
    items: dict[str, str]
    time_zone: str
    paid_now_until: datetime
    waiting: int
    told: list[Told]


@dataclass(frozen=True)
class Houses:
    """`things`: all gifts and cards that may go into a parcel, under our own codes."""

    warehouses: list[HouseRow]
    things: list[Told]


def houses(app: App, conn: Conn) -> Houses:
    """Every warehouse, with how it stands."""
    waiting, now = views.waiting(conn), app.clock.now()
    found = [_row(one, _told(conn, one), waiting, now) for one in shops.warehouses(conn)]
    return Houses(found, _told(conn, None))


def _row(one: Warehouse, told: list[Told], waiting: Mapping[str, int], now: datetime) -> HouseRow:
    return HouseRow(
        one.code,
        list(one.shops),
        _minutes(one.download_lag),
        None if one.audit_delay is None else _minutes(one.audit_delay),
        one.ship_cutoff,
        _minutes(one.margin),
        one.plans,
        dict(one.items),
        one.time_zone,
        gift_deadline(now, one),
        waiting.get(one.code, 0),
        told,
    )


def _told(conn: Conn, house: Warehouse | None) -> list[Told]:
    found = views.own_codes(conn, house).items()
    return [
        Told(kind, code, item, mark(kind, item))
        for item, (kind, code) in sorted(found, key=lambda one: one[1])
    ]


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


@router.get("/warehouses", **needs("settings.read"))
def warehouses(app: TheApp) -> Houses:
    """Every warehouse whose figures are set."""
    with app.db.transaction() as conn:
        return houses(app, conn)


@router.put("/warehouses/{code}", **needs("settings.write"))
def put(app: TheApp, caller: TheCaller, code: str, new: Annotated[NewHouse, Body()]) -> Houses:
    """Say how long a warehouse leaves us to decide, from the next order on; audited."""
    by, audit_minutes = caller.actor(new.by), new.audit_minutes
    house = Warehouse(
        code,
        tuple(new.shops),
        new.time_zone or app.brand.time_zone,
        timedelta(minutes=new.lag_minutes),
        None if audit_minutes is None else timedelta(minutes=audit_minutes),
        new.ship_cutoff,
        timedelta(minutes=new.margin_minutes),
        new.plans,
        new.items,
    )
    with app.db.transaction() as conn:
        commerce.set_warehouse(conn, house, by, app.clock.now())
    return warehouses(app)


@router.post("/warehouses/{code}/drop", **needs("settings.write"))
def drop(app: TheApp, caller: TheCaller, code: Words, new: Who) -> Houses:
    """It packs for no shop any more, from the next order on; what is planned stays. Audited."""
    with app.db.transaction() as conn:
        commerce.drop_warehouse(conn, code, caller.actor(new.by), app.clock.now())
    return warehouses(app)


# ── What parcels are to carry ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Picked:
    """A file of decisions that a warehouse got: of parcels cut off since then, frozen for good
    between `frozen_from` and `frozen_until` (null where it is empty)."""

    id: str
    warehouse: str
    since: datetime
    made_at: datetime
    made_by: str
    gifts: int
    cards: int
    frozen_from: datetime | None
    frozen_until: datetime | None


@dataclass(frozen=True)
class Picks:
    picks: list[Picked]


@dataclass(frozen=True)
class Wanted:
    """`since`: parcels cut off from then on; null: in the last seven days."""

    warehouse: Named
    since: Moment | None = None
    by: Words = ""


def picked(app: App, conn: Conn, warehouse: str, since: datetime | None, by: str) -> PickList:
    """What that warehouse has not got yet, as a new list."""
    known = {one.code for one in shops.warehouses(conn)}
    if warehouse not in known:
        listed = ", ".join(sorted(known)) or "-"
        raise NotFound(
            Sentence(
                f"There is no warehouse {warehouse!r}; known are {listed}.",
                f"没有仓库 {warehouse!r}；已有 {listed}。",
            )
        )
    now = app.clock.now()
    return acquisition.pick(conn, warehouse, since or now - WEEK, by, now)


def pick_file(
    app: App, conn: Conn, list_id: int, form: Form, again: str = ""
) -> tuple[PickList, bytes]:
    """A list as a file. `again`: who asks for it once more, for the audit."""
    found = views.pick_list(conn, list_id)
    if found is None:
        raise NotFound(Sentence("There is no such list.", "没有这个清单。"))
    made, lines = found
    house = next((one for one in shops.warehouses(conn) if one.code == made.warehouse), None)
    rows = plan_rows(lines, house, app.brand.time_zone, app.context.link)
    if again:
        said = f"list {made.id}: {len(lines)} parcels, {form}"
        audit(conn, again, "parcels.pick.again", made.warehouse, said, app.clock.now())
    return made, written(form, rows)


def _shown(app: App, one: PickList) -> Picked:
    return Picked(app.ids.encode(PREFIX, one.id), *one[1:])


@router.post("/picks", **needs("parcels.pick"))
def pick(app: TheApp, caller: TheCaller, new: Annotated[Wanted, Body()]) -> Picked:
    """What a warehouse is to put in and was not told in a file before, as a new list: each decided
    gift or card is on one list. Fetch it as a file. Counted and audited."""
    by = caller.actor(new.by)
    with app.db.transaction() as conn:
        return _shown(app, picked(app, conn, new.warehouse, new.since, by))


@dataclass(frozen=True)
class Due:
    """What the next list of a warehouse would hold, frozen between these two times."""

    warehouse: str
    gifts: int
    cards: int
    frozen_from: datetime
    frozen_until: datetime


@dataclass(frozen=True)
class Dues:
    since: datetime
    due: list[Due]


@router.get("/picks/due", **needs("parcels.read"))
def due(app: TheApp, since: Since = None) -> Dues:
    """What each warehouse is to be told next; nothing is put on a list by asking. No `since`:
    parcels cut off in the last seven days."""
    begin = since or app.clock.now() - WEEK
    with app.db.transaction() as conn:
        return Dues(begin, [Due(*one) for one in views.pick_due(conn, begin)])


@router.get("/picks", **needs("parcels.read"))
def picks(app: TheApp, warehouse: Code = "") -> Picks:
    """The latest lists."""
    with app.db.transaction() as conn:
        return Picks([_shown(app, one) for one in views.pick_lists(conn, warehouse)])


class Sheet(Response):
    """A file for a spreadsheet."""

    media_type = "application/octet-stream"


@router.get("/picks/{pick}/file", response_class=Sheet, **needs("parcels.pick"))
def fetch(
    app: TheApp,
    caller: TheCaller,
    pick: str,
    form: Form = "csv",
    by: Annotated[str, Query(max_length=200, description="Who does it, with the API key.")] = "",
) -> Response:
    """A list as CSV or Excel; as often as it is asked for, the same. Audited."""
    number = app.ids.decode(PREFIX, pick)
    with app.db.transaction() as conn:
        _, content = pick_file(app, conn, number or 0, form, caller.actor(by))
    name = f"gift-plan-{pick}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA[form], headers=headers)


# ── How the two differ ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Instruction:
    """What packers were told (`content`, and `item`: its sku or card) on a day in a warehouse: how
    many parcels that was, and how many were packed otherwise."""

    day: date
    warehouse: str
    content: Content
    item: str
    packed: int
    other_kind: int
    other_item: int
    stray: int


@dataclass(frozen=True)
class Differences:
    """A line per day, warehouse and instruction: how many were packed, and how many otherwise."""

    since: datetime
    until: datetime
    differences: list[Instruction]


@router.get("/parcels/differences", **needs("parcels.read"))
def differences(
    app: TheApp, since: Since = None, until: Until = None, shop: Code = ""
) -> Differences:
    """What packers were told and what they packed, by day, warehouse and instruction. No period:
    the last seven days."""
    begin, end = period(app, since, until)
    with app.db.transaction() as conn:
        found = parcels.differences(conn, begin, end, shop, app.brand.time_zone)
    return Differences(begin, end, [Instruction(**vars(one)) for one in found])
