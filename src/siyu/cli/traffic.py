"""When stores have visitors, so that work which may wait is done in their quiet hours."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from siyu.api.traffic import listed, take
from siyu.cli.codes import coded
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
from siyu.kernel.sentence import Sentence
from siyu.staff.model import WEEKDAYS

traffic = typer.Typer(no_args_is_help=True)
app.add_typer(traffic, name="traffic", help="Visitors of stores by weekday and hour: show, import.")
KNOWN = {
    "file": Sentence("a file", "文件"),
    "orders": Sentence("the hours of its orders", "订单时段"),
    "nothing": Sentence("nobody", "无"),
}
QUIET = Sentence("quiet", "空闲")
NO_STORE = Sentence("There is no such store.", "没有这个门店。")
NO_STORES = Sentence("There are no stores.", "还没有门店。")


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
                by = KNOWN[one.known]
                say(
                    Sentence(
                        f"{one.store}: told by {by}, {one.average} in an average hour",
                        f"{one.store}：依据{by.zh}，平均每小时 {one.average} 人",
                    )
                )
                rows = [
                    [coded("weekday", WEEKDAYS[hour.weekday - 1]), f"{hour.hour}:00",
                     hour.visitors, QUIET if hour.quiet else ""]
                    for hour in one.hours
                ]  # fmt: skip
                if rows:
                    table(one.name, ["day", "hour", "visitors", ""], rows, local(siyu))
                else:
                    say(
                        Sentence(
                            "  Quiet is taken to be every hour but Saturday and Sunday afternoon.",
                            "  除周六、周日下午外，都按空闲时段算。",
                        )
                    )
            if not found:
                say(NO_STORE if store else NO_STORES)

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
            hours = many(found.taken, "hour", "个时段")
            stores = many(found.stores, "store", "家门店")
            took = Sentence(f"{hours} of {stores} taken.", f"已导入 {stores.zh}的 {hours.zh}。")
            if dry:
                took = Sentence(
                    f"{hours} of {stores} would be taken.", f"将导入 {stores.zh}的 {hours.zh}。"
                )
            say(took)
            for one in found.refused:
                say(
                    Sentence(
                        f"  line {one.line}, {one.field}: {one.why}",
                        f"  第 {one.line} 行，{one.field}：{one.why}",
                    )
                )

        answer(asdict(found), json=json, show=shown)
