"""Offers as a list: their terms, what is left of them, what is owed, and the codes of coupons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Query, Request
from starlette.concurrency import run_in_threadpool

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.language import TheLanguage
from siyu.api.paging import After, Limit, following, start
from siyu.api.reservations import PREFIX, Answered, Name, OfferCode, shown
from siyu.api.rows import Wrong, rows
from siyu.api.sheets import Refused, body_of, laid_down, with_file
from siyu.api.words import Amount, Words
from siyu.app import App
from siyu.kernel.errors import NotFound
from siyu.kernel.sentence import Language, Sentence
from siyu.kernel.sql import Conn
from siyu.offers import views
from siyu.offers.actions.allotments import add_codes, change
from siyu.offers.model import Allotment, Liability, Offer

router = APIRouter(prefix="/offers", tags=["offers"])
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "coupon", "券码", "优惠码", "兑换码", "卡密")
}
NEEDED = ("code",)
_CODE = re.compile(r"[!-~]{4,64}")


@dataclass(frozen=True)
class Part:
    """The whole (`part` empty), a store or a prize: how many pieces, how much money there is, and
    how much of it is taken (held, committed or handed over). Null: it is not bounded by that."""

    part: str
    pieces: int | None
    taken: int
    budget_minor: int | None
    spent_minor: int


@dataclass(frozen=True)
class OfferRow:
    """An offer. `terms` as docs/guides/offers.md explains them, money in minor units. `held`: set
    aside, and owed by nobody yet; what is `committed`, `promised` or `claimable` is owed and costs
    `liability_minor`, but for `unpriced` pieces, which have no price."""

    code: str
    kind: str
    title: Mapping[str, str]
    value_minor: int
    sku: str
    substitute: str | None
    terms: Mapping[str, Any]
    allotted: list[Part]
    held: int
    committed: int
    promised: int
    claimable: int
    liability_minor: int
    currency: str
    unpriced: int


@dataclass(frozen=True)
class OfferList:
    offers: list[OfferRow]


@dataclass(frozen=True)
class NewAllotment:
    """How many pieces, how much money there shall be of an offer, or of a part of it. `was_…`: what
    you saw before; where it is another by now, nothing is changed."""

    part: Words = ""
    pieces: Amount | None = None
    budget_minor: Amount | None = None
    was_pieces: Amount | None = None
    was_budget_minor: Amount | None = None
    reason: Words = ""
    by: Words = ""


@dataclass(frozen=True)
class BroughtIn:
    """What a file of codes did: `new` ones are in the pool, `known` ones were there before."""

    new: int
    known: int
    refused: list[Refused]


@dataclass(frozen=True)
class Coupon:
    """A code as the customer shows it."""

    code: Name


@dataclass(frozen=True)
class Revoked:
    """A code that must not be taken any more."""

    code: str
    revoked_at: datetime


@dataclass(frozen=True)
class RevokedCodes:
    codes: list[Revoked]
    next: str


def listed(conn: Conn, currency: str, now: datetime) -> list[OfferRow]:
    """Every offer, by code."""
    pots, owed = views.allotments(conn), views.liabilities(conn, now)
    nothing = Liability("", 0, 0, 0, 0, 0, currency, 0)
    return [
        _row(one, pots.get(code, []), owed.get(code, nothing))
        for code, one in sorted(views.offers(conn).items())
    ]


def _row(one: Offer, pots: list[Allotment], owed: Liability) -> OfferRow:
    return OfferRow(
        one.code,
        one.kind,
        one.title,
        one.value_minor,
        one.sku,
        one.substitute,
        msgspec.to_builtins(one.terms),
        [Part(*pot[1:]) for pot in pots],
        *owed[1:],
    )


def found(conn: Conn, code: str, currency: str, now: datetime) -> OfferRow:
    """One of them; NotFound."""
    for one in listed(conn, currency, now):
        if one.code == code:
            return one
    raise NotFound(Sentence(f"There is no offer {code!r}.", f"没有权益 {code!r}。"))


@router.get("", **needs("offers.read"))
def offer_list(app: TheApp) -> OfferList:
    """Every offer with its terms, what is left of it and what is owed."""
    with app.db.transaction() as conn:
        return OfferList(listed(conn, app.brand.currency, app.clock.now()))


@router.get("/{code}", **needs("offers.read"))
def one_offer(app: TheApp, code: OfferCode) -> OfferRow:
    """One offer."""
    with app.db.transaction() as conn:
        return found(conn, code, app.brand.currency, app.clock.now())


@router.put("/{code}/allotment", **needs("settings.write"))
def allot(
    app: TheApp, caller: TheCaller, code: OfferCode, new: Annotated[NewAllotment, Body()]
) -> OfferRow:
    """Change how much may be given of it; never below what is taken. Audited."""
    now = app.clock.now()
    wanted = Allotment(code, new.part, new.pieces, budget_minor=new.budget_minor)
    was = wanted._replace(pieces=new.was_pieces, budget_minor=new.was_budget_minor)
    with app.db.transaction() as conn:
        change(conn, wanted, was, caller.actor(new.by), new.reason, now)
        return found(conn, code, app.brand.currency, now)


@router.post("/{code}/codes", **with_file("settings.write"))
async def import_codes(
    request: Request,
    app: TheApp,
    caller: TheCaller,
    language: TheLanguage,
    code: OfferCode,
    by: Annotated[
        str,
        Query(max_length=200, pattern=r"^[^\x00]*$", description="Who does it, with the API key."),
    ] = "",
) -> BroughtIn:
    """Put the codes of a file, CSV or Excel with a column `code`, into the offer's pool. Rows that
    can't be used are named by their line, the rest is kept. Audited."""
    who, body = caller.actor(by), await body_of(request)

    def taken() -> BroughtIn:
        with laid_down(body) as path:
            return brought_in(app, path, code, who, language)

    return await run_in_threadpool(taken)


def brought_in(app: App, path: Path, offer: str, by: str, language: Language) -> BroughtIn:
    """The same, of a file on the disk."""
    seen: set[str] = set()

    def made(said: Mapping[str, str]) -> str:
        code = said["code"]
        if not _CODE.fullmatch(code):  # never quoted: a code is money
            raise Wrong(
                "code",
                Sentence(
                    "is no code: 4 to 64 letters, digits or signs without a space",
                    "不是券码：应为 4 到 64 个字母、数字或符号，不含空格",
                ),
            )
        if code in seen:
            raise Wrong("code", Sentence("stands in an earlier line", "前面已有一行"))
        seen.add(code)
        return code

    codes, refused = rows(path, COLUMNS, NEEDED, made, language)
    with app.db.transaction() as conn:
        new = add_codes(conn, offer, codes, by, app.clock.now())
    return BroughtIn(new, len(codes) - new, refused)


@router.post("/{code}/codes/find", **needs("offers.read"))
def find_code(app: TheApp, code: OfferCode, coupon: Annotated[Coupon, Body()]) -> Answered:
    """Whose coupon this is and whether it is still good: then `state` is committed."""
    with app.db.transaction() as conn:
        one = views.by_code(conn, code, coupon.code)
    if one is None:
        raise NotFound(
            Sentence("Nobody was given such a code.", "没有人领过这个券码。"),
        )
    return shown(app, one)


@router.get("/{code}/reservations/{reservation}", **needs("offers.read"))
def one_reservation(app: TheApp, code: OfferCode, reservation: str) -> Answered:
    """How a reservation stands."""
    number = app.ids.decode(PREFIX, reservation)
    with app.db.transaction() as conn:
        one = None if number is None else views.reservation(conn, code, number)
    if one is None:
        raise NotFound(
            Sentence("This is no reservation of this offer.", "这不是该权益的预约。"),
        )
    return shown(app, one)


@router.get("/{code}/codes/revoked", **needs("offers.read"))
def revoked(app: TheApp, code: OfferCode, after: After = "", limit: Limit = 200) -> RevokedCodes:
    """Codes that a customer knows and that are no longer good, since their order was taken back or
    their time is over: for the shop that would take them."""
    begun = start(app, after)
    with app.db.transaction() as conn:
        if code not in views.offers(conn):
            raise NotFound(Sentence(f"There is no offer {code!r}.", f"没有权益 {code!r}。"))
        rows_ = views.revoked_codes(conn, code, begun, limit)
    codes = [Revoked(one.code, one.revoked_at) for one in rows_]
    return RevokedCodes(codes, following(app, rows_[-1].id if rows_ else begun))
