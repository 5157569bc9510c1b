"""A demo that is served lives on: a week passes quickly, so that today can be compared with a day
of last week; then orders come at the real pace, until the server ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import structlog

from siyu.api.http import make
from siyu.app import App
from siyu.events.sweep import APPLIER, describe
from siyu.kernel.errors import Refused, SiyuError
from siyu.kernel.ids import share
from siyu.kernel.sentence import Sentence
from siyu.sandbox.client import Api
from siyu.sandbox.parameters import Shop as Rates
from siyu.sandbox.run import Engine, run
from siyu.sandbox.server import Served
from siyu.sandbox.shop import GeneratedShop, Sale
from siyu.sandbox.vendors import Vendors
from siyu.sandbox.world import World

log = structlog.get_logger(__name__)
WEEK = 7
OPENS = time(14)  # when somebody opens the console: a day with a morning, in hours for calls
MOST_A_DAY = 50  # orders of the week that passes quickly
ROUGHLY = timedelta(minutes=10)  # what a timer may be late in this week: nobody measures it
LIVE_A_DAY = 4_000  # from then on: one in twenty seconds, so that a visitor sees one come
COMES_BACK = 0.35  # share of orders by somebody who has bought in the played period
LOOKS_EVERY = 1.0  # seconds
FOR_GOOD = timedelta(days=365)


class Afterwards:
    """The shop after the played period: a quiet week, then a lively day."""

    def __init__(
        self, rates: Rates, seed: str, start: datetime, per_day: int, zone: ZoneInfo
    ) -> None:
        self._seed = seed
        days = WEEK + 1
        self.today = _midnight(start, WEEK, zone)
        self.opens = datetime.combine(self.today.astimezone(zone).date(), OPENS, zone)
        week = min(per_day, MOST_A_DAY) * days
        self._week = GeneratedShop(rates, f"{seed}/week", start, days, week, zone)
        self._day = GeneratedShop(rates, f"{seed}/day", self.today, 1, LIVE_A_DAY, zone)

    def stream(self) -> Iterator[Sale]:
        """Every order, in order of time."""
        for sale in self._week.stream():
            if sale.at < self.opens:
                yield self._by(sale, "w")
        for sale in self._day.stream():
            if sale.at >= self.opens:
                yield self._by(sale, "d")

    def _by(self, sale: Sale, part: str) -> Sale:
        """The same order with a number and a buyer of its own, if nobody comes back for it."""
        number = f"{sale.order_no[:6]}{part.upper()}{sale.order_no[6:]}"
        if sale.buyer is None or share("comes back", self._seed, sale.buyer) < COMES_BACK:
            return sale._replace(order_no=number)
        return sale._replace(order_no=number, buyer=sale.buyer.replace("/b", f"/{part}"))


def a_week_passes(
    app: App,
    world: World,
    shop: Afterwards,
    engine: Callable[[App, Any], Engine],
    progress: Callable[[datetime], None] | None = None,
) -> None:
    """Up to the moment at which somebody opens the console; today's tasks are left to them."""
    set_clock = cast("Any", app.clock).set
    applier = app.db.try_lock(APPLIER)
    if applier is None:
        raise Refused(
            Sentence(
                "Another process works on this home; stop it first: siyu stop",
                "另一个进程正在使用这个目录；请先停止：siyu stop",
            )
        )
    with applier:
        begins = world.end
        world.go_on(shop.today, shop, guides=True)
        run(world, engine(app, applier), set_clock, begins, progress, timers_within=ROUGHLY)
        world.go_on(shop.opens)
        run(world, engine(app, applier), set_clock, shop.today, progress, timers_within=ROUGHLY)
    set_clock(shop.opens)
    world.go_on(shop.opens + FOR_GOOD)


@contextmanager
def living(app: App, world: World, vendors: Vendors | None) -> Generator[None]:
    """At the real pace: orders, parcels, phones and people, from `with` to the end of it."""
    over = threading.Event()

    def live() -> None:
        while not over.wait(LOOKS_EVERY):
            now = app.clock.now()
            try:
                world.step(now)
                world.after_tick(now, applied=True)
            except SiyuError as error:  # a busy or ending server; what it did not hear is lost
                log.warning("the world was not heard", error=error.detail)
            except Exception as error:  # noqa: BLE001 - a visitor still wants to see orders come
                log.warning("the world stumbled", error=describe(error))

    with Served(make(app)) as served:
        api = Api(
            served.url,
            app.settings.api_key,
            app.settings.ingest_secret,
            str(app.settings.connectors["webhook"]["secret"]),
        )
        world.speak_to(api)
        if vendors:
            vendors.call_back(served.url)
        thread = threading.Thread(target=live, name="siyu-world", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(30)
            api.close()


def _midnight(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    day = start.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(0), zone)
