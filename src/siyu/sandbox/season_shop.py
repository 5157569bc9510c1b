"""The brand of a season: what it sells, who bought there in the year before, who comes in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from math import exp, log
from pathlib import Path
from statistics import NormalDist
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

import yaml

from siyu.kernel.ids import share
from siyu.kernel.money import to_minor
from siyu.sandbox.contacts import Contact
from siyu.sandbox.habits import Habits
from siyu.sandbox.parameters import World
from siyu.sandbox.people import Person
from siyu.sandbox.rates import Purse
from siyu.sandbox.shop import Line, Sale

YEAR = 365  # days before the season
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
    purse: Purse
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
            code, title, price, _ = _pick(self._styles, self._liked(key), draw[1])
            size = self.size_of(key)
            found.append(
                self._line(f"{code}-{size}", f"{title} {size}", season()["category"], price)
            )
        if not found or draw[2] < WITH_IT:
            sku, title, category, price, _ = _pick(self._others, _weights(self._others), draw[3])
            found.append(self._line(sku, title, category, price))
        return tuple(found)

    def _liked(self, key: str) -> list[float]:
        """How much this person is drawn to each style: to those of their price above all."""
        drawn = min(max(share("purse", self.seed, key), 1e-6), 1 - 1e-6)
        own = log(float(self.purse.middling)) + self.purse.spread * _NORMAL.inv_cdf(drawn)
        away = [(log(float(price)) - own) / self.purse.strays for _, _, price, _ in self._styles]
        near = min(abs(one) for one in away)  # so that there is something for everybody
        weights = _weights(self._styles)
        return [weight * exp((near * near - one * one) / 2)
                for weight, one in zip(weights, away, strict=True)]  # fmt: skip

    def _line(self, sku: str, title: str, category: str, price: str) -> Line:
        unit = to_minor(price, self.currency)
        return Line(sku, title, category, 1, unit, unit)


SHOES, WITH_IT = 0.8, 0.3  # of orders: what they hold
_NORMAL = NormalDist()


def _weights(rows: Sequence[Sequence[Any]]) -> list[float]:
    return [float(row[-1]) for row in rows]


def _pick(items: Sequence[Any], weights: Sequence[float], at: float) -> Any:
    left = at * sum(weights)
    for item, weight in zip(items, weights, strict=True):
        left -= weight
        if left < 0:
            return item
    return items[-1]


class Before(NamedTuple):
    """The days before the season (below 0, in order) on which somebody bought, and whether they had
    left by its beginning."""

    days: list[float]
    gone: bool


def before(habits: Habits, person: Person, leaves: float) -> Before:
    """Somebody comes on a day of that year and goes on at their own pace. After each order they may
    leave for good: some after their first, others hardly ever; after `leaves` of all first
    orders."""
    came = -YEAR * (1 - person.draw("came"))
    chance = person.draw("leaves") ** (1 / leaves - 1)  # on average `leaves`
    days: list[float] = []
    for day in (came, *(one for one in habits.before(person, YEAR) if one > came)):
        days.append(day)
        if person.draw("leaves", str(len(days))) < chance:
            return Before(days, gone=True)
    return Before(days, gone=False)


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
        self.goods = Goods(seed, world.season.purse)
        self._habits = Habits(world.habits)
        self._lives: dict[str, Before] = {}

    def history(self) -> list[Bought]:
        """Every order of the year before, the eldest first."""
        found = [order for key in self.old for order in self._before(key)]
        return sorted(found, key=lambda one: (one.at, one.order_no))

    def _before(self, key: str) -> Iterator[Bought]:
        for number, day in enumerate(self._life(key).days):
            at = self._hour(self._start + timedelta(days=day), f"{key}/{number}")
            order_no = f"H{key[-5:]}{number}"
            yield Bought(at, order_no, key, self.goods.lines(key, order_no))

    def gone(self, key: str) -> bool:
        """Had this customer stopped buying before the season?"""
        return self._life(key).gone

    def _life(self, key: str) -> Before:
        found = self._lives.get(key)
        if found is None:
            person = Person(self._seed, key)
            found = self._lives[key] = before(self._habits, person, self._world.season.leaves)
        return found

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
