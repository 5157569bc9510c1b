"""One dry run: the period is heard again, step by step; then what came of it is counted."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

from siyu.app import App
from siyu.dryrun import measure
from siyu.dryrun.check import assumed
from siyu.dryrun.model import (
    COARSE,
    FEW,
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
from siyu.dryrun.place import SQL, Apart, Span, alone, install, place, publish, texts, what
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


def run(app: App, asked: Asked, tell: Tell, *, held: bool = False) -> Told:
    """Try a text on the brand's own days. `Cancelled` where `tell` says so. `held`: it is certain
    that no other one is under way."""
    began = time.perf_counter()
    since, until = period(app, asked.since, asked.until)
    with nullcontext() if held else alone(app):
        with app.db.transaction() as conn:
            name, codes = what(conn, asked)
            others = texts(conn)
            rates = measure.rates(conn, asked.rates, assumed(), since)

        def once(level: Level, of: int, grid: timedelta, begin: float, end: float) -> Counted:
            people = People(app.ids, rates, level, asked.seed, since, grid)
            lines = {name: Line(name, people) for name in ADDRESS if name not in STAFF_CHANNELS}
            span = Span(since, until, grid)
            with place(app, span, of, lines) as there:
                if asked.playbook is None:
                    publish(there, asked.text, name, others, since)
                else:
                    install(there, asked.playbook, others, since)
                _live(there, people, span, lambda at, far: tell(at, begin + far * (end - begin)))
                return measure.together([measure.counted(there, code, since, asked)
                                         for code in codes], codes)  # fmt: skip

        counted = once("likely", ALL, asked.grid, 0, 0.7 if asked.ranges else 1)
        many = max(counted.heard, counted.entered)
        of = 0 if not asked.ranges else ALL if many <= FEW else SAMPLE
        levels: tuple[Level, ...] = ("low", "likely", "high") if of else ()
        ends = [
            once(level, of, COARSE, 0.7 + place_ / 10, 0.8 + place_ / 10)
            for place_, level in enumerate(levels)
        ]
    return Told(
        name, asked.since, asked.until, app.brand.currency, counted,
        *(_range(name, counted, ends) for name in ("cost_minor", "staff_minutes", "friends")),
        rates=rates, ranges_of=of / ALL, grid=asked.grid, seconds=time.perf_counter() - began,
    )  # fmt: skip


def period(app: App, first: date, last: date) -> tuple[datetime, datetime]:
    """When these days begin and end by the brand's clocks; Refused where they can't be tried."""
    place_of = zone(app.brand.time_zone)
    if last > app.clock.now().astimezone(place_of).date():
        raise Refused(
            Sentence(
                "A dry run hears again what has happened: its last day can't lie ahead.",
                "试跑是把发生过的事重演一遍：最后一天不能在将来。",
            )
        )
    days = (last - first).days + 1
    if days < 1 or days > MOST_DAYS:
        raise Refused(
            Sentence(
                f"A dry run takes 1 to {MOST_DAYS} days; these are {days}.",
                f"试跑的时段为 1 到 {MOST_DAYS} 天；这里是 {days} 天。",
            )
        )
    since, until = (
        datetime.combine(day, clock_time(), place_of).astimezone(UTC)
        for day in (first, last + timedelta(days=1))
    )
    return since, until


def _live(app: Apart, people: People, span: Span, tell: Tell) -> None:
    """From one due time to the next, never in steps shorter than the grid."""
    lock = app.db.try_lock(LOCK)
    if lock is None:
        raise Refused(Sentence("A dry run is under way.", "正在进行一次试跑。"))
    with lock:
        heard = deque(at for at, _ in app.db.fetch(SQL.facts))
        now, last = span.since, span.until - timedelta(seconds=1)
        while True:
            app.hands.set(now)
            if heard and heard[0] <= now:
                with app.db.transaction() as conn:
                    conn.execute(SQL.tell, {"at": heard.popleft(), "ours": OURS})
            people.act(app.db, now)
            ticked = tick(app, now, applier=lock, without=WITHOUT)
            _all_taken(app)
            if not tell(now, (now - span.since) / (span.until - span.since)):
                raise Cancelled
            if now >= last:
                return
            upcoming = [at for at in (next_at(ticked.times, now), people.next_at()) if at]
            upcoming += [heard[0]] if heard else []
            ahead = _on_grid(min(upcoming, default=last), now, span.grid.total_seconds())
            now = min(ahead, last)


def _all_taken(app: Apart) -> None:
    """Refused where an answer could not be applied: every figure after it would be too small."""
    for kind, why in app.db.fetch(SQL.not_taken, {"ours": OURS}):
        raise Refused(
            Sentence(
                f"The dry run can't go on: {kind} could not be applied. {why}",
                f"试跑无法继续：{kind} 未能处理。{why}",
            )
        )


def _on_grid(at: datetime, now: datetime, grid: float) -> datetime:
    """The first step that is not before then, and after now."""
    steps = -(-max(at.timestamp(), now.timestamp() + grid / 2) // grid)
    return datetime.fromtimestamp(steps * grid, UTC)


def _range(name: str, whole: Counted, ends: Sequence[Counted]) -> Range:
    """Around what was counted of everybody, as wide as it is for those of whom it was worked out:
    at low rates, at likely ones, at high ones."""
    here = int(getattr(whole, name))
    if not ends:
        return Range(here, here, here)
    low, likely, high = (int(getattr(one, name)) for one in ends)
    if not likely:
        return Range(min(here, low), here, max(here, high))
    found = sorted((round(here * low / likely), here, round(here * high / likely)))
    return Range(*found)
