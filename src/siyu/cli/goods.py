"""`siyu goods`: what lies in shops and warehouses, as counted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siyu.api.goods import COLUMNS, NEEDED, goods_file
from siyu.api.prices import today
from siyu.cli.reports import day_of
from siyu.cli.rows import set_aside, tell
from siyu.cli.screen import By, Home, Json, answer, many, me, opened, say, spoken, table
from siyu.commerce import actions, views

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """The last count of each place. `siyu report store` says how often stock is turned over."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        found = views.held(conn)
    value = {"places": [{**one._asdict(), "day": str(one.day)} for one in found]}

    def show(_: object) -> None:
        if not found:
            say("No goods have been counted yet; siyu goods import FILE brings a count in.")
            return
        heads = ("place", "counted on", "skus", "pieces", "counts so far")
        table("Goods", heads, [(one.place, str(one.day), *one[2:]) for one in found])

    answer(value, json=json, show=show)


@app.command("import")
def goods_import(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030), .xlsx or .xls.")],
    place: Annotated[
        str, typer.Option(help="The shop or warehouse of rows that don't name theirs.")
    ] = "",
    day: Annotated[
        str, typer.Option(metavar="DATE", help="Of rows that don't say theirs; left out: today.")
    ] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Bring in a count of goods: sku, pieces, and as you like place and day. What no file of a day
    names, the place had none of. Rows that can't be used are named, and go to FILE.rejects.csv:
    mend them there and bring that file in."""
    with spoken(json=json), opened(home) as siyu:
        now = today(siyu)
        found, refused = goods_file(file, place, day_of(day, "--day") or now, now, "en")
        with siyu.db.transaction() as conn:
            counts = actions.count_goods(conn, found, me(by), siyu.clock.now(), file.name)
        aside = set_aside(file, COLUMNS, NEEDED, refused)
    value = {"rows": len(found), "counts": counts, **aside}

    def show(_: object) -> None:
        say(f"{many(len(found), 'row')} read: {many(counts, 'count')} of a place and day.")
        tell(refused, aside)

    answer(value, json=json, show=show)
