"""Stopping an installation: its processes and its embedded database."""

from __future__ import annotations

import os
from pathlib import Path

from siyu.app import stop_database
from siyu.cli.screen import Home, Json, answer, many, meant, say, spoken
from siyu.settings import default_home


def stop(home: Home = None, json: Json = False) -> None:
    """Stop all processes of this home. Its embedded database, too; data stays."""
    where: Path = meant(home) or default_home(os.environ)
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
