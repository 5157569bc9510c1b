"""Phones that a platform has masked and shows to whoever asks there by hand: who looks, where,
until when; the list as a file to fill in; and what comes back, matched by shop and order number."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.language import TheLanguage
from siyu.api.paging import After, Code, Limit, following, start
from siyu.api.sheets import (
    MOST_ROWS,
    Refused,
    Sheet,
    body_of,
    laid_down,
    refuse_many,
    sheet_of,
    with_file,
)
from siyu.app import App, orderfile
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Language, within
from siyu.kernel.sql import Conn
from siyu.kernel.time import zone
from siyu.staff.actions import audit
from siyu.tasks import views
from siyu.tasks.actions.reveals import Filled, bring
from siyu.tasks.views import Reveal as Row
from siyu.vault import views as vault

router = APIRouter(prefix="/reveals", tags=["tasks"])
PREFIX = "rev"
COLUMNS = {
    "shop": ("shop", "店铺", "店铺代码"),
    "order_no": ("order_no", "订单号", "订单编号", "主订单编号"),
    "phone": ("phone", "手机号", "手机号码", "收件人手机号"),
}
HEADS: dict[Language, tuple[str, ...]] = {
    "zh": ("店铺", "订单页", "订单号", "能看到的号码", "截止时间", "负责人", "手机号"),
    "en": ("shop", "page", "order_no", "seen", "until", "who", "phone"),
}


@dataclass(frozen=True)
class Reveal:
    """A phone to be looked up on `page`, by `staff`, until then. `phone_masked` is what the export
    lets see of it; empty: nothing."""

    id: str
    shop: str
    order_no: str
    page: str
    phone_masked: str
    staff: str
    paid_at: datetime
    until: datetime


@dataclass(frozen=True)
class Reveals:
    reveals: list[Reveal]
    next: str


@dataclass(frozen=True)
class Filling:
    """Of the rows of a filled file: buyers that are known now (`matched`) or were before (`known`),
    rows without a phone (`blank`), and those that can't be true."""

    matched: int
    known: int
    blank: int
    refused: list[Refused]


def shown(app: App, conn: Conn, rows: Sequence[Row]) -> list[Reveal]:
    """With what is to be seen of each phone."""
    items = [row.masked_item for row in rows if row.masked_item is not None]
    seen = vault.open_items(conn, app.keys, items)
    return [
        Reveal(
            app.ids.encode(PREFIX, row.id),
            row.shop,
            row.order_no,
            row.page,
            seen.get(row.masked_item or 0, ""),
            row.staff,
            row.paid_at,
            row.until,
        )
        for row in rows
    ]


def wanted(app: App, conn: Conn, *, after: int | None, limit: int, staff: str = "") -> list[Reveal]:
    """What is to be looked up now, the oldest order first."""
    span = timedelta(hours=app.settings.reveal_hours)
    now = app.clock.now()
    return shown(
        app, conn, views.reveals(conn, now, span, after=after, limit=limit, staff=staff or None)
    )


@router.get("", **needs("tasks.read"))
def listed(app: TheApp, staff: Code = "", after: After = "", limit: Limit = 100) -> Reveals:
    """Orders whose buyers' phones somebody is to look up, the oldest first; ask again with
    `after=next` until it stays the same."""
    before = start(app, after, PREFIX) or None
    with app.db.transaction() as conn:
        found = wanted(app, conn, after=before, limit=limit, staff=staff)
    end = app.ids.decode(PREFIX, found[-1].id) if found else before
    return Reveals(found, following(app, end or 0, PREFIX))


@router.get("/file", response_class=Sheet, **needs("tasks.manage"))
def file(
    app: TheApp,
    caller: TheCaller,
    language: TheLanguage,
    staff: Code = "",
    lang: Annotated[
        Literal["", "zh", "en"], Query(description="Of its header; empty: the reader's.")
    ] = "",
) -> Response:
    """The list as a file (CSV) with a column to fill in; audited. A spreadsheet leaves its order
    numbers whole."""
    with app.db.transaction() as conn:
        text = sheet(app, conn, lang or language, staff, caller.code or "API key")
    return sheet_of(text, "reveals.csv")


def sheet(app: App, conn: Conn, language: Language, staff: str, by: str) -> str:
    """The list as the text of a file; numbers are marked as text."""
    found = wanted(app, conn, after=None, limit=MOST_ROWS, staff=staff)
    audit(conn, by, "reveal.export", staff or "all", f"{len(found)} orders", app.clock.now())
    held, local = io.StringIO(), zone(app.brand.time_zone)
    written = csv.writer(held)
    written.writerow(HEADS[language])
    for one in found:
        until = one.until.astimezone(local).strftime("%Y-%m-%d %H:%M")
        number, seen = f'="{one.order_no}"', one.phone_masked
        written.writerow([one.shop, one.page, number, seen, until, one.staff, ""])
    return held.getvalue()


@router.post("/file", **with_file("imports.write"))
async def fill(
    request: Request,
    app: TheApp,
    caller: TheCaller,
    language: TheLanguage,
    by: Annotated[str, Query(max_length=200, description="Who does it, with the API key.")] = "",
) -> Filling:
    """The file again, filled in: CSV or Excel with `shop`, `order_no` and `phone`, by whatever of
    their names. A phone that contradicts the digits that are to be seen is refused. Audited."""
    who, body = caller.actor(by), await body_of(request)

    def taken() -> Filling:
        with laid_down(body) as path:
            return filled(app, path, None, who, language)

    return await run_in_threadpool(taken)


def filled(app: App, path: Path, sheet_name: str | None, who: str, language: Language) -> Filling:
    """What a filled file says, taken; `problem.where` is the file's own column."""
    found = orderfile.ListFile(path, COLUMNS, ("order_no", "phone"), sheet_name)
    refused: list[Refused] = []
    rows: list[Filled] = []
    blank = 0

    def refuse(line: int, problem: Problem) -> None:
        column = found.column(problem.where) if problem.where in COLUMNS else problem.where
        refused.append(Refused(line, column, within(language, problem.why)))

    for entry in found.entries():
        said = entry.values
        if entry.problem is not None:
            refuse(entry.row.line, entry.problem)
        elif not said["phone"]:
            blank += 1
        else:
            rows.append(
                Filled(entry.row.line, said.get("shop", ""), said["order_no"], said["phone"])
            )
        refuse_many(len(rows))
    with app.db.transaction() as conn:
        answers = bring(conn, app.keys, app.brand.region, rows, who, app.clock.now())
    app.wake()
    for one in answers:
        if one.problem is not None:
            refuse(one.line, one.problem)
    status = [one.status for one in answers]
    return Filling(
        status.count("matched"),
        status.count("known"),
        blank,
        sorted(refused, key=lambda one: one.line),
    )
