"""A generated Chinese beauty shop: orders in time order; the same seed is the same stream."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from siyu.kernel.ids import share
from siyu.kernel.money import to_minor
from siyu.sandbox.contacts import goods
from siyu.sandbox.parameters import Shop as Rates


class Line(NamedTuple):
    """A line of an order, in minor units."""

    sku: str
    title: str
    category: str
    quantity: int
    unit_minor: int
    amount_minor: int


class Sale(NamedTuple):
    """A paid order. `buyer` is the person's natural key; None is a guest.

    `event` is the order as a replayed file tells it; a generated order is told by the world.
    """

    at: datetime
    shop: str
    order_no: str
    buyer: str | None
    currency: str
    total_minor: int
    lines: tuple[Line, ...] = ()
    event: Mapping[str, object] | None = None


class Fact(NamedTuple):
    """Something of a replayed file that is no order: a refund, a correction."""

    at: datetime
    event: Mapping[str, object]


class Shop(Protocol):
    """Where a world's orders come from: generated, or replayed from a file."""

    def stream(self) -> Iterator[Sale | Fact]:
        """Everything that happens in the shop's period, in order of time; the same each time."""
        ...


class GeneratedShop:
    """About `orders` orders over `days` days from `start` (a local midnight), one day at a time."""

    currency = "CNY"

    def __init__(
        self, rates: Rates, seed: str, start: datetime, days: int, orders: int, zone: ZoneInfo
    ) -> None:
        self._rates = rates
        self._seed = seed
        self._start = start
        self._days = days
        self._orders = orders
        self._zone = zone
        products: list[list[Any]] = goods()["products"]
        self._products = products
        self._weights = [float(product[4]) for product in products]

    def stream(self) -> Iterator[Sale]:
        """Every order, in order of time; memory holds one day and the buyers' names."""
        chance = random.Random(f"shop/{self._seed}")
        zone = self._zone
        first = self._start.astimezone(zone).date()
        dates = [first + timedelta(days=day) for day in range(self._days)]
        weights = [self._rates.weekdays[date.weekday()] for date in dates]
        buyers: list[tuple[str, str]] = []
        number = 0
        due = 0.0
        last = ("", "")
        for date, weight in zip(dates, weights, strict=True):
            due += self._orders * weight / sum(weights)
            count = round(due) - number
            midnight = datetime.combine(date, time(0), zone)
            for seconds, again in self._times(chance, count):
                number += 1
                last = last if again else self._who(chance, buyers, number)
                at = midnight + timedelta(seconds=seconds)
                yield self._sale(chance, at, last, number)

    def _times(self, chance: random.Random, count: int) -> list[tuple[int, bool]]:
        """Seconds of the day; True marks a further order of the buyer just before it."""
        again = round(count * self._rates.soon_again)
        hours = chance.choices(range(24), self._rates.hours, k=count - again)
        found = sorted(hour * 3600 + chance.randrange(3600) for hour in hours)
        times = [(seconds, False) for seconds in found]
        for seconds in sorted(chance.sample(found, min(again, len(found)))):
            place = times.index((seconds, False))
            after = times[place + 1][0] if place + 1 < len(times) else 86_400
            # It must be the next order of the shop to be the same buyer's: squeeze it in between.
            soon = seconds + 1 + chance.randrange(1800)
            times.insert(place + 1, (min(soon, after, 86_399), True))
        return times

    def _who(
        self, chance: random.Random, buyers: list[tuple[str, str]], number: int
    ) -> tuple[str, str]:
        """The storefront and the buyer of the next order; '' is a guest."""
        fronts = self._rates.storefronts
        front = chance.choices(fronts, [one.share for one in fronts])[0]
        if chance.random() < self._rates.guests:
            return front.code, ""
        if buyers and chance.random() < self._rates.repeat:
            return chance.choice(buyers)
        found = (front.code, f"{front.platform}/b{number:06d}")
        buyers.append(found)
        return found

    def _sale(self, chance: random.Random, at: datetime, who: tuple[str, str], number: int) -> Sale:
        front, buyer = who
        wanted = chance.choices((1, 2, 3, 4), (55, 27, 12, 6))[0]
        lines: dict[str, Line] = {}
        for sku, title, category, price, _ in chance.choices(
            self._products, self._weights, k=wanted
        ):
            quantity = chance.choices((1, 2, 3), (80, 16, 4))[0]
            unit = to_minor(price, self.currency)
            lines[sku] = Line(sku, title, category, quantity, unit, unit * quantity)
        total = sum(line.amount_minor for line in lines.values())
        order_no = f"{at:%y%m%d}{number:06d}"
        told = at.astimezone(UTC)
        return Sale(
            told, front, order_no, buyer or None, self.currency, total, tuple(lines.values())
        )


class Aftermath(NamedTuple):
    """What becomes of a generated order: cancelled soon, or a line of it refunded later."""

    kind: str
    after: timedelta


def aftermath(rates: Rates, seed: str, sale: Sale) -> Aftermath | None:
    """Drawn from the order's own number, so that nothing else moves it."""
    found = share("aftermath", seed, sale.shop, sale.order_no)
    later = share("aftermath", seed, sale.shop, sale.order_no, "after")
    if found < rates.cancelled:
        return Aftermath("cancelled", timedelta(minutes=10) + timedelta(hours=7) * later)
    if found < rates.cancelled + rates.refunded:
        return Aftermath("refunded", timedelta(days=4) + timedelta(days=6) * later)
    return None
