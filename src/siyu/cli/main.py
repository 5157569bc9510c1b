"""`siyu`: the commands, each in the file of its room."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType
from typing import Annotated

import structlog
import typer

from siyu import __version__
from siyu.cli import (
    accounts,
    budget,
    colleagues,
    commerce,
    connect,
    customers,
    db,
    doctor,
    dryrun,
    events,
    figures,
    goods,
    identities,
    lake,
    ledger,
    lifecycle,
    lists,
    matches,
    moments,
    outbox,
    overview,
    playbooks,
    prices,
    reports,
    reveals,
    sandbox,
    segments,
    serve,
    subscribers,
    tasks,
    trials,
    visits,
    warehouses,
    ways,
)
from siyu.cli.screen import Json, answer, say

app = typer.Typer(
    name="siyu",
    help="Siyu 私域: paid orders in, friends made, every touch explained.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(sandbox.demo)
app.command("serve")(serve.serve)
app.command("worker")(serve.work)
app.command("workers")(serve.show_workers)
app.command("doctor")(doctor.doctor)
app.command("stop")(db.stop)
app.command("explain")(customers.explain)
app.command("brief")(reports.brief)
app.command("find")(customers.find)
app.command("reveal")(customers.reveal)
app.command("pause")(outbox.pause)
app.command("resume")(outbox.resume)
app.add_typer(budget.app, name="budget", help="The rules of contact: show, set.")
commerce.app.command("stock")(warehouses.stock_in)
app.add_typer(commerce.app, name="import", help="Bring in files: orders, shipped parcels, counts.")
app.add_typer(warehouses.exports, name="export", help="Write files: what to pack, stock.")
identities.app.command("consent")(customers.consent)
app.add_typer(identities.app, name="customer", help="Customers: merge, split, history, consent.")
lifecycle.app.command("test")(trials.send_test)
lifecycle.app.command("enrol")(visits.enrol)
lifecycle.app.command("parked")(visits.parked)
lifecycle.app.command("dry-run")(dryrun.dry_run)
app.add_typer(
    lifecycle.app,
    name="journey",
    help="Journeys: list, check, test, dry-run, publish, enrol, migrate.",
)
app.add_typer(
    matches.app, name="match", help="Friends and buyers to be matched: list, confirm, refuse."
)
app.add_typer(
    moments.app, name="moments", help="Moments: write, list, cancel; they disturb nobody."
)
app.add_typer(overview.app, name="goal", help="What the pool is worked for: show, set.")
app.add_typer(playbooks.app, name="playbook", help="Playbooks: list, install.")
figures.under(reports.app)
app.add_typer(reports.app, name="report", help="Reports: cascade, cost, totals, cohorts, value.")
app.add_typer(lake.app, name="lake", help="The facts as files, for figures over years: sync.")
prices.under(app)
app.add_typer(goods.app, name="goods", help="Goods in shops and warehouses: list, import.")
app.add_typer(ledger.app, name="ledger", help="The ledger: check.")
app.add_typer(
    colleagues.app, name="staff", help="Staff: list, add, take in, phone, hours, capacity, leaves."
)
app.add_typer(
    accounts.app, name="account", help="Who may sign in to the console: list, add, password, off."
)
app.add_typer(lists.app, name="lists", help="Lists of people as files: look, import, undo, export.")
app.add_typer(reveals.app, name="reveals", help="Masked phones to look up: list, export, import.")
app.add_typer(tasks.app, name="task", help="Work for people: list, next, done, reassign, rules.")
app.add_typer(
    segments.app, name="segment", help="Sets of customers: set, count, members, explain, export."
)
app.add_typer(subscribers.app, name="webhook", help="Who is told of facts: add, list, test.")
app.add_typer(
    warehouses.app,
    name="warehouse",
    help="Warehouses: list, set, stock, count, due.",
)
app.add_typer(ways.app, name="ways", help="Codes and links that lead to us: list, make, drop.")
app.command("groups")(ways.groups)
app.command("connect")(connect.connect)
app.add_typer(events.app, name="events", help="Parked events: list, replay.")


def _version(asked: bool) -> None:
    if asked:
        say(__version__)
        raise typer.Exit


@app.callback(help=app.info.help)
def siyu(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    """What every command has before it."""


@app.command("version")
def version(json: Json = False) -> None:
    """Print the version."""
    answer({"version": __version__}, json=json, show=lambda _: say(__version__))


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(143)


def logs_aside() -> None:
    """Logs go to standard error, wherever that is: standard output is for answers."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def main() -> None:
    """The entry point. SIGTERM ends a command in order, so that the database is left well."""
    signal.signal(signal.SIGTERM, _leave)
    logs_aside()
    app()
