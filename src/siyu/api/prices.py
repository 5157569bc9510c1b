"""The price list: what one unit of everything costs the brand, from which day on; typed or as a
file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from siyu.api.auth import TheApp, TheCaller, needs
from siyu.api.rows import Wrong, amount, day_of, rows
from siyu.api.sheets import Refused
from siyu.api.words import Amount, Words
from siyu.app import App
from siyu.kernel.errors import BadInput, Problem
from siyu.kernel.sentence import Language, Sentence
from siyu.kernel.time import zone
from siyu.ledger import actions, views
from siyu.ledger.check import unusable
from siyu.ledger.model import EVER, PRICE_KINDS, GoodsCost, Price

router = APIRouter(prefix="/settings", tags=["settings"])
PRICE_COLUMNS: Mapping[str, Sequence[str]] = {
    "kind": ("kind", "项目"),
    "variant": ("variant", "vendor", "role", "细分", "供应商", "角色"),
    "valid_from": ("valid_from", "from", "生效日期", "起"),
    "price": ("price", "unit_price", "单价", "价格"),
    "currency": ("currency", "币种"),
    "note": ("note", "备注"),
}
COST_COLUMNS: Mapping[str, Sequence[str]] = {
    "sku": ("sku", "货品编码", "商品编码", "编码"),
    "cost": ("cost", "unit_cost", "成本", "单位成本", "进货价"),
    "valid_from": PRICE_COLUMNS["valid_from"],
    "currency": PRICE_COLUMNS["currency"],
}
COST_NEEDED = ("sku", "cost")


@dataclass(frozen=True)
class PriceRow:
    """What one unit costs, in minor units; null: nobody has set it. `variant`: of which vendor,
    role, gift, card or tool; empty: of any without a price of its own. It holds for what happens on
    the day `valid_from` (null: ever) and later, before the next one of its kind and variant begins;
    `holds`: it does today."""

    kind: str
    unit_minor: int | None
    currency: str
    note: str
    variant: str
    valid_from: date | None
    holds: bool


@dataclass(frozen=True)
class Prices:
    prices: list[PriceRow]


@dataclass(frozen=True)
class NewPrice:
    """`valid_from` null: from today on; the first price of its kind and variant: since ever."""

    kind: Words
    unit_minor: Amount
    note: Words = ""
    variant: Words = ""
    valid_from: date | None = None


@dataclass(frozen=True)
class NewPrices:
    """Prices in the brand's currency; those that are not named stay."""

    prices: Annotated[list[NewPrice], Field(min_length=1, max_length=50)]
    by: Words = ""


@router.get("/prices", **needs("settings.read"))
def prices(app: TheApp) -> Prices:
    """What one unit of everything costs the brand: all prices, those of other days too."""
    with app.db.transaction() as conn:
        found = views.price_list(conn)
    day = today(app)
    held = {(one.kind, one.variant): one for one in found if one.valid_from <= day}
    unset = [kind for kind in PRICE_KINDS if not any(one.kind == kind for one in found)]
    rows = [
        PriceRow(
            kind=one.kind,
            unit_minor=one.unit_minor,
            currency=one.currency,
            note=one.note,
            variant=one.variant,
            valid_from=None if one.valid_from == EVER else one.valid_from,
            holds=one is held.get((one.kind, one.variant)),
        )
        for one in found
    ]
    nothing = [
        PriceRow(kind, None, app.brand.currency, "", "", None, holds=False) for kind in unset
    ]
    return Prices(rows + nothing)


@router.put("/prices", **needs("settings.write"))
def set_prices(app: TheApp, caller: TheCaller, new: Annotated[NewPrices, Body()]) -> Prices:
    """Set prices, all or none; audited. What is posted already keeps the price that it had."""
    wanted = [
        (
            Price(one.kind, one.unit_minor, app.brand.currency, one.note, one.variant),
            one.valid_from,
        )
        for one in new.prices
    ]
    put(app, wanted, caller.actor(new.by))
    return prices(app)


def put(app: App, new: Sequence[tuple[Price, date | None]], by: str) -> int:
    """Set these prices, each from its day on, or as `NewPrice` says; how many are new."""
    with app.db.transaction() as conn:
        known = {(one.kind, one.variant) for one in views.price_list(conn)}
        dated = [
            price._replace(valid_from=day or _firstday_of(app, price, known)) for price, day in new
        ]
        return actions.change_prices(conn, dated, by, app.clock.now())


def today(app: App) -> date:
    """The brand's day."""
    return app.clock.now().astimezone(zone(app.brand.time_zone)).date()


def _firstday_of(app: App, price: Price, known: Collection[tuple[str, str]]) -> date:
    """The first price holds since ever: what happened yesterday and is heard of today has one."""
    first = (price.kind, price.variant) not in known and price.kind != "tool_fee"
    return EVER if first else today(app)


# ── as files ──


def price_file(app: App, path: Path, language: Language) -> list[tuple[Price, date | None]]:
    """A file of prices: kind, price, and as one likes variant, valid_from, currency, note. All of
    it can be used, or BadInput says what is wrong on which line."""

    def made(said: Mapping[str, str]) -> tuple[Price, date | None]:
        currency = said.get("currency") or app.brand.currency
        kind, variant = said["kind"], said.get("variant", "")
        day = day_of(said.get("valid_from", ""), "valid_from")
        unit = amount(said["price"], "price", currency)
        price = Price(kind, unit, currency, said.get("note", ""), variant)
        if why := unusable(price._replace(valid_from=day or today(app))):
            raise Wrong("kind", why)
        return price, day

    found, refused = rows(path, PRICE_COLUMNS, ("kind", "price"), made, language)
    if refused:
        raise BadInput(
            Sentence("These prices can't be used.", "这些单价不能用。"),
            tuple(Problem(_place(one), one.why) for one in refused),
        )
    return found


def _place(one: Refused) -> Sentence:
    return Sentence(f"line {one.line}, {one.field}", f"第 {one.line} 行，{one.field}")


def cost_file(app: App, path: Path, language: Language) -> tuple[list[GoodsCost], list[Refused]]:
    """A file of what goods cost: sku, cost, and as one likes currency and valid_from (empty: ever).
    The rows that can be used, and those that can't."""

    def made(said: Mapping[str, str]) -> GoodsCost:
        currency = said.get("currency") or app.brand.currency
        if not said["sku"]:
            raise Wrong("sku", Sentence("is empty", "是空的"))
        unit = amount(said["cost"], "cost", currency)
        day = day_of(said.get("valid_from", ""), "valid_from") or EVER
        return GoodsCost(said["sku"], unit, currency, day)

    return rows(path, COST_COLUMNS, COST_NEEDED, made, language)
