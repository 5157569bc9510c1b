"""When stores have visitors, so that work which may wait is done in their quiet hours."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siyu.api.traffic import listed, take
from siyu.cli.colleagues import app
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    local,
    many,
    me,
    opened,
    say,
    spoken,
    table,
    tongue,
)
from siyu.staff.model import WEEKDAYS

traffic = typer.Typer(no_args_is_help=True)
app.add_typer(traffic, name="traffic", help="Visitors of stores by weekday and hour: show, import.")
KNOWN = {"file": "a file", "orders": "the hours of its orders", "nothing": "nobody"}


@traffic.command("show")
def show(
    store: Annotated[str, typer.Argument(help="Only this store's; else every one's.")] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Visitors by weekday and hour, by whom they are known, and which hours are quiet."""
    with spoken(json=json), opened(home) as siyu:
        found = listed(siyu, store)

        def shown(_: object) -> None:
            for one in found:
                say(f"{one.store}: told by {KNOWN[one.known]}, {one.average} in an average hour")
                rows = [
                    [WEEKDAYS[hour.weekday - 1], f"{hour.hour}:00", hour.visitors,
                     "quiet" if hour.quiet else ""]
                    for hour in one.hours
                ]  # fmt: skip
                if rows:
                    table(one.name, ["day", "hour", "visitors", ""], rows, local(siyu))
                else:
                    say("  Quiet is taken to be every hour but Saturday and Sunday afternoon.")
            if not found:
                say("There is no such store." if store else "There are no stores.")

        answer({"stores": [asdict(one) for one in found]}, json=json, show=shown)


@traffic.command("import")
def bring(
    file: Annotated[Path, typer.Argument(help="CSV or Excel: store, weekday, hour, visitors.")],
    *,
    dry: Annotated[bool, typer.Option("--dry", help="Only say what it would change.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Say when stores have visitors; lines that can't be used are named, the rest is taken."""
    with spoken(json=json), opened(home) as siyu:
        found = take(siyu, file, me(by), tongue(), dry=dry)

        def shown(_: object) -> None:
            would = "would be " if dry else ""
            say(f"{many(found.taken, 'hour')} of {many(found.stores, 'store')} {would}taken.")
            for one in found.refused:
                say(f"  line {one.line}, {one.field}: {one.why}")

        answer(asdict(found), json=json, show=shown)
