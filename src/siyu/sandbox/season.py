"""`siyu demo --playbooks all`: a third of a brand's year, with all six playbooks under way."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, cast

import msgspec

from siyu.api.http import make
from siyu.app import PREDICATES, App, begin_brand, open_app, order_file, virtual
from siyu.commerce.actions import seed_shop
from siyu.commerce.model import Shop
from siyu.connectors.webhook.fake import Provider
from siyu.events.sweep import APPLIER
from siyu.kernel.errors import BadInput, Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone
from siyu.ledger import actions as ledger
from siyu.ledger.model import GoodsShare, Price
from siyu.offers import actions as offers
from siyu.playbooks import actions as playbooks
from siyu.playbooks.check import playbook as parsed
from siyu.sandbox import parameters
from siyu.sandbox.client import Api
from siyu.sandbox.demo import STOCK, Demo, Engine, Progress, let_in
from siyu.sandbox.hands import Hands
from siyu.sandbox.lives import Lives
from siyu.sandbox.operator import Operator
from siyu.sandbox.prices import price_list
from siyu.sandbox.run import run
from siyu.sandbox.season_figures import figures
from siyu.sandbox.season_shop import SeasonShop, season, write_history
from siyu.sandbox.season_wecom import SeasonWeCom, WeComDoors, mixed
from siyu.sandbox.season_world import ROUGHLY, SeasonWorld, guides
from siyu.sandbox.server import Served
from siyu.sandbox.strangers import Strangers
from siyu.sandbox.used import refuse_used
from siyu.settings import load
from siyu.staff.actions import set_goal
from siyu.staff.model import Brand, Member, Store
from siyu.worker.imports import import_file

PLAYBOOKS = ("old-orders", "welcome-trust", "care-3-3-3", "lapsed-recall", "size-clearance",
             "festival-blind-box")  # fmt: skip
DAYS = 120  # a third of a year
GIFTS = ("GIFT-MASK", "GIFT-CREAM")
BY = "operator"
SELDOM = timedelta(days=7)  # what WeCom calls back for is asked for at once all the same


@dataclass(frozen=True)
class SeasonPlan:
    """What to play: so many customers, for so many days."""

    home: Path
    customers: int = 2_000
    days: int = DAYS
    world: str = "default"
    seed: str = "1"


def play_season(asked: SeasonPlan, progress: Progress | None = None) -> Demo:
    """Set up, run the season, ask the product what came of it. The caller closes `held`."""
    began = time.monotonic(), time.process_time()
    brand = Brand(**season()["brand"])
    local = zone(brand.time_zone)
    start = datetime.combine(season()["begins"], clock_time(0), local).astimezone(UTC)
    end = start + timedelta(days=asked.days)
    world = _without(parameters.load(asked.world))
    with ExitStack() as held:
        secret = token_urlsafe(24)
        door = Provider(secret)
        provider = held.enter_context(Served(door.app))
        webhook = {"url": provider.url, "secret": secret}
        address = season()["address"]
        wecom = SeasonWeCom(held, guides(), _office(), start)
        settings = load(
            None, home=asked.home, webhook=webhook, short_links=address,
            wecom=wecom.settings(address), brief_at="",
        )  # fmt: skip
        opened = held.enter_context(open_app(settings, durable=False))
        refuse_used(opened, asked.home)
        app = mixed(virtual(opened, start, polls=SELDOM))
        _install(app, brand, world, start)
        served = held.enter_context(Served(make(app)))
        wecom.call_back(served.url)
        api = Api(served.url, settings.api_key, settings.ingest_secret, secret)
        held.callback(api.close)
        shop = SeasonShop(world, asked.seed, start, asked.days, asked.customers, local)
        played = SeasonWorld(
            shop, asked.days, parameters=world, seed=asked.seed, api=api, zone=local,
            region=brand.region, start=start, end=end, cards={}, doors=wecom.join,
            inserts={one["code"]: True for one in season()["shops"]},
        )  # fmt: skip
        history = _history(app, asked, shop, played, start)
        _begin(api)
        hands = Hands(served.url, settings.api_key)
        held.callback(hands.close)
        stores = [one["code"] for one in season()["stores"]]
        played.look_after(Operator(api))
        lives = Lives(played.stage, played.crowd, played.doors, hands, stores=stores)
        played.live(lives)
        doors = cast("WeComDoors", played.doors)
        strangers = Strangers(played.stage, played.crowd, doors, hands, lives)
        strangers.plan(asked.customers, asked.days)
        played.welcome(strangers)
        door.listen(played.on_messages, played.on_cancel)
        applier = app.db.try_lock(APPLIER)
        if applier is None:
            raise Refused(
                Sentence(
                    "Another process works on this home; stop it first: siyu stop",
                    "另一个进程正在使用这个目录；请先停止：siyu stop",
                )
            )
        with applier:
            ran = run(
                played, Engine(app, applier), cast("Any", app.clock).set, start,
                (lambda now: progress(start, now, end)) if progress else None,
                timers_within=ROUGHLY,
            )  # fmt: skip
            cast("Any", app.clock).set(end)
        told = figures(app, api, played, asked, start, PLAYBOOKS)
        told |= {"history_orders": history, "steps": ran.steps}
        told["wall_seconds"] = round(time.monotonic() - began[0], 1)
        told["cpu_seconds"] = round(time.process_time() - began[1], 1)
        accounts = let_in(app, _members())
        example = played.example()
        return Demo(app, told, example, accounts, provider.url, played, None, None, held.pop_all())


def _without(world: parameters.World) -> parameters.World:
    """Who leaves us in a season does so for a reason of theirs: not by the demo's own rate; nobody
    comes unasked, and guides look less often."""
    replace = msgspec.structs.replace
    people = replace(world.people, deletes=0.0, unprompted=0.0)
    staff = replace(world.staff, looks_every="2h")
    return replace(world, people=people, staff=staff)


def _office() -> list[str]:
    """Who works at head office, without customers of their own."""
    return [one["code"] for one in season()["people"] if "store" not in one]


def _members() -> list[Member]:
    return [Member(**one) for one in season()["people"]]


def _install(app: App, brand: Brand, world: parameters.World, now: datetime) -> None:
    """Whose brand it is, what things cost, what is on the shelf."""
    said = season()
    with app.db.transaction() as conn:
        begin_brand(conn, brand, now, [Store(**one) for one in said["stores"]], _members())
        seed_shop(conn, [Shop(one["code"], one["name"], one["platform"]) for one in said["shops"]])
        prices = price_list(world, brand.currency).items()
        ledger.set_prices(conn, [Price(kind, unit, brand.currency) for kind, unit in prices])
        share = GoodsShare("", 100 * int(said["goods_share"]))
        ledger.set_share(conn, share, "siyu demo", now)
        set_goal(conn, "repurchase", 0.3, 120, "siyu demo", now)
        for sku in GIFTS:
            offers.stock(conn, sku, STOCK)
        own = parsed({"playbook.yaml": said["own"]})
        playbooks.install(conn, own, brand.currency, PREDICATES, now, keys=app.keys)


def _history(
    app: App, asked: SeasonPlan, shop: SeasonShop, played: SeasonWorld, start: datetime
) -> int:
    """The year before, as a file that is imported like any other."""
    bought = shop.history()
    if not bought:
        raise BadInput(
            Sentence(
                "--customers: a season needs some who have bought before",
                "--customers：一季演示需要一些买过的客户",
            )
        )
    contacts = {one.key: one.contact for one in played.crowd.all()}
    for one in bought:
        played.remember("tmall", one.order_no, one.key, one.at)
    orders, mapping = write_history(asked.home, bought, contacts, zone(app.brand.time_zone))
    file = order_file(orders, mapping)
    rejects = asked.home / "rejects.csv"
    return import_file(app, file, lambda _: None, rejects=rejects, until=start).orders


def _begin(api: Api) -> None:
    """Pages, the service of the stores, and the playbooks, as an operator enters them."""
    said = season()
    api.say("PUT", "/api/v1/slots", {"text": said["service"], "by": BY})
    for page in said["pages"]:
        if "offer:" not in page:
            api.say("PUT", "/api/v1/pages", {"text": page, "by": BY})
    for playbook in PLAYBOOKS:
        values = {"settings": values_of(playbook), "by": BY}
        api.say("POST", f"/api/v1/playbooks/{playbook}/start", values)
    for page in said["pages"]:
        if "offer:" in page:
            api.say("PUT", "/api/v1/pages", {"text": page, "by": BY})


def values_of(playbook: str) -> Mapping[str, str]:
    """What has no default; the rest is the playbook's own."""
    said = season()
    pages = f"{said['address']}/p/"
    match playbook:
        case "care-3-3-3":
            return {"category": said["category"], "cover": said["cover"], "book": f"{pages}clean",
                    "why": f"{pages}care-why", "catalogue": said["catalogue"]}  # fmt: skip
        case "festival-blind-box":
            return {"festival": said["festival"], "page": f"{pages}box", "room": said["room"]}
        case _:
            return {}
