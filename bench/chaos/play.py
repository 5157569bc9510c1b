"""One run of a world: on an engine that nobody disturbs, or on real processes that are killed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from crew import Crew, Killer
from outside import SECRET, Feeder, Phones
from world import CUTOFF, START, World, install

from siyu.api.http import make
from siyu.app import App, open_app, virtual
from siyu.events.sweep import APPLIER
from siyu.sandbox.client import Api
from siyu.sandbox.server import Served
from siyu.settings import load
from siyu.worker import due, tick

LANES = 4
CHANNELS = ("sms", "voice_ai", "voice_human", "wecom_request")
AWAY = timedelta(seconds=150)  # longer than a lease, a doubt and a first wait after a refusal
CALLS = timedelta(minutes=5, seconds=30)
MOST_CUTS = 25
PATIENCE = 240.0  # seconds without any progress: then a run has got stuck

Say = Callable[[str], None]


class Engine(Protocol):
    """What is played on."""

    url: str

    def during(self, part: int, feeder: Feeder) -> None:
        """Until the feeder is done, and whatever else belongs to this part of the run."""
        ...

    def settle(self, feeder: Feeder) -> None:
        """Until nothing is due any more."""
        ...

    def go_on(self, until: datetime | timedelta) -> None:
        """Let time pass."""
        ...


class Played(NamedTuple):
    """What a run leaves: whom it told, what people got."""

    feeder: Feeder
    phones: Phones
    figures: dict[str, Any]


def play(world: World, engine: Engine, feeder: Feeder, seconds: float, api: Api, say: Say) -> None:
    """Orders and invitations; the calls; the warehouse's cut-off and what it packs."""
    say("orders come in")
    feeder.start(engine.url, seconds)
    engine.during(0, feeder)
    engine.settle(feeder)
    say("five minutes later")
    engine.go_on(CALLS)
    engine.during(1, feeder)
    engine.settle(feeder)
    say("the cut-off")
    engine.go_on(CUTOFF + timedelta(minutes=1))
    engine.during(2, feeder)
    engine.settle(feeder)
    say("the warehouse packs")
    decisions, _ = api.parcels(None)
    for place, told in enumerate(sorted(decisions, key=lambda one: one.parcel_no)):
        if place % 2:
            at = (CUTOFF + timedelta(minutes=2)).isoformat()
            data = {"parcel_no": told.parcel_no, "gift": told.gift or "", "card": told.card or ""}
            feeder.tell(
                {
                    "source": "shop", "id": f"packed/{told.parcel_no}", "kind": "parcel.packed",
                    "occurred_at": at, "data": data, "keys": {}, "person": {},
                }
            )  # fmt: skip
    engine.during(3, feeder)
    engine.settle(feeder)


class Undisturbed:
    """One process and a clock that stands still until it is set."""

    def __init__(self, app: App, url: str) -> None:
        self.url = url
        self._app = app
        lock = app.db.try_lock(APPLIER)
        assert lock is not None
        self._applier = lock

    def during(self, part: int, feeder: Feeder) -> None:  # noqa: ARG002 - nobody is killed
        """Do what is due as it comes."""
        while feeder.left:
            tick(self._app, self._app.clock.now(), applier=self._applier)
            time.sleep(0.005)

    def settle(self, feeder: Feeder) -> None:
        """A minute in steps of a second ends every short wait."""
        for _ in range(60):
            self.go_on(timedelta(seconds=1))
            self.during(-1, feeder)
            tick(self._app, self._app.clock.now(), applier=self._applier)
            self.during(-1, feeder)

    def go_on(self, until: datetime | timedelta) -> None:
        """Set the clock."""
        clock: Any = self._app.clock
        now = clock.now()
        clock.set(max(now + until if isinstance(until, timedelta) else until, now))


class Disturbed:
    """Real processes under a killer."""

    def __init__(self, home: Path, crew: Crew, phones: Phones, plan: Plan, say: Say) -> None:
        self.url = crew.url
        self.cuts = 0
        self._home = home
        self._crew = crew
        self._phones = phones
        self._plan = plan
        self._say = say
        self._chance = random.Random(f"{plan.seed}/killer")
        self.killer = Killer(crew, phones, self._chance, plan.every)

    def during(self, part: int, feeder: Feeder) -> None:
        """Kill somebody from time to time, the provider's door now and then out of order."""
        mine = self.killer.hits + self._plan.kills[part]  # an ambush counts when it has struck
        began, spoken = time.monotonic(), time.monotonic()
        while feeder.left or self.killer.hits < mine:
            if self.killer.hits < mine:
                self.killer.one()
                if self._plan.faults and self._chance.random() < 0.7:
                    self._phones.trouble(self._chance, slow=self._chance.random() < 0.3)
            else:
                time.sleep(0.1)
            if time.monotonic() - spoken > 10:
                spoken = time.monotonic()
                hits, sent = self.killer.hits, len(self._phones.effects)
                self._say(f"  {hits} kills, {feeder.left} left, {sent} sent")
            if time.monotonic() - began > self._plan.longest:
                raise SystemExit(f"stuck: {feeder.left} were never told; {feeder.refused[:3]}")
        self._phones.well()

    def settle(self, feeder: Feeder) -> None:
        """Power cuts until nothing is due: each lets leases and doubts run out."""
        for _ in range(MOST_CUTS):
            self._until_idle(feeder)
            if not self._in_hand():
                return
            self.go_on(AWAY)
        raise SystemExit(f"never at rest; {self._in_hand()}")

    def go_on(self, until: datetime | timedelta) -> None:
        """The machine is off in the meantime."""
        with self._looked() as app:
            now = app.clock.now()
        away = until if isinstance(until, timedelta) else until - now
        self.cuts += 1
        self._crew.power_cut(max(away, timedelta(0)))

    def _until_idle(self, feeder: Feeder) -> None:
        """Until what is due now is done; what waits for a later time may stay."""
        deadline, before = time.monotonic() + PATIENCE, (0, 0)
        with self._looked() as app:
            while True:
                now = app.clock.now()
                soon = now + timedelta(seconds=8)
                at = due(app.db, CHANNELS)
                waiting = [name for name, when in at.items() if when is not None and when <= soon]
                ((applied,),) = app.db.fetch(
                    "select coalesce(max(applied_seq), 0) from event_applied"
                )
                if not waiting and not feeder.left:
                    return
                if (applied, len(self._phones.effects)) != before:
                    before = (applied, len(self._phones.effects))
                    deadline = time.monotonic() + PATIENCE
                if time.monotonic() > deadline:
                    raise SystemExit(f"stuck: {waiting} wait, {feeder.left} are not told")
                time.sleep(0.2)

    def _in_hand(self) -> list[tuple[Any, ...]]:
        with self._looked() as app:
            return app.db.fetch(
                "select state, reason, count(*) from touch"
                " where state in ('leased', 'unknown', 'owed', 'wished') group by 1, 2"
            )

    @contextmanager
    def _looked(self) -> Iterator[App]:
        with open_app(load({}, home=self._home)) as app:
            yield app


class Plan(NamedTuple):
    """How a run is disturbed."""

    seed: str
    orders: int
    workers: int
    seconds: float  # in which the facts are told
    kills: tuple[int, int, int, int]  # by part of the run
    every: float  # seconds between kills
    faults: bool
    longest: float  # seconds that a part may take


def begin(home: Path) -> None:
    """An installation at noon."""
    with open_app(load({}, home=home)) as app:
        install(virtual(app, START))


def undisturbed(home: Path, world: World, say: Say) -> Played:
    """The same facts where nothing goes wrong."""
    feeder = Feeder(world, 1, load({}, home=home).ingest_secret)
    phones = Phones(world, feeder)
    with Served(phones.provider.app) as outside:
        webhook = {"url": outside.url, "secret": SECRET}
        with open_app(load({}, home=home, webhook=webhook), durable=False) as opened:
            app = virtual(opened, START)
            with Served(make(app)) as served:
                api = _api(app.settings, served.url)
                play(world, Undisturbed(app, served.url), feeder, 0.0, api, say)
                feeder.stop()
    return Played(feeder, phones, {})


def disturbed(home: Path, world: World, plan: Plan, say: Say) -> Played:
    """The same facts, and kills."""
    feeder = Feeder(world, LANES, load({}, home=home).ingest_secret)
    phones = Phones(world, feeder)
    began = time.monotonic()
    with Served(phones.provider.app) as outside:
        crew = Crew(home, outside.url, plan.workers)
        engine = Disturbed(home, crew, phones, plan, say)
        crew.start()
        try:
            with open_app(load({}, home=home)) as app:
                api = _Patient(_api(app.settings, crew.url))
            play(world, engine, feeder, plan.seconds, api, say)  # pyright: ignore[reportArgumentType]
        finally:
            feeder.stop()
            crew.stop()
    killed = engine.killer.killed
    figures = {
        "seconds": round(time.monotonic() - began, 1),
        "kills": {**killed, "power cut": engine.cuts},
        "processes_begun": crew.starts,
        "batches_told_again": feeder.again,
        "answers": dict(feeder.answers),
        "faults": dict(phones.faults),
    }
    return Played(feeder, phones, figures)


class _Patient:
    """The warehouse asks again where nobody answers."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def parcels(self, after: str | None) -> Any:
        """Every decision."""
        for _ in range(100):
            try:
                return self._api.parcels(after)
            except Exception:  # noqa: BLE001 - whatever it is, it asks again
                time.sleep(0.2)
        return self._api.parcels(after)


def _api(settings: Any, url: str) -> Api:
    return Api(url, settings.api_key, settings.ingest_secret, SECRET)


__all__ = ["Plan", "Played", "begin", "disturbed", "undisturbed"]
