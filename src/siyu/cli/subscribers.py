"""Who is told of facts by signed webhooks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from siyu.app import App
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, say, spoken, table
from siyu.kernel.errors import NotFound
from siyu.subscribers import actions, views
from siyu.subscribers.decide import words
from siyu.subscribers.model import PREFIX, Subscriber
from siyu.subscribers.sweep import probe

app = typer.Typer(no_args_is_help=True)
Who = Annotated[str, typer.Argument(help="The subscriber: sub_…, as `siyu webhook list` shows it.")]
ALL = 1000


def _number(siyu: App, subscriber: str) -> int:
    found = siyu.ids.decode(PREFIX, subscriber)
    if found is None:
        raise NotFound("This is no subscriber; `siyu webhook list` shows them, each like sub_…")
    return found


def _shown(siyu: App, one: Subscriber) -> dict[str, Any]:
    return {
        "id": siyu.ids.encode(PREFIX, one.id),
        "url": one.url,
        "kinds": list(one.kinds),
        "active": one.active,
        "stopped_why": one.stopped_why,
        "told_at": one.told_at,
        "failures": one.failures,
        "failing_since": one.failing_since,
        "error": one.error,
    }


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="An https address of yours.")],
    kind: Annotated[
        list[str] | None,
        typer.Option(help="A kind of event (docs/reference/events.md); again for more. None: all."),
    ] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Tell an address of what is applied from now on; prints the secret that signs it."""
    with spoken(json=json), opened(home) as siyu:
        private = siyu.settings.subscribers_private
        with siyu.db.transaction() as conn:
            found = actions.add(
                conn, url, tuple(kind or ()), me(by), siyu.clock.now(), private=private
            )
            shown = _shown(siyu, views.get(conn, found))
        shown["secret"] = siyu.subscriber_secret(found)

        def show(_: object) -> None:
            say(f"{shown['id']} is told of {', '.join(shown['kinds']) or 'every kind of event'}.")
            say(f"Its secret, which signs every body: {shown['secret']}")

        answer(shown, json=json, show=show)


@app.command("list")
def listed(home: Home = None, json: Json = False) -> None:
    """Every subscriber: what it is told, since when it fails, why it was stopped."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            rows = [_shown(siyu, one) for one in views.page(conn, 0, ALL)]

        def show(_: object) -> None:
            if not rows:
                say("Nobody is told; `siyu webhook add URL` adds a subscriber.")
                return
            heads = ["id", "url", "kinds", "state", "told_at", "error"]
            cells = [
                [
                    one["id"],
                    one["url"],
                    ", ".join(one["kinds"]) or "all",
                    one["stopped_why"] or ("failing" if one["failures"] else "active"),
                    one["told_at"],
                    one["error"],
                ]
                for one in rows
            ]
            table("Subscribers", heads, cells, local(siyu))

        answer({"subscribers": rows}, json=json, show=show)


@app.command("test")
def tried(subscriber: Who, home: Home = None, json: Json = False) -> None:
    """Post a signed body without events to it, now, and say what its door answered."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            row = views.get(conn, _number(siyu, subscriber))
        found = probe(siyu.telling, row)
        said = words(found)
        took = f"{row.url} took it (status {found.status})."
        answer(
            {"status": found.status, "error": said},
            json=json,
            show=lambda _: say(f"{row.url} {said}." if said else took),
        )
        if said:
            raise typer.Exit(1)


@app.command("resume")
def resume(subscriber: Who, by: By = "", home: Home = None, json: Json = False) -> None:
    """Tell it again after it was given up; what it missed comes first."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.resume(conn, _number(siyu, subscriber), me(by), siyu.clock.now())
        answer(
            {"id": subscriber, "active": True},
            json=json,
            show=lambda _: say(f"{subscriber} is told again; what it missed comes first."),
        )


@app.command("remove")
def remove(subscriber: Who, by: By = "", home: Home = None, json: Json = False) -> None:
    """Tell it nothing more, and forget it."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            actions.remove(conn, _number(siyu, subscriber), me(by), siyu.clock.now())
        answer(
            {"id": subscriber, "removed": True},
            json=json,
            show=lambda _: say(f"{subscriber} is told nothing any more."),
        )
