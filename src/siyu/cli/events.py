"""The inbox: what is parked and why, and trying it again."""

from __future__ import annotations

from dataclasses import asdict

import typer

from siyu.api.events import parked as all_parked
from siyu.api.events import put_back
from siyu.cli.codes import coded
from siyu.cli.screen import By, Home, Json, answer, local, many, me, opened, say, spoken, table
from siyu.kernel.sentence import Sentence

app = typer.Typer(no_args_is_help=True)


@app.command("parked")
def parked(home: Home = None, json: Json = False) -> None:
    """Events whose apply failed, with the error. Nothing else waits for them."""
    with spoken(json=json), opened(home) as siyu:
        found = asdict(all_parked(siyu))

        def show(_: object) -> None:
            if not found["parked"]:
                say(Sentence("Nothing is parked.", "没有搁置的事实。"))
                return
            heads = ["parked_at", "id", "kind", "source", "error"]
            rows = [
                [coded("event", one[head]) if head == "kind" else one[head] for head in heads]
                for one in found["parked"]
            ]
            table("Parked events", ["since", *heads[1:]], rows, local(siyu))

        answer(found, json=json, show=show)


@app.command("replay")
def replay(by: By = "", home: Home = None, json: Json = False) -> None:
    """Put every parked event back into the queue; the worker applies it. Audited."""
    with spoken(json=json), opened(home) as siyu:
        found = put_back(siyu, None, me(by))
        count = many(found.replayed, "event", "条事实")
        words = Sentence(
            f"{count} in the queue again; `siyu serve` applies what is there.",
            f"{count.zh}已放回队列；由 `siyu serve` 处理。",
        )
        answer(asdict(found), json=json, show=lambda _: say(words))
