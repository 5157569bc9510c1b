"""Who is past the repurchase cycle, as a segment with the cycles of today."""

from __future__ import annotations

from typing import Annotated

import typer

from siyu.analytics.decide.cycles import Span, segment, told
from siyu.analytics.views.asked import Home as AskedHome
from siyu.analytics.views.asked import cycles as known
from siyu.app import PREDICATES
from siyu.cli.screen import By, Home, Json, answer, me, opened, say, spoken, table
from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone
from siyu.segments import actions


def cycles(
    code: Annotated[str, typer.Argument(help="The segment to write.")] = "lapsed-cycle",
    at_least: Annotated[str, typer.Option(help="Lapsed from so many cycles on.")] = "1.00",
    at_most: Annotated[str, typer.Option(help="And up to so many.")] = "2.00",
    older_than: Annotated[str, typer.Option(help="Of a category without a cycle: from.")] = "91d",
    within: Annotated[str, typer.Option(help="And up to.")] = "183d",
    *,
    over: Annotated[
        bool, typer.Option("--over", help="Also one that somebody has written or retired.")
    ] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Keep who is past the repurchase cycle of what they bought last as a segment, with your own
    cycles of today. Again: a version more."""
    span = Span(at_least, at_most, older_than, within)
    with spoken(json=json), opened(home) as siyu:
        now = siyu.clock.now()
        whole = AskedHome(siyu.db, siyu.keys, siyu.ids, siyu.brand, siyu.lake)
        found = told(known(whole, now))
        text = segment(code, now.astimezone(zone(siyu.brand.time_zone)).date(), found, span)
        with siyu.db.transaction() as conn:
            (outcome,) = actions.cut(
                conn, {code: text}, PREDICATES, me(by), now, over=over
            ).values()
        siyu.wake()

        def show(_: object) -> None:
            table(
                Sentence(f"Cycles in {code}", f"{code} 中的复购周期"),
                ("category", "days"),
                list(found.days.items()),
            )
            say(
                Sentence(
                    f"{found.thin:,} with too few repurchases: by {older_than} to {within}.",
                    f"{found.thin:,} 个品类复购太少：按 {older_than} 至 {within}。",
                )
            )
            if outcome == "left":
                say(
                    Sentence(
                        f"{code} was written by somebody: --over replaces it.",
                        f"{code} 是有人写的：--over 会替换它。",
                    )
                )

        said = {"segment": code, "outcome": outcome, "cycles": found.days, "thin": found.thin}
        answer(said, json=json, show=show)
