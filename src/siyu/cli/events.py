"""The inbox: what is parked and why, and trying it again."""

from __future__ import annotations

import typer

from siyu.cli.screen import Home, Json, answer, local, many, opened, say, spoken, table
from siyu.events import actions, views

app = typer.Typer(no_args_is_help=True)


@app.command("parked")
def parked(home: Home = None, json: Json = False) -> None:
    """Events whose apply failed, with the error. Nothing else waits for them."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            rows = views.parked(conn)
        found = [
            {
                "id": siyu.ids.encode("evt", row.id),
                "kind": row.kind,
                "source": row.source,
                "error": row.error,
                "parked_at": row.parked_at,
            }
            for row in rows
        ]

        def show(_: object) -> None:
            if not found:
                say("Nothing is parked.")
                return
            heads = ["parked_at", "id", "kind", "source", "error"]
            rows = [[one[head] for head in heads] for one in found]
            table("Parked events", ["since", *heads[1:]], rows, local(siyu))

        answer({"parked": found}, json=json, show=show)


@app.command("replay")
def replay(home: Home = None, json: Json = False) -> None:
    """Put every parked event back into the queue; the worker applies it."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            count = actions.replay(conn, None)
        words = f"{many(count, 'event')} in the queue again; `siyu serve` applies what is there."
        answer({"replayed": count}, json=json, show=lambda _: say(words))
