"""The stop button: nothing goes out until somebody resumes."""

from __future__ import annotations

from typing import Annotated

import typer

from siyu.cli.screen import By, Home, Json, answer, many, me, opened, say, spoken
from siyu.outbox import actions, views

What = Annotated[
    str, typer.Argument(help="all, channel:NAME (channel:sms) or journey:NAME.", metavar="[WHAT]")
]


def pause(what: What = "all", by: By = "", home: Home = None, json: Json = False) -> None:
    """Stop everything, a channel or a journey: nothing of it goes out until `siyu resume`.

    Calls and tasks that are with a provider or a person are asked back; again asks again.
    """
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            fresh = actions.pause(conn, what, me(by), app.clock.now())
            back = actions.recall(conn, what, app.clock.now())
            waiting, in_hand = views.waiting(conn, what), views.in_hand(conn, what)
            others = [one.scope for one in views.stops(conn) if one.scope != what]
        app.wake()
        words = "Paused" if fresh else "Was paused already"
        whose = "Nothing goes out" if what == "all" else f"Nothing of {what} goes out"
        answer(
            {
                "paused": True,
                "was_paused": not fresh,
                "owed": waiting,
                "asked_back": back,
                "in_hand": in_hand,
                "scope": what,
            },
            json=json,
            show=lambda _: say(
                f"{words}. {whose}; owed: {many(waiting, 'touch')}.{_asked(back, in_hand)}"
                f"{_more('Also', others)}"
            ),
        )


def resume(what: What = "all", by: By = "", home: Home = None, json: Json = False) -> None:
    """Go on. What is no longer true, or no longer in its hours, is not sent."""
    with spoken(json=json), opened(home) as app:
        with app.db.transaction() as conn:
            was = actions.resume(conn, what, me(by), app.clock.now())
            waiting = views.waiting(conn, what)
            others = [one.scope for one in views.stops(conn)]
        words = "Resumed" if was else "Was not paused"
        answer(
            {"paused": False, "was_paused": was, "owed": waiting, "scope": what},
            json=json,
            show=lambda _: say(f"{words}. Owed: {many(waiting, 'touch')}.{_more('Still', others)}"),
        )


def _asked(back: int, in_hand: int) -> str:
    said = f" Asked back: {back:,} under way." if back else ""
    return f"{said} Just being handed over: {in_hand:,}; pause again." if in_hand else said


def _more(word: str, others: list[str]) -> str:
    return f" {word} paused: {', '.join(others)}." if others else ""
