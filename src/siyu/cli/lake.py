"""`siyu lake`: the facts as Parquet files, brought up to date, rebuilt, looked at."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from siyu.cli.screen import Home, Json, answer, local, many, opened, say, spoken, table, tongue
from siyu.events import views as facts
from siyu.kernel.sentence import Sentence, within

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
        owners = many(found.owners, "owner", "个主体")
        rows, seq = many(sum(found.rows.values()), "row", "行"), f"{found.seq:,}"
        said = Sentence(
            f"{owners} written anew, {rows}; up to fact {seq}.",
            f"已重写 {owners.zh}，{rows.zh}；截至事实 {seq}。",
        )
        answer(
            {"folder": str(siyu.lake.folder), **found._asdict()},
            json=json,
            show=lambda _: say(said),
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
                say(
                    Sentence(
                        "The lake is empty: siyu lake sync fills it.",
                        "数据湖是空的：siyu lake sync 会填充它。",
                    )
                )
                return
            rows = [(name, one["files"], one["rows"]) for name, one in tables.items()]
            folder, seq = siyu.lake.folder, f"{manifest.seq:,}"
            title = Sentence(f"{folder}, up to fact {seq}", f"{folder}，截至事实 {seq}")
            table(title, ["table", "files", "rows"], rows)
            if manifest.read_at is not None:
                at = f"{manifest.read_at.astimezone(local(siyu)):%Y-%m-%d %H:%M}"
                came = many(since, "fact", "条事实")
                say(Sentence(f"As of {at}; {came} came since.", f"截至 {at}；此后新增 {came.zh}。"))

        answer(value, json=json, show=show)


def progress(name: str, done: int, of: int) -> None:
    """Long work says where it is, where somebody watches."""
    if sys.stderr.isatty():
        at = Sentence(f"lake: {name} ({done + 1} of {of})", f"数据湖：{name}（{done + 1} / {of}）")
        sys.stderr.write(f"\r{within(tongue(), at)}\033[K")
        sys.stderr.write("\r\033[K" if done + 1 == of else "")
