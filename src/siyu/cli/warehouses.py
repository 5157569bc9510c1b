"""Warehouses: until when each can be told what goes in, and the file that tells it."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from siyu.acquisition import views as acquisition
from siyu.api.warehouses import pick_file, picked, served
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    local,
    many,
    me,
    moment,
    opened,
    say,
    spoken,
    table,
)
from siyu.commerce import actions, views
from siyu.commerce.model import Warehouse
from siyu.kernel.errors import BadInput
from siyu.kernel.sheet import Form
from siyu.kernel.time import duration

app = typer.Typer(no_args_is_help=True)
exports = typer.Typer(no_args_is_help=True)


@exports.callback()
def files() -> None:
    """Write files."""


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """Every warehouse with its figures."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        found = views.warehouses(conn)
    heads = ("code", "shops", "lag", "audit", "ship by", "margin", "planned by", "codes")
    rows = [
        (
            one.code, " ".join(one.shops) or "all others", str(one.download_lag),
            "at the hour" if one.audit_delay is None else str(one.audit_delay),
            None if one.ship_cutoff is None else f"{one.ship_cutoff:%H:%M}",
            str(one.margin), "us" if one.plans else "itself", len(one.items),
        )
        for one in found
    ]  # fmt: skip
    answer(
        {"warehouses": [served(one) for one in found]},
        json=json,
        show=lambda _: table("Warehouses", heads, rows),
    )


@app.command("set")
def put(
    code: Annotated[str, typer.Argument(help="The warehouse.")],
    shop: Annotated[
        list[str] | None,
        typer.Option(help="A shop that it serves; default: all that no other does."),
    ] = None,
    download_lag: Annotated[
        str, typer.Option(help="From payment until its system has the order.")
    ] = "15m",
    audit_delay: Annotated[
        str,
        typer.Option(help="From then until it is audited; empty: at the hour of --ship-cutoff."),
    ] = "",
    ship_cutoff: Annotated[
        str, typer.Option(help="HH:MM: what is there by then leaves on the same day.")
    ] = "",
    margin: Annotated[str, typer.Option(help="What our answer needs to get there.")] = "10m",
    item: Annotated[
        list[str] | None,
        typer.Option(help="OURS=THEIRS: its own code of a gift or a card; repeat for more."),
    ] = None,
    *,
    plans: Annotated[
        bool, typer.Option(help="Plan each order as a parcel; --no-plans: it tells plans itself.")
    ] = True,
    time_zone: Annotated[str, typer.Option(help="Of the hour; default: the brand's.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Say how long a warehouse leaves us to decide, from the next order on; audited.

    The cut-off is payment + lag + audit delay − margin, or the ship cut-off − margin if that comes
    first. What is planned already stays as it is.
    """
    with spoken(json=json), opened(home) as siyu:
        house = Warehouse(
            code, tuple(shop or ()), time_zone or siyu.brand.time_zone, _span(download_lag),
            _span(audit_delay) if audit_delay else None, _hour(ship_cutoff), _span(margin), plans,
            dict(_pair(one) for one in item or ()),
        )  # fmt: skip
        with siyu.db.transaction() as conn:
            actions.set_warehouse(conn, house, me(by), siyu.clock.now())
    answer(served(house), json=json, show=lambda _: say(f"{code} is set."))


def _span(text: str) -> timedelta:
    try:
        return duration(text)
    except ValueError as error:
        raise BadInput(str(error)) from None


def _hour(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"{text!r} is no hour; write it like 16:00") from None


def _pair(text: str) -> tuple[str, str]:
    ours, _, theirs = text.partition("=")
    if not ours or not theirs:
        raise BadInput(f"{text!r} names no code; write it like OURS=THEIRS")
    return ours, theirs


@exports.command("parcels")
def parcels(
    file: Annotated[Path, typer.Argument(help="Where it goes: a name ending in .csv or .xlsx.")],
    warehouse: Annotated[str, typer.Option(help="Which warehouse packs them.")],
    since: Annotated[
        str, typer.Option(help="Parcels cut off from then on; default: in the last seven days.")
    ] = "",
    again: Annotated[
        int, typer.Option(min=0, help="The number of a list: the same file again, nothing new.")
    ] = 0,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Write what parcels are to carry: each decided gift or card once. Counted and audited."""
    with spoken(json=json), opened(home) as siyu:
        form, who, start = _form(file), me(by), moment(since) if since else None
        with siyu.db.transaction() as conn:
            made = again or picked(siyu, conn, warehouse, start, who).id
            found, written = pick_file(siyu, conn, made, form, who if again else "")
        file.write_bytes(written)
    lines = found.gifts + found.cards
    said = {"written": str(file), "list": made, "gifts": found.gifts, "cards": found.cards}
    answer(
        said,
        json=json,
        show=lambda _: say(
            f"List {made} for {found.warehouse}: {many(lines, 'parcel')} ({found.gifts:,} gifts,"
            f" {found.cards:,} cards) in {file}."
        ),
    )


@exports.command("lists")
def lists(
    warehouse: Annotated[str, typer.Option(help="Only of this warehouse.")] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """The files that warehouses got, the latest first."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = acquisition.pick_lists(conn, warehouse)
        zone = local(siyu)
    heads = ("list", "warehouse", "since", "made", "by", "gifts", "cards")
    answer(
        {"lists": [one._asdict() for one in found]},
        json=json,
        show=lambda _: table("Lists", heads, [tuple(one) for one in found], zone),
    )


def _form(file: Path) -> Form:
    form = file.suffix.lower()
    if form == ".csv":
        return "csv"
    if form == ".xlsx":
        return "xlsx"
    raise BadInput(f"{file.name} must end in .csv or .xlsx")
