"""`siyu lake`: the facts as Parquet files, brought up to date, rebuilt, looked at."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from siyu.cli.screen import Home, Json, answer, local, many, opened, say, spoken, table
from siyu.events import views as facts

app = typer.Typer(no_args_is_help=True)


@app.command("sync")
def sync(
    *,
    anew: Annotated[
        bool, typer.Option("--anew", help="Forget what is there, begin again.")
    ] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Write what has changed since the last time."""
    with spoken(json=json), opened(home) as siyu:
        found = siyu.lake.sync(anew=anew, tell=progress)
        answer(
            {"folder": str(siyu.lake.folder), **found._asdict()},
            json=json,
            show=lambda _: say(
                f"{many(found.owners, 'owner')} written anew, "
                f"{many(sum(found.rows.values()), 'row')}; up to fact {found.seq:,}."
            ),
        )


@app.command("status")
def status(home: Home = None, json: Json = False) -> None:
    """What is in it: rows and files of each table, up to which fact, and how many came since."""
    with spoken(json=json), opened(home) as siyu:
        manifest = siyu.lake.manifest()
        tables = {
            name: {"files": len(files), "rows": sum(one.rows for one in files)}
            for name, files in sorted(manifest.files.items())
        }
        with siyu.db.transaction() as conn:
            since = facts.head(conn) - manifest.seq
        value = {
            "folder": str(siyu.lake.folder),
            "seq": manifest.seq,
            "read_at": manifest.read_at,
            "facts_since": since,
            "every_minutes": siyu.settings.lake_every,
            "tables": tables,
        }

        def show(_: object) -> None:
            if not tables:
                say("The lake is empty: siyu lake sync fills it.")
                return
            rows = [(name, one["files"], one["rows"]) for name, one in tables.items()]
            table(
                f"{siyu.lake.folder}, up to fact {manifest.seq:,}", ["table", "files", "rows"], rows
            )
            if manifest.read_at is not None:
                at = manifest.read_at.astimezone(local(siyu))
                say(f"As of {at:%Y-%m-%d %H:%M}; {many(since, 'fact')} came since.")

        answer(value, json=json, show=show)


def progress(name: str, done: int, of: int) -> None:
    """Long work says where it is, where somebody watches."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\rlake: {name} ({done + 1} of {of})\033[K")
        sys.stderr.write("\r\033[K" if done + 1 == of else "")
