"""Warehouses: until when each can be told what goes in, the file that tells it, and what lies on
the shelf."""

from __future__ import annotations

from dataclasses import asdict
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from siyu.acquisition import views as acquisition
from siyu.api.stock import counted, gifts, stock_file
from siyu.api.warehouses import Due, houses, pick_file, picked
from siyu.cli.commerce import app as imports
from siyu.cli.rows import line_of
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    file_form,
    local,
    many,
    me,
    moment,
    opened,
    say,
    spoken,
    table,
    tongue,
)
from siyu.commerce import actions, views
from siyu.commerce.model import Warehouse
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.time import duration
from siyu.offers import actions as offers

WEEK = timedelta(days=7)
LOW = Sentence("low", "不足")
app = typer.Typer(no_args_is_help=True)
exports = typer.Typer(no_args_is_help=True)


@exports.callback()
def files() -> None:
    """Write files."""


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """Every warehouse with its figures."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        found, said = views.warehouses(conn), houses(siyu, conn)
    waiting = {one.code: one.waiting for one in said.warehouses}
    heads = ("code", "shops", "lag", "audit", "ship by", "margin", "planned by", "codes", "waiting")
    rows = [
        (
            one.code, " ".join(one.shops) or Sentence("all others", "其他全部"),
            str(one.download_lag),
            Sentence("at the hour", "按发货截止") if one.audit_delay is None
            else str(one.audit_delay),
            None if one.ship_cutoff is None else f"{one.ship_cutoff:%H:%M}", str(one.margin),
            Sentence("us", "我方") if one.plans else Sentence("itself", "仓库"),
            len(one.items), waiting[one.code],
        )
        for one in found
    ]  # fmt: skip
    answer(
        asdict(said),
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
            made = next(one for one in houses(siyu, conn).warehouses if one.code == code)
    some = many(made.waiting, "planned parcel", "个已排包裹")
    say_set = Sentence(
        f"{code} is set; {some} keep their cut-off.", f"{code} 已设置；{some.zh}的截单时间不变。"
    )
    answer(asdict(made), json=json, show=lambda _: say(say_set))


@app.command("drop")
def drop(
    code: Annotated[str, typer.Argument(help="The warehouse.")],
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """It packs for no shop any more, from the next order on; what is planned stays. Audited."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        actions.drop_warehouse(conn, code, me(by), siyu.clock.now())
    said = Sentence(f"{code} packs for no shop any more.", f"{code} 不再为任何店铺发货。")
    answer({"dropped": code}, json=json, show=lambda _: say(said))


@app.command("stock")
def stock(home: Home = None, json: Json = False) -> None:
    """What is left of every gift, and what is promised."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        found = gifts(conn)
    heads = ("sku", "on hand", "reserved", "promised", "owed", "")
    rows = [
        (one.sku, one.on_hand, one.reserved, one.promised, one.owed, LOW if one.low else "")
        for one in found
    ]
    answer(
        {"gifts": [asdict(one) for one in found]},
        json=json,
        show=lambda _: table("Gifts", heads, rows),
    )


@app.command("count")
def count(
    sku: Annotated[str, typer.Argument(help="The gift.")],
    on_hand: Annotated[int, typer.Argument(help="How many lie there, set aside ones included.")],
    was: Annotated[
        int | None, typer.Option(help="What you saw before; another number by now is refused.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; goes into the audit log.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Set how many of a gift were counted; audited."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        held = {one.sku: one.on_hand for one in gifts(conn)}.get(sku)
        before = held if was is None else was
        offers.count_stock(conn, sku, on_hand, before, me(by), reason, siyu.clock.now())
        (found,) = (one for one in gifts(conn) if one.sku == sku)
    said = Sentence(f"{on_hand:,} of {sku}; {held} before.", f"{sku}：{on_hand:,}；原为 {held}。")
    answer(asdict(found), json=json, show=lambda _: say(said))


@app.command("due")
def due(
    since: Annotated[
        str, typer.Option(help="Parcels cut off from then on; default: in the last seven days.")
    ] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """What each warehouse is to be told next; nothing is put on a list by asking."""
    with spoken(json=json), opened(home) as siyu:
        begin = moment(since) if since else siyu.clock.now() - WEEK
        with siyu.db.transaction() as conn:
            found = [Due(*one) for one in acquisition.pick_due(conn, begin)]
        zone = local(siyu)
    heads = ("warehouse", "gifts", "cards", "frozen from", "until")
    rows = [
        (one.warehouse, one.gifts, one.cards, one.frozen_from, one.frozen_until) for one in found
    ]
    answer(
        {"since": begin, "due": [asdict(one) for one in found]},
        json=json,
        show=lambda _: table("To be told", heads, rows, zone),
    )


def _span(text: str) -> timedelta:
    try:
        return duration(text)
    except ValueError as error:
        raise BadInput(wording(error)) from None


def _hour(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(
            Sentence(
                f"{text!r} is no hour; write it like 16:00", f"{text!r} 不是时间；请写成 16:00 这样"
            )
        ) from None


def _pair(text: str) -> tuple[str, str]:
    ours, _, theirs = text.partition("=")
    if not ours or not theirs:
        raise BadInput(
            Sentence(
                f"{text!r} names no code; write it like OURS=THEIRS",
                f"{text!r} 没有写明编码；请写成 我方编码=对方编码",
            )
        )
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
        form, who, start = file_form(file), me(by), moment(since) if since else None
        with siyu.db.transaction() as conn:
            made = again or picked(siyu, conn, warehouse, start, who).id
            found, written = pick_file(siyu, conn, made, form, who if again else "")
        file.write_bytes(written)
    lines = found.gifts + found.cards
    parcels = many(lines, "parcel", "个包裹")
    words = Sentence(
        f"List {made} for {found.warehouse}: {parcels} ({found.gifts:,} gifts,"
        f" {found.cards:,} cards) in {file}.",
        f"{found.warehouse} 的清单 {made}：{parcels.zh}（赠品 {found.gifts:,}，"
        f"卡片 {found.cards:,}），已写入 {file}。",
    )
    said = {"written": str(file), "list": made, "gifts": found.gifts, "cards": found.cards}
    answer(
        said,
        json=json,
        show=lambda _: say(words),
    )


@exports.command("stock")
def stock_out(
    file: Annotated[Path, typer.Argument(help="Where it goes: a name ending in .csv or .xlsx.")],
    home: Home = None,
    json: Json = False,
) -> None:
    """Write the gifts with a column to fill in: `siyu import stock` takes what was counted."""
    with spoken(json=json), opened(home) as siyu:
        language = "zh" if siyu.brand.locale == "zh" else "en"
        with siyu.db.transaction() as conn:
            content = stock_file(conn, file_form(file), language)
        file.write_bytes(content)
    said = Sentence(f"Fill in and bring in: {file}.", f"请填写后导入：{file}。")
    answer({"written": str(file)}, json=json, show=lambda _: say(said))


@imports.command("stock")
def stock_in(
    file: Annotated[Path, typer.Argument(help="CSV or Excel with `sku` and `counted`.")],
    dry: Annotated[bool, typer.Option("--dry", help="Only say what it would change.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Take what was counted on the shelf; audited. A row without a count is passed over."""
    with spoken(json=json), opened(home) as siyu:
        found = counted(siyu, file, me(by), tongue(), dry=dry)
    rows = [(one.sku, one.was, one.on_hand) for one in found.changes]

    def show(_: object) -> None:
        table("Would change" if dry else "Changed", ("sku", "was", "counted"), rows)
        say(
            Sentence(
                f"{found.same:,} agree, {found.blank:,} say none.",
                f"{found.same:,} 行一致，{found.blank:,} 行没有填。",
            )
        )
        for one in found.refused:
            say(line_of(one))

    answer(asdict(found), json=json, show=show)


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
    heads = (
        "list", "warehouse", "since", "made", "by", "gifts", "cards", "frozen from", "until",
    )  # fmt: skip
    answer(
        {"lists": [one._asdict() for one in found]},
        json=json,
        show=lambda _: table("Lists", heads, [tuple(one) for one in found], zone),
    )
