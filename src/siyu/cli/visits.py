"""Visits in the hands of people: let in by hand, or parked until somebody has looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from siyu.api.entries import MOST, let_in
from siyu.cli.journeys import Code
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    confirm,
    joined,
    local,
    many,
    me,
    opened,
    say,
    spoken,
    table,
    tongue,
)
from siyu.journeys import views
from siyu.journeys.actions import unpark
from siyu.journeys.actions.named import Named
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence


def enrol(
    code: Code,
    *,
    order: Annotated[
        list[str] | None, typer.Option(help="The buyer of SHOP/ORDER; may be given again.")
    ] = None,
    phone: Annotated[
        list[str] | None, typer.Option(help="Who has this phone; may be given again.")
    ] = None,
    customer: Annotated[
        list[str] | None, typer.Option(help="This customer, cus_…; may be given again.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Let customers into a journey by hand, and say of each what became of them. Audited.

    Above the brand's limits (`siyu journey limits`) all of them are refused.
    """
    with spoken(json=json), opened(home) as siyu:
        named = [
            *(Named("order", one) for one in order or ()),
            *(Named("phone", one) for one in phone or ()),
            *(Named("customer", one) for one in customer or ()),
        ]
        if not 1 <= len(named) <= MOST:
            raise BadInput(
                Sentence(
                    f"Name whom: --order, --phone or --customer, up to {MOST:,} of them.",
                    f"请指明客户：--order、--phone 或 --customer，最多 {MOST:,} 个。",
                )
            )
        if not yes:
            some = many(len(named), "customer", "位客户")
            confirm(
                Sentence(
                    f"Let {some} into {code}? They get its messages.",
                    f"让 {some.zh}进入 {code}？他们会收到它的消息。",
                )
            )
        with siyu.db.transaction() as conn:
            found = asdict(let_in(siyu, conn, code, named, me(by), tongue()))

        def show(_: object) -> None:
            for name, one in zip(named, found["entries"], strict=True):
                say(_entered(name, one))
            number = sum(one["outcome"] == "enrolled" for one in found["entries"])
            begun, rest = many(number, "visit", "位客户"), f"{len(named) - number:,}"
            say(Sentence(f"{begun} begun, {rest} refused.", f"{begun.zh}进入，{rest} 位被拒。"))

        answer(found, json=json, show=show)


def _entered(name: Named, one: Mapping[str, Any]) -> Sentence:
    somebody = Sentence("somebody", "某人")
    who = one["customer"] or somebody if name.by == "phone" else name.value
    refused = Sentence(f"refused, {one['words']}", f"被拒，{one['words']}")
    return joined([who, one["visit"] or refused], ": ", "：")


def parked(
    code: Annotated[str, typer.Argument(help="Only of this journey; else of all.")] = "",
    *,
    retry: Annotated[
        bool, typer.Option("--retry", help="Take them up again, after the cause is gone. Audited.")
    ] = False,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Visits that failed and wait for somebody to look, with the error; the latest 100."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            rows = views.parked(conn, code)
            if code and not rows:
                views.versions(conn, code)  # not found, where there is no such journey either
            count = unpark(conn, me(by), siyu.clock.now(), journey=code) if retry else 0
        found = [
            {
                "visit": siyu.ids.encode("vis", one.visit_id),
                "journey": one.journey,
                "step": one.node,
                "since": one.since,
                "error": one.error,
            }
            for one in rows
        ]

        def show(_: object) -> None:
            heads = ["visit", "journey", "step", "since", "error"]
            table("Parked visits", heads, [list(one.values()) for one in found], local(siyu))
            if retry:
                say()
                some = many(count, "visit", "个进行中")
                say(
                    Sentence(
                        f"{some} taken up again; `siyu serve` moves what is there.",
                        f"{some.zh}已恢复；由 `siyu serve` 继续推进。",
                    )
                )

        answer({"parked": found, "retried": count}, json=json, show=show)
