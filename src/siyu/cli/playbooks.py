"""Playbooks: which there are, installing one."""

from __future__ import annotations

from typing import Annotated

import typer

from siyu.app import PREDICATES
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, say, spoken, table
from siyu.playbooks import actions, views

WENT = ("who", "at", "material", "channel")

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """The playbooks that come with Siyu, and which are installed."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            installed = {one.code: one for one in views.installed(conn)}
        rows: list[dict[str, object]] = []
        for name in sorted({*actions.shipped(), *installed}):
            about = actions.read(name, lenient=True).manifest if name in actions.shipped() else None
            at = installed[name].installed_at if name in installed else None
            rows.append(
                {"playbook": name, "title": about.title.en if about else "", "installed": at}
            )
        answer(
            {"playbooks": rows},
            json=json,
            show=lambda _: table(
                "Playbooks",
                ["playbook", "title", "installed"],
                [list(row.values()) for row in rows],
                local(siyu),
            ),
        )


@app.command("install")
def install(
    name: Annotated[str, typer.Argument(help="The name of a shipped playbook, or a folder.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Install or update a playbook: its journeys are published, its texts and offers made known."""
    with spoken(json=json), opened(home, brings=True) as siyu:
        playbook = actions.read(name, None, siyu.brand.currency)
        with siyu.db.transaction() as conn:
            journeys = actions.install(
                conn,
                playbook,
                siyu.brand.currency,
                PREDICATES,
                siyu.clock.now(),
                me(by),
                keys=siyu.keys,
            )
        code = playbook.manifest.playbook
        words = f"{code} is installed; journeys: {', '.join(journeys) or 'none'}."
        wrong = [
            {"connector": name, "what": str(one.what), "why": str(one.why)}
            for name, one in siyu.connections.texts()
        ]

        def show(_: object) -> None:
            say(words)
            for one in wrong:
                say(f"✗ {one['what']}: {one['why']} ({one['connector']})")

        answer({"playbook": code, "journeys": journeys, "texts": wrong}, json=json, show=show)


@app.command("check")
def check(
    name: Annotated[str, typer.Argument(help="A folder, or the name of a shipped playbook.")],
    home: Home = None,
    json: Json = False,
) -> None:
    """Read all of a playbook, and play its stories by the production engine: nothing is sent, and
    nothing of it stays. What is wrong is said with its file and line."""
    from siyu.dryrun.story import play, refuse  # noqa: PLC0415 - the engine is loaded with it

    with spoken(json=json), opened(home) as siyu:
        results = play(siyu, actions.texts(name))
        stories = [
            {
                "story": one.story,
                "came_true": not one.misses,
                "went": [dict(zip(WENT, row, strict=True)) for row in one.went],
            }
            for one in results
        ]
        refuse(results)

        def show(_: object) -> None:
            for one in results:
                say(f"✓ {one.story}")
            say(f"{name} can be read; stories that came true: {len(results)}.")

        answer({"playbook": name, "stories": stories}, json=json, show=show)
