"""Lists of people as files: tags, names, and who is not to be contacted; in and out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siyu.api.lists import Kind, sheet, taken
from siyu.cli.screen import By, Home, Json, answer, me, one_of, opened, say, spoken
from siyu.kernel.sentence import language_of

app = typer.Typer(no_args_is_help=True)
As = Annotated[str, typer.Option("--as", help="tags, blacklist or names.")]
Tag = Annotated[str, typer.Option(help="The tag of all of them; for tags, a column may say it.")]


@app.command("import")
def bring(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030), .xlsx or .xls.")],
    kind: As,
    tag: Tag = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Bring a list in. Each row names one person: by phone, external user id, member number, or
    shop and order number. What can't be used goes to FILE.rejects.csv."""
    with spoken(json=json), opened(home) as siyu:
        wanted: Kind = one_of(kind, Kind, "--as")
        found, listed = taken(siyu, file, wanted, tag, me(by), "en")
        rejects = listed.write_rejects(
            {one.line: (one.field, one.why) for one in found.refused},
            language_of(siyu.brand.locale),
        )

    def show(_: object) -> None:
        say(f"{found.taken:,} rows taken, {found.known:,} were taken before.")
        if rejects:
            say(f"{len(found.refused):,} rows could not be used; why: {rejects}")

    answer(asdict(found) | {"rejects": str(rejects or "")}, json=json, show=show)


@app.command("export")
def export(
    kind: As,
    out: Annotated[Path, typer.Option(help="Where the file goes; readable by you only.")],
    tag: Tag = "",
    phones: Annotated[bool, typer.Option("--phones", help="Phones in clear.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Write who is on a list; audited, with how many. Phones are masked unless asked for."""
    with spoken(json=json), opened(home) as siyu:
        wanted: Kind = one_of(kind, Kind, "--as")
        with siyu.db.transaction() as conn:
            text, many = sheet(siyu, conn, wanted, tag, me(by), phones=phones)
        out.touch(mode=0o600)
        out.write_text(text, "utf-8-sig")
    said = {"written": str(out), "rows": many}
    answer(said, json=json, show=lambda _: say(f"{many:,} rows: {out}"))
