"""`siyu segment layers`: the bands of a report as segments."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from siyu.analytics.views.asked import Home as AskedHome
from siyu.analytics.views.asked import cut
from siyu.api.layers import asked, kept
from siyu.cli.screen import By, Home, Json, answer, me, opened, say, spoken, table, tongue
from siyu.kernel.sentence import Sentence

OUTCOMES = {
    "new": "新增", "changed": "新版本", "same": "未变", "left": "保留原样",
}  # fmt: skip


def bands(
    bands: Annotated[
        Literal["quantile", "fixed"], typer.Option(help="Fifths of the customers, or the limits.")
    ] = "quantile",
    as_of: Annotated[str, typer.Option(help="Cut as of this day; default: today.")] = "",
    days: Annotated[str, typer.Option(help="By orders of so many days; default: 3650.")] = "",
    recency: Annotated[str, typer.Option(help="Of fixed bands: days, like 30,90,180,365.")] = "",
    frequency: Annotated[str, typer.Option(help="Of fixed bands: orders, like 2,3,5,10.")] = "",
    money: Annotated[str, typer.Option(help="Of fixed bands: like 100,300,1000,3000.")] = "",
    currency: Annotated[str, typer.Option(help="Default: the brand's.")] = "",
    *,
    over: Annotated[
        bool, typer.Option("--over", help="Also what somebody has edited or retired.")
    ] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Keep the bands of `siyu report rfm` as segments, with the limits of that day. Again: a
    version more of each; one that somebody has edited stays."""
    said = {
        "bands": bands, "as_of": as_of, "days": days, "recency": recency, "frequency": frequency,
        "money": money, "currency": currency,
    }  # fmt: skip
    with spoken(json=json), opened(home) as siyu:
        whole = AskedHome(siyu.db, siyu.keys, siyu.ids, siyu.brand, siyu.lake)
        of, found = cut(whole, asked(said), siyu.clock.now())
        told = kept(siyu, of, found, me(by), over=over)

        def show(_: object) -> None:
            heads = ("segment", "title", "people", "version", "")
            rows = [
                (one.code, getattr(one.title, tongue()), one.people, one.version,
                 Sentence(one.outcome, OUTCOMES[one.outcome]))
                for one in told.bands
            ]  # fmt: skip
            table(Sentence(f"Bands of {told.day}", f"{told.day} 的分层"), heads, rows)
            if any(one.outcome == "left" for one in told.bands):
                say(
                    Sentence(
                        "What is left as it was somebody has edited or retired: --over takes it,"
                        " too.",
                        "保留原样的是有人改过或停用的：--over 也会覆盖它们。",
                    )
                )

        answer(asdict(told), json=json, show=show)
