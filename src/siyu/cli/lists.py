"""Lists of people as files: tags, names, and who is not to be contacted; in and out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siyu.api.lists import sheet, shown, undone
from siyu.api.people_lists import COLUMNS, Wanted, looked, taken
from siyu.app import catch_up
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    file_form,
    local,
    many,
    me,
    one_of,
    opened,
    private,
    say,
    spoken,
    table,
    tongue,
)
from siyu.customers import views
from siyu.customers.model import ListKind
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

app = typer.Typer(no_args_is_help=True)
As = Annotated[str, typer.Option("--as", help="tags, blacklist or names.")]
Tag = Annotated[str, typer.Option(help="The tag of all of them; for tags, a column may say it.")]
File = Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030), .xlsx or .xls.")]
Read = Annotated[
    list[str] | None,
    typer.Option(
        help="FIELD=COLUMN where a column's name alone does not tell what it is; repeat for more."
    ),
]


@app.command("look")
def look(
    file: File,
    kind: As,
    tag: Tag = "",
    read: Read = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Show how a list is read and what it would say; nothing of it is told."""
    with spoken(json=json), opened(home) as siyu:
        found = looked(siyu, file, _wanted(kind, tag, read), tongue())

    def show(_: object) -> None:
        columns = [(one.name, one.field, " · ".join(one.samples)) for one in found.columns]
        table("Columns", ("column", "read as", "samples"), columns)
        rows = many(found.rows, "row", "行")
        say(
            Sentence(
                f"{rows}: {found.here:,} of people who are here"
                f" ({found.known:,} carry the tag already), {found.fresh:,} who become known,"
                f" {found.refused:,} can't be used.",
                f"{rows.zh}：{found.here:,} 行是已有的人（{found.known:,} 人已有该标签），"
                f"{found.fresh:,} 行是新认识的人，{found.refused:,} 行不能用。",
            )
        )
        for one in found.reasons:
            some = many(one.rows, "row", "行")
            say(Sentence(f"{some}: {one.field}: {one.why}", f"{some.zh}：{one.field}：{one.why}"))
        if found.missing:
            listed = ", ".join(found.missing)
            say(
                Sentence(
                    f"No column says: {listed}; say which with --read FIELD=COLUMN.",
                    f"没有列说明：{listed}；请用 --read 字段=列名 指定。",
                )
            )

    answer(asdict(found), json=json, show=show)


@app.command("import")
def bring(  # noqa: PLR0917 - typer passes them by name
    file: File,
    kind: As,
    tag: Tag = "",
    read: Read = None,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait",
            help="Keep tags of people who are not here yet until they appear, instead of making"
            " them known.",
        ),
    ] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Bring a list in. Each row names one person: by phone, external user id, member number, or
    shop and order number. What can't be used goes to FILE.rejects.csv."""
    with spoken(json=json), opened(home) as siyu:
        wanted = _wanted(kind, tag, read)._replace(wait=wait)
        found, rejects = taken(siyu, file, wanted, file.name, me(by), tongue())
        catch_up(siyu)

    def show(_: object) -> None:
        say(
            Sentence(
                f"{found.taken:,} rows taken, {found.known:,} were taken before.",
                f"收入 {found.taken:,} 行，{found.known:,} 行此前已收。",
            )
        )
        if found.waiting:
            tags = many(found.waiting, "tag", "个标签")
            say(
                Sentence(
                    f"{tags} of them wait for people who are not here yet.",
                    f"其中 {tags.zh}等待尚未出现的人。",
                )
            )
        if rejects:
            some = f"{len(found.refused):,}"
            say(
                Sentence(
                    f"{some} rows could not be used; why: {rejects}",
                    f"{some} 行不能用；原因见：{rejects}",
                )
            )
        say(Sentence(f"The list is {found.id}.", f"名单编号 {found.id}。"))

    answer(asdict(found) | {"rejects": str(rejects or "")}, json=json, show=show)


@app.command("list")
def listing(
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most so many.")] = 50,
    home: Home = None,
    json: Json = False,
) -> None:
    """The lists that came in, the latest first."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = [shown(siyu, one) for one in views.people_lists(conn, limit=limit)]
        zone = local(siyu)
    heads = ("list", "as", "tag", "file", "taken", "refused", "by", "at", "taken back")
    rows = [
        (
            one.id, one.kind, one.tag, one.file, one.taken, one.refused, one.begun_by, one.begun_at,
            one.undone_at,
        )
        for one in found
    ]  # fmt: skip
    answer(
        {"lists": [asdict(one) for one in found]},
        json=json,
        show=lambda _: table("Lists", heads, rows, zone),
    )


@app.command("undo")
def undo(
    lists: Annotated[str, typer.Argument(metavar="LIST", help="The list, lst_….")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Take back the tags that a list has set; audited. Who had the tag before keeps it."""
    with spoken(json=json), opened(home) as siyu:
        back = undone(siyu, lists, me(by))
        catch_up(siyu)
    tags = many(back, "tag", "个标签")
    said = Sentence(f"{tags} taken back.", f"已撤回 {tags.zh}。")
    answer({"taken_back": back}, json=json, show=lambda _: say(said))


@app.command("export")
def export(  # noqa: PLR0917 - typer passes them by name
    kind: As,
    out: Annotated[Path, typer.Option(help="Where it goes (.csv or .xlsx); readable by you only.")],
    reason: Annotated[str, typer.Option(help="What it is for; goes into the audit log.")],
    tag: Tag = "",
    phones: Annotated[bool, typer.Option("--phones", help="Phones in clear.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Write who is on a list; audited, with how many and why. Phones are masked by default."""
    with spoken(json=json), opened(home) as siyu:
        wanted, form = _wanted(kind, tag, None), file_form(out)
        with siyu.db.transaction() as conn:
            content, rows = sheet(siyu, conn, wanted, form, me(by), reason, phones=phones)
        private(out)
        out.write_bytes(content)
    said = {"written": str(out), "rows": rows}
    told = many(rows, "row", "行")
    answer(said, json=json, show=lambda _: say(Sentence(f"{told}: {out}", f"{told.zh}：{out}")))


def _wanted(kind: str, tag: str, read: list[str] | None) -> Wanted:
    known: ListKind = one_of(kind, ListKind, Sentence("--as", "--as"))
    pairs: dict[str, str] = {}
    for one in read or ():
        field, equals, column = one.partition("=")
        if field not in COLUMNS or not equals:
            listed = ", ".join(COLUMNS)
            raise BadInput(
                Sentence(
                    f"{one!r} is not FIELD=COLUMN; fields are {listed}.",
                    f"{one!r} 不是 字段=列名；字段有 {listed}。",
                )
            )
        pairs[field] = column
    return Wanted(known, tag, pairs)
