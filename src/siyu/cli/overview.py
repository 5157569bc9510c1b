"""The pool's goal: one at a time."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from siyu.cli.codes import coded
from siyu.cli.screen import By, Home, Json, answer, me, opened, say, spoken
from siyu.kernel.sentence import Sentence
from siyu.staff import actions, views
from siyu.staff.model import GOALS, Goal

app = typer.Typer(no_args_is_help=True)
KINDS = ", ".join(GOALS)


@app.command("set")
def set_goal(
    kind: Annotated[str, typer.Argument(help=f"One of: {KINDS}.")],
    target: Annotated[
        float | None, typer.Option(help="The rate to reach, in percent (growth, repurchase).")
    ] = None,
    days: Annotated[
        int | None, typer.Option(help="Within which each customer is watched (the same).")
    ] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Say what the pool is worked for; it replaces the last goal. growth: the add rate."""
    with spoken(json=json), opened(home) as siyu:
        rate = None if target is None else round(target / 100, 6)
        with siyu.db.transaction() as conn:
            actions.set_goal(conn, kind, rate, days, me(by), siyu.clock.now())
            found = views.goal(conn)
        answer(_told(found), json=json, show=lambda _: _show(found))


@app.command("show")
def show(home: Home = None, json: Json = False) -> None:
    """What the pool is worked for, since when, said by whom."""
    with spoken(json=json), opened(home) as siyu:
        with siyu.db.transaction() as conn:
            found = views.goal(conn)
        answer(_told(found), json=json, show=lambda _: _show(found))


def _told(goal: Goal | None) -> dict[str, Any]:
    return {"goal": None if goal is None else goal._asdict()}


def _show(goal: Goal | None) -> None:
    if goal is None:
        say(
            Sentence(
                "No goal is declared yet: siyu goal set growth --target 48 --days 14",
                "还没有设定目标：siyu goal set growth --target 48 --days 14",
            )
        )
        return
    rate, kind = Sentence("", ""), coded("goal", goal.kind)
    if goal.target is not None:
        rate = Sentence(
            f" {goal.target:.1%} within {goal.days} days",
            f"，{goal.days} 天内 {goal.target:.1%}",
        )
    since = f"{goal.since:%Y-%m-%d}"
    say(
        Sentence(
            f"Goal: {kind}{rate}, since {since}, by {goal.by}.",
            f"目标：{kind.zh}{rate.zh}；自 {since}，由 {goal.by} 设定。",
        )
    )
