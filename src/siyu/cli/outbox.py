"""The stop button: nothing goes out until somebody resumes."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from siyu.cli.screen import Home, Json, answer, many, opened, say, spoken
from siyu.outbox import actions, views

By = Annotated[str, typer.Option(help="Who does it; default: the account you are.")]


def _me(by: str) -> str:
    try:
        return by or getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def pause(by: By = "", home: Home = None, json: Json = False) -> None:
    """Stop everything: nothing more goes out. What is owed stays owed until `siyu resume`."""
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            fresh = actions.pause(conn, "all", _me(by), app.clock.now())
            waiting = views.waiting(conn)
        words = "Paused" if fresh else "Was paused already"
        answer(
            {"paused": True, "was_paused": not fresh, "owed": waiting},
            json=json,
            show=lambda _: say(f"{words}. Nothing goes out; owed: {many(waiting, 'touch')}."),
        )


def resume(home: Home = None, json: Json = False) -> None:
    """Go on. What is no longer true, or no longer in its hours, is not sent."""
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            was = actions.resume(conn, "all")
            waiting = views.waiting(conn)
        words = "Resumed" if was else "Was not paused"
        answer(
            {"paused": False, "was_paused": was, "owed": waiting},
            json=json,
            show=lambda _: say(f"{words}. Owed: {many(waiting, 'touch')}."),
        )
