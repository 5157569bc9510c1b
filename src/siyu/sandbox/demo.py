"""A whole demonstration: an installation, a world over real HTTP, a period on the virtual clock."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, cast
from zoneinfo import ZoneInfo

import yaml

from siyu.acquisition.views import account
from siyu.analytics.views import figures
from siyu.api.http import make
from siyu.app import PREDICATES, App, begin_brand, goes_on, open_app, virtual
from siyu.budget import views as budget_views
from siyu.commerce.actions import seed_shop, set_warehouse
from siyu.commerce.model import Shop
from siyu.connectors.webhook.fake import Provider
from siyu.content import views as content
from siyu.events.sweep import APPLIER
from siyu.kernel.errors import BadInput, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.sql import Db
from siyu.kernel.time import zone
from siyu.ledger import actions as ledger
from siyu.ledger.model import GoodsShare, Price
from siyu.offers import actions as offers
from siyu.outbox import views as outbox
from siyu.playbooks import actions as playbooks
from siyu.playbooks.check import playbook as parsed
from siyu.playbooks.model import Playbook
from siyu.sandbox import parameters
from siyu.sandbox.client import Api
from siyu.sandbox.doors import OwnDoors
from siyu.sandbox.erp import CONNECTOR, house_of
from siyu.sandbox.life import Afterwards, a_week_passes, living
from siyu.sandbox.measure import Account, Measure, Rules
from siyu.sandbox.phones import Records
from siyu.sandbox.prices import price_list
from siyu.sandbox.replay import ReplayedShop
from siyu.sandbox.run import run
from siyu.sandbox.server import Served
from siyu.sandbox.shop import GeneratedShop
from siyu.sandbox.shop import Shop as Source
from siyu.sandbox.used import refuse_used
from siyu.sandbox.vendors import LINKS, USUAL, Vendors, Wires
from siyu.sandbox.warehouse import Warehouse
from siyu.sandbox.wires import steps, wired
from siyu.sandbox.world import World
from siyu.settings import load
from siyu.staff.actions import set_goal
from siyu.staff.actions.accounts import add, made_up
from siyu.staff.model import Brand, Member, Store
from siyu.worker import due, next_at, plan, tick

ABLATIONS = Path(__file__).parent / "ablations.yaml"
QUIET_DAYS = 14  # each buyer is watched for as long after their own order
GENERATED = Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh")
FIRST_DAY = date(2026, 3, 2)  # a Monday without holidays
STORES = (Store("hz-1", "杭州湖滨店", "华东"), Store("gz-1", "广州天河店", "华南"))
PEOPLE = (
    Member("guide-1", "周敏", "guide", "hz-1"),
    Member("guide-2", "吴桐", "guide", "hz-1"),
    Member("guide-3", "郑一鸣", "guide", "gz-1"),
    Member("guide-4", "沈佳", "guide", "gz-1"),
    Member("operator", "林运营", "operator"),
    Member("owner", "陈老板", "owner"),
)
AT_THE_CONSOLE = ("operator", "guide-1", "owner")  # who can sign in
GOAL = ("growth", 0.48, 14)  # what practitioners published of this cascade: docs/demo-figures.md
RARELY = timedelta(days=1)  # what a vendor rings for is asked for at once all the same
GOODS = GoodsShare("", 3_500)  # of the price; a demo knows no invoices, figures say "assumed"
STOCK = 1_000_000  # gifts on hand: the demo is about people, not about running out
Progress = Callable[[datetime, datetime, datetime], None]


@dataclass(frozen=True)
class Plan:
    """What to play. `without`: the property of the invitation that is taken away; `wires`:
    over which a brand in China is played."""

    home: Path
    policy: str = "cascade"
    world: str = "default"
    seed: str = "1"
    orders: int = 3_000
    days: int = 14
    replay: Replay | None = None
    without: str | None = None
    wires: Wires = USUAL


@dataclass(frozen=True)
class Replay:
    """A real order file: who its brand is, how to read it, from which day it is played."""

    brand: Brand
    shop: str
    read: Callable[[], Any]
    start: date
    import_history: Callable[[App, datetime], int]


@dataclass
class Demo:
    """A demonstration that has run: its figures, and what is still open to be served.

    `accounts`: who may sign in, by what. `example` is an order (SHOP/ORDER) worth asking about;
    `provider` the address of the fake provider, whose `/received` tells what reached it. `after`:
    the shop of the days that follow, where its orders are made up; orders of a real file end with
    the file.
    """

    app: App
    figures: dict[str, object]
    example: str
    accounts: list[dict[str, str]] = field(repr=False)
    provider: str
    world: World = field(repr=False)
    vendors: Vendors | None = field(repr=False)
    after: Afterwards | None
    held: ExitStack = field(repr=False)


class Engine:
    """The engine as the loop drives it: all that others do to it comes as events."""

    def __init__(self, app: App, applier: Db) -> None:
        self._app = app
        self._applier = applier
        plan(app)
        self._times = due(app.db, app.channels, app.pulls)

    def next_due(self, now: datetime) -> datetime | None:
        return next_at(self._times, now)

    def tick(self, now: datetime) -> None:
        self._times = tick(self._app, now, applier=self._applier, times=self._times).times


def play(plan: Plan, progress: Progress | None = None) -> Demo:
    """Set up, run the period, measure. The caller closes `held`."""
    began = time.monotonic()
    brand = plan.replay.brand if plan.replay else GENERATED
    local = zone(brand.time_zone)
    first = plan.replay.start if plan.replay else FIRST_DAY
    start = datetime.combine(first, clock_time(0), local).astimezone(UTC)
    end = start + timedelta(days=plan.days + QUIET_DAYS)
    world = parameters.load(plan.world)
    playbook = _playbook(plan.policy, plan.without)
    with ExitStack() as held:
        secret = token_urlsafe(24)
        door = Provider(secret)
        at_provider = held.enter_context(Served(door.app))
        webhook = {"url": at_provider.url, "secret": secret}
        vendors = wired(held, brand, playbook, PEOPLE, plan.wires, _shops(plan, world))
        tables: dict[str, Any] = {}
        if vendors:
            tables = {**vendors.settings, "link": LINKS + "{state}"}
        settings = load(None, home=plan.home, webhook=webhook, **tables)
        opened = held.enter_context(open_app(settings, durable=False))
        refuse_used(opened, plan.home)
        app = virtual(opened, start, polls=RARELY)
        shop = _shop(plan, world, start, local)
        plans = [playbook, *([_playbook("welcome", None)] if vendors else [])]
        _install(app, brand, world, plans, plan, start)
        history = plan.replay.import_history(app, start) if plan.replay else 0
        served = held.enter_context(Served(make(app)))
        if vendors:
            vendors.call_back(served.url)
        api = Api(served.url, settings.api_key, settings.ingest_secret, secret)
        held.callback(api.close)
        played = World(
            world,
            plan.seed,
            shop,
            api,
            zone=local,
            region=brand.region,
            start=start,
            end=end,
            cards=_cards(app, brand.locale),
            guides={one.step: one.staff for s in playbook.manifest.sources for one in s.codes},
            inserts={one.code: one.inserts for one in world.shop.storefronts},
            synthetic=plan.replay is not None,
            doors=vendors.join if vendors else OwnDoors,
            warehouse=vendors.warehouse(
                [one.sku for one in playbook.manifest.offers if one.sku],
                app.connections.of(CONNECTOR).tools.wake,
            )
            if vendors
            else Warehouse,
            steps=steps(playbook),
        )
        door.listen(played.on_messages, played.on_cancel)
        if vendors:
            vendors.ring(played)
        applier = app.db.try_lock(APPLIER)
        if applier is None:
            raise Refused(
                Sentence(
                    "Another process works on this home; stop it first: siyu stop",
                    "另一个进程正在使用这个目录；请先停止：siyu stop",
                )
            )
        with applier:
            run(
                played,
                Engine(app, applier),
                cast("Any", app.clock).set,
                start,
                (lambda now: progress(start, now, end)) if progress else None,
            )
        measured = _measure(app, played, playbook, start, local).figures()
        measured |= {"history_orders": history, **_welcomes(app, vendors, start)}
        measured["synthetic"] = plan.replay is not None
        measured["wall_seconds"] = round(time.monotonic() - began, 1)
        accounts, provider = let_in(app, PEOPLE), vendors.url if vendors else at_provider.url
        after = None
        if plan.replay is None:
            a_day = max(plan.orders // plan.days, 1)
            after = Afterwards(world.shop, plan.seed, end, a_day, local)
        example = example_of(played.records)
        return Demo(
            app, measured, example, accounts, provider, played, vendors, after, held.pop_all()
        )


def example_of(records: Records) -> str:
    """The order about which a buyer who became a friend received most; else the first one."""
    friends = {add.buyer for add in records.adds if add.matched and not add.before}
    told = Counter(
        (touch.shop, touch.order_no) for touch in records.touches if touch.buyer in friends
    )
    best = told.most_common(1)
    return "/".join(best[0][0] if best else next(iter(records.orders), ()))


def _playbook(name: str, without: str | None) -> Playbook:
    """The playbook as it is, or edited so that one property of its invitations is gone."""
    texts = playbooks.texts(name)
    if without is not None:
        known = yaml.safe_load(ABLATIONS.read_text("utf-8"))
        if without not in known:
            raise BadInput(
                Sentence(
                    f"--without {without!r}: known are {', '.join(sorted(known))}",
                    f"--without {without!r}：可以是 {', '.join(sorted(known))}",
                )
            )
        for path, edits in known[without].items():
            for old, new in edits:
                if old not in texts.get(path, ""):
                    raise BadInput(
                        Sentence(
                            f"--without {without} does not fit the playbook {name}",
                            f"--without {without} 与打法 {name} 不符",
                        )
                    )
                texts[path] = texts[path].replace(old, new)
    return parsed(texts)


@contextmanager
def serving(demo: Demo, progress: Progress | None = None) -> Generator[App]:
    """The played installation a week later, on a clock that goes on; its world lives on with it."""
    if demo.after is None:
        yield goes_on(demo.app)
        return
    begins, opens = demo.world.end, demo.after.opens

    def told(now: datetime) -> None:
        if progress:
            progress(begins, now, opens)

    a_week_passes(demo.app, demo.world, demo.after, Engine, told)
    app = goes_on(demo.app)
    with living(app, demo.world, demo.vendors):
        yield app


def _shops(plan: Plan, world: parameters.World) -> list[str]:
    if plan.replay is not None:
        return [plan.replay.shop]
    return [one.code for one in world.shop.storefronts]


def _shop(plan: Plan, world: parameters.World, start: datetime, local: ZoneInfo) -> Source:
    if plan.replay is not None:
        return ReplayedShop(plan.replay.read, start, plan.days)
    return GeneratedShop(world.shop, plan.seed, start, plan.days, plan.orders, local)


def _install(
    app: App,
    brand: Brand,
    world: parameters.World,
    plans: Sequence[Playbook],
    plan: Plan,
    now: datetime,
) -> None:
    """Everything that a brand sets up before its first order, in one transaction."""
    shops = [Shop(one.code, one.name, one.platform, one.inserts) for one in world.shop.storefronts]
    if plan.replay is not None:
        shops = [Shop(plan.replay.shop, plan.replay.shop, "file", synthetic=True)]
    rate = f"from yuan at {world.yuan_per[brand.currency]} CNY per {brand.currency}, rounded up"
    with app.db.transaction() as conn:
        begin_brand(conn, brand, now, STORES, PEOPLE)
        seed_shop(conn, shops)
        ledger.set_prices(
            conn,
            [
                Price(kind, unit, brand.currency, "" if brand.currency == "CNY" else rate)
                for kind, unit in price_list(world, brand.currency).items()
            ],
        )
        ledger.set_share(conn, GOODS, "siyu demo", now)
        set_goal(conn, *GOAL, "siyu demo", now)
        if plan.wires.warehouse == "erp":
            set_warehouse(conn, house_of(world, brand.time_zone), "siyu demo", now)
        for playbook in plans:
            playbooks.install(conn, playbook, brand.currency, PREDICATES, now, keys=app.keys)
            for sku in filter(None, (one.sku for one in playbook.manifest.offers)):
                offers.stock(conn, sku, STOCK)


def let_in(app: App, people: Sequence[Member]) -> list[dict[str, str]]:
    """Somebody of each kind can sign in to the console, and need not change the password."""
    found: list[dict[str, str]] = []
    with app.db.transaction() as conn:
        for one in (one for one in people if one.code in AT_THE_CONSOLE):
            password = made_up()
            add(conn, one.code, password, "demo", app.clock.now(), must_change=False)
            found.append({"code": one.code, "password": password, "role": one.role})
    return found


def _cards(app: App, locale: str) -> dict[str, str]:
    """What was printed on each card: the warehouse has them on its shelf."""
    with app.db.transaction() as conn:
        found = content.listing(conn)
    return {
        one.code: one.body.replace("{{ brand }}", app.brand.name).replace("{{ link }}", "")
        for one in found
        if one.channel == "parcel_insert" and one.locale == locale
    }


def _welcomes(app: App, vendors: Vendors | None, start: datetime) -> dict[str, object]:
    if vendors is None:
        return {}
    with app.db.transaction() as conn:
        *_, total = outbox.welcomes(conn, start, app.clock.now(), app.brand.time_zone)
    return {"welcomes": vendors.welcomes(total)}


def _measure(
    app: App, played: World, playbook: Playbook, start: datetime, local: ZoneInfo
) -> Measure:
    journey = next((one.journey for one in playbook.manifest.sources if one.journey), "")
    with app.db.transaction() as conn:
        seen = figures.cascade(conn, journey, start, played.end - timedelta(days=QUIET_DAYS))
        matched = figures.matches(conn, start)
        packed = account(conn)
        told = Account(
            currency=app.brand.currency,
            cost_minor=seen.cost_minor,
            cost_by_step={step: one.cost_minor for step, one in seen.by_step.items()},
            held_out=frozenset(figures.held_orders(conn, journey, start)),
            withheld=seen.withheld,
            touches_by_step={
                step: one.touches
                for step, one in seen.by_step.items()
                if one.touches and step != "card"
            },
            friends_matched=matched.get(True, 0),
            friends_unmatched=matched.get(False, 0),
            gifts=seen.parcels.gift + seen.parcels.both,
            cards=seen.parcels.card + seen.parcels.both,
            differs=packed.differs + packed.strays,
        )
        opening = budget_views.policy(conn).hours["*", "order_invitation"]
    rules = Rules(
        zone=local,
        sms_hours=opening.windows[0],
        messages=bool(playbook.journeys),
        sms_consent=played.agreed("sms"),
    )
    return Measure(played.records, told, rules)
