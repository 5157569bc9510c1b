"""Codes and links that lead to us, and the group chats that some lead into."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from siyu.api.groups import listed
from siyu.api.ways import dropped, made, shown
from siyu.app import Shift, WayIn, WayKind
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, say, spoken, table
from siyu.kernel.sentence import Sentence

app = typer.Typer(no_args_is_help=True)
Kind = Annotated[WayKind, typer.Argument(help="code: a QR code; link; group: a code into groups.")]
State = Annotated[str, typer.Argument(help="What comes back with whoever uses it: a batch's name.")]


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """Every code and link: who is behind it now, how many friends came by it."""
    with spoken(json=json), opened(home) as siyu:
        found = shown(siyu, siyu.connections.ways() or [])
        heads = (
            "kind",
            "state",
            "title",
            "behind",
            "friends",
            "30 days",
            "clicks",
            "added",
            "where",
        )
        rows = [
            (one.kind, one.state, one.title, ", ".join(one.behind or one.groups), one.friends,
             one.lately, one.clicks, one.added, "gone" if one.gone else one.url or one.picture)
            for one in found
        ]  # fmt: skip

        def show(_: object) -> None:
            table("Codes and links", heads, rows, local(siyu))

        answer({"ways": [asdict(one) for one in found]}, json=json, show=show)


@app.command("make")
def make(
    kind: Kind,
    state: State,
    *,
    title: Annotated[str, typer.Option(help="What it is called.")] = "",
    staff: Annotated[
        list[str] | None,
        typer.Option(
            help="Who takes new friends: 'a,b' at all hours, or 'a,b mon-fri 09:00-18:00' in these"
            " of China's time; may be repeated. Left out: those of the settings."
        ),
    ] = None,
    instead: Annotated[
        str, typer.Option(help="Who stands in while none of them is at work: 'c,d'.")
    ] = "",
    per_day: Annotated[
        int,
        typer.Option(min=0, help="With so many new friends today somebody steps back; 0: as set."),
    ] = 0,
    group: Annotated[
        list[str] | None, typer.Option(help="A group chat that it leads into; may be repeated.")
    ] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Make a code or a link, or change who is behind the one that there is."""
    shifts = tuple(_shift(one) for one in staff or ())
    way = WayIn(kind, state, title, shifts, _codes(instead), per_day, tuple(group or ()))
    with spoken(json=json), opened(home) as siyu:
        found = shown(siyu, [made(siyu, way, me(by))])[0]
        words = ", ".join(found.behind or found.groups)
        where = found.url or found.picture
        said = Sentence(f"{state} leads to {words}: {where}", f"{state} 通向 {words}：{where}")
        answer(asdict(found), json=json, show=lambda _: say(said))


@app.command("drop")
def drop(kind: Kind, state: State, by: By = "", home: Home = None, json: Json = False) -> None:
    """Give one back: whoever uses it gets nowhere."""
    with spoken(json=json), opened(home) as siyu:
        done = dropped(siyu, kind, state, me(by))
        words = Sentence(f"There is no {kind} of {state}.", f"没有 {state} 的 {kind}。")
        if done:
            words = Sentence(f"{state} leads nowhere now.", f"{state} 不再通向任何地方。")
        answer({"dropped": done}, json=json, show=lambda _: say(words))


def groups(
    after: Annotated[str, typer.Option(help="Behind this one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 200,
    home: Home = None,
    json: Json = False,
) -> None:
    """Group chats: customers in them, friends among these, who came and went in 30 days."""
    with spoken(json=json), opened(home) as siyu:
        found = listed(siyu, after, limit)
        heads = ("chat", "title", "owner", "of us", "customers", "friends", "joined", "left")
        rows = [tuple(asdict(one).values()) for one in found]

        def show(_: object) -> None:
            table("Group chats", heads, rows, local(siyu))

        answer({"groups": [asdict(one) for one in found]}, json=json, show=show)


def _shift(text: str) -> Shift:
    staff, _, hours = text.strip().partition(" ")
    return Shift(_codes(staff), hours.strip())


def _codes(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (one.strip() for one in text.split(","))))
