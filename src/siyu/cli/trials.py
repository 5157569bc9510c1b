"""A journey's messages on one's own phone, before a customer has them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siyu.app import PREDICATES
from siyu.cli.journeys import text_of
from siyu.cli.screen import By, Home, Json, answer, local, me, opened, spoken, table
from siyu.journeys import views as journeys
from siyu.journeys.actions import trial
from siyu.journeys.actions.trial import Asked
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence, unkept
from siyu.outbox import sweep, views


def send_test(
    code: Annotated[str, typer.Argument(help="The journey's code; not needed with --file.")] = "",
    *,
    to: Annotated[str, typer.Option("--to", help="Who gets it: a code of `siyu staff list`.")],
    step: Annotated[str, typer.Option(help="Only this step; else all that send.")] = "",
    locale: Annotated[str, typer.Option(help="zh or en; default: the brand's.")] = "",
    file: Annotated[Path | None, typer.Option(help="This text, not the published one.")] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Send a journey's messages, marked as a test, to a member of staff (`siyu staff phone`)."""
    with spoken(json=json), opened(home) as siyu:
        if not code and file is None:
            raise BadInput(
                Sentence(
                    "Name the journey, or a text with --file.", "请指明旅程，或用 --file 给出文本。"
                )
            )
        text = None if file is None else text_of(file)
        asked = Asked(code, to, locale or siyu.brand.locale, me(by), step)
        with siyu.db.transaction() as conn:
            ids = trial.ask(
                conn,
                siyu.context,
                asked,
                journeys.get(conn, code).text if text is None else text,
                PREDICATES,
                siyu.channels,
                siyu.clock.now(),
            )
        sweep.trial(siyu.db, siyu.channels, siyu.context, siyu.clock.now())
        with siyu.db.transaction() as conn:
            found = views.trials(conn, ids)
        rows = [{**one._asdict(), "reason": unkept(one.reason)} for one in found]

        def show(_: object) -> None:
            heads = ["step", "channel", "state", "reason", "text"]
            table(
                Sentence(f"To {to}", f"发给 {to}"),
                heads,
                [[row[head] for head in heads] for row in rows],
                local(siyu),
            )

        answer({"tests": rows}, json=json, show=show)
        if any(row["state"] in ("failed", "withheld") for row in rows):
            raise typer.Exit(1)
