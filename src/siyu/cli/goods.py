"""`siyu goods`: what lies in shops and warehouses, as counted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from siyu.api.goods import COLUMNS, NEEDED, goods_file
from siyu.api.prices import today
from siyu.api.sizes import Standing, listed, row
from siyu.cli.codes import coded, yes
from siyu.cli.reports import day_of
from siyu.cli.rows import set_aside, tell
from siyu.cli.screen import By, Home, Json, answer, many, me, opened, say, spoken, table, tongue
from siyu.commerce import actions, views
from siyu.commerce.model.sizes import Size
from siyu.kernel.sentence import Sentence
from siyu.segments.predicates.stock import FEW_SIZES

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def listing(home: Home = None, json: Json = False) -> None:
    """The last count of each place. `siyu report store` says how often stock is turned over."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        found = views.held(conn)
    value = {"places": [{**one._asdict(), "day": str(one.day)} for one in found]}

    def show(_: object) -> None:
        if not found:
            say(
                Sentence(
                    "No goods have been counted yet; siyu goods import FILE brings a count in.",
                    "还没有盘点过货品；siyu goods import FILE 导入盘点。",
                )
            )
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
    """Bring in a count of goods: sku, pieces, and as you like place and day; style and size, title
    and discontinued. What no file of a day names, the place had none of. Rows that can't be used
    are named, and go to FILE.rejects.csv: mend them there and bring that file in."""
    with spoken(json=json), opened(home) as siyu:
        now = today(siyu)
        told = siyu.clock.now()
        found = goods_file(file, place, day_of(day, "--day") or now, told, now, tongue())
        with siyu.db.transaction() as conn:
            counts = actions.count_goods(
                conn, found.counts, me(by), told, file.name, found.variants
            )
        aside = set_aside(file, COLUMNS, NEEDED, found.refused)
    value = {"rows": len(found.counts), "counts": counts, "sizes": len(found.variants), **aside}

    def show(_: object) -> None:
        rows, counted = many(len(found.counts), "row", "行"), many(counts, "count", "次盘点")
        say(
            Sentence(
                f"{rows} read: {counted} of a place and day.",
                f"已读取 {rows.zh}：按地点和日期共 {counted.zh}。",
            )
        )
        tell(found.refused, aside)

    answer(value, json=json, show=show)


Few = Annotated[int, typer.Option(min=1, max=50, help="So many sizes left are broken sizes.")]


@app.command("stock")
def stock(
    by: Annotated[Literal["size", "style"], typer.Option(help="A line for each.")] = "size",
    place: Annotated[str, typer.Option(help="Only this shop or warehouse.")] = "",
    style: Annotated[str, typer.Option(help="Only this style.")] = "",
    left_over: Annotated[
        bool, typer.Option("--left-over", help="Only discontinued styles and broken sizes.")
    ] = False,
    few: Few = FEW_SIZES,
    home: Home = None,
    json: Json = False,
) -> None:
    """What is left of styles in each size, by the last count of each place, and how many are
    invited to it."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        now = siyu.clock.now()
        found = views.sizes(conn, now, few=few, place=place, style=style, left_over=left_over)
    value = {"sizes": [row(one) for one in found]}

    def show(_: object) -> None:
        if not found:
            say(
                Sentence(
                    "No sizes are known; siyu goods import takes a file with style and size.",
                    "还没有尺码；siyu goods import 可导入带款式和尺码的文件。",
                )
            )
            return
        heads = (
            "style",
            "place",
            "size" if by == "size" else "sizes",
            "pieces",
            "sizes left",
            "left over",
            "invited",
        )
        lines = [_by_size(one) for one in found] if by == "size" else _by_style(found)
        table("Sizes", heads, lines)

    answer(value, json=json, show=show)


def _by_size(one: Size) -> tuple[object, ...]:
    left = yes(one.left_over) if one.left_over else ""
    return one.style, one.place, one.size, one.pieces, one.sizes_left, left, one.invited


def _by_style(found: list[Size]) -> list[tuple[object, ...]]:
    shelves: dict[tuple[str, str], list[Size]] = {}
    for one in found:
        shelves.setdefault((one.style, one.place), []).append(one)
    return [
        (
            *key,
            " ".join(one.size for one in some),
            sum(one.pieces for one in some),
            some[0].sizes_left,
            yes(True) if some[0].left_over else "",
            sum(one.invited for one in some),
        )
        for key, some in shelves.items()
    ]


@app.command("invitations")
def invited(
    state: Annotated[Standing | None, typer.Option(help="Only these.")] = None,
    style: Annotated[str, typer.Option(help="Only to this style.")] = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Who is invited to a left-over size, and who waits and why."""
    with spoken(json=json), opened(home) as siyu, siyu.db.transaction() as conn:
        found = listed(siyu, conn, state, style, 1000)

    def show(_: object) -> None:
        if not found.invitations:
            say(
                Sentence(
                    "Nobody is invited to a size, and nobody waits.",
                    "没有人收到断码邀请，也没有人在等。",
                )
            )
            return
        heads = ("customer", "is", "style", "size", "place", "rank", "why")
        lines = [
            (one.customer, coded("invitation", one.state), one.style, one.size, one.place,
             one.rank, WHY.get(one.reason, one.reason))
            for one in found.invitations
        ]  # fmt: skip
        table("Invitations", heads, lines)

    answer(found, json=json, show=show)


WHY = {
    "no_pieces": Sentence(
        "all pieces that fit are bound by invitations; decided again the next day",
        "合适的件数都已被邀请占用；第二天再决定",
    )
}
