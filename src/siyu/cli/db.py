"""The installation: what is wrong with it, in words; and stopping its database."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import typer

from siyu.app import diagnose, stop_database
from siyu.cli.screen import Home, Json, answer, many, say, spoken
from siyu.settings import default_home


def doctor(home: Home = None, json: Json = False) -> None:
    """Say in words what is wrong here. Exit code 1 if something is."""
    checks = diagnose(home or default_home(os.environ))
    found = {
        "python": sys.version.split()[0],
        "well": all(check.well for check in checks),
        "checks": [{"what": c.what, "well": c.well, "words": c.words} for c in checks],
    }

    def show(_: object) -> None:
        for check in checks:
            say(f"{'✓' if check.well else '✗'} {check.what}: {check.words}")
        say()
        say("All is well." if found["well"] else "Something is wrong; see the lines marked ✗.")

    answer(found, json=json, show=show)
    if not found["well"]:
        raise typer.Exit(1)


def stop(home: Home = None, json: Json = False) -> None:
    """Stop all processes of this home. Its embedded database, too; data stays."""
    where: Path = home or default_home(os.environ)
    with spoken(json=json):
        stopped = stop_database(where)
    found = {"home": str(where), "clients": stopped.clients, "server": stopped.server}

    def show(_: object) -> None:
        if not stopped.server and not stopped.clients:
            say(f"Nothing was running in {where}.")
        else:
            said = f"{many(stopped.clients, 'process')} ended"
            say(f"Stopped: {said}, the database is {'down' if stopped.server else 'as it was'}.")

    answer(found, json=json, show=show)
