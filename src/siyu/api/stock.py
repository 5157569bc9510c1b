"""Gifts on the shelf: what is there, set aside and promised; counted one by one or as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.language import TheLanguage
from siyu.api.sheets import EITHER, Refused, Sheet, body_of, laid_down, refuse_many, with_file
from siyu.api.words import Amount, Words
from siyu.app import App, orderfile
from siyu.kernel.errors import Problem, SiyuError
from siyu.kernel.sentence import Language, Sentence, within, wording
from siyu.kernel.sheet import MEDIA, Form, written
from siyu.kernel.sql import Conn
from siyu.offers import actions, views
from siyu.staff.actions import audit

router = APIRouter(prefix="/settings/stock", tags=["settings"])
COLUMNS: Mapping[str, Sequence[str]] = {
    "sku": ("sku", "赠品编码", "货品编码", "编码"),
    "was": ("was", "账面数", "系统数"),
    "on_hand": ("on_hand", "盘点数", "实盘数", "实盘数量", "counted"),
}
HEADS: Mapping[Language, Sequence[str]] = {
    "zh": ("赠品编码", "名称", "账面数", "占用", "盘点数"),
    "en": ("sku", "title", "was", "reserved", "counted"),
}
NO_NUMBER = Sentence("is not a whole number from 0 up", "不是 0 以上的整数")
TWICE = Sentence("an earlier line counts this gift", "前面已有一行盘点了它")
LONGEST_NUMBER = 12  # digits


@dataclass(frozen=True)
class StockRow:
    """A gift: `reserved` of `on_hand` are for parcels not packed yet; null: never counted.
    `titles` of the offers that give it, in both languages. Nothing is set aside for what is
    `promised` (its parcel is not decided) or `owed` (it waits for the next parcel); of the open
    promises 10,000 are counted. `low`: less is free than is promised."""

    sku: str
    on_hand: int | None
    reserved: int | None
    offers: list[str]
    titles: list[Mapping[str, str]]
    promised: int
    owed: int
    low: bool


@dataclass(frozen=True)
class Stock:
    gifts: list[StockRow]


@dataclass(frozen=True)
class Counted:
    """How many of a gift lie in the warehouse; `was`: what you saw before, null where it had never
    been counted. Another number by now: nothing is changed."""

    sku: Words
    on_hand: Amount
    was: Amount | None
    reason: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class Recount:
    """A gift of which a file says another number; `was` null: never counted before."""

    sku: str
    was: int | None
    on_hand: int


@dataclass(frozen=True)
class Recounts:
    """What a file of counts changes (or, with `dry`, would); `same` counts agree, `blank` rows say
    none."""

    changes: list[Recount]
    same: int
    blank: int
    refused: list[Refused]


def gifts(conn: Conn) -> list[StockRow]:
    """Every gift, with what is left of it."""
    known = views.offers(conn)
    return [
        StockRow(*one[:4], [known[code].title for code in one.offers], *one[4:], one.low)
        for one in views.stocks(conn)
    ]


@router.get("", **needs("settings.read"))
def stock(app: TheApp) -> Stock:
    """What is left of every gift."""
    with app.db.transaction() as conn:
        return Stock(gifts(conn))


@router.put("", **needs("settings.write"))
def count_stock(app: TheApp, caller: TheCaller, new: Annotated[Counted, Body()]) -> Stock:
    """Set how many of a gift were counted, those in parcels not yet packed included; audited."""
    by, now = caller.actor(new.by), app.clock.now()
    with app.db.transaction() as conn:
        actions.count_stock(conn, new.sku, new.on_hand, new.was, by, new.reason, now)
    app.wake()
    return stock(app)


@router.get("/file", response_class=Sheet, responses=EITHER, **needs("settings.read"))
def file(app: TheApp, language: TheLanguage, form: Form = "xlsx") -> Response:
    """The gifts as a file with a column to fill in."""
    with app.db.transaction() as conn:
        content = stock_file(conn, form, language)
    headers = {"Content-Disposition": f'attachment; filename="gift-stock.{form}"'}
    return Response(content, media_type=MEDIA[form], headers=headers)


def stock_file(conn: Conn, form: Form, language: Language) -> bytes:
    """The same, as bytes."""
    rows = [
        (
            one.sku,
            " · ".join(title[language] for title in one.titles),
            "" if one.on_hand is None else str(one.on_hand),
            str(one.reserved or 0),
            "",
        )
        for one in gifts(conn)
    ]
    return written(form, [HEADS[language], *rows])


@router.post("/file", **with_file("settings.write"))
async def count_file(
    request: Request,
    app: TheApp,
    caller: TheCaller,
    language: TheLanguage,
    dry: Annotated[bool, Query(description="Only say what it would change.")] = False,
    by: Annotated[str, Query(max_length=200, description="Who does it, with the API key.")] = "",
) -> Recounts:
    """The file again, with what was counted: CSV or Excel with `sku` and `counted`, by whatever of
    their names. Where it says what was there before, another number by now is refused. Audited."""
    who, body = caller.actor(by), await body_of(request)

    def taken() -> Recounts:
        with laid_down(body) as path:
            return counted(app, path, who, language, dry=dry)

    return await run_in_threadpool(taken)


class _Count(NamedTuple):
    line: int
    sku: str
    on_hand: int
    was: int | None  # as the file says; None: it doesn't


class _Dry(Exception):
    pass


def counted(app: App, path: Path, by: str, language: Language, *, dry: bool) -> Recounts:
    """What a file of counts says, taken; `dry`: and taken back."""
    found = orderfile.ListFile(path, COLUMNS, ("sku", "on_hand"))
    refused: list[tuple[int, Problem]] = []
    counts: list[_Count] = []
    blank = 0
    for row in _read(found):
        if row is None:
            blank += 1
        elif isinstance(row, _Count):
            counts.append(row)
        else:
            refused.append(row)
    changes: list[Recount] = []
    unread = len(refused)
    with suppress(_Dry), app.db.transaction() as conn:
        _take(app, conn, counts, by, refused, changes)
        _go(dry=dry)
    app.wake()
    wrong = [
        Refused(line, _column(found, problem.where), within(language, problem.why))
        for line, problem in sorted(refused, key=lambda one: one[0])
    ]
    same = len(counts) - len(changes) - (len(refused) - unread)
    return Recounts(changes, same, blank, wrong)


def _go(*, dry: bool) -> None:
    if dry:
        raise _Dry


def _column(file: orderfile.ListFile, where: str) -> str:
    return file.column(where) if where in COLUMNS else where


def _read(file: orderfile.ListFile) -> Iterator[_Count | tuple[int, Problem] | None]:
    """Its rows; None: nobody counted that."""
    seen: set[str] = set()
    for many, entry in enumerate(file.entries(), start=1):
        refuse_many(many)
        line, said = entry.row.line, entry.values
        if entry.problem is not None:
            yield line, entry.problem
            continue
        numbers = {name: _number(said.get(name, "")) for name in ("on_hand", "was")}
        wrong = next((name for name, number in numbers.items() if number == WRONG), None)
        if numbers["on_hand"] is None:
            yield None
        elif wrong is not None:
            yield line, Problem(wrong, NO_NUMBER)
        elif said["sku"] in seen:
            yield line, Problem("sku", TWICE)
        else:
            seen.add(said["sku"])
            yield _Count(line, said["sku"], numbers["on_hand"], numbers["was"])


WRONG = -1


def _number(text: str) -> int | None:
    plain = text.replace(",", "").removesuffix(".0")
    if not plain:
        return None
    good = plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_NUMBER
    return int(plain) if good else WRONG


def _take(
    app: App,
    conn: Conn,
    counts: Iterable[_Count],
    by: str,
    refused: list[tuple[int, Problem]],
    changes: list[Recount],
) -> None:
    held = {one.sku: one.on_hand for one in views.stocks(conn)}
    for one in sorted(counts, key=lambda count: count.sku):  # as every writer of the shelf
        there = held.get(one.sku)
        if one.on_hand == there and one.was in (None, there):
            continue
        was = there if one.was is None else one.was
        try:
            actions.count_stock(conn, one.sku, one.on_hand, was, by, "file", app.clock.now())
        except SiyuError as error:
            refused.append((one.line, Problem("sku", wording(error))))
        else:
            changes.append(Recount(one.sku, was, one.on_hand))
    said = f"{len(changes)} changed, {len(refused)} refused"
    audit(conn, by, "stock.file", "", said, app.clock.now())
