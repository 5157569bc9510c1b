"""Which sweeps run, and in which order, until nothing is due.

A tick asks every room when its next work is due and runs only the sweeps that have some, one after
the other: the sandbox ticks on its virtual clock. On the real one the same sweeps run in lanes
(lanes.py), which do not wait for one another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import NamedTuple

import structlog

from siyu.acquisition import sweep as acquisition
from siyu.app import PREDICATES, App
from siyu.budget import sweep as budget
from siyu.customers import actions as customers
from siyu.customers.actions import children
from siyu.events import sweep as events
from siyu.journeys import sweep as journeys
from siyu.journeys.actions.waking import looked_at
from siyu.journeys.sweep import entries
from siyu.kernel.sql import Conn, Db, load
from siyu.offers import actions as offers
from siyu.outbox import sweep as outbox
from siyu.pages import sweep as pages
from siyu.segments import sweep as segments
from siyu.subscribers import sweep as subscribers
from siyu.tagging import actions as tagging
from siyu.tasks import sweep as tasks
from siyu.worker import groups, posts, pulls

SQL = load(__package__ or "")
log = structlog.get_logger(__name__)

# Visits per batch: 2,000 cost 6 % less each, but the first of a batch waits for its last.
MOVES = 500
ROUNDS = 50  # a tick that still finds work after so many rounds goes on in the next one


Times = dict[str, datetime | None]


class Sweep(NamedTuple):
    """One batch of one kind of work; it answers how much.

    `after`: who usually makes it work, in a tick. `lane`: whom it may keep waiting, in a worker.
    """

    name: str
    run: Callable[[App, Db, datetime], int]
    after: str = ""
    lane: str = "house"


def _apply(app: App, db: Db, now: datetime) -> int:
    applied = events.apply(db, app.projections, now)
    pulls.heard(app, applied.kinds, now)
    return applied.claimed


def _members(app: App, db: Db, now: datetime) -> int:  # noqa: ARG001 - the form of every sweep
    return segments.recheck(db, PREDICATES, now, wake=looked_at)


def _enter(app: App, db: Db, now: datetime) -> int:
    return entries.enter(db, app.journeys, now)


def _journeys(app: App, db: Db, now: datetime) -> int:
    """What visits wish for is ruled before it is written: each touch is written once."""
    rule = partial(budget.rule_new, zone=app.context.zone, now=now)
    return journeys.sweep(db, app.journeys, now, limit=MOVES, rule=rule).claimed


def _budget(app: App, db: Db, now: datetime) -> int:
    with db.transaction() as conn:
        return budget.rule(conn, app.context.zone, now).claimed


def _freeze(app: App, db: Db, now: datetime) -> int:
    with db.transaction() as conn:
        return acquisition.freeze(conn, app.keys, app.ids, now).claimed


def _cancel(app: App, db: Db, now: datetime) -> int:
    return outbox.cancel(db, app.channels, app.context, now)


def _send(app: App, db: Db, now: datetime) -> int:
    return outbox.send(db, app.channels, app.context, now, app.clock.real()).claimed


def _reconcile(app: App, db: Db, now: datetime) -> int:
    return outbox.reconcile(db, app.channels, app.context, now)


def _lapse(app: App, db: Db, now: datetime) -> int:
    with db.transaction() as conn:
        missed = pages.missed(conn, app.ids, now)
        return missed + offers.lapse(conn, now)


def _expire(app: App, db: Db, now: datetime) -> int:  # noqa: ARG001 - the form of every sweep
    with db.transaction() as conn:
        gone = customers.expire(conn, now) + children.expire_health(conn, now)
        return gone + tagging.lapse(conn, now)


def _people(app: App, db: Db, now: datetime) -> int:
    with db.transaction() as conn:
        return tasks.leaves(conn, now, app.clock.real()) + tasks.escalate(conn, now)


def _tell(app: App, db: Db, now: datetime) -> int:
    """Only begins it: each subscriber is told in a thread of its own, and nobody waits."""
    begun = subscribers.sweep(db, app.telling, now, app.threads)
    for one in begun:
        one.add_done_callback(_failed)
    return len(begun)


def _trial(app: App, db: Db, now: datetime) -> int:
    return outbox.trial(db, app.channels, app.context, now)


def _pull(app: App, _: Db, now: datetime) -> int:
    return pulls.pull(app, now)


def _groups(app: App, _: Db, now: datetime) -> int:
    return groups.look(app, now)


def _posts(app: App, _: Db, now: datetime) -> int:
    return posts.say(app, now)


def _failed(telling: Future[int]) -> None:
    """What ends a telling early is said; after its lease somebody takes it up again."""
    if not telling.cancelled() and (error := telling.exception()) is not None:
        log.error("telling a subscriber failed", error=type(error).__name__)


# In this order within a round: what makes a friend is asked for and applied before anything is
# sent. A new sweep is a line here and a column of `due`; one that may be slow (a provider) gets a
# lane of its own.
SWEEPS = (
    Sweep("pull", _pull, lane="pull"),
    Sweep("apply", _apply, lane="apply"),
    Sweep("journeys", _journeys, "apply", lane="journeys"),
    Sweep("budget", _budget, lane="journeys"),
    Sweep("freeze", _freeze),
    Sweep("members", _members),
    Sweep("enter", _enter),
    Sweep("cancel", _cancel, lane="ask"),
    Sweep("send", _send, lane="send"),
    Sweep("reconcile", _reconcile, lane="ask"),
    Sweep("lapse", _lapse),
    Sweep("expire", _expire),
    Sweep("people", _people),
    Sweep("tell", _tell),
    Sweep("trial", _trial, lane="ask"),
    Sweep("groups", _groups, lane="ask"),
    Sweep("posts", _posts, lane="ask"),
)
NAMES = [sweep.name for sweep in SWEEPS]  # the columns of `due`, in its order


def due(db: Db | Conn, channels: Collection[str], pulls: Collection[str] = ()) -> Times:
    """When each sweep has work next on these channels and pulls; None: it waits for others."""
    (row,) = db.fetch(SQL.due, {"channels": sorted(channels), "pulls": sorted(pulls)})
    return dict(zip(NAMES, row, strict=True))


def due_pull(db: Db, pulls: Collection[str]) -> datetime | None:
    """`pull` of `due` alone."""
    return db.fetch(SQL.due_pull, {"pulls": sorted(pulls)})[0][0]


def ready(times: Times, now: datetime) -> set[str]:
    """The sweeps that have work by now."""
    return {name for name, at in times.items() if at is not None and at <= now}


def next_at(times: Times, now: datetime) -> datetime | None:
    """When the first work after now comes of itself."""
    return min((at for at in times.values() if at is not None and at > now), default=None)


def _told(app: App, times: Times, now: datetime) -> Times:
    """What is due where nobody made work since but through events and vendors' hints."""
    hints = {"pull": due_pull(app.db, app.pulls)} if app.pulls else {}
    return {**times, "apply": now, **hints}


class Ticked(NamedTuple):
    """How much each sweep did, and when there is work again."""

    did: Counter[str]
    times: Times


def tick(
    app: App,
    now: datetime,
    *,
    applier: Db | None = None,
    times: Times | None = None,
    without: Collection[str] = (),
) -> Ticked:
    """Run what is due until nothing is left.

    `applier` is the session that holds the applier's lock; without it nothing is applied here.
    `times` are those of the tick before, where nobody else can have made work but through events.
    A sweep that is due but does nothing (another worker holds its rows) is left for the next tick.
    """
    did: Counter[str] = Counter()
    idle = {*without} if applier is not None else {*without, "apply"}
    known = due(app.db, app.channels, app.pulls) if times is None else _told(app, times, now)
    for _ in range(ROUNDS):
        wanted = ready(known, now) - idle
        if not wanted:
            break
        worked: set[str] = set()
        for sweep in SWEEPS:
            if sweep.name in idle or not (sweep.name in wanted or sweep.after in worked):
                continue
            count = sweep.run(app, applier if applier and sweep.name == "apply" else app.db, now)
            did[sweep.name] += count
            if count:
                worked.add(sweep.name)
            elif sweep.name in wanted:
                idle.add(sweep.name)
        if not worked and times is not None:
            return Ticked(did, {**known, "apply": None})  # known: what round one has made counts
        known = due(app.db, app.channels, app.pulls)
    return Ticked(did, known)
