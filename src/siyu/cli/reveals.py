"""Phones to be looked up on a platform: the list, the file to fill in, what comes back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siyu.api.reveals import filled, sheet, wanted
from siyu.cli.rows import line_of
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    local,
    me,
    opened,
    private,
    say,
    spoken,
    table,
    tongue,
)
from siyu.kernel.sentence import Sentence

app = typer.Typer(no_args_is_help=True)
Staff = Annotated[str, typer.Option(help="Only what this person is to look up.")]


@app.command("list")
def listing(
    staff: Staff = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 100,
    home: Home = None,
    json: Json = False,
) -> None:
    """Orders whose buyers' phones somebody is to look up, the oldest first."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = wanted(siyu, conn, after=None, limit=limit, staff=staff)
        zone = local(siyu)
    heads = ("order_no", "shop", "seen", "until", "staff")
    rows = [(one.order_no, one.shop, one.phone_masked, one.until, one.staff) for one in found]

    def show(_: object) -> None:
        table("To look up", heads, rows, zone)
        for shop, page in sorted({(one.shop, one.page) for one in found}):
            say(Sentence(f"{shop}: {page}", f"{shop}：{page}"))

    answer({"reveals": [asdict(one) for one in found]}, json=json, show=show)


@app.command("export")
def export(
    out: Annotated[Path, typer.Option(help="Where the file goes; readable by you only.")] = Path(
        "reveals.csv"
    ),
    staff: Staff = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Write the list as a CSV with a column to fill in; audited."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            text = sheet(siyu, conn, "zh" if siyu.brand.locale == "zh" else "en", staff, me(by))
        private(out)
        out.write_text(text, "utf-8-sig")
    many = text.count("\n") - 1
    said = {"written": str(out), "orders": many}
    words = Sentence(f"{many:,} orders to look up: {out}", f"{many:,} 笔订单待查看：{out}")
    answer(said, json=json, show=lambda _: say(words))


@app.command("import")
def bring(
    file: Annotated[Path, typer.Argument(help="The file, filled in: CSV or Excel.")],
    sheet_name: Annotated[
        str | None, typer.Option("--sheet", help="The sheet of an Excel file; default: the first.")
    ] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Take what was looked up, matched by shop and order number; what can't be true is refused."""
    with spoken(json=json), opened(home) as siyu:
        found = filled(siyu, file, sheet_name, me(by), tongue())

    def show(_: object) -> None:
        say(
            Sentence(
                f"{found.matched:,} buyers known now, {found.known:,} were before,"
                f" {found.blank:,} rows without a phone.",
                f"新认识买家 {found.matched:,} 位，原已认识 {found.known:,} 位，"
                f"{found.blank:,} 行没有手机号。",
            )
        )
        for one in found.refused:
            say(line_of(one))

    answer(asdict(found), json=json, show=show)
