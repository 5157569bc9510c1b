"""Friends and tasks that go to others: counted, given, stopped, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer

from siyu.api.handovers import FriendsGiven, noted, shown, stays_with, stopped
from siyu.app import App, Giving
from siyu.cli.codes import coded
from siyu.cli.screen import (
    By,
    Home,
    Json,
    answer,
    hint,
    local,
    many,
    me,
    opened,
    spoken,
    table,
    tongue,
)
from siyu.cli.staff import Code, app, gone_over
from siyu.kernel.sentence import Sentence
from siyu.tasks.actions import team as tasks


@app.command("handover")
def handover(
    code: Code,
    to: Annotated[
        str, typer.Argument(help="Who gets the friends; left out: only tasks are given.")
    ] = "",
    *,
    do: Annotated[
        bool, typer.Option("--do", help="Give the friends; else they are counted.")
    ] = False,
    left: Annotated[bool, typer.Option("--left", help="CODE does not work here any more.")] = False,
    words: Annotated[str, typer.Option(help="What customers are told when it is done.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Give everything that somebody has open to others; with TO, the friends to TO.

    Friends are counted only; --do gives them, and the tasks. Stopped, it goes on when called anew.
    """
    with spoken(json=json), opened(home) as siyu:
        giving = Giving(code, to, left, words, me(by) if do else "")
        given = siyu.connections.plan_hand_over(giving)._asdict() if to else {}
        if given and not do:
            answer({"code": code, "friends": given}, json=json, show=lambda _: _given(code, given))
            return
        if given:
            handed = noted(siyu, giving, reason)
        else:
            now, real = siyu.clock.now(), siyu.clock.real()
            with siyu.db.transaction() as conn:
                handed = tasks.hand_over(conn, code, me(by), reason, now, real)
        if not given or not json:
            gone_over(code, handed, json=json)
        if given:
            given = _friends(siyu, giving)
            stays = asdict(stays_with(siyu, code))
            found = {"code": code, **handed._asdict(), "friends": given, "stays": stays}
            answer(found, json=json, show=lambda _: _given(code, given))


@app.command("handovers")
def handovers(
    stop: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="FROM TO", help="Stop this one; begun again, it goes on."),
    ] = None,
    by: By = "",
    home: Home = None,
    json: Json = False,
) -> None:
    """Hand-overs of friends in the last 90 days, and what became of each."""
    with spoken(json=json), opened(home) as siyu:
        if stop is not None:
            stopped(siyu, Giving(*stop, by=me(by)))
        found = shown(siyu, siyu.connections.hand_overs() or [], tongue())

        def show(_: object) -> None:
            figures = [coded("friends_given", one) for one in FriendsGiven.__annotations__]
            heads = ["from", "to", "state", "began", "by", *figures]
            rows = [
                [one.giver, one.taker, coded("handover", one.state), one.began_at, one.by,
                 *asdict(one.friends).values()]
                for one in found
            ]  # fmt: skip
            table("Friends handed over", heads, rows, local(siyu))

        answer({"handovers": [asdict(one) for one in found]}, json=json, show=show)


def _friends(siyu: App, giving: Giving) -> dict[str, int]:
    """How far it is in the end; each step is told on standard error."""
    last: dict[str, int] = {}
    for one in siyu.connections.hand_over(giving):
        last = one._asdict()
        given, free = many(one.waiting, "friend", "位好友"), f"{one.free:,}"
        hint(Sentence(f"{given} given, {free} to go", f"已移交 {given.zh}，还有 {free} 位"))
    return last


def _given(code: str, given: Mapping[str, int]) -> None:
    said = {
        "free": Sentence("can be given now", "现在可移交"),
        "waiting": Sentence("given, settled within a day or so", "已移交，一天左右有结果"),
        "resting": Sentence("given too often lately", "近期移交过多"),
        "done": Sentence("done", "已接替"),
        "refused": Sentence("the customer said no", "客户拒绝"),
        "full": Sentence("the other can have no more", "对方好友已满"),
        "failed": Sentence("failed", "失败"),
    }
    title = Sentence(f"Friends of {code}", f"{code} 的好友")
    table(title, ["what", "friends"], [[words, given[one]] for one, words in said.items()])
