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
from siyu.cli.late import Where, late

COMMANDS = {
    "demo": Where(
        "sandbox", "demo", "Play a shop's orders through the cascade on a virtual clock, then serve"
    ),
    "serve": Where("serve", "serve", "Serve the API and work."),
    "worker": Where("serve", "work", "Work without an API"),
    "workers": Where("serve", "show_workers", "Who works on this database"),
    "doctor": Where("doctor", "doctor", "Say in words what is wrong here."),
    "stop": Where("db", "stop", "Stop all processes of this home."),
    "explain": Where("customers", "explain", "Explain how one customer was treated."),
    "brief": Where("brief", "brief", "The morning's brief to head office"),
    "find": Where("customers", "find", "Find customers by something known."),
    "reveal": Where("customers", "reveal", "Show phone, name and staff's remarks in clear."),
    "pause": Where("outbox", "pause", "Stop everything, a channel or a journey"),
    "resume": Where("outbox", "resume", "Go on."),
    "groups": Where("groups", "app", "Group chats: list, plans, set, fill, odd, days, calendar."),
    "connect": Where("connect", "connect", "Connect a vendor"),
    "version": Where("version", "version", "Print the version."),
    "budget": Where("budget", "app", "The rules of contact: show, set."),
    "import": Where("warehouses", "imports", "Bring in files: orders, shipped parcels, counts."),
    "export": Where("warehouses", "exports", "Write files: what to pack, stock."),
    "complaint": Where("complaints", "app", "Complaints: open, settle, show, list."),
    "customer": Where("identities", "app", "Customers: merge, split, history, consent."),
    "journey": Where(
        "lifecycle", "app", "Journeys: list, check, test, dry-run, publish, enrol, waves."
    ),
    "match": Where("matches", "app", "Friends and buyers to be matched: list, confirm, refuse."),
    "material": Where("materials", "app", "Materials: list, import, review, preview, words."),
    "moments": Where("moments", "app", "Moments: write, list, cancel; they disturb nobody."),
    "offers": Where("offers", "app", "Offers: what is left, what is owed, codes of coupons."),
    "goal": Where("overview", "app", "What the pool is worked for: show, set."),
    "playbook": Where("playbooks", "app", "Playbooks: list, show, start, stop, check, install."),
    "report": Where("figures", "app", "Reports: what happened, what it cost and brought."),
    "lake": Where("lake", "app", "The facts as files, for figures over years: sync."),
    "prices": Where("prices", "app", "The price list: list, set, import, reprice, tool."),
    "costs": Where("prices", "costs", "What goods cost: list, import, share."),
    "goods": Where("goods", "app", "Goods in shops and stores: list, import, stock, invitations."),
    "commerce": Where("credit", "app", "To whom of us orders are credited: credit."),
    "payment": Where("payments", "app", "What customers are asked to pay in chats: ask, list."),
    "ledger": Where("ledger", "app", "The ledger: check."),
    "staff": Where(
        "traffic", "app", "Staff: list, add, take in, phone, hours, capacity, leaves, traffic."
    ),
    "account": Where(
        "accounts", "app", "Who may sign in to the console: list, add, password, off."
    ),
    "lists": Where("lists", "app", "Lists of people as files: look, import, undo, export."),
    "reveals": Where("reveals", "app", "Masked phones to look up: list, export, import."),
    "tag": Where("tags", "app", "Tags by rule: rules; tags that wait: waiting."),
    "task": Where("tasks", "app", "Work for people: list, next, done, reassign, rules."),
    "segment": Where("segments", "app", "Sets of customers: set, count, members, explain, export."),
    "webhook": Where("subscribers", "app", "Who is told of facts: add, list, test."),
    "warehouse": Where("warehouses", "app", "Warehouses: list, set, stock, count, due."),
    "ways": Where("ways", "app", "Codes and links that lead to us: list, make, drop."),
    "advise": Where("advice", "advise", "Is it time, and what to start"),
    "events": Where("events", "app", "Parked events: list, replay."),
    "page": Where("pages", "app", "The brand's own pages: list, set, show, retire, link, answers."),
    "slots": Where("slots", "app", "Bookings in stores: list, set, day, keep, miss."),
}

app = typer.Typer(
    name="siyu",
    cls=late(COMMANDS),
    help="Siyu 私域: paid orders in, friends made, every touch explained.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback(help=app.info.help)
def siyu(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    """What every command has before it."""


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
