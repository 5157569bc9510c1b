"""The brand of a season: what it sells, who bought there in the year before, who comes in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

import yaml

from siyu.kernel.ids import share
from siyu.kernel.money import to_minor
from siyu.sandbox.contacts import Contact
from siyu.sandbox.parameters import World
from siyu.sandbox.shop import Line, Sale

YEAR, MOST = 365, 8  # days before the season, and orders of one person in them
ONLINE, TILL = "tmall", "pos"
COLUMNS = ("订单号", "付款时间", "会员号", "手机号", "姓名", "收货地址", "商品编码", "商品名称",
           "品类", "数量", "实付金额")  # fmt: skip
MAPPING = """mapping: qinglan
title: {zh: 以前的订单, en: Orders of before}
source: qinglan
header: [订单号, 付款时间, 会员号, 手机号, 姓名, 收货地址, 商品编码, 商品名称, 品类, 数量, 实付金额]
shop: {code: tmall, name: 青岚天猫店, platform: tmall}
currency: CNY
time: {column: 付款时间, zone: Asia/Shanghai}
order: {column: 订单号}
line: {sku: 商品编码, title: 商品名称, category: 品类, quantity: 数量, amount: 实付金额}
customer: {buyer: 会员号, phone: 手机号, name: 姓名, address: 收货地址}
"""


@cache
def season() -> dict[str, Any]:
    """`season.yaml`: the brand."""
    text = Path(__file__).with_name("season.yaml").read_text("utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))


class Bought(NamedTuple):
    """An order of the year before."""

    at: datetime
    order_no: str
    key: str
    lines: tuple[Line, ...]


@dataclass
class Goods:
    """What somebody buys: drawn from the seed, the person and the order's number."""

    seed: str
    tastes: float = 0.5
    currency: str = "CNY"
    _styles: list[list[Any]] = field(default_factory=lambda: season()["styles"])
    _others: list[list[Any]] = field(default_factory=lambda: season()["others"])

    def size_of(self, key: str) -> str:
        """The shoe size of a person."""
        sizes: Sequence[str] = season()["sizes"]
        return str(_pick(sizes, season()["size_weights"], share("size", self.seed, key)))

    def lines(self, key: str, order_no: str) -> tuple[Line, ...]:
        """Shoes in most orders, and sometimes what goes with them."""
        draw = [share("goods", self.seed, key, order_no, str(place)) for place in range(4)]
        found: list[Line] = []
        if draw[0] < SHOES:
            own = share("taste", self.seed, key), share("pairs", self.seed, key)
            liked = share("likes", self.seed, key, order_no) < self.tastes
            at = own[0] if liked else draw[1]
            code, title, price, _ = _pick(self._styles, _weights(self._styles), at)
            size = self.size_of(key)
            shoes = self._line(f"{code}-{size}", f"{title} {size}", season()["category"], price)
            many = 2 if own[1] < PAIRS else 1
            found.append(shoes._replace(quantity=many, amount_minor=many * shoes.unit_minor))
        if not found or draw[2] < WITH_IT:
            sku, title, category, price, _ = _pick(self._others, _weights(self._others), draw[3])
            found.append(self._line(sku, title, category, price))
        return tuple(found)

    def _line(self, sku: str, title: str, category: str, price: str) -> Line:
        unit = to_minor(price, self.currency)
        return Line(sku, title, category, 1, unit, unit)


SHOES, WITH_IT = 0.8, 0.3  # of orders: what they hold
PAIRS = 0.1  # of people: who always buy two pairs


def _weights(rows: Sequence[Sequence[Any]]) -> list[float]:
    return [float(row[-1]) for row in rows]


def _pick(items: Sequence[Any], weights: Sequence[float], at: float) -> Any:
    left = at * sum(weights)
    for item, weight in zip(items, weights, strict=True):
        left -= weight
        if left < 0:
            return item
    return items[-1]


class SeasonShop:
    """Buyers of before, with their orders; and the first orders of those who come in the season.

    `start` is a local midnight."""

    def __init__(
        self, world: World, seed: str, start: datetime, days: int, customers: int, zone: ZoneInfo
    ) -> None:
        self._world, self._seed, self._zone = world, seed, zone
        self._start, self._days = start, days
        before = round(customers * world.season.before)
        self.old = [f"{ONLINE}/o{number:05d}" for number in range(before)]
        self._new = customers - before
        self.goods = Goods(seed, world.season.tastes)

    def history(self) -> list[Bought]:
        """Every order of the year before, the eldest first."""
        found = [order for key in self.old for order in self._before(key)]
        return sorted(found, key=lambda one: (one.at, one.order_no))

    def _before(self, key: str) -> Iterator[Bought]:
        many = 1 + int(MOST * share("how many", self._seed, key) ** 3)
        ended = 35 + (YEAR - 40) * share("ended", self._seed, key) if self.gone(key) else 5
        for number in range(many):
            back = ended + (YEAR - ended) * share("before", self._seed, key, str(number))
            at = self._hour(self._start - timedelta(days=back), f"{key}/{number}")
            order_no = f"H{key[-5:]}{number}"
            yield Bought(at, order_no, key, self.goods.lines(key, order_no))

    def gone(self, key: str) -> bool:
        """Had this customer stopped buying before the season?"""
        return share("gone", self._seed, key) < self._world.season.gone

    def _hour(self, at: datetime, *words: str) -> datetime:
        """That day at an hour at which people buy."""
        day = at.astimezone(self._zone).date()
        hour = _pick(range(24), self._world.shop.hours, share("hour", self._seed, *words))
        second = int(3600 * share("second", self._seed, *words))
        return datetime.combine(day, time(hour), self._zone) + timedelta(seconds=second)

    def stream(self) -> Iterator[Sale]:
        """First orders of new customers, in order of time."""
        found: list[Sale] = []
        for number in range(self._new):
            name = f"n{number:05d}"
            day = self._start + timedelta(days=(number + 0.5) * self._days / self._new)
            at = self._hour(day, name)
            shop = TILL if share("where", self._seed, name) < self._world.season.stores else ONLINE
            found.append(self.sale(f"{shop}/{name}", max(at, self._start), shop, 0))
        yield from sorted(found, key=lambda one: (one.at, one.order_no))

    def sale(self, key: str, at: datetime, shop: str, number: int) -> Sale:
        """What this person buys there and then."""
        order_no = f"{at.astimezone(self._zone):%y%m%d}{key[-6:].upper()}{number}"
        lines = self.goods.lines(key, order_no)
        total = sum(line.amount_minor for line in lines)
        return Sale(at, shop, order_no, key, "CNY", total, lines)


def write_history(
    folder: Path, bought: Sequence[Bought], contacts: Mapping[str, Contact], zone: ZoneInfo
) -> tuple[Path, Path]:
    """The orders of before as the file that a shop exports, and how it is read."""
    mapping, orders = folder / "old-orders.yaml", folder / "old-orders.csv"
    mapping.write_text(MAPPING, "utf-8")
    with orders.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for one in bought:
            who = contacts[one.key]
            at = one.at.astimezone(zone)
            for line in one.lines:
                rows.writerow((
                    one.order_no, f"{at:%Y-%m-%d %H:%M:%S}", one.key.partition("/")[2], who.dialled,
                    who.name, who.address, line.sku, line.title, line.category, line.quantity,
                    f"{line.amount_minor / 100:.2f}",
                ))  # fmt: skip
    return orders, mapping


def counts(
    seed: str, start: datetime, days: int
) -> Iterator[tuple[date, str, list[dict[str, object]]]]:
    """What is left of last season's styles in each store, at every count."""
    for after in range(0, days, int(season()["counted_every"])):
        day = (start + timedelta(days=after, hours=12)).date()
        for store in season()["stores"]:
            lines: list[dict[str, object]] = [
                {"sku": f"{style}-{size}", "pieces": 1 + int(3 * share("pieces", *words)),
                 "style": style, "size": size, "title": title, "discontinued": True}
                for style, title in season()["left_over"]
                for size in season()["sizes"]
                if share("left", *(words := (seed, str(after), store["code"], style, size))) < LEFT
            ]  # fmt: skip
            yield day, store["code"], lines


LEFT = 0.25  # of the sizes of a style: of which something is left
