"""Warehouses for people: their figures, the file of what parcels are to carry, the file of what was
packed and shipped, and how the two differ."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from siyu.acquisition import actions as acquisition
from siyu.acquisition import views
from siyu.acquisition.model import PickList
from siyu.acquisition.render import plan_rows
from siyu.analytics.views import parcels
from siyu.analytics.views.parcels import Difference
from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.language import TheLanguage
from siyu.api.paging import Code, Since, Until
from siyu.api.parcels import period
from siyu.api.words import Moment, Words
from siyu.app import App, import_shipped
from siyu.commerce import actions as commerce
from siyu.commerce import views as shops
from siyu.commerce.model import Warehouse
from siyu.kernel.errors import NotFound, TooLarge
from siyu.kernel.sentence import Sentence, within
from siyu.kernel.sheet import MEDIA, Form, written
from siyu.kernel.sql import Conn
from siyu.staff.actions import audit

router = APIRouter(tags=["parcels"])
PREFIX = "pck"
WEEK = timedelta(days=7)
LARGEST = 50 << 20  # bytes of a shipped file
MOST_SHOWN = 1_000  # rows that could not be used
FILE: dict[str, Any] = {
    "required": True,
    "content": {
        "application/octet-stream": {
            "schema": {"type": "string", "format": "binary"},
            "example": "",
        }
    },
}
Minutes = Annotated[int, Field(ge=0, le=14 * 24 * 60)]
Named = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True)
class House:
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


@dataclass(frozen=True)
class NewHouse(House):
    by: Words = ""


@dataclass(frozen=True)
class HouseRow(House):
    code: str = ""


@dataclass(frozen=True)
class Houses:
    warehouses: list[HouseRow]


def served(one: Warehouse) -> HouseRow:
    """A warehouse as it is shown."""
    return HouseRow(
        list(one.shops),
        _minutes(one.download_lag),
        None if one.audit_delay is None else _minutes(one.audit_delay),
        one.ship_cutoff,
        _minutes(one.margin),
        one.plans,
        dict(one.items),
        one.time_zone,
        one.code,
    )


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


@router.get("/warehouses", **needs("settings.read"))
def warehouses(app: TheApp) -> Houses:
    """Every warehouse whose figures are set."""
    with app.db.transaction() as conn:
        return Houses([served(one) for one in shops.warehouses(conn)])


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


# ── What parcels are to carry ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Picked:
    """A file of decisions that a warehouse got: of parcels cut off since then."""

    id: str
    warehouse: str
    since: datetime
    made_at: datetime
    made_by: str
    gifts: int
    cards: int


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


# ── What was packed and shipped ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Refused:
    """A row that could not be used; `field`: the column that is wrong."""

    line: int
    field: str
    why: str


@dataclass(frozen=True)
class Shipped:
    """Parcels that nobody had told of so; `known` facts were here. Not `items`: the file doesn't
    say what was packed. Of `rejected` rows the first 1,000 are listed."""

    rows: int
    parcels: int
    packed: int
    shipped: int
    known: int
    rejected: int
    items: bool
    refused: list[Refused]


def _with_file() -> dict[str, Any]:
    declared = needs("imports.write", once=False)
    declared["openapi_extra"]["requestBody"] = FILE
    return declared


@router.post("/imports/shipped", **_with_file())
async def bring(
    request: Request,
    app: TheApp,
    caller: TheCaller,
    language: TheLanguage,
    by: Annotated[str, Query(max_length=200, description="Who does it, with the API key.")] = "",
) -> Shipped:
    """What a warehouse packed and shipped: the file of its system, CSV or Excel, known by its
    columns. Again is harmless. Audited."""
    who = caller.actor(by)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise TooLarge

    def taken() -> Shipped:
        with tempfile.TemporaryDirectory(prefix="siyu-shipped-") as folder:
            path = Path(folder) / "shipped"
            path.write_bytes(body)
            found = import_shipped(app.db, app.keys, app.brand, path, who, app.clock.now())
        app.wake()
        refused = [
            Refused(one.line, one.field, within(language, one.why))
            for one in found.refused[:MOST_SHOWN]
        ]
        return Shipped(
            found.rows,
            found.parcels,
            found.packed,
            found.shipped,
            found.known,
            found.rejected,
            found.items,
            refused,
        )

    return await run_in_threadpool(taken)


# ── How the two differ ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Differences:
    """A line per day, warehouse and instruction: how many were packed, and how many otherwise."""

    since: datetime
    until: datetime
    differences: list[Difference]


@router.get("/parcels/differences", **needs("parcels.read"))
def differences(
    app: TheApp, since: Since = None, until: Until = None, shop: Code = ""
) -> Differences:
    """What packers were told and what they packed, by day, warehouse and instruction. No period:
    the last seven days."""
    begin, end = period(app, since, until)
    with app.db.transaction() as conn:
        found = parcels.differences(conn, begin, end, shop, app.brand.time_zone)
    return Differences(begin, end, found)
