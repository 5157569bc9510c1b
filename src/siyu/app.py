"""The composition root: settings → App. The only file that names concrete classes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from siyu.acquisition.project import PROJECTION as ACQUISITION
from siyu.budget import actions as budget
from siyu.budget.project import PROJECTION as BUDGET
from siyu.commerce.project import PROJECTION as COMMERCE
from siyu.connectors import house, registry
from siyu.connectors.house import House, Told
from siyu.connectors.manifest import (
    Called,
    Given,
    Giving,
    HandOver,
    Heard,
    Pages,
    Pulled,
    Reply,
    Tools,
)
from siyu.connectors.manifest import Check as Checked
from siyu.connectors.moments import Moment, Shown
from siyu.connectors.orderfile.source import look as orderfile
from siyu.connectors.orderfile.source.branded import brand_of, order_file
from siyu.connectors.orderfile.source.orders import OrderFile, Progress, Tell
from siyu.connectors.orderfile.source.run import Report, import_orders
from siyu.connectors.orderfile.source.shipped import ShippedReport, import_shipped
from siyu.connectors.post import Poster
from siyu.connectors.presses import Unsent
from siyu.connectors.registry import Connected, Connections, Entry, Showing
from siyu.connectors.tools import tools_of
from siyu.connectors.ways import Shift, Standing, WayIn, WayKind
from siyu.connectors.wiring import InUse, Pulls, Wired, Wiring
from siyu.content.actions.files import shelf_of
from siyu.content.actions.fonts import face_of
from siyu.customers.project import PROJECTION as CUSTOMERS
from siyu.db import embedded
from siyu.db.bell import Bell
from siyu.db.clock import RealClock, VirtualClock, clock_of
from siyu.db.embedded import Embedded
from siyu.db.migrate import migrate
from siyu.db.pool import Joined, Pool
from siyu.db.url import checked
from siyu.events.model import Projection
from siyu.events.sweep import APPLIER, apply
from siyu.groups.project import projection as groups
from siyu.identities.project import PROJECTION as IDENTITIES
from siyu.journeys.project import projection as journeys
from siyu.journeys.project import waking
from siyu.journeys.sweep.apply import Context as JourneysContext
from siyu.kernel.errors import NotFound, Problem
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Conn
from siyu.kernel.time import Clock, zone
from siyu.ledger.project import PROJECTION as LEDGER
from siyu.offers.project import projection as offers
from siyu.outbox.channel import Channel
from siyu.outbox.model import Context
from siyu.outbox.project import projection as outbox
from siyu.pages.project import projection as pages
from siyu.segments import actions as layers
from siyu.segments.decide.shipped import LAYERS
from siyu.segments.predicates import FAMILIES
from siyu.segments.project import projection as segments
from siyu.settings import Settings
from siyu.staff import actions as staff
from siyu.staff.model import Brand, Member, Store
from siyu.staff.views import brand as the_brand
from siyu.subscribers import sweep as subscribers
from siyu.subscribers.sweep import Context as Telling
from siyu.tagging.project import PROJECTION as TAGGING
from siyu.tasks.actions.channel import TaskChannel
from siyu.tasks.project import projection as tasks
from siyu.vault.model import Keys

if TYPE_CHECKING:
    from siyu.lake.lake import Lake

# Objects made before Python looks for cycles. A batch makes some hundred thousand, none in cycles:
# with Python's own 700 the search took a quarter of the engine's time.
CYCLES_AFTER = 200_000
# Seconds that a thread computes on while another one wants to. A sweep comes back from the database
# a dozen times per batch; with Python's own 5 ms each time cost it one of them beside the applier.
SWITCH_AFTER = 0.0005

__all__ = [  # what interfaces need of connectors, they get here
    "PREDICATES", "App", "Called", "Checked", "Connected", "Entry", "Given", "Giving", "HandOver",
    "Heard", "Moment", "OrderFile", "Pages", "Progress", "Pulled", "Pulls", "Reply", "Report",
    "Shift", "ShippedReport", "Showing", "Shown", "Standing", "Tell", "Told", "Unsent", "WayIn",
    "WayKind", "begin_brand", "brand_of", "catch_up", "check_connectors", "connector_secrets",
    "goes_on", "home_problems", "import_orders", "import_shipped", "open_app", "order_file",
    "orderfile", "projections", "seed_brand", "stop_database", "virtual", "within",
]  # fmt: skip
PREDICATES = FAMILIES  # higher rooms' families would be joined on here; journeys brings its own


def projections(ids: PublicIds) -> tuple[Projection, ...]:
    """In the order of data; what journeys wake comes second: visits are locked before the rest."""
    return (
        IDENTITIES,
        waking(ids),
        CUSTOMERS,
        COMMERCE,
        LEDGER,
        offers(ids),
        outbox(ids),
        tasks(ids),
        BUDGET,
        ACQUISITION,
        pages(ids),
        TAGGING,
        segments(PREDICATES),
        journeys(PREDICATES),
        groups(ids),
    )


@dataclass(frozen=True)
class App:
    """Everything wired, for interfaces to call. `with open_app(settings) as app:`"""

    settings: Settings
    db: Pool
    clock: Clock
    keys: Keys
    ids: PublicIds
    projections: tuple[Projection, ...]
    bell: Bell
    in_use: InUse
    _embedded: Embedded | None
    _open: ExitStack
    polls: timedelta = timedelta(0)

    @cached_property
    def brand(self) -> Brand:
        """Whose installation this is; read once per process."""
        with self.db.transaction() as conn:
            return the_brand(conn)

    @cached_property
    def _wiring(self) -> Wiring:
        return Wiring(self.in_use, self._wire)

    def _wire(self) -> Wired:
        """A clock that jumps from one due time to the next has neither alarms nor news of tasks:
        each of their times would be a jump."""
        people = TaskChannel(self.db, self.ids, self.clock)
        return Wired(
            self.in_use.settings,
            self._tools,
            lambda kept, teller: House(self.db, kept, teller, self.keys, self.ids),
            {"voice_human": people, "wecom_request": people},
            often=not isinstance(self.clock, VirtualClock),
            polls=self.polls,
        )

    def _tools(self, name: str) -> Tools:
        return tools_of(name, self.db, self.keys, self.ids, self.clock, self.settings, self.wake)

    @property
    def wired(self) -> Wired:
        """The connectors as the settings in use have them; another one once these have changed."""
        return self._wiring.now

    @property
    def channels(self) -> Mapping[str, Channel]:
        """Channel name → who carries it: people by tasks, the rest by connectors."""
        return self.wired.channels

    @property
    def connections(self) -> Connections:
        """The connectors that are installed, each with its settings and tools."""
        return self.wired.connections

    @property
    def pulls(self) -> Pulls:
        """CONNECTOR/NAME → what is asked for again and again, and what staff is told."""
        return self.wired.pulls

    def take_up(self) -> None:
        """Use the connectors' settings that are kept by now."""
        self.in_use.look(self.clock.now(), lambda new: Connections(new, self._tools).channels())

    def brief(self, day: date | None = None) -> Told:
        """The morning's brief of a day (yesterday): as it was told, else as it would be now."""
        return house.the_brief(self.wired.house, self._tools(house.NAME), day)

    @property
    def virtual(self) -> bool:
        """Does it live by a clock that somebody set, as a sandbox does?"""
        return not isinstance(self.clock, RealClock)

    @cached_property
    def lake(self) -> Lake:
        """The facts as files, for figures over years. Its engine is loaded with it."""
        from siyu.lake.lake import Lake, engine_of  # noqa: PLC0415

        return Lake(self.db, self.settings.home / "lake", self.clock, engine_of(self.settings))

    @property
    def context(self) -> Context:
        """What addressing and writing out a touch need."""
        return self._context._replace(vendors=self.wired.connections.carriers())

    @cached_property
    def _context(self) -> Context:
        brand = self.brand
        return Context(
            keys=self.keys,
            ids=self.ids,
            link=self.settings.link,
            short=self.settings.short_links,
            unreviewed=self.settings.send_unreviewed,
            zone=zone(brand.time_zone),
            currency=brand.currency,
            brand=brand.name,
            pictures=shelf_of(self.settings.home),
            face=partial(face_of, self.settings.poster_font),
        )

    @cached_property
    def journeys(self) -> JourneysContext:
        """What moving visits needs."""
        brand = self.brand
        place = zone(brand.time_zone), brand.locale
        return JourneysContext(self.keys, self.ids, PREDICATES, *place, versions={})

    @cached_property
    def telling(self) -> Telling:
        """What telling subscribers needs."""
        post = Poster(private=self.settings.subscribers_private)
        self._open.callback(post.close)
        patience = timedelta(days=self.settings.subscribers_days)
        return Telling(post, self.ids, self.clock, self.subscriber_secret, patience)

    def subscriber_secret(self, number: int) -> str:
        """What signs the webhooks of a subscriber: derived, so it is stored nowhere."""
        return self.settings.derived(f"subscriber {number}").hex()

    @cached_property
    def threads(self) -> Executor:
        """Where each subscriber is told by itself; `close` waits for those under way."""
        made = ThreadPoolExecutor(subscribers.AT_ONCE, "siyu-subscriber")
        self._open.callback(made.shutdown)
        return made

    def wake(self) -> None:
        """There is work: whoever rests in `rest` goes on, here and, while this works, elsewhere."""
        self.bell.ring()

    def rest(self, seconds: float) -> None:
        """Wait until woken, at most so long."""
        self.bell.rest(seconds)

    def revive(self) -> bool:
        """Bring back an embedded database that was killed; False where there was nothing to do."""
        return self._embedded is not None and self._embedded.revive()

    def close(self) -> None:
        """Give the connections back and leave the database."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_app(settings: Settings, *, durable: bool = True) -> App:
    """Start or join the database, bring it up to date, wire everything."""
    gc.set_threshold(CYCLES_AFTER, 10, 10)
    sys.setswitchinterval(SWITCH_AFTER)
    held = ExitStack()
    try:
        url = checked(settings.database_url)
        server: Embedded | None = None
        if not url:
            server = held.enter_context(Embedded(settings.home))
            url = server.url
        db = Pool(url, durable=durable)
        held.callback(db.close)
        bell = Bell(db)
        held.callback(bell.close)
        migrate(db, RealClock().now())
        registry.check(settings)
        ids = PublicIds(settings.derived("public ids"))
        return App(
            settings=settings,
            db=db,
            clock=clock_of(db),
            keys=Keys(master=settings.master_key, lookup=settings.lookup_key),
            ids=ids,
            projections=projections(ids),
            bell=bell,
            in_use=InUse(settings),
            _embedded=server,
            _open=held.pop_all(),
        )
    except BaseException:
        held.close()
        raise


def virtual(app: App, start: datetime, *, polls: timedelta = timedelta(0)) -> App:
    """The same application on a clock that stands still until it is set: the sandbox's.
    Each look of a pull would be a step: none comes sooner than `polls` after the one before, unless
    it was rung for, or has said when."""
    clock = VirtualClock(app.db)
    clock.set(start)
    return replace(app, clock=clock, polls=polls)


def goes_on(app: App) -> App:
    """The same application on the clock of its database, which runs at the real pace."""
    if isinstance(app.clock, VirtualClock):
        app.clock.tell()
    return replace(app, clock=clock_of(app.db), polls=timedelta(0))


def within(app: App, conn: Conn) -> App:
    """The same application inside an open transaction: all that it writes commits with that."""
    return replace(app, db=Joined(app.db, conn))


def begin_brand(
    conn: Conn,
    brand: Brand,
    now: datetime,
    stores: Sequence[Store] = (),
    members: Sequence[Member] = (),
) -> None:
    """Begin a brand: its people, the usual caps, and the layers as segments of its own."""
    staff.seed(conn, brand, stores, members)
    budget.set_defaults(conn)
    layers.install(conn, LAYERS, PREDICATES, "siyu", now)


def seed_brand(app: App, file: OrderFile) -> None:
    """An installation without a brand gets the one that the file's mapping speaks of."""
    with app.db.transaction() as conn:
        try:
            the_brand(conn)
        except NotFound:
            begin_brand(conn, brand_of(file), app.clock.now())


def catch_up(app: App) -> bool:
    """Apply what waits here and now; False where a running server does."""
    lock = app.db.try_lock(APPLIER)
    if lock is None:
        return False
    try:
        while apply(lock, app.projections, app.clock.now()).claimed:
            pass
    finally:
        lock.release()
    return True


def home_problems(home: Path) -> list[Problem]:
    """What keeps an installation from living in this folder, in words; changes nothing."""
    return embedded.problems(home)


def check_connectors(settings: Settings) -> None:
    """Refuse, as BadSettings, what a connector was told and can't use."""
    registry.check(settings)


def connector_secrets() -> list[str]:
    """NAME.FIELD of every secret that an installed connector has."""
    return registry.secret_fields()


def stop_database(home: Path) -> embedded.Stopped:
    """End every process of this home, and its embedded database."""
    return embedded.stop(home)
