"""`siyu doctor`: what is wrong with an installation, in words. It looks, and changes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import typer

from siyu.app import PREDICATES, App, check_connectors, home_problems, open_app
from siyu.cli.screen import Home, Json, answer, local, many, meant, say
from siyu.events import views as events
from siyu.journeys import views as journeys
from siyu.kernel.errors import BadSettings, SiyuError
from siyu.kernel.money import show
from siyu.kernel.sql import Conn
from siyu.lake import files
from siyu.lake.spark import missing
from siyu.ledger import views as ledger
from siyu.ledger.model import Spending
from siyu.outbox import views as touches
from siyu.settings import Settings, default_home, load
from siyu.worker import status as work

LATE = 4  # times that a worker has not brought the lake up to date
OLD_ONES = " What runs keeps the settings that it has."


class Check(NamedTuple):
    """One thing that was looked at, and what was found, in words."""

    what: str
    well: bool
    words: str


def doctor(home: Home = None, json: Json = False) -> None:
    """Say in words what is wrong here. Exit code 1 if something is."""
    checks = diagnose(meant(home) or default_home(os.environ))
    found = {
        "python": sys.version.split()[0],
        "well": all(check.well for check in checks),
        "checks": [check._asdict() for check in checks],
    }

    def show(_: object) -> None:
        for check in checks:
            say(f"{'✓' if check.well else '✗'} {check.what}: {check.words}")
        say()
        say("All is well." if found["well"] else "Something is wrong; see the lines marked ✗.")

    answer(found, json=json, show=show)
    if not found["well"]:
        raise typer.Exit(1)


def diagnose(home: Path) -> list[Check]:
    """Look at home, settings, connectors, database, brand, queue and sending."""
    problems = [Check("home", False, str(problem)) for problem in home_problems(home)]
    checks = problems or [Check("home", True, f"{home} can be used")]
    if home.is_file():
        return checks
    try:
        settings = load(keep=False, home=home)
    except BadSettings as error:
        return [*checks, Check("settings", False, f"{error}{OLD_ONES}")]
    checks.append(Check("settings", True, "every name is known and every value can be used"))
    try:
        check_connectors(settings)
    except BadSettings as error:
        checks.append(Check("channels", False, f"{error}{OLD_ONES}"))
        settings = replace(settings, connectors={})  # the rest is looked at all the same
    if not settings.database_url:
        if problems:
            return checks
        if not (home / "pg").exists():
            return [*checks, Check("database", True, "not begun yet; the first command begins it")]
    inside = _database(settings, {check.what for check in checks if not check.well})
    told = {check.what for check in inside}
    return [*(check for check in checks if check.what not in told), *inside]


def _database(settings: Settings, known: set[str]) -> list[Check]:
    try:
        with open_app(settings) as app:
            inside = [Check("database", True, "answers and is up to date"), *_inside(app)]
    except BadSettings as error:
        return [Check("settings", False, str(error))]
    except SiyuError as error:
        return [Check("database", False, str(error))]
    return [check for check in inside if check.what not in known]


def _inside(app: App) -> list[Check]:
    with app.db.transaction() as conn:
        parked = len(events.parked(conn))
        waiting = events.backlog(conn)
        stops = touches.stops(conn)
        unreadable = journeys.unreadable(conn, PREDICATES)
        working = _work(app, conn)
        costs = ledger.spendings(conn, app.clock.now()) if _brand(app).well else []
        lake = _lake(app, conn)
    sending = "goes out as it is ruled"
    if stops:
        sending = "; ".join(_stopped(app, stop) for stop in stops)
    return [
        _brand(app),
        Check("events", not parked, f"{waiting} waiting, {parked} parked (siyu events parked)"),
        Check("journeys", not unreadable, _journeys(unreadable)),
        _channels(app),
        _texts(app),
        _budgets(app, costs),
        Check("sending", not stops, sending),
        working,
        lake,
    ]


def _budgets(app: App, costs: Sequence[Spending]) -> Check:
    """Playbooks that nobody new comes into, since what they may cost is spent."""
    words = [
        f"{one.playbook} has spent {show(one.spent_minor, one.currency)} and lets nobody in since"
        f" {one.short_since.astimezone(local(app)):%Y-%m-%d %H:%M}"
        f" (siyu playbook budget {one.playbook} AMOUNT)"
        for one in costs
        if one.short_since is not None
    ]
    if not words:
        return Check("budgets", True, f"{many(len(costs), 'playbook')} with one, none used up")
    return Check("budgets", False, "; ".join(words))


def _work(app: App, conn: Conn) -> Check:
    """Who works; what has been due for too long, and what only fails. A demo may lie still."""
    real = app.clock.real()
    alive = sum(one.alive for one in work.workers(conn, real))
    try:
        waited = work.lags(conn, app.channels, app.clock.now())
    except SiyuError as error:
        return Check("work", False, str(error))
    late = {sweep: lag for sweep, lag in waited.items() if lag > work.STUCK.total_seconds()}
    words = [f"{many(alive, 'worker')} (siyu workers)" if alive else "nobody works: siyu serve"]
    words += [f"{sweep} is late by {_span(lag)}" for sweep, lag in late.items()]
    failing = [one for one in work.lately(conn, real) if one.fails] if alive else []
    words += [f"{one.sweep} fails: {one.last_error}" for one in failing]
    return Check(
        "work", not failing and not (late and (alive or not app.virtual)), "; ".join(words)
    )


def _lake(app: App, conn: Conn) -> Check:
    """How fresh it is; whether those who should bring it up to date do."""
    known, every = files.read(app.settings.home / "lake"), app.settings.lake_every
    if app.settings.lake_engine == "spark" and (why := missing()) is not None:
        return Check("lake", False, why)
    if known.read_at is None:
        return Check("lake", True, "not written yet; the first report over years writes it")
    since, age = events.head(conn) - known.seq, (app.clock.now() - known.read_at).total_seconds()
    words = f"{many(since, 'fact')} behind, {_span(age)} old"
    kept = any(one.alive for one in work.workers(conn, app.clock.real())) and not app.virtual
    late = kept and since > 0 and every > 0 and age > LATE * 60 * every
    return Check("lake", not late, f"{words}: no worker's sync has come to its end" * late or words)


def _span(seconds: float) -> str:
    return many(round(seconds / 60), "minute") if seconds < 7200 else f"{seconds / 3600:,.0f} hours"


def _brand(app: App) -> Check:
    try:
        brand = app.brand
    except SiyuError as error:
        return Check("brand", False, str(error))
    return Check("brand", True, f"{brand.name}, {brand.time_zone}, {brand.currency}")


def _stopped(app: App, stop: touches.Stop) -> str:
    what = "" if stop.scope == "all" else f"{stop.scope} "
    since = f"{stop.since.astimezone(local(app)):%Y-%m-%d %H:%M}"
    again = f"siyu resume {what}".rstrip()
    return f"{what}paused since {since} by {stop.by}; {again} goes on"


def _journeys(unreadable: list[str]) -> str:
    if unreadable:
        names = ", ".join(unreadable)
        return (
            f"{names}: this release can't read the text; publish it anew. Nobody enters till then"
        )
    return "all that are published can be read"


def _texts(app: App) -> Check:
    """What vendors would refuse, before anything is sent."""
    wrong = [f"{one.what}: {one.why} ({name})" for name, one in app.connections.texts()]
    return Check("texts", not wrong, "; ".join(wrong) or "nothing is known against any of them")


def _channels(app: App) -> Check:
    if app.wired.connected:
        return Check("channels", True, f"connected: {', '.join(sorted(app.wired.connected))}")
    if app.virtual:
        words = "a sandbox: its provider is gone, or serves in the window where `siyu demo` runs"
        return Check("channels", True, words)
    return Check("channels", False, "none: set SIYU_WEBHOOK_URL and its secret")
