"""One dry run: the period is heard again, step by step; then what came of it is counted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time

from siyu.app import App
from siyu.dryrun import measure
from siyu.dryrun.model import (
    FEW,
    GRID,
    MOST_DAYS,
    SAMPLE,
    Asked,
    Counted,
    Level,
    Range,
    Tell,
    Told,
)
from siyu.dryrun.people import Line, People
from siyu.dryrun.place import SQL, Apart, alone, place, publish, texts, tried
from siyu.events.model import OURS
from siyu.kernel.errors import Refused
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone
from siyu.outbox.model import ADDRESS, STAFF_CHANNELS
from siyu.worker.sweeps import next_at, tick

ALL = 1024
# What nobody waits for in a dry run.
WITHOUT = ("pull", "tell", "trial")
LOCK = "siyu.applier of a dry run"


class Cancelled(Exception):
    """Somebody wanted it to end; nothing of it is left."""


def run(app: App, asked: Asked, tell: Tell) -> Told:
    """Try a text on the brand's own days. `Cancelled` where `tell` says so."""
    began = time.perf_counter()
    days = (asked.until - asked.since).days + 1
    place_of = zone(app.brand.time_zone)
    since, until = (
        datetime.combine(day, clock_time(), place_of).astimezone(UTC)
        for day in (asked.since, asked.until + timedelta(days=1))
    )
    _possible(days, until, app.clock.now())
    with alone(app):
        with app.db.transaction() as conn:
            journey = tried(conn, asked.text)
            others = texts(conn)
            rates, seen = measure.rates(conn, asked.rates, since)

        def once(level: Level, of: int, tell: Tell) -> Counted:
            people = People(app.ids, rates, level, asked.seed, since)
            lines = {name: Line(name, people) for name in ADDRESS if name not in STAFF_CHANNELS}
            with place(app, since, until, of, lines) as there:
                publish(there, asked.text, journey.journey, others, since)
                _live(there, people, since, until, tell)
                return measure.counted(there, journey.journey, since, asked)

        counted = once("likely", ALL, lambda at, share: tell(at, share * 0.7))
        of = ALL if counted.heard <= FEW else SAMPLE
        likely = counted if of == ALL else once("likely", of, lambda at, s: tell(at, 0.7 + s * 0.1))
        low = once("low", of, lambda at, share: tell(at, 0.8 + share * 0.1))
        high = once("high", of, lambda at, share: tell(at, 0.9 + share * 0.1))
    ranges = [_range(name, counted, likely, (low, high)) for name in
              ("cost_minor", "staff_minutes", "friends")]  # fmt: skip
    del seen
    return Told(
        journey.journey, asked.since, asked.until, app.brand.currency, counted, *ranges,
        rates=rates, ranges_of=of / ALL, seconds=time.perf_counter() - began,
    )  # fmt: skip


def _possible(days: int, until: datetime, now: datetime) -> None:
    if days < 1 or days > MOST_DAYS:
        raise Refused(
            Sentence(
                f"A dry run takes 1 to {MOST_DAYS} days; these are {days}.",
                f"试跑的时段为 1 到 {MOST_DAYS} 天；这里是 {days} 天。",
            )
        )
    if until > now + timedelta(days=1):
        raise Refused(
            Sentence(
                "A dry run hears again what has happened: its last day can't lie ahead.",
                "试跑是把发生过的事重演一遍：最后一天不能在将来。",
            )
        )


def _live(app: Apart, people: People, since: datetime, until: datetime, tell: Tell) -> None:
    """From one due time to the next, never in steps shorter than the grid."""
    lock = app.db.try_lock(LOCK)
    if lock is None:
        raise Refused(Sentence("A dry run is under way.", "正在进行一次试跑。"))
    with lock:
        heard = [at for at, _ in app.db.fetch(SQL.facts)]
        place_ = 0
        now = since
        while now < until:
            app.hands.set(now)
            if place_ < len(heard) and heard[place_] <= now:
                with app.db.transaction() as conn:
                    conn.execute(SQL.tell, {"at": heard[place_], "ours": OURS})
                place_ += 1
            people.act(app.db, now)
            ticked = tick(app, now, applier=lock, without=WITHOUT)
            if not tell(now, (now - since) / (until - since)):
                raise Cancelled
            upcoming = [at for at in (next_at(ticked.times, now), people.next_at()) if at]
            upcoming += heard[place_ : place_ + 1]
            now = _on_grid(min(upcoming, default=until), now)


def _on_grid(at: datetime, now: datetime) -> datetime:
    """The first step that is not before then, and after now."""
    grid = GRID.total_seconds()
    steps = -(-max(at, now + GRID / 2).timestamp() // grid)
    return datetime.fromtimestamp(steps * grid, UTC)


def _range(name: str, whole: Counted, likely: Counted, ends: Sequence[Counted]) -> Range:
    """Around what was counted of everybody, as wide as it is for those of the sample."""
    here = getattr(whole, name)
    of = getattr(likely, name)
    low, high = (round(here * getattr(one, name) / of) if of else here for one in ends)
    return Range(min(low, here), here, max(high, here))
